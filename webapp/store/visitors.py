"""Visitors, who are browsers and not people, and what they did on the site."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    Text,
    UniqueConstraint,
    bindparam,
    column,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from webapp.store.conversations import ConversationRow
from webapp.store.database import Instant, Model, Serial, db, upsert

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


Visitor = VisitorRow | Row[*tuple[Any, ...]]
"""One as it was read: with its table's class, or plain where every page view reads it."""


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


_by_key = select(VisitorRow.__table__).where(
    VisitorRow.site_id == bindparam("site_id"), VisitorRow.key == bindparam("key")
)


def by_key(site_id: str, key: str) -> Visitor | None:
    found = db.session.connection().execute(_by_key, {"site_id": site_id, "key": key})
    return found.one_or_none()


def make(row: dict[str, Any]) -> Visitor | None:
    """A new visitor; None where somebody else made one with this key in this very moment."""
    # The row stands beside the statement and not in it: so it is written only once.
    new = upsert(VisitorRow).on_conflict_do_nothing().returning(VisitorRow.__table__)
    return db.session.connection().execute(new, [row]).one_or_none()


_change = update(VisitorRow).where(VisitorRow.id == bindparam("of"))


def change(id: str, columns: dict[str, Any]) -> None:
    if columns:
        db.session.connection().execute(_change, {"of": id, **columns})


def _type(told: ColumnElement[Any]) -> TypeEngine[Any]:
    """A column that refers to another's has no type of its own before all tables are known."""
    return told.type if isinstance(told.type, Instant) else Text()


_events = EventRow.__table__.c
_told = [each for each in _events if each.name != "id"]
_in_one_text = (
    func.json_to_recordset(bindparam("rows", type_=postgresql.JSON))
    .table_valued(*(column(each.name, _type(each)) for each in _told))
    .render_derived(with_types=True)
)
_keep_text = (
    postgresql.insert(EventRow)
    .from_select(_told, select(_in_one_text))
    .on_conflict_do_nothing()
    .returning(_events.event_id)
)


def keep_new(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep these events, of those sent before nothing; return the ones that are new."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        # A statement with a parameter for each value is so long that psycopg takes it apart anew
        # every time: a third of what a batch cost.
        text = [{name: _plain(value) for name, value in row.items()} for row in rows]
        new = set(connection.scalars(_keep_text, {"rows": text}))
    else:
        # The rows stand beside the statement and not in it: so it is written only once.
        insert = upsert(EventRow).on_conflict_do_nothing().returning(_events.event_id)
        new = set(connection.scalars(insert, rows))
    return [row for row in rows if row["event_id"] in new]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def of_leads(lead_ids: Sequence[str], *, demo: bool) -> Sequence[str]:
    """The browsers in which these people finished a conversation last, of the demo or real ones."""
    talked = exists().where(
        ConversationRow.visitor_id == VisitorRow.id, ConversationRow.demo.is_(demo)
    )
    query = select(VisitorRow.id).where(VisitorRow.lead_id.in_(lead_ids), talked)
    return db.session.scalars(query).all()


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
