"""Time zones by name, as people and browsers give them."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str | None, otherwise: str = "UTC") -> ZoneInfo:
    """The time zone of this name; another where none was given, or there is none such."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the time zone files, say
        return ZoneInfo(otherwise)
