"""The schema in the database: bringing it up to date, and telling whether it is."""

from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import inspect, text

from webapp.store.database import db

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade() -> None:
    """Run every migration that this database has not seen; none where newer code has been here."""
    if behind() is None:
        return
    from flask_migrate import Migrate
    from flask_migrate import upgrade as run

    db.session.rollback()  # a lock of our own would keep the migration waiting
    Migrate(current_app, db, directory=str(MIGRATIONS))
    run()


@cache
def newest() -> str:
    """The migration that this code needs: each has a file that begins with its number.

    Alembic would say so too, but loading it makes every start and every process a tenth dearer.
    """
    return max(each.name.partition("_")[0] for each in MIGRATIONS.glob("versions/*_*.py"))


def behind() -> str | None:
    """What this code misses in the database, in words; None where it can work with it."""
    there = current()
    if there is None:
        return "The database is empty."
    # An upgrade leaves the release before what it reads and writes.
    return f"The database is at {there}, this code needs {newest()}." if there < newest() else None


def current() -> str | None:
    """The migration that the database has come to; None for an empty one."""
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return None
    found: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return found
