"""How Alembic reaches our database, and how our column types are written into migrations."""

from time import monotonic, sleep
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, BigInteger, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from webapp.store.database import Document, Instant, db
from webapp.store.tables import metadata

LOCK = 0x6261746F6E
"""Any number, as long as every release uses the same."""

HELD = {
    "0002": ("conversations", "releases", "leads", "sites", "staff", "connections", "api_keys"),
    "0003": ("conversations", "deliveries", "days"),
}
"""By migration, the tables that were there and that it changes, in the order in which an answer
comes to them. They are held before the first is changed: taken one by one, some would be held while
others are waited for, and whoever answers meanwhile does so the other way round: a deadlock."""

GIVES_WAY_AFTER_MS = 500
"""Shorter than PostgreSQL's ``deadlock_timeout``: of two who wait for each other it is the upgrade
that lets go."""
BETWEEN_TRIES_S = 1.0
PATIENCE_S = 120.0


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our types as plain SQLAlchemy: a migration must not change when our code does."""
    if kind != "type":
        return False
    match item:
        case Instant():
            return "sa.DateTime(timezone=True)"
        case Document():
            return "sa.Text()"
        case JSON() if "postgresql" in item._variant_mapping:
            autogen.imports.add("from sqlalchemy.dialects import postgresql")
            return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
        case BigInteger() if "sqlite" in item._variant_mapping:
            return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Machines that start together migrate one after the other; the later finds it done.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            hold_tables(connection)
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise RuntimeError(f"The migration would leave {len(orphans)} rows without parent.")


def hold_tables(connection: Connection) -> None:
    """Let nobody else at the tables that will change; web servers of the release before may be
    answering. PostgreSQL only: on SQLite whoever writes has it to themselves."""
    reached = context.get_context().get_current_revision() or ""
    there = inspect(connection).get_table_names()
    wanted = [table for number, tables in HELD.items() if number > reached for table in tables]
    held = ", ".join(table for table in dict.fromkeys(wanted) if table in there)
    if not held:
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {GIVES_WAY_AFTER_MS}")
    patience = monotonic() + PATIENCE_S
    while True:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"LOCK TABLE {held} IN ACCESS EXCLUSIVE MODE")
        except OperationalError:
            if monotonic() > patience:
                raise
            sleep(BETWEEN_TRIES_S)
        else:
            return


with db.engine.connect() as connection:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    if connection.dialect.name == "sqlite":
        # Heard only outside a transaction, so before SQLAlchemy begins one.
        raw.execute("PRAGMA foreign_keys=OFF")
    try:
        migrate(connection)
    finally:
        if connection.dialect.name == "sqlite":
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")
