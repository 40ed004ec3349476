"""What the reports read: newest first, some rows at a time, never the whole past."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.store.conversations import ConversationRow
from webapp.store.database import db, part, seconds_between
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.records import RecordRow

MOST_ROWS = 20_000
MOST_JUDGED = 2_000
"""Records are long, and more of them would hardly move a suggestion."""


def conversations(
    spans: Iterable[tuple[datetime, datetime]], *, hold: bool = False
) -> Iterator[Any]:
    """What a tally is made of, for the real conversations that began within any of these spans:
    no tests and no spam. ``hold`` keeps everybody from changing any until this transaction ends.
    """
    began = [
        and_(ConversationRow.started_at >= first, ConversationRow.started_at < last)
        for first, last in spans
    ]
    if not began:
        return
    query = select(
        ConversationRow.flow,
        ConversationRow.put,
        ConversationRow.answers,
        ConversationRow.waiting_for,
        ConversationRow.finished_at,
        ConversationRow.source,
        ConversationRow.tier,
        or_(ConversationRow.test, ConversationRow.spam).label("aside"),
    ).where(or_(*began))
    if hold:
        query = query.with_for_update(read=True)
    else:
        query = query.order_by(ConversationRow.started_at.desc()).limit(MOST_ROWS)
    for row in db.session.execute(query.execution_options(yield_per=500)):
        if not row.aside:
            yield row


def first_conversation() -> datetime | None:
    return db.session.scalar(select(func.min(ConversationRow.started_at)))


def outcomes(since: datetime) -> list[tuple[str, str, int]]:
    """How many handoffs of each tier have come to each status."""
    counted = (
        select(HandoffRow.tier, HandoffRow.status, func.count())
        .where(HandoffRow.created_at >= since, ~HandoffRow.test)
        .group_by(HandoffRow.tier, HandoffRow.status)
    )
    return [(a, b, n) for a, b, n in db.session.execute(counted)]


def ends(since: datetime) -> list[tuple[str, bool, int]]:
    """For each source, as a tally names it: whether the handoffs of which sales knows the end were
    won, and how many were."""
    came_from = ConversationRow.source
    source = func.coalesce(
        func.nullif(came_from["utm_source"].as_string(), ""),
        func.nullif(came_from["referrer_host"].as_string(), ""),
        "direct",
    )
    won = HandoffRow.status == "won"
    counted = (
        select(source, won, func.count())
        .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        .where(HandoffRow.created_at >= since, ~HandoffRow.test)
        .where(HandoffRow.status.in_(("won", "lost", "disqualified")))
        .group_by(source, won)
    )
    return [(a, bool(b), n) for a, b, n in db.session.execute(counted)]


def won(since: datetime) -> list[Any]:
    """The newest handoffs that were won: tier, ``days`` from handoff to signature, and ``detail``
    of what the rep said last came of it, with amount and currency."""
    said_later = aliased(HandoffEventRow)
    query = (
        select(
            HandoffRow.tier,
            (seconds_between(HandoffRow.created_at, HandoffRow.closed_at) / 86_400).label("days"),
            HandoffEventRow.detail,
        )
        .join(HandoffEventRow, HandoffEventRow.handoff_id == HandoffRow.id)
        .where(HandoffRow.created_at >= since, ~HandoffRow.test, HandoffRow.status == "won")
        .where(HandoffEventRow.what == "outcome")
        .where(
            ~exists().where(
                said_later.handoff_id == HandoffRow.id,
                said_later.what == "outcome",
                said_later.id > HandoffEventRow.id,
            )
        )
        .order_by(HandoffRow.created_at.desc())
        .limit(MOST_ROWS)
    )
    return list(db.session.execute(query))


def waits(since: datetime) -> list[tuple[int | None, int, int, int]]:
    """For each number of whole minutes from handoff to first contact: how many handoffs, how many
    of them had a deadline, and how many were in time. None stands for those nobody has contacted
    yet; those closed without a word are left out."""
    minutes = func.round(seconds_between(HandoffRow.created_at, HandoffRow.contacted_at) / 60)
    due = and_(HandoffRow.respond_by.is_not(None), HandoffRow.contacted_at.is_not(None))
    counted = (
        select(
            minutes,
            func.count(),
            func.count().filter(due),
            func.count().filter(due, HandoffRow.contacted_at <= HandoffRow.respond_by),
        )
        .where(HandoffRow.created_at >= since, ~HandoffRow.test)
        .where(or_(HandoffRow.closed_at.is_(None), HandoffRow.contacted_at.is_not(None)))
        .group_by(minutes)
    )
    return [
        (None if waited is None else int(waited), *counts)
        for waited, *counts in db.session.execute(counted)
    ]


def rejections(since: datetime) -> list[tuple[str | None, str | None, int]]:
    """How often leads were sent back or closed for a reason, and because of which line."""
    line = HandoffEventRow.detail["line"].as_string()
    counted = (
        select(HandoffEventRow.reason, line, func.count())
        .where(HandoffEventRow.what.in_(("rejected", "disqualified")), HandoffEventRow.at >= since)
        .group_by(HandoffEventRow.reason, line)
    )
    return [(a, b, n) for a, b, n in db.session.execute(counted)]


def judged(since: datetime) -> Iterator[Any]:
    """The score lines of the newest records of which sales knows the end."""
    query = (
        select(part(RecordRow.record, "score_lines").label("lines"), HandoffRow.status)
        .join(HandoffRow, HandoffRow.record_id == RecordRow.id)
        .where(HandoffRow.created_at >= since, ~RecordRow.test)
        .where(HandoffRow.status.in_(("won", "lost", "disqualified")))
        .order_by(HandoffRow.created_at.desc())
        .limit(MOST_JUDGED)
    )
    yield from db.session.execute(query.execution_options(yield_per=200))


def records(since: datetime) -> Iterator[Any]:
    """The records that stand since an instant, with their inputs and what came of them."""
    later = select(RecordRow.supersedes_id).where(RecordRow.supersedes_id.is_not(None))
    query = (
        select(
            RecordRow.id,
            RecordRow.total,
            RecordRow.tier,
            RecordRow.destination,
            RecordRow.record,
            RecordRow.inputs,
            HandoffRow.status,
        )
        .outerjoin(HandoffRow, HandoffRow.record_id == RecordRow.id)
        .where(RecordRow.created_at >= since, ~RecordRow.test, RecordRow.id.not_in(later))
        .order_by(RecordRow.created_at.desc())
        .limit(MOST_ROWS)
    )
    yield from db.session.execute(query.execution_options(yield_per=200))
