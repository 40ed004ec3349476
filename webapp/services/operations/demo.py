"""The demo's own site, and what a team sees of one visitor of it. Not for real leads."""

from dataclasses import dataclass
from datetime import datetime

from webapp.core.agreed_call import AgreedCall
from webapp.core.decision import Decision
from webapp.core.signals import Event
from webapp.services.prospects.standing import events_of, standing_of
from webapp.services.sales import agreed_calls
from webapp.store import conversations, handoffs, sites, visitors
from webapp.store.database import db, new_id, one_commit, writing
from webapp.store.handoffs import HandoffRow
from webapp.store.locks import exclusive
from webapp.store.sites import SiteRow

KEY = "demo"
REP = "rita@example.com"
"""Who is given every lead of the demo: whoever tries it out signs in as her."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a visitor now. ``decision`` is None until something was said."""

    events: tuple[Event, ...]
    decision: Decision | None
    revision: int
    skin: str
    handoff: HandoffRow | None
    call: AgreedCall | None = None


def site(*, now: datetime) -> SiteRow:
    """The site whose conversations count as a demo; made when first asked for."""
    found = sites.by_key(KEY)
    if found is not None:
        return found
    with writing(), one_commit("demo.site"):
        exclusive("demo.site")
        found = sites.by_key(KEY)
        if found is None:
            found = SiteRow(
                id=new_id(now),
                key=KEY,
                name="Acme Analytics (demo)",
                origins=[],
                settings={"demo": True, "accent": "#3a3fb5"},
                created_at=now,
            )
            db.session.add(found)
    return found


def seen(site: SiteRow, visitor_key: str, *, now: datetime) -> Seen:
    """The visitor's newest conversation, decided as of now, if it is a demo."""
    visitor = visitors.by_key(site.id, visitor_key)
    if visitor is None:
        return Seen((), None, 0, "", None)
    events = events_of(visitor.id)
    row = conversations.newest_of_visitor(visitor.id)
    if row is None or not row.demo:
        return Seen(events, None, 0, "", None)
    decision = standing_of(row).decide(now)
    handoff = handoffs.of_conversation(row.id)
    call = agreed_calls.of(handoff) if handoff else None
    return Seen(events, decision, row.revision, row.skin, handoff, call)
