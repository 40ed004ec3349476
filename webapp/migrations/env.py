"""How Alembic reaches our database, and how our column types are written into migrations."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, BigInteger
from sqlalchemy.engine import Connection

from webapp.store.database import Document, Instant, db
from webapp.store.tables import metadata

LOCK = 0x6261746F6E
"""Any number, as long as every release uses the same."""


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
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise RuntimeError(f"The migration would leave {len(orphans)} rows without parent.")


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
