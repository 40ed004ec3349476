"""What visitors did in the past, in figures: days that are over are counted once, the rest when
asked for."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from webapp.core import tally
from webapp.core.tally import Tally
from webapp.store import days, reports
from webapp.store.database import one_commit, reading

A_DAY = timedelta(days=1)
STRAGGLING = timedelta(minutes=10)
"""How long after midnight nothing of the day before can still be on its way into the database."""
LOOKED_BACK = timedelta(days=366)
"""As far as any report goes."""
MOST_READ = 1_000
MOST_DAYS = 50


def past(*, since: datetime, now: datetime) -> Tally:
    """What the real conversations came to that began on the day of ``since`` or later, by UTC."""
    counted = days.counted(since.date())
    missing = [day for day in _days(since.date(), now.date()) if day not in counted]
    found = tally.tally(reports.conversations(_spans(missing)))
    for each in counted.values():
        found.update(tally.read(each))
    return found


def count_days(*, now: datetime) -> int:
    """Count days that are over, so that ``past`` need not read them: the latest first, and a few
    at a time, so that nobody has to wait for it. Returns how many."""
    with reading():
        missing = _uncounted(now)
    read = 0
    for number, day in enumerate(missing[:MOST_DAYS]):
        if read >= MOST_READ:
            return number
        with one_commit("counting.count_days"):
            found = tally.tally(reports.conversations(_spans([day]), hold=True))
            days.keep(day, tally.write(found))
        read += sum(number for (what, *_), number in found.items() if what == "begun")
    return len(missing[:MOST_DAYS])


def _uncounted(now: datetime) -> list[date]:
    first = reports.first_conversation()
    if first is None:
        return []
    last = (now - STRAGGLING - A_DAY).date()
    oldest = max(first.date(), last - LOOKED_BACK)
    counted = days.counted(oldest)
    return [day for day in _days(oldest, last) if day not in counted][::-1]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _spans(some: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """The days from first to last, those that follow each other as one."""
    spans: list[tuple[datetime, datetime]] = []
    for day in some:
        begins = datetime.combine(day, time(), UTC)
        first = spans.pop()[0] if spans and spans[-1][1] == begins else begins
        spans.append((first, begins + A_DAY))
    return spans
