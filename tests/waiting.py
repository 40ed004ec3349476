"""Waiting for a condition, the one place where a test sleeps."""

import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from webapp.store.database import db


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as something holds; fail where it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"It did not come to hold within {seconds:g} s."
        time.sleep(0.02)


def somebody_waits(app: Flask) -> bool:
    """SQLite does not say who waits; there whoever writes has it to themselves."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return True
        with db.engine.connect() as connection:
            waiting = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            return bool(connection.scalar(waiting))
