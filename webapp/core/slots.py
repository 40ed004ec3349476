"""Times at which somebody can be met: in their working hours, in whole slots, while free."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from webapp.core.playbook import Hours
from webapp.core.working_hours import open_spans

LENGTH = timedelta(minutes=30)
NOTICE = timedelta(hours=2)
AHEAD = timedelta(days=14)
OFFICE_HOURS = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
"""For teams that name no hours: nobody is met at night because nobody said when they sleep."""

Span = tuple[datetime, datetime]


def free_slots(
    now: datetime,
    hours: Hours | None,
    holidays: Collection[date],
    timezone: str,
    taken: Iterable[Span],
) -> tuple[datetime, ...]:
    """When a slot may begin from ``now`` on: not before the notice is over, on whole and half hours
    of the rep's clock, none that touches what is ``taken``."""
    hours = _named(hours, timezone)
    zone, taken = ZoneInfo(hours.timezone), tuple(taken)
    soon = takewhile(
        lambda span: span[0] < now + AHEAD,
        open_spans(now + NOTICE, hours, holidays, timezone),
    )
    return tuple(
        start
        for opens, closes in soon
        for start in _within(opens, min(closes, now + AHEAD), zone)
        if not any(start < ends and begins < start + LENGTH for begins, ends in taken)
    )


def is_free(
    slot: Span,
    hours: Hours | None,
    holidays: Collection[date],
    timezone: str,
    taken: Iterable[Span],
) -> bool:
    """Whether somebody can keep what was agreed: they work throughout it and are not ``taken``."""
    start, end = slot
    opens, closes = next(open_spans(start, _named(hours, timezone), holidays, timezone))
    works = opens == start and end <= closes
    return works and not any(start < ends and begins < end for begins, ends in taken)


def _named(hours: Hours | None, timezone: str) -> Hours:
    return hours if hours and any(hours.week.values()) else Hours(timezone, OFFICE_HOURS)


def _within(opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    local = opens.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    start = (opens + (-past % LENGTH)).astimezone(UTC)
    while start + LENGTH <= closes:
        yield start
        start += LENGTH
