"""A meeting as calendars take it (RFC 5545 and 5546): one event, asked for or called off."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from webapp.delivery.mail import one_line

_OCTETS = 73


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """``sequence`` rises with every change; calendars keep the highest of one ``uid``."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    text: str
    organizer: str
    attendee: str | None
    cancelled: bool
    at: datetime

    @property
    def method(self) -> str:
        return "CANCEL" if self.cancelled else "REQUEST"


def ics(meeting: Invitation) -> str:
    """The calendar file of one meeting."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Baton//Meetings//EN",
        f"METHOD:{meeting.method}",
        "BEGIN:VEVENT",
        f"UID:{meeting.uid}@baton",
        f"SEQUENCE:{meeting.sequence}",
        f"DTSTAMP:{_instant(meeting.at)}",
        f"DTSTART:{_instant(meeting.starts_at)}",
        f"DTEND:{_instant(meeting.ends_at)}",
        f"SUMMARY:{_text(one_line(meeting.title))}",
        f"DESCRIPTION:{_text(meeting.text)}",
        f"ORGANIZER:{_mailto(meeting.organizer)}",
        f"STATUS:{'CANCELLED' if meeting.cancelled else 'CONFIRMED'}",
    ]
    if meeting.attendee:
        lines.append(f"ATTENDEE;RSVP=FALSE:{_mailto(meeting.attendee)}")
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _mailto(address: str) -> str:
    """An address may hold ``?`` and ``&``, which in a link would add recipients and words."""
    return f"mailto:{quote(one_line(address, 320), safe='@+')}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    for letter in "\\;,":
        words = words.replace(letter, f"\\{letter}")
    return words.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, none of which ends in the middle of a letter."""
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _OCTETS:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces)
