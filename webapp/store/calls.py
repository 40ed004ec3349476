"""Calls: the conversation a rep writes down while on the phone, and whose handoff it is about."""

from typing import Any

from sqlalchemy import ForeignKey, Index, Row, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.conversations import ConversationRow
from webapp.store.database import Model, db
from webapp.store.handoffs import HandoffRow


class CallRow(Model):
    """What a call has beside its conversation, which holds the answers, who began it and when.

    ``notes_revision`` rises with every change of the notes, whose last writer is ``notes_by``: two
    who write at once are told of each other.
    """

    __tablename__ = "calls"
    __table_args__ = (Index(None, "handoff_id"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    notes: Mapped[str]
    notes_by: Mapped[str | None]
    notes_revision: Mapped[int]


def going_on(handoff_id: str) -> CallRow | None:
    """The call about a handoff that nobody has ended yet."""
    return db.session.scalar(
        select(CallRow)
        .join(ConversationRow, ConversationRow.id == CallRow.conversation_id)
        .where(CallRow.handoff_id == handoff_id, ConversationRow.finished_at.is_(None))
        .execution_options(populate_existing=True)
    )


def about(handoff_id: str) -> list[str]:
    """The conversations of all calls about a handoff, in order."""
    query = select(CallRow.conversation_id).where(CallRow.handoff_id == handoff_id)
    return list(db.session.scalars(query.order_by(CallRow.conversation_id)))


def of_conversation(conversation_id: str) -> CallRow | None:
    return db.session.get(CallRow, conversation_id)


def handoff_of(conversation_id: str) -> HandoffRow | None:
    """The handoff that this call is about; None for a conversation that is no call."""
    return db.session.scalar(
        select(HandoffRow)
        .join(CallRow, CallRow.handoff_id == HandoffRow.id)
        .where(CallRow.conversation_id == conversation_id)
    )


def visit_behind(conversation_id: str) -> Row[*tuple[Any, ...]]:
    """What the call is about, in the visitor's own conversation: its ``visitor_id`` and
    ``human_asked_at``."""
    return db.session.execute(
        select(ConversationRow.visitor_id, ConversationRow.human_asked_at)
        .join(HandoffRow, HandoffRow.conversation_id == ConversationRow.id)
        .join(CallRow, CallRow.handoff_id == HandoffRow.id)
        .where(CallRow.conversation_id == conversation_id)
    ).one()
