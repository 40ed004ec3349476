"""Heartbeats: which workers are alive, by their own word."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class HeartbeatRow(Model):
    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]


def newest(kind: str) -> datetime | None:
    return db.session.scalar(select(func.max(HeartbeatRow.at)).where(HeartbeatRow.kind == kind))
