"""An answer may not become dearer unnoticed. Counts only: no busy machine can blur them."""

from pathlib import Path
from statistics import median

import pytest
from flask import Flask

from tests.bench import calls, references
from webapp.store.database import db

MOST_CALLS = 4.6
"""Python calls of an answer, as a multiple of the reference's. It only goes down; 2 the aim.

PostgreSQL is counted at 4.3 now and then: its driver works a little differently from run to run."""
MOST_STATEMENTS = 5
MOST_STATEMENTS_AT_THE_END = 37


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
    costs: list[calls.Cost], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'reference.db'}"
    references.fill(url)
    floor = calls.of_reference(references.core(url))
    _, *usual, _ = costs
    assert median(cost.calls for cost in usual) / floor <= MOST_CALLS
