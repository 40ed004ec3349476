"""What the reports read: newest first, some rows at a time, never the whole past."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.records import RecordRow

MOST_ROWS = 20_000
MOST_JUDGED = 2_000
"""Records are long, and more of them would hardly move a suggestion."""


def starts(since: datetime) -> list[tuple[str, int, int]]:
    """Each flow, how many real conversations began since an instant, and how many finished."""
    counted = (
        select(ConversationRow.flow, func.count(), func.count(ConversationRow.finished_at))
        .where(_real(since))
        .group_by(ConversationRow.flow)
        .order_by(ConversationRow.flow)
    )
    return [(flow, begun, finished) for flow, begun, finished in db.session.execute(counted)]


def paths(since: datetime, flow: str) -> Iterator[Any]:
    """What was put and answered in real conversations of a flow."""
    yield from _newest(
        select(
            ConversationRow.put,
            ConversationRow.answers,
            ConversationRow.waiting_for,
            ConversationRow.finished_at,
        ).where(_real(since), ConversationRow.flow == flow)
    )


def sources(since: datetime) -> Iterator[Any]:
    """Where those in real conversations came from, and their tier."""
    yield from _newest(select(ConversationRow.source, ConversationRow.tier).where(_real(since)))


def _newest(query: Select[Any]) -> Iterator[Any]:
    newest = query.order_by(ConversationRow.started_at.desc()).limit(MOST_ROWS)
    yield from db.session.execute(newest.execution_options(yield_per=500))


def _real(since: datetime) -> ColumnElement[bool]:
    """No tests and no spam."""
    return and_(ConversationRow.started_at >= since, ~ConversationRow.test, ~ConversationRow.spam)


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


def judged(since: datetime) -> Iterator[Any]:
    """The newest records of which sales knows the end."""
    query = (
        select(RecordRow.record, HandoffRow.status)
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
