"""Records: what was handed over or kept, to the letter, with the inputs that decided it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, exists, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from webapp.store.database import Document, Model, db


class RecordRow(Model):
    """The record of one conversation that was finished or, ``partial``, left in the middle.
    Immutable: a correction is a record that supersedes it.

    ``inputs`` are the facts, events, answers and instant it was derived from; with the release they
    derive it again, to the digit. They are long and few ask for them: read when first looked at.
    """

    __tablename__ = "records"
    __table_args__ = (
        Index(None, "conversation_id", "created_at"),
        Index(None, "lead_id", "created_at"),
        Index(None, "created_at"),
        CheckConstraint(
            "depth IN ('partial', 'qualified', 'warmed', 'call_qualified')", name="depth_exists"
        ),
        CheckConstraint("supersedes_id <> id", name="does_not_supersede_itself"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    supersedes_id: Mapped[str | None] = mapped_column(
        ForeignKey("records.id", ondelete="SET NULL"), unique=True
    )
    created_at: Mapped[datetime]
    depth: Mapped[str]
    flow: Mapped[str]
    scenario: Mapped[str | None]
    rule: Mapped[str]
    destination: Mapped[str]
    kind: Mapped[str]
    tier: Mapped[str]
    total: Mapped[int]
    test: Mapped[bool]
    record: Mapped[dict[str, Any]] = mapped_column(Document)
    inputs: Mapped[dict[str, Any]] = mapped_column(Document, deferred=True)


def get(id: str) -> RecordRow | None:
    return db.session.get(RecordRow, id)


_later = aliased(RecordRow)
_standing = (
    select(RecordRow)
    .where(RecordRow.conversation_id == bindparam("conversation_id"))
    .where(~exists().where(_later.supersedes_id == RecordRow.id))
)


def newest_of(conversation_id: str) -> RecordRow | None:
    """The record that stands: the one nothing supersedes."""
    return db.session.scalar(_standing, {"conversation_id": conversation_id})


def of_leads(lead_ids: Sequence[str]) -> list[RecordRow]:
    """A person's records, newest first."""
    query = select(RecordRow).where(RecordRow.lead_id.in_(lead_ids))
    return list(
        db.session.scalars(query.order_by(RecordRow.created_at.desc(), RecordRow.id.desc()))
    )
