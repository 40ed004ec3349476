"""Reps' own calendars: the secret address of each, and the busy times last read from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class CalendarRow(Model):
    """``address`` is encrypted. ``busy`` holds ``[start, end]`` pairs and nothing of what happens
    then; it stays as it was ``read_at`` last while ``problem`` says why it cannot be read now."""

    __tablename__ = "calendars"
    __table_args__ = (Index(None, "tried_at"),)

    staff_id: Mapped[str] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str]
    busy: Mapped[list[Any]]
    tried_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    problem: Mapped[str | None]


def of_staff(staff_id: str) -> CalendarRow | None:
    return db.session.get(CalendarRow, staff_id)


def of_staff_for_update(staff_id: str) -> CalendarRow | None:
    """The same as it is now, nobody else's to change until the commit."""
    return db.session.get(CalendarRow, staff_id, with_for_update=True, populate_existing=True)


def any_tried_before(instant: datetime) -> bool:
    due = select(CalendarRow.staff_id).where(CalendarRow.tried_at < instant).limit(1)
    return db.session.scalar(due) is not None


def claim(before: datetime, now: datetime) -> str | None:
    """Whose calendar was not tried since an instant, the longest wait first. Of two who ask at once
    one gets it. Commits nothing."""
    waiting = CalendarRow.tried_at < before
    longest = select(CalendarRow.staff_id).where(waiting).order_by(CalendarRow.tried_at).limit(1)
    claimed = update(CalendarRow).where(CalendarRow.staff_id == longest.scalar_subquery(), waiting)
    return db.session.scalar(claimed.values(tried_at=now).returning(CalendarRow.staff_id))


def forget(staff_id: str) -> bool:
    """Take somebody's calendar away; says whether there was one. Commits nothing."""
    gone = delete(CalendarRow).where(CalendarRow.staff_id == staff_id)
    return db.session.scalar(gone.returning(CalendarRow.staff_id)) is not None
