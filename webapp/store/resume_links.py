"""Links by which somebody goes on with a conversation at another time or in another browser."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, update
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


def use_all_of(conversation_id: str, *, now: datetime) -> None:
    """Use up every link to a conversation that was not used yet."""
    unused = ResumeLinkRow.conversation_id == conversation_id, ResumeLinkRow.used_at.is_(None)
    db.session.execute(update(ResumeLinkRow).where(*unused).values(used_at=now))
