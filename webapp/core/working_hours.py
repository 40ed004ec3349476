"""Time that counts: deadlines and waiting measured in a team's working hours.

A span belongs to the day it begins on, so a night shift that began before a holiday is finished.
Where a clock jumps, a span begins and ends at the first instant that shows its time or a later one.

``hours`` name their own zone; without them every hour counts, save those of ``holidays`` in
``timezone``. Hours without a single span count as none: a deadline that never comes would leave
the lead to nobody.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from webapp.core.playbook import Hours

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WHOLE_DAY = (0, 24 * 60)
ROUND_THE_CLOCK: Mapping[int, tuple[tuple[int, int], ...]] = dict.fromkeys(range(7), (WHOLE_DAY,))


def deadline(
    start: datetime,
    respond_within: timedelta,
    hours: Hours | None,
    holidays: Collection[date],
    timezone: str,
) -> datetime:
    """The instant at which ``respond_within`` of working time has passed since ``start``.

    Friday 16:30 plus one hour, with a team that stops at 17:00, is Monday 09:30. A deadline that
    uses up a span is the end of that span, not the start of the next.
    """
    left = respond_within
    for opens, closes in open_spans(start, hours, holidays, timezone):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("open_spans never ends")


def half_time(
    start: datetime,
    respond_within: timedelta,
    hours: Hours | None,
    holidays: Collection[date],
    timezone: str,
) -> datetime:
    """When to remind: half of the working time has passed."""
    return deadline(start, respond_within / 2, hours, holidays, timezone)


def elapsed(
    start: datetime, end: datetime, hours: Hours | None, holidays: Collection[date], timezone: str
) -> timedelta:
    """The working time between two instants; none when ``end`` is not later than ``start``."""
    total = timedelta()
    for opens, closes in open_spans(start, hours, holidays, timezone):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    raise AssertionError("open_spans never ends")


def is_open(at: datetime, hours: Hours | None, holidays: Collection[date], timezone: str) -> bool:
    """Whether somebody works at this instant."""
    return next_open(at, hours, holidays, timezone) == at


def next_open(
    at: datetime, hours: Hours | None, holidays: Collection[date], timezone: str
) -> datetime:
    """This instant if somebody works, else the next at which somebody does."""
    return next(open_spans(at, hours, holidays, timezone))[0]


def open_spans(
    start: datetime, hours: Hours | None, holidays: Collection[date], timezone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Working time from ``start`` on, as UTC instants: apart, in order, without end.

    The first span is cut to begin at ``start``.
    """
    zone = ZoneInfo(hours.timezone if hours else timezone)
    week = hours.week if hours and any(hours.week.values()) else ROUND_THE_CLOCK
    counted = start.astimezone(UTC)
    # A span that still runs may have begun a local day and its 24 hours earlier.
    day = start.astimezone(zone).date() - 2 * DAY
    while True:
        if day not in holidays:
            for begins, ends in sorted(week.get(day.weekday(), ())):
                overnight = ends <= begins
                opens = max(counted, _instant(day, begins, zone))
                closes = _instant(day + DAY if overnight else day, ends, zone)
                if opens < closes:
                    yield opens, closes
                    counted = closes
        day += DAY


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first instant of that day whose clock there shows so many minutes, or more."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # The clock skipped this time: look for the jump, which lies between both readings of it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + ((after - before) / 2 // SECOND) * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
