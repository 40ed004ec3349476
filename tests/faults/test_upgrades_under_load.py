"""The web servers of the release before go on answering while PostgreSQL is upgraded, and after."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests.waiting import eventually, somebody_waits
from webapp.services.operations import verification
from webapp.store import schema
from webapp.store.database import db

ON_POSTGRESQL = pytest.mark.parametrize("old", ["postgresql"], indirect=True)
"""On SQLite whoever writes has it to themselves."""

_HELD_BY_ME = text(
    "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
    " WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND l.mode IN"
    " ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
)


@pytest.mark.promise(18)
@ON_POSTGRESQL
def test_who_answers_and_an_upgrade_do_not_wait_for_each_other(old: Flask) -> None:
    def upgrade() -> None:
        with old.app_context():
            schema.upgrade()
            db.session.remove()

    beside = threading.Thread(target=upgrade)
    with db.engine.connect() as answering:
        answering.execute(text("UPDATE conversations SET last_at = last_at"))
        beside.start()
        eventually(lambda: somebody_waits(old))
        for table in ("leads", "handoffs", "deliveries"):
            answering.execute(text(f"UPDATE {table} SET id = id"))
        answering.commit()
    beside.join()
    assert schema.current() == schema.newest()
    assert verification.verify().problems == []


@pytest.mark.promise(18)
@ON_POSTGRESQL
def test_an_upgrade_holds_all_that_it_changes_before_it_changes_anything(old: Flask) -> None:
    said: list[str] = []
    held: set[str] = set()

    def note(*given: Any) -> None:
        said.append(given[2])

    def look(connection: Any) -> None:
        held.update(connection.scalars(_HELD_BY_ME))

    there = set(db.inspect(db.engine).get_table_names()) - {"alembic_version"}
    event.listen(db.engine, "before_cursor_execute", note)
    event.listen(db.engine, "commit", look)
    schema.upgrade()
    changed = held & there
    assert {"conversations", "deliveries"} <= changed
    [at_first] = [each for each in said if each.startswith("LOCK TABLE")]
    assert changed <= set(at_first.replace(",", "").split())
