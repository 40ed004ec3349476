"""What a calendar file says somebody is busy with, run as a program of its own by ``busy``."""

import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar.cal import Component

Span = tuple[datetime, datetime]

A_DAY = timedelta(days=1)
MOST_SPANS = 2_000
MOST_MEMORY = 512 * 1024 * 1024
TOO_MUCH = 3
"""The exit status where that memory did not suffice, or nobody could be busy so often."""


def busy_spans(
    text: bytes, since: datetime, until: datetime, zone: ZoneInfo, reader: str
) -> list[Span]:
    """The times between two instants at which the owner is busy, in order, overlapping ones as one.

    ``zone`` is where whole days and times without a zone happen. ``reader`` is the owner's address:
    what they declined does not count.

    Raises: whatever the libraries make of a text that is no calendar.
    """
    # Both take a while to load, which nobody without a calendar should wait for.
    import recurring_ical_events
    from icalendar import Calendar

    if not text.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise ValueError("It is no calendar, or not all of one.")
    found: list[Span] = []
    for calendar in Calendar.from_ical(text, multiple=True):
        # An event without a beginning would spoil all the others.
        calendar.subcomponents = [
            each for each in calendar.subcomponents if each.name != "VEVENT" or "DTSTART" in each
        ]
        # A day more on either side: a whole day begins and ends elsewhere in another zone.
        repeated = recurring_ical_events.of(calendar, skip_bad_series=True)
        found += (
            _instants(event["DTSTART"].dt, event["DTEND"].dt, zone)
            for event in repeated.between(since - A_DAY, until + A_DAY)
            if _blocks(event, reader)
        )
        found += _said_busy(calendar, zone)
    return _joined((max(start, since), min(end, until)) for start, end in found)


def _blocks(event: "Component", reader: str) -> bool:
    """Cancelled and transparent events block nothing, nor do those that the owner declined. Baton's
    own meetings are known before any calendar hears of a change to them."""
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("UID", "")).endswith("@baton"):
        return False
    invited = event.get("ATTENDEE", [])
    return not any(
        str(each).lower() == f"mailto:{reader}" and each.params.get("PARTSTAT") == "DECLINED"
        for each in (invited if isinstance(invited, list) else [invited])
    )


def _said_busy(calendar: "Component", zone: ZoneInfo) -> Iterator[Span]:
    """What servers publish that show when somebody is busy and not with what."""
    for component in calendar.walk("VFREEBUSY"):
        told = component.get("FREEBUSY", [])
        for periods in told if isinstance(told, list) else [told]:
            if str(periods.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield _instants(periods.start, periods.end, zone)


def _instants(start: date, end: date, zone: ZoneInfo) -> Span:
    return _instant(start, zone), _instant(end, zone)


def _instant(at: date, zone: ZoneInfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(each for each in spans if each[0] < each[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def main() -> int:
    """Read what is asked (a line of JSON) and the calendar from stdin; write spans to stdout."""
    asked = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    with suppress(ValueError, OSError):  # not every system bounds the memory of a program
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.nice(10)
    since, until = (datetime.fromisoformat(asked[each]) for each in ("since", "until"))
    try:
        spans = busy_spans(
            sys.stdin.buffer.read(), since, until, ZoneInfo(asked["zone"]), asked["reader"]
        )
    except MemoryError:
        return TOO_MUCH
    if len(spans) > MOST_SPANS:
        return TOO_MUCH
    json.dump([[each.isoformat() for each in span] for span in spans], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
