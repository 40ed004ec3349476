"""A database that is locked or full says so in time, and takes the same answer afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.faults.promises import broken
from tests.faults.walking import Walker
from tests.fixtures.applications import Prepared
from webapp.store import database
from webapp.store.conversations import AnswerRow
from webapp.store.database import db, sqlite_module

IMPATIENT_MS = 50


@pytest.fixture
def app(prepared_sqlite: Prepared, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """On SQLite, with no patience: the product's five seconds would be the test's."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", IMPATIENT_MS)
    return prepared_sqlite.as_new()


@contextmanager
def _on_connect(engine: Any, pragma: str) -> Iterator[None]:
    """Have every connection begin with the pragma; none from before or after is used."""

    def run(connection: Any, _: object) -> None:
        connection.execute(pragma)

    engine.dispose()
    event.listen(engine, "connect", run)
    yield
    event.remove(engine, "connect", run)
    engine.dispose()


def test_while_somebody_holds_the_database_an_answer_waits_and_is_taken_later(app: Flask) -> None:
    with app.app_context():
        holder = sqlite_module().connect(db.engine.url.database, isolation_level=None)
    prospect = Walker(app)
    refused = 0
    for form in prospect.answers():
        holder.execute("BEGIN IMMEDIATE")
        response = prospect.send(form)
        holder.execute("ROLLBACK")
        refused += response.status_code == 503
        assert response.headers["Retry-After"]
    holder.close()

    with app.app_context():
        kept = db.session.scalars(select(AnswerRow.question)).all()
        assert refused == len(kept) == len(set(kept)) >= 5
        assert broken() == []


def test_when_the_disk_is_full_nothing_is_taken_and_it_heals_by_itself(app: Flask) -> None:
    prospect = Walker(app)
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    refused = 0
    with _on_connect(engine, f"PRAGMA max_page_count={pages}"):
        for who in range(200):
            prospect.who = who
            if prospect.send(prospect.first()).status_code == 503:
                refused += 1
            if refused == 20:
                break
    assert refused == 20

    kept_before = _answers(app)
    for _ in prospect.answers():
        pass
    assert _answers(app) >= kept_before + 5
    with app.app_context():
        assert broken() == []


def _answers(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(AnswerRow.id)).all())
