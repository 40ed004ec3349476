"""What the reports read: newest first, some rows at a time, never the whole past."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.records import RecordRow

MOST_ROWS = 20_000


def conversations(since: datetime, *, flow: str | None = None) -> Iterator[Any]:
    """Real conversations begun since an instant (no tests, no demo, no spam)."""
    query = (
        select(
            ConversationRow.id,
            ConversationRow.flow,
            ConversationRow.put,
            ConversationRow.answers,
            ConversationRow.set_aside,
            ConversationRow.waiting_for,
            ConversationRow.finished_at,
            ConversationRow.last_at,
            ConversationRow.tier,
            ConversationRow.source,
        )
        .where(ConversationRow.started_at >= since, ~ConversationRow.test, ~ConversationRow.spam)
        .order_by(ConversationRow.started_at.desc())
        .limit(MOST_ROWS)
    )
    if flow:
        query = query.where(ConversationRow.flow == flow)
    yield from db.session.execute(query.execution_options(yield_per=500))


def handoffs(since: datetime) -> Iterator[Any]:
    query = (
        select(
            HandoffRow.id,
            HandoffRow.tier,
            HandoffRow.total,
            HandoffRow.status,
            HandoffRow.owner_email,
            HandoffRow.team,
            HandoffRow.created_at,
            HandoffRow.respond_by,
            HandoffRow.accepted_at,
            HandoffRow.contacted_at,
            HandoffRow.closed_at,
        )
        .where(HandoffRow.created_at >= since, ~HandoffRow.test)
        .order_by(HandoffRow.created_at.desc())
        .limit(MOST_ROWS)
    )
    yield from db.session.execute(query.execution_options(yield_per=500))


def rejections(since: datetime) -> Iterator[Any]:
    """Why leads were sent back or closed, and which line misled."""
    yield from db.session.execute(
        select(HandoffEventRow.what, HandoffEventRow.reason, HandoffEventRow.detail)
        .where(HandoffEventRow.what.in_(("rejected", "disqualified")), HandoffEventRow.at >= since)
        .limit(MOST_ROWS)
    )


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
