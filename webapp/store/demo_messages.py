"""What the demo's receivers got: the mails and webhooks of an installation that only pretends."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Document, Model, db

KEPT = 200


class DemoMessageRow(Model):
    """``id`` is that of its delivery: a repeat is the same message, as at any good receiver."""

    __tablename__ = "demo_messages"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    event: Mapped[str]
    recipient: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(Document)


def newest(limit: int = 50) -> list[DemoMessageRow]:
    return list(
        db.session.scalars(
            select(DemoMessageRow)
            .order_by(DemoMessageRow.at.desc(), DemoMessageRow.id.desc())
            .limit(limit)
        )
    )
