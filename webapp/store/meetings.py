"""Meetings that prospects chose: one for a handoff at most, and one of a rep's at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db

_STANDS = text("cancelled_at IS NULL")


class MeetingRow(Model):
    """``sequence`` counts its changes, for calendars. ``timezone`` is the prospect's."""

    __tablename__ = "meetings"
    __table_args__ = (
        # Two who choose the same slot at once: the database takes one.
        Index(
            "uq_meetings_rep_email_starts_at",
            "rep_email",
            "starts_at",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    handoff_id: Mapped[str] = mapped_column(
        ForeignKey("handoffs.id", ondelete="CASCADE"), unique=True
    )
    rep_email: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str]
    sequence: Mapped[int]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


def of_handoff(handoff_id: str) -> MeetingRow | None:
    """The meeting of a handoff, cancelled or not."""
    return db.session.scalar(select(MeetingRow).where(MeetingRow.handoff_id == handoff_id))


def standing(handoff_ids: Sequence[str]) -> dict[str, MeetingRow]:
    """The meetings of some handoffs that were not called off, by the handoff's id."""
    agreed = MeetingRow.handoff_id.in_(handoff_ids), MeetingRow.cancelled_at.is_(None)
    return {row.handoff_id: row for row in db.session.scalars(select(MeetingRow).where(*agreed))}


def of_rep(email: str, after: datetime) -> Iterable[MeetingRow]:
    """What a rep has agreed to that ends after an instant."""
    return db.session.scalars(
        select(MeetingRow)
        .where(MeetingRow.rep_email == email, MeetingRow.cancelled_at.is_(None))
        .where(MeetingRow.ends_at > after)
    )
