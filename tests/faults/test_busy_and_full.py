"""A database that is locked or full says so in time, and takes the same answer afterwards."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from tests.faults.promises import broken
from tests.faults.walking import Walker
from tests.fixtures.applications import Prepared
from tests.fixtures.injuries import Tell, often
from webapp.services.people import imports
from webapp.store import database
from webapp.store.conversations import AnswerRow
from webapp.store.database import db, sqlite_module
from webapp.web.shared import pace

IMPATIENT_MS = 50


@pytest.fixture
def app(prepared_sqlite: Prepared, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """On SQLite, with no patience: the product's five seconds would be the test's."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", IMPATIENT_MS)
    return prepared_sqlite.as_new()


@pytest.fixture
def on_postgresql(prepared_postgresql: Prepared) -> Iterator[Flask]:
    """As impatient: each connection begins with it."""
    one = prepared_postgresql.as_new()
    with one.app_context(), _on_connect(db.engine, f"SET lock_timeout = {IMPATIENT_MS}"):
        yield one


@contextmanager
def _on_connect(engine: Any, statement: str) -> Iterator[None]:
    """Have every connection begin with a statement; none from before or after is used."""

    def run(connection: Any, _: object) -> None:
        connection.execute(statement)
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", run)
    yield
    event.remove(engine, "connect", run)
    engine.dispose()


def _refused_while_held(app: Flask, hold: Callable[[], None], let_go: Callable[[], None]) -> int:
    """How many answers were refused while somebody held the database; each is taken afterwards."""
    wanted, refused, prospect = often(5, 1_000), 0, Walker(app)
    while refused < wanted:
        pace.forget_everybody()
        prospect.who += 1
        for form in prospect.answers():
            hold()
            response = prospect.send(form)
            let_go()
            assert response.status_code == 503
            assert response.headers["Retry-After"]
            refused += 1
    with app.app_context():
        assert _answers() == refused
        assert broken() == []
    return refused


@pytest.mark.promise(12)
@pytest.mark.timeout(1_800)
def test_while_somebody_holds_the_database_an_answer_waits_and_is_taken_later(
    app: Flask, tell: Tell
) -> None:
    with app.app_context():
        holder = sqlite_module().connect(db.engine.url.database, isolation_level=None)
    refused = _refused_while_held(
        app, lambda: holder.execute("BEGIN IMMEDIATE"), lambda: holder.execute("ROLLBACK")
    )
    holder.close()
    tell(refused, "answers while SQLite was held")


@pytest.mark.promise(12)
@pytest.mark.timeout(1_800)
def test_while_somebody_holds_the_tables_an_answer_waits_and_is_taken_later(
    on_postgresql: Flask, tell: Tell
) -> None:
    with db.engine.connect() as holder:
        holder.exec_driver_sql("SET lock_timeout = 0")
        holder.rollback()

        def hold() -> None:
            holder.execute(text("LOCK TABLE conversations, answers IN ACCESS EXCLUSIVE MODE"))

        refused = _refused_while_held(on_postgresql, hold, holder.rollback)
    tell(refused, "answers while PostgreSQL's tables were held")


@pytest.mark.promise(13)
@pytest.mark.timeout(1_800)
def test_when_the_disk_is_full_nothing_is_taken_and_it_heals_by_itself(
    app: Flask, tell: Tell
) -> None:
    wanted, refused, prospect = often(20, 200), 0, Walker(app)
    with app.app_context():
        engine = db.engine
    with closing(sqlite_module().connect(engine.url.database, isolation_level=None)) as connection:
        # What an earlier test left behind would be room for this one.
        connection.execute("VACUUM")
        [[pages]] = connection.execute("PRAGMA page_count")
    with _on_connect(engine, f"PRAGMA max_page_count={pages}"):
        for who in range(10 * wanted):
            pace.forget_everybody()
            prospect.who = who
            refused += prospect.send(prospect.first()).status_code == 503
            if refused == wanted:
                break
    tell(refused, "answers to a database with no room left")
    assert refused == wanted

    with app.app_context():
        kept_before = _answers()
    for _ in prospect.answers():
        pass
    with app.app_context():
        assert _answers() >= kept_before + 5
        assert broken() == []


def _answers() -> int:
    return db.session.scalar(select(func.count()).select_from(AnswerRow)) or 0


def test_who_answers_comes_to_the_end_while_a_long_import_goes_on(
    prepared_sqlite: Prepared,
) -> None:
    app, portions = prepared_sqlite.as_new(), 12
    lines = "".join(f"p{n}@firm{n}.example\n" for n in range(portions * imports.AT_A_TIME))
    taken_on: list[int] = []

    def take_on() -> None:
        with app.app_context():
            found = imports.import_leads(StringIO(f"email\n{lines}"), now=datetime.now(UTC))
        taken_on.append(found.leads)

    long = Thread(target=take_on)
    long.start()
    answered = len(list(Walker(app, who=1).answers()))
    came_to_its_end = answered if long.is_alive() else 0
    long.join()
    assert taken_on == [portions * imports.AT_A_TIME]
    assert came_to_its_end > 5
