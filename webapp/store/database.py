"""The database: how rows are typed, how a transaction begins, and which SQLite may be trusted."""

import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from os import chmod
from os.path import getsize, isfile
from random import random
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Text,
    cast,
    event,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import DateTime, TypeDecorator

from webapp.store import failpoints

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
GIVE_WAY_S = 0.005
AWAY = (OperationalError, InterfaceError, InternalError, TimeoutError, StaleDataError)
"""What is raised where the database is busy, full, restarting or gone, takes no more connections or
is only read from for now, or where somebody else removed a row this moment: nothing was stored, and
trying again is right."""

KEPT_STATEMENTS = 512
"""Statements that a connection to SQLite need not prepare again. A driver that may keep fewer than
there are throws away the newest first, and prepares those of every answer for every answer."""
_decoder = json.JSONDecoder()
_write_json = json.JSONEncoder().encode
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC and given back aware. SQLite drops time zones, so a naive one, whose
    meaning nobody can tell later, is refused here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone. Pass an aware datetime.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[dict[str, Any]]):
    """A JSON document kept to the letter. JSONB would reorder its keys; a record is read by people
    and programs that hold on to its order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else json.loads(value)


def part(document: Any, key: str) -> ColumnElement[Any]:
    """One part of a document, taken out by the database: reading all of a long one costs ten times
    as much."""
    json = cast if db.engine.dialect.name == "postgresql" else type_coerce
    found: ColumnElement[Any] = json(document, JSON)[key]
    return found


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Serial = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    # Flask-SQLAlchemy 3.1 crashes on a ``type_annotation_map`` of the class (its issue 1361):
    # a registry made by hand carries the same.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: Instant,
            str: Text,
            dict[str, Any]: Json,
            list[Any]: Json,
            list[str]: Json,
        },
    )


class _Session(Session):
    """A session that joins a transaction which began without one."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        return _bare.get() or super().get_bind(*args, **kwargs)


_bare: ContextVar[Connection | None] = ContextVar("bare", default=None)
"""The connection of a transaction that began without a session. For every answer: to make a session
and to ask it for its connection time and again takes 200 calls, a twentieth of all."""

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": _Session})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def new_id(now: datetime) -> str:
    """A fresh id: 26 letters and digits, by time first (so that indexes stay small and lists sort),
    then 80 random bits (so that nobody can guess one)."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ID_LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5))


# --- transactions -------------------------------------------------------------------------------

_reading: ContextVar[bool] = ContextVar("reading", default=False)


def read_only(reading: bool) -> None:
    """Say whether the transactions that this thread begins from here on only read.

    On SQLite a transaction that reads first and writes later fails at once when somebody else
    wrote in between, whatever the timeout: writers must begin as writers.
    """
    _reading.set(reading)


@contextmanager
def writing() -> Iterator[None]:
    """Write in the middle of a request that otherwise only reads. Ends what was being read."""
    before = _reading.get()
    db.session.rollback()
    _reading.set(False)
    try:
        yield
    finally:
        _reading.set(before)


@contextmanager
def reading() -> Iterator[None]:
    """Only look, where writing is the rule: on SQLite nobody who writes is kept waiting for it."""
    before = _reading.get()
    db.session.rollback()
    _reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reading.set(before)


def connection() -> Connection:
    """That of the transaction that is going on; begins one where none is."""
    return _bare.get() or db.session.connection()


@contextmanager
def looking_first() -> Iterator[None]:
    """Only look until ``hold``: on SQLite others write meanwhile. Where this request has begun to
    write already, it just goes on."""
    session, before = _session(), _reading.get()
    begun = session is not None and session.in_transaction()
    bare = None if begun else db.engine.connect()
    _bare.set(bare)
    _reading.set(not begun)
    try:
        if bare:
            bare.begin()
        yield
    finally:
        _reading.set(before)
        _bare.set(None)
        if bare:
            bare.close()


def hold() -> bool:
    """Write from here on. Says whether nobody else has since it was looked; otherwise look again.

    PostgreSQL keeps others away by the rows that were locked in looking.
    """
    if not _reading.get():
        return True
    _reading.set(False)
    going_on = connection()
    if going_on.dialect.name != "sqlite":
        return True
    raw: Any = going_on.connection.dbapi_connection
    seen = _version(raw)
    raw.rollback()
    _write(going_on)
    if _version(raw) == seen:
        return True
    if session := _session():
        session.expire_all()
    return False


@contextmanager
def one_commit(what: str) -> Iterator[None]:
    """Make everything written inside permanent together, or, if anything is raised, nothing of it.

    ``what`` names the two places at which tests kill, raise or wait: ``<what>.before_commit`` and
    ``<what>.after_commit``.
    """
    bare = _bare.get()
    try:
        yield
        if session := _session():
            session.flush()
        failpoints.reached(f"{what}.before_commit")
        for each in (session, bare):
            if each:
                each.commit()
    except BaseException:
        for each in (_session(), bare):
            if each:
                each.rollback()
        raise
    failpoints.reached(f"{what}.after_commit")


def give_way() -> None:
    """Between portions of something long, let those write who waited meanwhile. SQLite has no
    queue: they ask again every millisecond or two, and whoever has one portion after the other to
    write would always be there before."""
    if db.engine.dialect.name == "sqlite":
        sleep(GIVE_WAY_S)


def _session() -> Session | None:
    """The session of this request, if it has come to need one."""
    return db.session() if db.session.registry.has() else None


def address() -> str:
    """Which database this is, for people: without its passwords, wherever they stand in it."""
    return str(db.engine.url.difference_update_query(["password", "sslpassword"]))


def forget_deleted() -> None:
    """Let nothing that was deleted linger in SQLite's files. PostgreSQL reuses the room in time.

    Deleted rows are overwritten with noughts from then on; what was written ahead is put away.
    """
    if db.engine.dialect.name == "sqlite":
        raw = db.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def upsert(row: type[Base]) -> Any:
    """An INSERT that knows ``on_conflict_do_…``, which both databases have and SQLAlchemy spells
    for each apart."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(row)


def _begin(connection: Connection) -> None:
    if _reading.get():
        raw: Any = connection.connection.dbapi_connection
        raw.execute("BEGIN")  # takes no lock yet, so nothing that SQLAlchemy would have to explain
    else:
        _write(connection)


def _write(connection: Connection) -> None:
    # SQLite's own waiting sleeps up to 100 ms at a time, which eight writers feel as a second and
    # more. Asking again every millisecond or two halves the time they take together.
    raw: Any = connection.connection.dbapi_connection
    patience = monotonic() + BUSY_TIMEOUT_MS / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while _busy(raw) and monotonic() < patience:
            sleep(0.001 + random() / 1000)
        if not raw.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in SQLAlchemy's own words
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _version(raw: Any) -> Any:
    """A number that is another one as soon as another connection to SQLite has written."""
    return raw.execute("PRAGMA data_version").fetchone()


def _busy(raw: Any) -> bool:
    """Try to begin; say whether another writer stands in the way."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except raw.OperationalError as error:
        # Or somebody reads what a killed process left in the write-ahead log, which ends as well.
        return error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_BUSY_RECOVERY")
    return False


# --- engines ------------------------------------------------------------------------------------


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset race, which can lose committed transactions.

    3.7.0 to 3.51.2 have it, save the back-ports 3.44.6 and 3.50.7; 3.52.0 was withdrawn.
    """
    return (
        version >= (3, 53, 0)
        or (3, 51, 3) <= version < (3, 52, 0)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


def engine_options(url: str) -> dict[str, Any]:
    """What ``create_engine`` needs for this database."""
    # What people said must not reach a log by way of an error message.
    both: dict[str, Any] = {"hide_parameters": True}
    both |= {"json_serializer": _write_json, "json_deserializer": _read_json}
    if make_url(url).get_backend_name() == "sqlite":
        return {
            **both,
            "module": sqlite_module(),
            "connect_args": {
                "timeout": BUSY_TIMEOUT_MS / 1000,
                "cached_statements": KEPT_STATEMENTS,
            },
        }
    return {
        **both,
        "pool_pre_ping": True,
        "pool_size": 10,
        "connect_args": {
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c synchronous_commit=on"
            f" -c lock_timeout={BUSY_TIMEOUT_MS}",
        },
    }


def _read_json(written: str | bytes) -> Any:
    """What the database holds: written by us or by it, so without what ``json.loads`` looks for
    around it. An answer reads eight such columns."""
    return _decoder.raw_decode(written if isinstance(written, str) else written.decode())[0]


def sqlite_module() -> Any:
    """The SQLite driver: our own newer library where it can be had, else Python's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        from sqlite3 import dbapi2
    return dbapi2


def prepare(engine: Engine) -> None:
    """Make the engine's connections durable and its transactions begin as they mean to go on."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _refuse_other_letters, insert=True)
        return
    version = sqlite_module().sqlite_version_info
    journal = "WAL" if wal_is_safe(version) else "DELETE"
    if journal == "DELETE":
        log.warning(
            "SQLite %s can lose commits in WAL mode; using the slower rollback journal. "
            "Install pysqlite3 0.6.1 or newer, or SQLite 3.51.3 or newer.",
            ".".join(map(str, version)),
        )

    file = str(engine.url.database)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        if isfile(file) and not getsize(file):
            # Made this moment. What SQLite puts beside a database may be read by the same people.
            chmod(file, 0o600)
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA journal_mode={journal}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is erased must be gone from the file, not only from sight.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    event.listen(engine, "begin", _begin)


def _refuse_other_letters(connection: Any, _: object) -> None:
    """A cluster made without a locale has SQL_ASCII, in which no letter but those has a capital."""
    found = connection.info.parameter_status("server_encoding")
    if found != "UTF8":
        raise connection.OperationalError(
            f"its letters are {found} and must be UTF8. Make another with "
            "CREATE DATABASE baton ENCODING 'UTF8' TEMPLATE template0"
        )


def init_app(app: Flask, url: str) -> None:
    """Bind the session to this application's database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    app.teardown_appcontext(_let_go)
    with app.app_context():
        prepare(db.engine)


def _let_go(_: BaseException | None) -> None:
    """Close the session before Flask-SQLAlchemy does. Where the database went away after all was
    said and done, its goodbye would turn an answer that was taken into an error."""
    if session := _session():
        try:
            session.close()
        except DBAPIError:
            session.invalidate()
