"""Links by which somebody goes on with a conversation at another time or in another browser."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class ResumeLinkRow(Model):
    """One link that was mailed. Its secret is in the mail alone: kept is only its SHA-256."""

    __tablename__ = "resume_links"
    __table_args__ = (Index(None, "conversation_id"),)

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def by_secret(secret_hash: str) -> ResumeLinkRow | None:
    return db.session.get(ResumeLinkRow, secret_hash, populate_existing=True)
