"""What visitors do on a site: recorded once each, whatever the page sends again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.core.signals import VISIT_GAP
from webapp.core.values import clean
from webapp.store import visitors
from webapp.store.database import db, new_id, one_commit, upsert
from webapp.store.sites import SiteRow
from webapp.store.visitors import EventRow, VisitorRow

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
        rows = [_row(site, who, each, now) for each in happened]
        kept = _insert_new(rows)
        for row in sorted(kept, key=lambda row: row["at"]):
            _count(who, row)
    return len(kept)


def known_visitor(site: SiteRow, key: str, *, now: datetime) -> VisitorRow | None:
    """The visitor with this key on this site, if it was ever seen."""
    return visitors.by_key(site.id, clean(key)[:100])


def visitor(site: SiteRow, key: str, *, now: datetime) -> VisitorRow:
    """The same, made if new. Commits nothing."""
    key = clean(key)[:100]
    return known_visitor(site, key, now=now) or visitors.make(
        {
            "id": new_id(now),
            "site_id": site.id,
            "key": key,
            "first_seen": now,
            "last_seen": now,
            "visits": 0,
            "first_touch": {},
            "last_touch": {},
        }
    )


def _row(site: SiteRow, who: VisitorRow, happened: Happened, now: datetime) -> dict[str, Any]:
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


def _insert_new(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    # The rows stand beside the statement and not in it: so it is written only once for all batches.
    insert = upsert(EventRow).on_conflict_do_nothing().returning(EventRow.event_id)
    new = set(db.session.connection().scalars(insert, rows))
    return [row for row in rows if row["event_id"] in new]


def _count(who: VisitorRow, row: Mapping[str, Any]) -> None:
    if who.visits == 0 or row["at"] - who.last_seen >= VISIT_GAP:
        who.visits += 1
    touch = {name: row[name] for name in visitors.TOUCH if row[name]}
    if touch:
        touch["at"] = row["at"].isoformat()
        who.first_touch = who.first_touch or touch
        who.last_touch = touch
    who.last_seen = max(who.last_seen, row["at"])
