"""Taking out what is not to be kept: found from the oldest on, and not by looking at what stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from sqlalchemy import CursorResult, Text, and_, delete, exists, func, or_, select
from sqlalchemy import cast as as_text
from sqlalchemy.orm import InstrumentedAttribute

from webapp.store import days
from webapp.store.access import forget_answers_about
from webapp.store.calls import CallRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.demo_messages import DemoMessageRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import WORKING, HandoffRow
from webapp.store.resume_links import ResumeLinkRow
from webapp.store.visitors import EventRow, VisitorRow

PAGE = 1_000
EVENTS_AT_ONCE = 50_000
"""Looked through by one statement, in some hundredths of a second."""
CLOCKS_DIFFER = timedelta(hours=1)

_talked = exists().where(ConversationRow.visitor_id == VisitorRow.id)


def idle_conversations(site_id: str, before: datetime, limit: int) -> Sequence[str]:
    """The ids of a site's oldest conversations in which nothing has been said since an instant, for
    the caller to remove: none that sales is working on, and none that is being answered just now.
    """
    mine = HandoffRow.conversation_id == ConversationRow.id
    called = and_(
        CallRow.conversation_id == ConversationRow.id, CallRow.handoff_id == HandoffRow.id
    )
    query = (
        select(ConversationRow.id)
        .where(
            ConversationRow.site_id == site_id,
            # Said besides, since an index leads from it to the oldest.
            ConversationRow.started_at < before,
            ConversationRow.last_at < before,
            *(~exists().where(theirs, HandoffRow.status.in_(WORKING)) for theirs in (mine, called)),
        )
        .order_by(ConversationRow.started_at)
        .limit(limit)
        .with_for_update(of=ConversationRow, skip_locked=True)
    )
    return db.session.scalars(query).all()


def addresses_of_nobody() -> Iterator[tuple[str, str, datetime]]:
    """What looks like an e-mail address and was said in a conversation that made nobody a lead:
    the id of the conversation, the address, and when."""
    looks_like_one = as_text(FactRow.value, Text).like('"%@%"')
    query = select(FactRow.conversation_id, FactRow.value, FactRow.at).where(
        FactRow.lead_id.is_(None), FactRow.conversation_id.is_not(None), looks_like_one
    )
    for id, value, at in db.session.execute(query.execution_options(yield_per=PAGE)):
        yield str(id), str(value), at


def remove_conversations(ids: Sequence[str]) -> None:
    """Remove them with what was mailed to go on with them, and have their days counted anew.

    Answers, facts, records, handoffs and deliveries go with them by themselves.
    """
    if not ids:
        return
    began = db.session.scalars(
        select(ConversationRow.started_at).where(ConversationRow.id.in_(ids))
    ).all()
    called = select(CallRow.handoff_id).where(CallRow.conversation_id.in_(ids))
    handed = db.session.execute(
        select(HandoffRow.id, HandoffRow.created_at).where(
            or_(HandoffRow.conversation_id.in_(ids), HandoffRow.id.in_(called))
        )
    ).all()
    links = select(ResumeLinkRow.secret_hash).where(ResumeLinkRow.conversation_id.in_(ids))
    mailed = DeliveryRow.id.in_(links)
    sent = or_(DeliveryRow.handoff_id.in_([each.id for each in handed]), mailed)
    shown = DemoMessageRow.id.in_(select(DeliveryRow.id).where(sent))
    db.session.execute(delete(DemoMessageRow).where(shown))
    db.session.execute(delete(DeliveryRow).where(mailed))
    forget_answers_about([*ids, *(each.id for each in handed)])
    db.session.execute(delete(ConversationRow).where(ConversationRow.id.in_(ids)))
    days.forget(days.CONVERSATIONS, began)
    days.forget(days.HANDOFFS, (each.created_at for each in handed))


def old_events(
    site_id: str, before: datetime, limit: int, *, after: int = 0
) -> tuple[Sequence[int], int]:
    """The ids of a site's oldest events, above an id, that came before an instant; and an id up to
    which there is none, to go on from another time.

    Ids are in the order in which events came, but for what the clocks of several machines differ.
    By site and time there is no index: it would make every page view dearer to take in.
    """
    oldest = select(EventRow.id, EventRow.received_at).order_by(EventRow.id).limit(1)
    # In words that no index on sites answers: that would lead through all that the site keeps.
    mine = EventRow.site_id + "" == site_id
    found = select(EventRow.id).where(mine, EventRow.received_at < before).order_by(EventRow.id)
    passed = after
    while True:
        first = db.session.execute(oldest.where(EventRow.id > after)).one_or_none()
        if first is None:
            return (), 0  # all ids may begin anew
        if first.received_at >= before:
            return (), passed
        if first.received_at < before - CLOCKS_DIFFER:
            passed = first.id - 1
        last = first.id + EVENTS_AT_ONCE
        query = found.where(EventRow.id >= first.id, EventRow.id < last).limit(limit)
        if ids := db.session.scalars(query).all():
            return ids, passed
        after = last - 1


def remove_events(ids: Sequence[int]) -> None:
    db.session.execute(delete(EventRow).where(EventRow.id.in_(ids)))


def unseen_visitors(site_id: str, before: datetime, limit: int) -> list[str]:
    """The ids of a site's oldest browsers that were not seen since an instant and of which no
    conversation is left."""
    gone = and_(VisitorRow.last_seen < before, ~_talked).label("gone")
    query = select(VisitorRow.id, VisitorRow.site_id, VisitorRow.first_seen.label("came"), gone)
    found = _oldest(query, VisitorRow.id, before)
    return list(islice((row.id for row in found if row.gone and row.site_id == site_id), limit))


def remove_visitors(ids: Sequence[str]) -> int:
    """Remove browsers with what they did, but none that began to talk meanwhile; how many went."""
    # One condition, since SQLite would go through all that is of no lead.
    nobodys = func.coalesce(FactRow.lead_id, FactRow.conversation_id).is_(None)
    db.session.execute(delete(FactRow).where(FactRow.visitor_id.in_(ids), nobodys))
    gone = db.session.execute(delete(VisitorRow).where(VisitorRow.id.in_(ids), ~_talked))
    return cast("CursorResult[Any]", gone).rowcount


def _oldest(query: Any, id: InstrumentedAttribute[Any], before: datetime) -> Iterator[Any]:
    """Rows in the order of their ids, which is that in which they ``came``, up to an instant."""
    rows = db.session.execute(query.order_by(id).limit(PAGE)).all()
    while rows:
        for row in rows:
            if row.came >= before:
                return
            yield row
        rows = db.session.execute(query.where(id > rows[-1].id).order_by(id).limit(PAGE)).all()
