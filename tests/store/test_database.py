"""What the database promises whoever writes to it."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from tests.fixtures.applications import DATABASES, FRIDAY
from webapp.store import database, failpoints
from webapp.store.access import ThrottleRow
from webapp.store.database import (
    connection,
    db,
    hold,
    looking_first,
    new_id,
    one_commit,
    reading,
    writing,
)
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow


@pytest.mark.promise(3)
@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_it_cannot_lose_a_commit(
    version: tuple[int, int, int], *, safe: bool
) -> None:
    assert database.wal_is_safe(version) is safe


@pytest.mark.promise(3)
def test_an_unsafe_sqlite_gets_the_slower_journal_and_a_warning(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = database.sqlite_module()
    monkeypatch.setattr(module, "sqlite_version_info", (3, 40, 1))
    app = Flask("webapp")
    database.init_app(app, f"sqlite:///{tmp_path}/old.db")
    with app.app_context():
        assert db.session.scalar(text("PRAGMA journal_mode")) == "delete"
        assert db.session.scalar(text("PRAGMA synchronous")) == 2
        db.session.remove()
        db.engine.dispose()
    assert "can lose commits" in caplog.text


@pytest.mark.promise(2)
@pytest.mark.parametrize("kind", DATABASES)
def test_a_commit_is_on_the_disk_when_it_returns(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    app = Flask("webapp")  # the application of the other tests does not wait for the disk
    if kind == "sqlite":
        database.init_app(app, f"sqlite:///{tmp_path}/new.db")
    else:
        database.init_app(app, request.getfixturevalue("empty_postgresql_url"))
    with app.app_context():
        if kind == "sqlite":
            wanted = {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}
            found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in wanted}
            assert found == wanted
        else:
            assert db.session.scalar(text("SHOW synchronous_commit")) == "on"
        db.session.remove()
        db.engine.dispose()


def count_up(app: Flask, times: int) -> None:
    for _ in range(times):
        with app.app_context(), one_commit("test"):
            seen = db.session.scalar(
                select(ThrottleRow.count).where(ThrottleRow.key == "counter").with_for_update()
            )
            db.session.execute(update(ThrottleRow).values(count=seen + 1))


def test_nobodys_update_is_lost(app: Flask) -> None:
    with app.app_context():
        db.session.add(ThrottleRow(key="counter", count=0, until=FRIDAY))
        db.session.commit()
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(count_up, app, 20) for _ in range(6)]:
            done.result()
    with app.app_context():
        assert db.session.scalar(select(ThrottleRow.count)) == 120


def test_who_only_reads_is_not_kept_waiting_by_who_writes(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.session.add(
            SiteRow(id="s", key="k", name="n", origins=[], settings={}, created_at=FRIDAY)
        )
        db.session.flush()
        found: list[int] = []

        def look() -> None:
            with app.app_context(), reading():
                found.append(len(db.session.scalars(select(SiteRow)).all()))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join(3)
        assert found == [1], "the reader sees what was committed, at once"
        db.session.rollback()


@pytest.mark.usefixtures("in_app")
def test_writing_in_the_middle_of_reading_is_a_transaction_of_its_own() -> None:
    with reading():
        db.session.execute(select(SiteRow)).all()
        with writing(), one_commit("test"):
            db.session.execute(update(SiteRow).values(name="Renamed"))
        assert db.session.scalar(select(SiteRow.name)) == "Renamed"


# Only SQLite has one writer.
@pytest.mark.promise(12)
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_database_that_stays_busy_says_so_in_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
        database.read_only(reading=False)  # whatever an earlier test left this thread at
        with db.engine.connect() as holder:
            holder.exec_driver_sql("SELECT 1")
            refused: list[BaseException] = []

            def write() -> None:
                with app.app_context():
                    try:
                        db.session.execute(text("SELECT 1"))
                    except OperationalError as error:
                        refused.append(error)

            thread = threading.Thread(target=write)
            thread.start()
            thread.join(10)
            assert "locked" in str(refused[0])


class Mending:
    """A connection to a file whose log another process mends."""

    OperationalError = sqlite3.OperationalError
    in_transaction = False
    refused = 0

    def execute(self, statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            if self.refused == 2:
                self.in_transaction = True
                return
            self.refused += 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorname = "SQLITE_BUSY_RECOVERY"
            raise error


def test_while_somebody_mends_the_log_after_a_kill_whoever_writes_waits() -> None:
    """Every process opens the file at once when a killed server starts again."""
    database.read_only(reading=False)
    raw = Mending()
    database._begin(SimpleNamespace(connection=SimpleNamespace(dbapi_connection=raw)))
    assert raw.in_transaction


@pytest.mark.usefixtures("in_app")
def test_an_instant_without_time_zone_is_refused() -> None:
    db.session.add(ThrottleRow(key="x", count=1, until=datetime(2026, 11, 20)))
    with pytest.raises(StatementError, match="no time zone"):
        db.session.commit()
    db.session.rollback()


@pytest.mark.usefixtures("in_app")
def test_an_instant_comes_back_as_the_same_instant_in_utc() -> None:
    berlin = FRIDAY.astimezone(timezone(timedelta(hours=1)))
    db.session.add(ThrottleRow(key="x", count=1, until=berlin))
    db.session.commit()
    db.session.expire_all()
    kept = db.session.scalar(select(ThrottleRow.until))
    assert kept == berlin
    assert kept.tzinfo is UTC


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "boss"},
        {"email": "Ana@example.com"},
        {"email": None},
    ],
)
def test_the_database_itself_refuses_nonsense(wrong: dict[str, object]) -> None:
    right = {
        "id": "x",
        "email": "ana@example.com",
        "name": "Ana",
        "role": "rep",
        "one_time": False,
        "epoch": 0,
        "created_at": FRIDAY,
    }
    db.session.add(StaffRow(**right | wrong))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_what_fails_halfway_leaves_nothing(
    in_app: None, rows: Callable[[type[ThrottleRow]], list[ThrottleRow]]
) -> None:
    def fail_halfway() -> None:
        with one_commit("test"):
            db.session.add(ThrottleRow(key="x", count=1, until=FRIDAY))
            db.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert rows(ThrottleRow) == []


def test_with_and_without_a_session_is_one_transaction(
    in_app: None, rows: Callable[[type[ThrottleRow]], list[ThrottleRow]]
) -> None:
    def write(*, fail: bool) -> None:
        with looking_first(), one_commit("test"):
            assert hold()
            plain = {"key": "plain", "count": 1, "until": FRIDAY}
            connection().execute(insert(ThrottleRow), plain)
            assert db.session.get(ThrottleRow, "plain") is not None
            db.session.add(ThrottleRow(key="mapped", count=1, until=FRIDAY))
            if fail:
                db.session.flush()
                raise RuntimeError

    with pytest.raises(RuntimeError):
        write(fail=True)
    assert rows(ThrottleRow) == []
    write(fail=False)  # goes on with what ``rows`` began
    db.session.remove()
    assert {row.key for row in rows(ThrottleRow)} == {"plain", "mapped"}

    db.session.execute(delete(ThrottleRow))
    db.session.commit()
    write(fail=False)
    assert {row.key for row in rows(ThrottleRow)} == {"plain", "mapped"}


def test_what_fails_before_the_commit_is_not_kept_and_what_fails_after_it_is(
    in_app: None, rows: Callable[[type[ThrottleRow]], list[ThrottleRow]]
) -> None:
    def fail() -> None:
        raise RuntimeError

    for moment, kept in (("before", []), ("after", ["after"])):
        armed = failpoints.armed(f"test.{moment}_commit", fail)
        with pytest.raises(RuntimeError), armed, one_commit("test"):
            db.session.add(ThrottleRow(key=moment, count=1, until=FRIDAY))
        assert [row.key for row in rows(ThrottleRow)] == kept


@given(st.lists(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2900, 1, 1))))
def test_ids_sort_by_time_and_are_never_the_same(times: list[datetime]) -> None:
    made = [(at.replace(tzinfo=UTC), new_id(at.replace(tzinfo=UTC))) for at in times for _ in "ab"]
    assert len({id for _, id in made}) == len(made)
    by_id = [int(at.timestamp() * 1000) for at, id in sorted(made, key=lambda each: each[1])]
    assert by_id == sorted(by_id)
    assert all(len(id) == 26 for _, id in made)
