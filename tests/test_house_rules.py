"""Rules of the house that no linter knows."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]

# What a distribution is imported as, where that is not its name with underscores.
IMPORTED_AS = {
    "PyYAML": "yaml",
    "argon2-cffi": "argon2",
    "phonenumberslite": "phonenumbers",
    "ruamel.yaml": "ruamel",
    "text2num": "text_to_num",
}
PURE_HELPERS = {"babel", "email_validator", "phonenumbers", "text_to_num", "tzdata"}


def test_the_core_may_import_no_dependency_but_its_pure_helpers() -> None:
    wanted = (
        PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["postgres"]
    )
    names = {re.split(r"[\[<>=;~ ]", requirement)[0] for requirement in wanted}
    modules = {IMPORTED_AS.get(name, name.lower().replace("-", "_")) for name in names}
    contracts = {each["id"]: each for each in PROJECT["tool"]["importlinter"]["contracts"]}
    assert modules - PURE_HELPERS <= set(contracts["pure"]["forbidden_modules"])


def test_every_dependency_has_its_version_in_the_lock() -> None:
    wanted = PROJECT["project"]["dependencies"] + EXTRAS["postgres"] + EXTRAS["test"]
    names = {re.split(r"[\[<>=;~ ]", requirement)[0] for requirement in wanted} - {"baton"}
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    locked = {_normal(line.split("==")[0]) for line in lock.splitlines() if "==" in line}
    assert {name for name in names if _normal(name) not in locked} == set()


def test_the_lock_names_versions_and_no_place_they_came_from() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)]
    assert odd == []


# What the content policy forbids, or what would need it loosened.
FORBIDDEN_IN_TEMPLATES = {
    "marks text as safe": r"\|\s*safe\b|autoescape\s+false",
    "has a style without nonce": r"<[^>]+\sstyle\s*=|<style(?![^>]*nonce=)",
    "has a script in its markup": r"<script(?![^>]*\s(src|nonce)=)",
    "handles an event in its markup": r"<[^>]+\son[a-z]+\s*=",
    "makes htmx run text as code": r"hx-on|=\s*[\"']js:|hx-trigger\s*=\s*[\"'][^\"']*\[",
    "translates what is no sentence of ours, whose markup would count": r"[^\w]_\((?!\s*[\"'])",
}
FORBIDDEN_IN_PYTHON = {
    "makes a template of text": r"render_template_string|from_string\(|jinja2.*\bTemplate\b",
    "marks text as safe": r"\bMarkup\(",
    "asks the web without looking where it leads": r"urllib\.request|import requests|import httpx",
}
MAKE_MARKUP = {
    "webapp/web/shared/language.py": "sentences of ours; words put into them are escaped",
    "webapp/web/shared/moments.py": "an instant, whose parts are escaped",
    "webapp/web/studio/naming.py": "what a file calls a property; every part is escaped",
}
FORBIDDEN_IN_SCRIPTS = {
    "runs text as code": r"\beval\(|new Function\(",
    "writes markup": r"\.(inner|outer)HTML\s*=|document\.write\(|insertAdjacentHTML",
}


def test_templates_escape_everything_and_need_no_loosened_content_policy() -> None:
    pages = [path for path in (ROOT / "templates").rglob("*.*") if "emails" not in path.parts]
    assert pages
    assert _offences(pages, FORBIDDEN_IN_TEMPLATES) == []


def test_no_text_of_a_flow_or_an_answer_becomes_a_template_or_markup() -> None:
    programs = list((ROOT / "webapp").rglob("*.py"))
    allowed = sorted(f"{path} marks text as safe" for path in MAKE_MARKUP)
    assert _offences(programs, FORBIDDEN_IN_PYTHON) == allowed


def test_our_scripts_run_no_text_as_code() -> None:
    scripts = [path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts]
    assert _offences(scripts, FORBIDDEN_IN_SCRIPTS) == []


# Where a clock is looked at, or slept by, for another reason than to say that we are fast enough.
MAY_LOOK_AT_THE_CLOCK = {
    "waiting.py": "gives up a wait for something that never comes to hold",
    "delivery/hostile.py": "plays receivers that hang",
    "delivery/receivers.py": "plays receivers that drip",
    "faults/test_soak.py": "goes on for minutes",
    "screenshots.py": "lets a page settle before its picture is taken",
    "test_house_rules.py": "names what it forbids",
}
CLOCKS = {
    "looks at a clock": r"\b(process_time|perf_counter|monotonic|thread_time|timeit|time\.time)\b",
    "sleeps": r"\bsleep\(|\bwait_for_timeout\b",
}


def test_no_test_says_how_long_something_may_take() -> None:
    """A busy machine is no failure: calls are counted (tests/effort.py), conditions are waited for
    (tests/waiting.py), and only the bench measures time."""
    tests = {
        str(path.relative_to(ROOT / "tests")): path
        for path in (ROOT / "tests").rglob("*.py")
        if "bench" not in path.parts
    }
    assert set(tests) >= set(MAY_LOOK_AT_THE_CLOCK)
    bound = [path for name, path in tests.items() if name not in MAY_LOOK_AT_THE_CLOCK]
    assert _offences(bound, CLOCKS) == []


def _offences(paths: list[Path], forbidden: dict[str, str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} {what}"
        for path in sorted(paths)
        for what, pattern in forbidden.items()
        if re.search(pattern, path.read_text(encoding="utf-8"))
    ]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
