"""An answer may not become dearer unnoticed. Counts only: no busy machine can blur them."""

from collections.abc import Iterator
from cProfile import Profile
from pathlib import Path
from statistics import median

import pytest
from flask import Flask

from tests.bench import calls, references
from tests.faults.walking import Walker
from webapp.services.prospects import conversations
from webapp.store import failpoints
from webapp.store.database import db, hold

MOST_CALLS = {"sqlite": 1.88, "postgresql": 1.98}
"""Python calls of an answer, as a multiple of the reference's on the same database. Never raise it;
an engine that a test once listened to makes a few more for ever after."""
MOST_CALLS_WITH_OTHERS_WAITING = 210
"""Of an answer on SQLite, which lets one write at a time."""
MOST_CALLS_WITH_OTHERS_WAITING_AT_THE_END = 12_050
MOST_STATEMENTS = 4
MOST_STATEMENTS_AT_THE_END = 36


@pytest.fixture
def reference(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """What is written for speed, on a new database of the kind this test's application has."""
    with app.app_context():
        kind = db.engine.dialect.name
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'reference.db'}"
    else:
        url = request.getfixturevalue("empty_postgresql_url")
    references.fill(url)
    core = references.core(url)
    yield core
    core.extensions["engine"].dispose()


@pytest.fixture
def costs(app: Flask) -> list[calls.Cost]:
    """What each answer of one conversation costs, first to last."""
    with app.app_context():
        engine = db.engine
    return calls.of_product(app, engine, "demo-request")


def test_an_answer_is_one_commit_and_a_handful_of_statements(costs: list[calls.Cost]) -> None:
    first, *usual, last = costs
    assert usual
    assert {cost.commits for cost in [*usual, last]} == {1}
    assert first.commits <= 2  # it begins the conversation too
    assert max(cost.statements for cost in usual) <= MOST_STATEMENTS
    assert last.statements <= MOST_STATEMENTS_AT_THE_END


def test_an_answer_takes_few_calls_beside_one_written_for_speed(
    costs: list[calls.Cost], reference: Flask
) -> None:
    _, *usual, _ = costs
    floor = calls.of_reference(reference)
    most = MOST_CALLS[reference.extensions["engine"].dialect.name]
    assert median(cost.calls for cost in usual) / floor <= most


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_answer_is_decided_before_anybody_has_to_wait_for_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[Profile] = []

    def hold_and_count() -> bool:
        undisturbed = hold()
        waited.append(Profile())
        waited[-1].enable()
        return undisturbed

    monkeypatch.setattr(conversations, "hold", hold_and_count)
    committed = failpoints.armed("conversations.answer.after_commit", lambda: waited[-1].disable())
    with committed:
        for who in (1, 2):  # the first compiles statements
            waited.clear()
            list(Walker(app, who=who).answers())
    *usual, last = (sum(entry.callcount for entry in each.getstats()) for each in waited)
    assert 0 < median(usual) <= MOST_CALLS_WITH_OTHERS_WAITING
    assert 0 < last <= MOST_CALLS_WITH_OTHERS_WAITING_AT_THE_END
