"""A clock that stands still while the machine does other things."""

import time
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy import func, select

from webapp.store.database import db


class ProcessorClock:
    """Seconds of processor time of this process and, with PostgreSQL, of its whole server."""

    def __init__(self) -> None:
        self._server: psutil.Process | None = None
        if db.engine.dialect.name == "postgresql":
            backend = db.session.scalar(select(func.pg_backend_pid()))
            self._server = psutil.Process(backend).parent()

    def __call__(self) -> float:
        seconds = time.process_time()
        if self._server:
            for each in self._server.children():
                with suppress(OSError):  # gone meanwhile
                    spent = Path(f"/proc/{each.pid}/schedstat").read_text(encoding="ascii")
                    seconds += int(spent.split()[0]) / 1e9
        return seconds
