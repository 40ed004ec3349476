"""Time zones by name, as people and browsers give them; and how long something lasts, for staff."""

from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

YEARS = range(1970, 2200)
"""That somebody may mean. At the ends of the calendar an instant cannot be said in another zone."""


def zone(name: str | None, otherwise: str = "UTC") -> ZoneInfo:
    """The time zone of this name; another where none was given, or there is none such."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the time zone files, say
        return ZoneInfo(otherwise)


def span(length: timedelta) -> str:
    """A length of time in its largest unit, rounded down: "4 s", "4 min", "3 h", "2 days"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
