"""A worker's sign of life. One commit."""

from typing import Any

from webapp.store import deliveries
from webapp.store.database import db, one_commit
from webapp.store.heartbeats import HeartbeatRow


def beat(name: str, *, detail: dict[str, Any]) -> None:
    with one_commit("heartbeat.beat"):
        row = HeartbeatRow(name=name, kind="worker", at=deliveries.clock(), detail=detail)
        db.session.merge(row)


def stop(name: str) -> None:
    """Say goodbye: a worker that ended in order is not missed."""
    with one_commit("heartbeat.stop"):
        row = db.session.get(HeartbeatRow, name)
        if row is not None:
            db.session.delete(row)
