"""The desk's inbox: which leads stand in each of its views, in what order, and how many."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, literal, or_, select

from webapp.core import search
from webapp.store import lead_words
from webapp.store.counts import count_some
from webapp.store.database import Instant, db
from webapp.store.handoffs import WORKING, HandoffRow

LISTED = 50
MOST_LOOKED_THROUGH = 10_000
"""Closed leads through which a search goes that very many fit. Those it does not list it finds
among so many even if it is one in two hundred."""
GLIMPSED = ("id", "updated_at", "respond_by", "contacted_at", "closed_at")


def glimpsed(
    view: str,
    me: str,
    teams: Sequence[str] | None,
    *,
    q: str = "",
    now: datetime,
) -> list[Any]:
    """One view of the inbox: ``mine``, ``unassigned``, ``all``, ``snoozed`` or ``closed``. Of each
    lead no more than tells whether anything about it is another than before: not its record, which
    is long.

    Open leads come by deadline, soonest first, those whose clock has stopped after them; closed
    ones newest first. ``teams`` None sees every team's. ``q`` are beginnings of words in name,
    company and e-mail; all must be found, and what is snoozed is found with the rest.
    """
    chosen, order = _chosen(view, me, teams, q, now)
    columns = (getattr(HandoffRow, name) for name in GLIMPSED)
    return list(db.session.execute(select(*columns).where(chosen).order_by(*order)))


def whole(glimpses: Sequence[Any]) -> list[HandoffRow]:
    """What was glimpsed, in its order, with all there is of it."""
    query = select(HandoffRow).where(HandoffRow.id.in_([each.id for each in glimpses]))
    found = {row.id: row for row in db.session.scalars(query)}
    return [found[each.id] for each in glimpses if each.id in found]


def _chosen(
    view: str, me: str, teams: Sequence[str] | None, q: str, now: datetime
) -> tuple[ColumnElement[bool], tuple[Any, ...]]:
    """Which are listed, and in what order."""
    query = _visible(select(HandoffRow.id), view, me, teams, now, searched=bool(q.strip()))
    if q.strip():
        terms = search.terms(q)
        if not terms:
            return false(), ()
        rare = lead_words.rare(terms)
        query = query.where(lead_words.found(terms, HandoffRow.lead_id, rare=rare))
        if view == "closed" and rare is None:
            query = query.where(HandoffRow.closed_at >= _looked_back())
    stopped = HandoffRow.contacted_at.is_not(None)
    order: tuple[Any, ...] = (stopped, HandoffRow.respond_by, HandoffRow.id)
    if view == "closed":
        order = (HandoffRow.closed_at.desc(), HandoffRow.id.desc())
    # By id first, or SQLite drags every record there is through its sorting.
    return HandoffRow.id.in_(query.order_by(*order).limit(LISTED)), order


def looks_back_only_so_far(view: str, q: str) -> bool:
    """Whether so many fit a search that only the newest are looked through for them."""
    terms = search.terms(q)
    return view == "closed" and bool(terms) and lead_words.rare(terms) is None


def _looked_back() -> ColumnElement[datetime]:
    """Since when the newest ``MOST_LOOKED_THROUGH`` were closed."""
    last = select(HandoffRow.closed_at).where(HandoffRow.closed_at.is_not(None))
    last = last.order_by(HandoffRow.closed_at.desc()).offset(MOST_LOOKED_THROUGH).limit(1)
    return func.coalesce(last.scalar_subquery(), literal(datetime.min.replace(tzinfo=UTC), Instant))


def counts(me: str, teams: Sequence[str] | None, *, now: datetime) -> dict[str, int]:
    """How many leads each view of the inbox holds, as ``count_some`` counts."""
    views = ("mine", "unassigned", "all", "snoozed", "closed")
    held = count_some(*(_visible(select(HandoffRow.id), view, me, teams, now) for view in views))
    return dict(zip(views, held, strict=True))


def _visible(
    query: Select[Any],
    view: str,
    me: str,
    teams: Sequence[str] | None,
    now: datetime,
    *,
    searched: bool = False,
) -> Select[Any]:
    if view == "closed":
        query = query.where(HandoffRow.closed_at.is_not(None))
    else:
        query = query.where(HandoffRow.status.in_(WORKING))
    if view == "snoozed":
        query = query.where(HandoffRow.snoozed_until > now)
    elif view != "closed" and not searched:
        awake = or_(HandoffRow.snoozed_until.is_(None), HandoffRow.snoozed_until <= now)
        query = query.where(awake)
    if view == "mine":
        return query.where(HandoffRow.owner_email == me)
    if view == "unassigned":
        query = query.where(HandoffRow.owner_email.is_(None))
    if teams is not None:
        query = query.where(or_(HandoffRow.owner_email == me, HandoffRow.team.in_(teams)))
    return query
