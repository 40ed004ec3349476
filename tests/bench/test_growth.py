"""Nothing that people wait for may walk through all that ever was. How SQLite would go about each
statement is looked at, and that does not depend on how much there is, nor on how busy we are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from tests.bench.growth import People
from tests.faults.walking import Walker
from tests.fixtures.applications import Prepared
from webapp.store.database import db

GROWING = ("accounts answers conversations deliveries events facts handoff_events handoffs").split()
GROWING += ["leads", "records", "visitors"]


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    return prepared_sqlite.as_new()


@pytest.fixture
def people(app: Flask) -> People:
    """After one lead has come in, so that there is something to look at."""
    list(Walker(app).answers())
    with app.app_context():
        return People(app, datetime.now(UTC))


def test_nothing_people_wait_for_walks_through_all_that_ever_was(
    app: Flask, people: People
) -> None:
    with app.app_context():
        engine = db.engine
    waits: dict[str, Callable[[], object]] = {**people.everything()}
    waits["a conversation"] = lambda: list(Walker(app, who=2).answers())
    walked = {
        f"{name}: {step}"
        for name, wait in waits.items()
        for step in _steps(engine, wait)
        if step.startswith("SCAN") and step.split()[1] in GROWING and "USING INDEX" not in step
    }
    assert walked == set()


def _steps(engine: Engine, wait: Callable[[], object]) -> set[str]:
    """What SQLite plans to do for each statement of something."""
    said: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *more: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        wait()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return {
            str(step[-1])
            for statement, parameters in said
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
