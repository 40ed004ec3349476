"""What each day that is over came to, so that reports need not read everything that happened."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.tally import FORM
from webapp.store.database import Model, db, upsert

CONVERSATIONS, HANDOFFS = KINDS = ("conversations", "handoffs")


class DayRow(Model):
    """The tally of the conversations that began on a day by UTC, or ``of`` the handoffs made on it.

    A day without a row has not been counted, or must be counted anew: whoever changes or removes a
    conversation or a handoff takes its day's row away in the same commit. A row in the form of
    another release is none.
    """

    __tablename__ = "days"

    of: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tally: Mapped[list[Any]]


_days = cast(Table, DayRow.__table__)
_told_as_now = _days.c.tally[(0, 0)].as_string() == FORM


def counted(of: str, since: date) -> dict[date, list[Any]]:
    """The tallies that there are, by day."""
    query = select(_days.c.day, _days.c.tally).where(_days.c.of == of, _days.c.day >= since)
    query = query.where(_told_as_now)
    return {each.day: each.tally for each in db.session.execute(query)}


def known(since: date) -> set[tuple[str, date]]:
    """Which there are, without reading any."""
    query = select(_days.c.of, _days.c.day).where(_days.c.day >= since, _told_as_now)
    return {(of, day) for of, day in db.session.execute(query)}


def every() -> Iterator[tuple[str, date, list[Any]]]:
    """All that are kept, a few at a time."""
    query = select(_days.c.of, _days.c.day, _days.c.tally).where(_told_as_now)
    query = query.order_by(_days.c.day, _days.c.of)
    yield from db.session.execute(query.execution_options(yield_per=50))


def keep(of: str, day: date, tally: list[Any]) -> None:
    """Two workers may have counted it at the same moment, and came to the same."""
    insert = upsert(DayRow).values(of=of, day=day, tally=tally)
    keys = ("of", "day")
    db.session.execute(insert.on_conflict_do_update(index_elements=keys, set_={"tally": tally}))


def forget(of: str, began: Iterable[datetime]) -> None:
    """Have the days counted anew on which something began."""
    gone = _days.delete().where(_days.c.of == of, _days.c.day.in_({at.date() for at in began}))
    db.session.connection().execute(gone)
