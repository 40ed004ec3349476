"""Copies of the database, made while it is in use."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

from webapp.store import schema
from webapp.store.database import address, db


class CannotBackUp(Exception):
    """Why there is no copy; nothing was left behind."""


def backup(file: Path) -> int:
    """Copy everything committed so far to a file; returns its size in bytes.

    SQLite: a database of its own, ready to use. PostgreSQL: what ``pg_dump -Fc`` writes.
    Raises: CannotBackUp.
    """
    if schema.current() is None:
        raise CannotBackUp(f"{address()} is empty. Is that the database you mean?")
    if file.exists():
        raise CannotBackUp(f"{file} is there already. Name a file that is not.")
    if not file.parent.is_dir():
        raise CannotBackUp(f"There is no folder {file.parent}.")
    # Under another name until it is whole: half a copy must not look like one.
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        # Nobody else's to read, as the database is: both programs write into a file that is there.
        half.touch(mode=0o600)
    except OSError as error:
        raise CannotBackUp(f"{file.parent} cannot be written: {error.strerror}.") from error
    try:
        if db.engine.dialect.name == "sqlite":
            _vacuum_into(half)
        else:
            _pg_dump(half)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.rename(file)
    finally:
        half.unlink(missing_ok=True)
    return file.stat().st_size


def _vacuum_into(file: Path) -> None:
    connection = db.engine.raw_connection()
    try:
        # Outside a transaction, so on the driver's own connection.
        connection.cursor().execute("VACUUM INTO ?", (str(file),))
    except connection.dbapi_connection.Error as error:  # type: ignore[union-attr]
        raise CannotBackUp(f"SQLite cannot write {file.parent}: {error}.") from error
    finally:
        connection.close()


def _pg_dump(file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise CannotBackUp("There is no pg_dump. Install PostgreSQL's client programs.")
    url = db.engine.url.set(drivername="postgresql")
    with NamedTemporaryFile("w", encoding="utf-8", prefix="baton-pgpass-") as passwords:
        # In a file only we can read: a command line is seen by everybody on the machine.
        password = str(url.password or "").replace("\\", "\\\\").replace(":", "\\:")
        passwords.write(f"*:*:*:*:{password}\n")
        passwords.flush()
        address = url.set(password=None).update_query_dict({"passfile": passwords.name})
        command = [program, "-Fc", "-f", str(file), address.render_as_string(hide_password=False)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode:
        why = done.stderr.strip().split("\n")[0].removeprefix("pg_dump: error: ")
        raise CannotBackUp(f"pg_dump failed: {why}. It must be as new as the server.")
