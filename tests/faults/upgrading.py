"""Upgrades in processes of their own that may end, as by kill -9, before any statement.

Started once, since starting Python takes longer than an upgrade: each line of stdin says how many
statements to live for (none: to the end), and is answered once the process is gone: true if it
came to the end.
"""

import json
import os
import signal
import sys
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from tests.fixtures.applications import SECRET_KEY
from webapp import create_app
from webapp.config import Config
from webapp.store import schema
from webapp.store.database import db


def doom(engine: Engine, statements: int) -> None:
    """Let nothing more than so many statements through; ending a transaction is one."""
    run = count()

    def lives(*_: Any) -> None:
        if next(run) >= statements:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", lives)
    event.listen(engine, "commit", lives)


def upgrade(app: Flask, statements: int | None) -> None:
    with app.app_context():
        db.engine.dispose(close=False)
        if statements is not None:
            doom(db.engine, statements)
        schema.upgrade()
        db.session.remove()


def main(given: dict[str, Any]) -> None:
    for each in ("alembic.command", "flask_migrate"):  # once, what each upgrade would import anew
        import_module(each)
    app = create_app(
        Config(
            secret_key=SECRET_KEY,
            database_url=given["database_url"],
            data_dir=Path(given["data_dir"]),
            test=True,
        )
    )
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            upgrade(app, json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(json.dumps(status == 0), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
