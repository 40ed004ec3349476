"""Deadlines that draw near or pass: the rep hears at half of the working time, the lead of the team
when it is over. First contact stops both; opening or accepting a case does not. A deadline that was
set anew, as by a call that was agreed, is reminded of and missed anew."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from webapp.services.receivers import outbox
from webapp.services.sales import agreed_calls
from webapp.store import handoffs
from webapp.store.database import db, one_commit, reading
from webapp.store.handoffs import HandoffRow

UNTOUCHED = ("waiting", "assigned", "accepted")
AT_ONCE = 50
_IN_EARNEST = (HandoffRow.test.is_(False), HandoffRow.demo.is_(False))


def remind(*, now: datetime) -> int:
    """Remind reps of leads they have not accepted with half the time gone. One commit."""
    due = and_(
        HandoffRow.status == "assigned",
        HandoffRow.remind_at <= now,
        or_(HandoffRow.reminded_at.is_(None), HandoffRow.reminded_at < HandoffRow.remind_at),
        *_IN_EARNEST,
    )
    if not _any(due):
        return 0
    with one_commit("reminders.remind"):
        rows = _some(due)
        for row in rows:
            row.reminded_at = now
            assert row.owner_email
            _tell(row, "handoff.reminder", [row.owner_email], now)
    return len(rows)


def escalate(*, now: datetime) -> int:
    """Tell the lead of the team, and the rep, of a deadline that passed without contact. Without a
    lead, the administrators. One commit."""
    due = and_(
        HandoffRow.status.in_(UNTOUCHED),
        HandoffRow.respond_by <= now,
        or_(HandoffRow.escalated_at.is_(None), HandoffRow.escalated_at < HandoffRow.respond_by),
        *_IN_EARNEST,
    )
    if not _any(due):
        return 0
    with one_commit("reminders.escalate"):
        rows = _some(due)
        for row in rows:
            row.escalated_at = now
            lead = outbox.lead_of(row)
            above = [lead] if lead else outbox.admins()
            _tell(row, "handoff.missed", [*above, *filter(None, [row.owner_email])], now)
    return len(rows)


def _any(due: ColumnElement[bool]) -> bool:
    with reading():
        return bool(db.session.scalar(select(exists().where(due))))


def _some(due: ColumnElement[bool]) -> Sequence[HandoffRow]:
    return db.session.scalars(
        select(HandoffRow)
        .where(due)
        .order_by(HandoffRow.respond_by, HandoffRow.id)
        .limit(AT_ONCE)
        .with_for_update(of=HandoffRow, skip_locked=True)
    ).all()


def _tell(row: HandoffRow, event: str, people: list[str], now: datetime) -> None:
    told = outbox.told_of(row, row.record, now, agreed_calls.of(row))
    for address in dict.fromkeys(people):
        outbox.mail_to(address, event, told, row, now=now)
    handoffs.add_event(row, event.removeprefix("handoff."), at=now, detail={"told": people})
