"""What the demo's receivers got: the mails and webhooks of an installation that only pretends."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.conversations import ConversationRow
from webapp.store.database import Document, Model, db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow

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


def newest(*, everything: bool, limit: int = 50) -> list[DemoMessageRow]:
    """The newest messages: all of them, or only those about leads of the demo."""
    query = select(DemoMessageRow)
    if not everything:
        query = query.where(DemoMessageRow.id.in_(_about_the_demo))
    order = (DemoMessageRow.at.desc(), DemoMessageRow.id.desc())
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def get(id: str, *, everything: bool) -> DemoMessageRow | None:
    query = select(DemoMessageRow).where(DemoMessageRow.id == id)
    if not everything:
        query = query.where(DemoMessageRow.id.in_(_about_the_demo))
    return db.session.scalar(query)


_about_the_demo = (
    select(DeliveryRow.id)
    .outerjoin(HandoffRow, HandoffRow.id == DeliveryRow.handoff_id)
    .outerjoin(RecordRow, RecordRow.id == DeliveryRow.record_id)
    .outerjoin(ConversationRow, ConversationRow.id == RecordRow.conversation_id)
    .where(or_(HandoffRow.demo.is_(True), ConversationRow.demo.is_(True)))
)
