"""What the reports read: newest first, some rows at a time, never the whole past."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core.tally import DECIDED
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, part
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.records import RecordRow

_records = RecordRow.__table__.c
MOST_ROWS = 20_000
AT_A_TIME = 500
Spans = Iterable[tuple[datetime, datetime]]


def conversations(spans: Spans, *, hold: bool = False, most: int | None = None) -> Iterator[Any]:
    """What a tally is made of, for the real conversations that began within any of these spans:
    no tests and no spam. ``hold`` keeps everybody from changing any until this transaction ends;
    ``most`` reads so many at most, the newest.
    """
    query = select(
        ConversationRow.flow,
        ConversationRow.started_at,
        ConversationRow.put,
        ConversationRow.answers,
        ConversationRow.waiting_for,
        ConversationRow.finished_at,
        ConversationRow.source,
        ConversationRow.tier,
        or_(ConversationRow.test, ConversationRow.spam).label("aside"),
    ).where(_within(ConversationRow.started_at, spans))
    if hold:
        query = query.with_for_update(read=True)
    for row in _newest(query, ConversationRow.started_at, most):
        if not row.aside:
            yield row


def handoffs(
    spans: Spans, *, hold: bool = False, most: int | None = None
) -> Iterator[tuple[Any, Sequence[Any]]]:
    """The same for the real handoffs made within any of these spans, each with what was said of it
    that a tally counts. ``lines`` are the score lines of those that are decided: they are long.
    """
    within = _within(HandoffRow.created_at, spans)
    if hold:
        # By itself: a row changed while we wait for it would be joined with what it had before.
        held = select(HandoffRow.id).where(within).order_by(HandoffRow.id)
        db.session.execute(held.with_for_update(read=True)).all()
    decided = HandoffRow.status.in_(DECIDED)
    query = (
        select(
            HandoffRow.id,
            HandoffRow.tier,
            HandoffRow.status,
            HandoffRow.created_at,
            HandoffRow.contacted_at,
            HandoffRow.closed_at,
            HandoffRow.respond_by,
            HandoffRow.test,
            ConversationRow.source,
            case((decided, part(RecordRow.record, "score_lines"))).label("lines"),
        )
        .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        .join(RecordRow, RecordRow.id == HandoffRow.record_id)
        .where(within)
    )
    for some in _newest(query, HandoffRow.created_at, most).partitions(AT_A_TIME):
        real = [row for row in some if not row.test]
        said = _said([row.id for row in real])
        yield from ((row, said.get(row.id, ())) for row in real)


def _said(ids: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    """By handoff: why it went back, and what it brought."""
    query = (
        select(
            HandoffEventRow.handoff_id,
            HandoffEventRow.what,
            HandoffEventRow.reason,
            HandoffEventRow.detail,
        )
        .where(HandoffEventRow.handoff_id.in_(ids))
        .order_by(HandoffEventRow.id)
    )
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(query):
        # Asked for these alone, SQLite would look for them in all that ever happened.
        if row.what in ("outcome", "rejected", "disqualified"):
            found.setdefault(row.handoff_id, []).append(row)
    return found


def _within(at: InstrumentedAttribute[datetime], spans: Spans) -> ColumnElement[bool]:
    return or_(false(), *(and_(at >= first, at < last) for first, last in spans))


def _newest(query: Select[Any], at: InstrumentedAttribute[datetime], most: int | None) -> Any:
    if most is not None:
        query = query.order_by(at.desc()).limit(most)
    return db.session.execute(query.execution_options(yield_per=AT_A_TIME))


def conversations_go_on(spans: Spans, after: int) -> bool:
    """Whether more conversations than these began within the spans."""
    return _goes_on(ConversationRow.started_at, spans, after)


def handoffs_go_on(spans: Spans, after: int) -> bool:
    """The same for handoffs that were made."""
    return _goes_on(HandoffRow.created_at, spans, after)


def _goes_on(at: InstrumentedAttribute[datetime], spans: Spans, after: int) -> bool:
    return (
        db.session.scalar(select(at).where(_within(at, spans)).offset(after).limit(1)) is not None
    )


def first_conversation() -> datetime | None:
    return db.session.scalar(select(func.min(ConversationRow.started_at)))


def records(since: datetime) -> Iterator[Any]:
    """The records that stand since an instant, with their inputs and what came of them."""
    later = select(_records.supersedes_id).where(_records.supersedes_id.is_not(None))
    query = (
        select(
            _records.id,
            _records.total,
            _records.tier,
            _records.destination,
            _records.inputs,
            HandoffRow.__table__.c.status,
        )
        .outerjoin(HandoffRow.__table__, HandoffRow.__table__.c.record_id == _records.id)
        .where(_records.created_at >= since, ~_records.test, _records.id.not_in(later))
        .order_by(_records.created_at.desc())
        .limit(MOST_ROWS)
    )
    yield from db.session.execute(query.execution_options(yield_per=AT_A_TIME))


def leads_of(records: Collection[str]) -> Mapping[str, Any]:
    """Whose these records are, as their documents say it."""
    query = select(RecordRow.id, part(RecordRow.record, "lead").label("lead")).where(
        RecordRow.id.in_(records)
    )
    return {row.id: row.lead for row in db.session.execute(query)}
