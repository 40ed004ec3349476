"""Visitors, who are browsers and not people, and what they did on the site."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Row,
    UniqueConstraint,
    bindparam,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.conversations import ConversationRow
from webapp.store.database import Model, Serial, db, upsert

EVENTS_READ = 1_000
"""Most events that one answer looks at, newest first: an answer must not cost more the longer
somebody has been reading the site."""


TOUCH = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")
"""What tells where somebody came from."""


class VisitorRow(Model):
    """``key`` is the random id the host page keeps for the browser. It is written and never reads
    anything back. ``lead_id`` says who last finished a conversation there."""

    __tablename__ = "visitors"
    __table_args__ = (UniqueConstraint("site_id", "key"), Index(None, "lead_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    key: Mapped[str]
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    visits: Mapped[int]
    first_touch: Mapped[dict[str, Any]]
    last_touch: Mapped[dict[str, Any]]


class EventRow(Model):
    """``event_id`` was made by the page that saw it happen; a repeat is the same event."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("site_id", "event_id"),
        Index(None, "visitor_id", "at"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    event_id: Mapped[str]
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"))
    event: Mapped[str]
    page: Mapped[str | None]
    title: Mapped[str | None]
    utm_source: Mapped[str | None]
    utm_medium: Mapped[str | None]
    utm_campaign: Mapped[str | None]
    referrer_host: Mapped[str | None]
    at: Mapped[datetime]
    received_at: Mapped[datetime]


_by_key = select(VisitorRow).where(
    VisitorRow.site_id == bindparam("site_id"), VisitorRow.key == bindparam("key")
)


def by_key(site_id: str, key: str) -> VisitorRow | None:
    return db.session.scalar(_by_key, {"site_id": site_id, "key": key})


def make(row: dict[str, Any]) -> VisitorRow:
    """A new visitor, or the one somebody else made with this key in this very moment."""
    # The row stands beside the statement and not in it: so it is written only once.
    db.session.connection().execute(upsert(VisitorRow).on_conflict_do_nothing(), [row])
    found = by_key(row["site_id"], row["key"])
    assert found is not None
    return found


_change = update(VisitorRow).where(VisitorRow.id == bindparam("of"))


def change(id: str, columns: dict[str, Any]) -> None:
    if columns:
        db.session.connection().execute(_change, {"of": id, **columns})


def keep_new(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep these events, of those sent before nothing; return the ones that are new."""
    # The rows stand beside the statement and not in it: so it is written only once for all batches.
    insert = upsert(EventRow).on_conflict_do_nothing().returning(EventRow.event_id)
    new = set(db.session.connection().scalars(insert, rows))
    return [row for row in rows if row["event_id"] in new]


def of_leads(lead_ids: Sequence[str], *, demo: bool) -> Sequence[str]:
    """The browsers in which these people finished a conversation last, of the demo or real ones."""
    talked = exists().where(
        ConversationRow.visitor_id == VisitorRow.id, ConversationRow.demo.is_(demo)
    )
    query = select(VisitorRow.id).where(VisitorRow.lead_id.in_(lead_ids), talked)
    return db.session.scalars(query).all()


_events = EventRow.__table__.c
_newest_events = select(
    _events.event_id,
    _events.event,
    _events.page,
    _events.title,
    _events.utm_source,
    _events.utm_medium,
    _events.utm_campaign,
    _events.referrer_host,
    _events.at,
    _events.received_at,
).order_by(_events.at.desc(), _events.id.desc())


def events_of(visitor_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """What the visitor did, newest first, as plain rows: this runs for every answer."""
    return db.session.execute(
        _newest_events.where(_events.visitor_id == visitor_id).limit(EVENTS_READ)
    ).all()
