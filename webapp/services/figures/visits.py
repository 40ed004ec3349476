"""What visitors do on a site: recorded once each, whatever the page sends again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.core.signals import VISIT_GAP
from webapp.core.values import clean
from webapp.store import visitors
from webapp.store.database import new_id, one_commit
from webapp.store.sites import SiteRow
from webapp.store.visitors import Visitor

MOST_AT_ONCE = 100
LATE = timedelta(days=7)
"""A clock that is further off than this is wrong: the event counts as of when it came."""
SOON = timedelta(minutes=5)
_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event as a page sent it, its ``id`` made there."""

    id: str
    event: str = "page_view"
    page: str | None = None
    title: str | None = None
    at: datetime | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    referrer_host: str | None = None


def record(site: SiteRow, visitor_key: str, happened: Sequence[Happened], *, now: datetime) -> int:
    """Keep what is new of these events; say how many that were. An event sent twice is one."""
    happened = happened[:MOST_AT_ONCE]
    with one_commit("visits.record"):
        who = visitor(site, visitor_key, now=now)
        kept = visitors.keep_new([_row(site, who, each, now) for each in happened])
        visitors.change(who.id, _counted(who, sorted(kept, key=lambda row: row["at"])))
    return len(kept)


def known_visitor(site: SiteRow, key: str, *, now: datetime) -> Visitor | None:
    """The visitor with this key on this site, if it was ever seen."""
    return visitors.by_key(site.id, clean(key)[:100])


def visitor(site: SiteRow, key: str, *, now: datetime) -> Visitor:
    """The same, made if new. Commits nothing."""
    found = known_visitor(site, key, now=now)
    if found is None:
        new = {
            "id": new_id(now),
            "site_id": site.id,
            "key": clean(key)[:100],
            "first_seen": now,
            "last_seen": now,
            "visits": 0,
            "first_touch": {},
            "last_touch": {},
        }
        found = visitors.make(new) or known_visitor(site, key, now=now)
    assert found is not None
    return found


def _row(site: SiteRow, who: Visitor, happened: Happened, now: datetime) -> dict[str, Any]:
    at = happened.at or now
    if not now - LATE <= at <= now + SOON:
        at = now
    return {
        "site_id": site.id,
        "event_id": clean(happened.id)[:100],
        "visitor_id": who.id,
        "event": clean(happened.event)[:100],
        "at": min(at, now),
        "received_at": now,
        **{
            name: (clean(text)[:_LONGEST] if (text := getattr(happened, name)) else None)
            for name in ("page", "title", *visitors.TOUCH)
        },
    }


def _counted(who: Visitor, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is known of the visitor otherwise after these events, oldest first. What stays as it was
    is left alone: others, taken in at the same moment, may tell it."""
    visits, last_seen = who.visits, who.last_seen
    first_touch, last_touch = who.first_touch, who.last_touch
    for row in rows:
        if visits == 0 or row["at"] - last_seen >= VISIT_GAP:
            visits += 1
        touch = {name: row[name] for name in visitors.TOUCH if row[name]}
        if touch:
            last_touch = touch | {"at": row["at"].isoformat()}
            first_touch = first_touch or last_touch
        last_seen = max(last_seen, row["at"])
    known = {
        "visits": visits,
        "last_seen": last_seen,
        "first_touch": first_touch,
        "last_touch": last_touch,
    }
    return {name: value for name, value in known.items() if value != getattr(who, name)}
