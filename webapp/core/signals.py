"""What the visitor did, and how the playbook's patterns turn it into signals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from webapp.core.playbook import Playbook, Signal

VISIT_GAP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on the site.

    ``at`` is when it happened, ``received`` when we heard of it (None: at once). Two events are
    the same one when their ids are equal or, without ids, every field is.
    """

    at: datetime
    event: str = "page_view"
    id: str | None = None
    page: str | None = None
    title: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    referrer_host: str | None = None
    received: datetime | None = None


@lru_cache(maxsize=4096)
def page_path(page: str) -> str:
    """What page patterns look at: the path alone, case-folded, without a trailing slash."""
    path = urlsplit(page).path if "://" in page else page.split("#")[0].split("?")[0]
    return path.casefold().rstrip("/") or "/"


def page_matches(pattern: str, path: str) -> bool:
    """Whether a pattern holds a path (see ``page_path``); ``*`` is any run of characters.

    Piece by piece instead of a regular expression, so that no pattern can be slow.
    """
    first, *rest = page_path(pattern).split("*")
    if not rest:
        return path == first
    if not path.startswith(first):
        return False
    *middle, last = rest
    at = len(first)
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return path.endswith(last) and len(path) - len(last) >= at


@lru_cache(maxsize=4096)
def _is_among(page: str, patterns: tuple[str, ...]) -> bool:
    path = page_path(page)
    return any(page_matches(pattern, path) for pattern in patterns)


def recognises(signal: Signal, event: Event) -> bool:
    """Whether one event is an occurrence of a signal (visits are counted apart)."""
    if event.event != signal.event:
        return False
    if signal.pages and (event.page is None or not _is_among(event.page, signal.pages)):
        return False
    for name, wanted in signal.utm.items():
        if (getattr(event, name) or "").casefold() != wanted.casefold():
            return False
    return True


class Sightings:
    """Every signal's occurrences up to an instant, in order of time. Worked out when first read."""

    def __init__(self, playbook: Playbook, events: Collection[Event], now: datetime) -> None:
        self._playbook = playbook
        self._sent = events
        self.now = now
        self._events: tuple[Event, ...] | None = None
        self._times: dict[str, tuple[datetime, ...]] = {}
        self._last: datetime | None = None

    def at(self, now: datetime) -> "Sightings":
        """The same from another instant."""
        other = Sightings(self._playbook, self._sent, now)
        if self._sent:
            if self._last is None:
                self._last = max(max(event.at, event.received or event.at) for event in self._sent)
            other._last = self._last
            if self._last <= min(self.now, now):  # and so the same had happened by either
                other._events, other._times = self._events, self._times
        return other

    @property
    def events(self) -> tuple[Event, ...]:
        """What had happened and been heard of, without repeats, oldest first."""
        if self._events is None:
            kept: dict[object, Event] = {}
            for event in self._sent:
                if event.at <= self.now and (event.received or event.at) <= self.now:
                    kept.setdefault(event.id or _fields(event), event)
            self._events = tuple(sorted(kept.values(), key=lambda event: event.at))
        return self._events

    @property
    def visits(self) -> tuple[datetime, ...]:
        """When each visit began. A gap of thirty minutes or more starts a new one."""
        starts: list[datetime] = []
        last: datetime | None = None
        for event in self.events:
            if last is None or event.at - last >= VISIT_GAP:
                starts.append(event.at)
            last = event.at
        return tuple(starts)

    def times(self, signal_id: str, within: timedelta | None = None) -> tuple[datetime, ...]:
        """When the signal was seen, oldest first; exactly ``within`` old still counts."""
        if not self._sent:
            return ()
        found = self._times.get(signal_id)
        if found is None:
            found = self._times[signal_id] = self._find(self._playbook.signals[signal_id])
        if within is None:
            return found
        return tuple(at for at in found if self.now - at <= within)

    def count(self, signal_id: str, within: timedelta | None = None) -> int:
        return len(self.times(signal_id, within))

    def _find(self, signal: Signal) -> tuple[datetime, ...]:
        if signal.visit:
            return self.visits if signal.visit == "every" else self.visits[1:]
        return tuple(event.at for event in self.events if recognises(signal, event))


def _fields(event: Event) -> tuple[object, ...]:
    return (
        event.at,
        event.event,
        event.page,
        event.title,
        event.utm_source,
        event.utm_medium,
        event.utm_campaign,
        event.referrer_host,
    )
