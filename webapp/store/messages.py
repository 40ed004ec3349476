"""What a visitor and a person of the team write to each other in a running conversation."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, Serial, db


class MessageRow(Model):
    """``by`` is the staff member's e-mail, or null for the visitor."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by: Mapped[str | None]
    text: Mapped[str]


def of_conversation(conversation_id: str) -> list[MessageRow]:
    return list(
        db.session.scalars(
            select(MessageRow)
            .where(MessageRow.conversation_id == conversation_id)
            .order_by(MessageRow.id)
        )
    )
