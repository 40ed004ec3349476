"""What the conversations of each day that is over came to, so that reports need not read them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class DayRow(Model):
    """The tally of the conversations that began on a day, by UTC.

    A day without a row has not been counted, or must be counted anew: whoever changes or removes a
    conversation takes its day's row away in the same commit.
    """

    __tablename__ = "days"

    day: Mapped[date] = mapped_column(primary_key=True)
    tally: Mapped[list[Any]]


def counted(since: date) -> dict[date, list[Any]]:
    """The tallies that there are, by day."""
    query = select(DayRow.day, DayRow.tally).where(DayRow.day >= since)
    return {each.day: each.tally for each in db.session.execute(query)}


def keep(day: date, tally: list[Any]) -> None:
    db.session.execute(delete(DayRow).where(DayRow.day == day))
    db.session.execute(insert(DayRow), {"day": day, "tally": tally})


def forget(began: Iterable[datetime]) -> None:
    """Have the days counted anew on which something began."""
    db.session.execute(delete(DayRow).where(DayRow.day.in_({at.date() for at in began})))
