"""A worker that runs beside the test, with receivers on loopback it may speak to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.mailbox import Mailbox
from webapp.delivery.channels import Channels
from webapp.delivery.guard import DEADLINE_S, Guard
from webapp.services.receivers import outbox
from webapp.store.database import db, new_id
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.worker.loop import Worker

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def channels(app: Flask, mailbox: Mailbox) -> Callable[..., Channels]:
    """Channels that mail to the mailbox and may reach what is listed."""

    def make(*listed: str, deadline_s: float = DEADLINE_S) -> Channels:
        config = replace(app.extensions["baton"], smtp_url=f"{mailbox.url}?from=baton@q.example")
        return Channels(config, Guard(frozenset(listed), deadline_s=deadline_s))

    return make


@contextmanager
def working(app: Flask, channels: Channels, workers: int = 1) -> Iterator[list[Worker]]:
    """Workers in threads of their own until the block ends."""
    stop = threading.Event()
    made = [Worker(app, stop=stop, name=f"w{n}", channels=channels) for n in range(workers)]
    threads = [threading.Thread(target=each.run) for each in made]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def connect(app: Flask) -> Callable[..., str]:
    """Set a connection up; returns its id."""

    def make(kind: str, secret: dict[str, Any] | None = None, **config: Any) -> str:
        channels = Channels(app.extensions["baton"])
        with app.app_context():
            row = ConnectionRow(
                id=new_id(NOW), kind=kind, name=f"Our {kind}", config=config,
                secret=channels.vault.lock(secret or {}), events=["handoff.created"],
                created_at=NOW,
            )  # fmt: skip
            db.session.add(row)
            db.session.commit()
            return row.id

    return make


@pytest.fixture
def post(app: Flask) -> Callable[..., list[str]]:
    """Put messages for a connection into the outbox; returns their ids."""

    def put(connection_id: str | None, times: int = 1, **message: Any) -> list[str]:
        with app.app_context():
            connection = db.session.get(ConnectionRow, connection_id) if connection_id else None
            rows = [
                outbox.deliver(
                    message.get("payload", {"type": "handoff.created", "data": {"n": n}}),
                    message.get("event", "handoff.created"),
                    now=NOW,
                    connection=connection,
                    recipient=message.get("recipient"),
                )
                for n in range(times)
            ]
            db.session.commit()
            return [row.id for row in rows]

    return put


@pytest.fixture
def states(app: Flask) -> Callable[[], dict[str, str]]:
    def read() -> dict[str, str]:
        with app.app_context():
            return {row.id: row.state for row in db.session.scalars(db.select(DeliveryRow))}

    return read
