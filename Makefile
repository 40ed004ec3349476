# The two commands a newcomer needs are `make run` and `make test`. Each sets up all it needs from
# Python 3.11+, make and git; a second run starts at once.

VENV := .venv
BIN := $(VENV)/bin
# Python compiles what is imported, when it is: less than half of what is installed.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --no-compile --constraint constraints.txt
TESTS := tests
# On two cores four workers are faster than two or three: many tests wait for a disk, a kill or a browser.
WORKERS := 4

export PLAYWRIGHT_BROWSERS_PATH := $(CURDIR)/$(VENV)/browsers
export PYTHONUNBUFFERED := 1
# Images of Python often forbid it to keep what it compiled: dozens of programs that tests start would do it all again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check tests format bench faults controls screenshots lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/runtime ## start the whole product with a demo on this machine (ARGS="--port 8080")
	$(BIN)/baton serve --demo $(ARGS)

test: $(VENV)/development ## everything that must hold before a change lands
	$(MAKE) --jobs 2 --keep-going check tests

# The slowest are named at the end: whoever makes the tests longer should see by how much.
tests: $(VENV)/development
	CHROMIUM_PATH="$$(.ci/chromium $(BIN)/python)" $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 20 --durations-min 4 $(TESTS)

check: $(VENV)/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/baton flows check
	$(BIN)/baton flows test

format: $(VENV)/development ## put the code into its usual shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/development ## measure the product beside its references (a few minutes)
	$(BIN)/python -m tests.bench $(ARGS)

faults: $(VENV)/development ## kills, full disks and lost replies, and a table of what was lost (hours; ARGS="-k killed")
	CHROMIUM_PATH="$$(.ci/chromium $(BIN)/python)" $(BIN)/python -m pytest --faults=long -m promise $(ARGS)

controls: $(VENV)/development ## take out one control after the other and see its test fail (ARGS="words of some")
	CHROMIUM_PATH="$$(.ci/chromium $(BIN)/python)" $(BIN)/python -m tests.controls $(ARGS)

screenshots: $(VENV)/development ## draw the pictures of docs/images anew
	CHROMIUM_PATH="$$(.ci/chromium $(BIN)/python)" $(BIN)/python -m tests.screenshots

lock: ## choose new versions for constraints.txt within what pyproject.toml allows
	.ci/lock

clean: ## remove what the commands above made, but no data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	.ci/venv $(VENV)

$(VENV)/runtime: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what Baton needs into $(VENV): once, a minute or two."
	$(PIP) --editable '.[postgres]'
	@touch $@

$(VENV)/development: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what Baton and its tests need into $(VENV): once, a few minutes."
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/runtime
