"""Writing a great deal quickly, for a database that nobody will miss after a power cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from webapp.store.database import db

OF_A_CONNECTION = {
    "sqlite": (
        "PRAGMA synchronous=OFF",
        "PRAGMA secure_delete=OFF",
        "PRAGMA foreign_keys=OFF",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-1000000",  # KiB
    ),
    "postgresql": (
        "SET session_replication_role = replica",  # asks of no row whether what it names is there
        "SET synchronous_commit = off",
        "SET work_mem = '256MB'",
    ),
}
OF_THE_SERVER = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "'8GB'",
}


@contextmanager
def writing(engine: Engine) -> Iterator[None]:
    """Within this, nothing is checked or synced. Afterwards all is as it was, and PostgreSQL knows
    what it has. Indexes stay: copies are made of rows that are found by them."""

    def be_quick(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for each in OF_A_CONNECTION[engine.dialect.name]:
            cursor.execute(each)
        connection.commit()

    _begin_anew(engine)
    event.listen(engine, "connect", be_quick)
    _settings(engine, "ALTER SYSTEM SET {} = {}")
    try:
        yield
    finally:
        event.remove(engine, "connect", be_quick)
        _settings(engine, "ALTER SYSTEM RESET {}")
        _begin_anew(engine)
    _administer(engine, "VACUUM ANALYZE")  # its autovacuum would do this some time later


def _begin_anew(engine: Engine) -> None:
    db.session.remove()
    engine.dispose()


def _settings(engine: Engine, form: str) -> None:
    _administer(
        engine,
        *(form.format(name, value) for name, value in OF_THE_SERVER.items()),
        "SELECT pg_reload_conf()",
    )


def _administer(engine: Engine, *commands: str) -> None:
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for each in commands:
                connection.execute(text(each))
