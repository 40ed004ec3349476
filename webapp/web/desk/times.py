"""Instants as a rep reads them: how long is left, how long ago, in whose time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.core.clocks import YEARS, span, zone
from webapp.store.handoffs import HandoffRow
from webapp.store.meetings import MeetingRow

SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Due:
    """``urgency`` is ``late``, ``soon``, ``calm`` or ``done``; ``words`` say the same."""

    urgency: str
    words: str


def due(row: HandoffRow, call: MeetingRow | None, now: datetime) -> Due:
    """How a handoff stands with the call that was agreed, else with its deadline; the first contact
    stops both."""
    if row.closed_at is not None:
        return Due("done", f"closed {span(now - row.closed_at)} ago")
    if row.contacted_at is not None:
        return Due("done", "contacted")
    if call is not None and now < call.ends_at:
        ahead = call.starts_at - now
        words = f"call in {span(ahead)}" if ahead > timedelta() else "call now"
        return Due("soon" if ahead <= SOON else "calm", words)
    if row.respond_by is None:
        return Due("calm", "no deadline")
    left = row.respond_by - now
    if left < timedelta():
        return Due("late", f"overdue {span(-left)}")
    return Due("soon" if left <= SOON else "calm", f"{span(left)} left")


def clock_time(at: datetime, timezone: str) -> str:
    """ "10:48" in a time zone."""
    return f"{at.astimezone(zone(timezone)):%H:%M}"


def local(at: datetime | None, timezone: str | None) -> str:
    """ "Mon 23 Nov, 10:48" in a time zone; empty for no instant."""
    return f"{at.astimezone(zone(timezone)):%a %-d %b, %H:%M}" if at else ""


def fills_in(at: datetime | None, timezone: str | None) -> str:
    """An instant as a ``datetime-local`` field holds it; empty for none."""
    return f"{at.astimezone(zone(timezone)):%Y-%m-%dT%H:%M}" if at else ""


def instant(text: str, timezone: str | None) -> datetime | None:
    """What a ``datetime-local`` field holds, in the person's own time zone; None if it is none, or
    so far off that no page could show it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year not in YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone(timezone))
