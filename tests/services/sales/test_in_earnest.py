"""Somebody was sent the link of a test by mistake; a rep notices, and they are a lead like any
other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague, somebody_listens
from webapp.services.operations.verification import verify
from webapp.services.people import suppression
from webapp.services.sales import calls, handoffs, in_earnest, meetings
from webapp.services.sales.handoff_access import NotYours
from webapp.store import reports
from webapp.store.assignments import TurnsRow
from webapp.store.audit import AuditRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow

ON_THE_PHONE = {
    "challenge": "Quotes take a week.",
    "committee": ["it"],
    "objections": "None.",
    "timeline": "quarter",
    "call_verdict": "pursue",
    "why_serious": "A week per quote costs them orders.",
}
LATER = FRIDAY + timedelta(hours=2)
TODAY = [(FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=1))]


@pytest.fixture
def test(prospect: Prospect) -> HandoffRow:
    return asks_for_a_demo(prospect, "mei", test=True)


@pytest.fixture
def whose(test: HandoffRow) -> StaffRow:
    assert test.owner_email
    return colleague(test.owner_email)


def turns() -> int:
    return db.session.scalar(select(func.sum(TurnsRow.assigned))) or 0


def told_of(row: HandoffRow) -> list[tuple[str, str | None]]:
    query = select(DeliveryRow).where(DeliveryRow.handoff_id == row.id).order_by(DeliveryRow.id)
    return [(each.event, each.recipient) for each in db.session.scalars(query)]


def verdict_of(row: HandoffRow) -> Any:
    return {**row.record.record["verdict"], "lines": row.record.record["score_lines"]}


def test_who_was_sent_a_test_by_mistake_is_the_lead_they_would_have_been(
    test: HandoffRow, whose: StaffRow, another_prospect: Callable[[], Prospect]
) -> None:
    real = asks_for_a_demo(another_prospect(), "tom")
    assert (turns(), told_of(test)) == (1, [])
    assert [row.id for row, _ in reports.handoffs(TODAY)] == [real.id]

    assert in_earnest.take(test.id, whose, now=LATER) is test

    db.session.expire_all()
    assert verdict_of(test) == verdict_of(real)
    assert test.status == "assigned"
    assert test.respond_by == LATER + timedelta(minutes=15)
    assert (turns(), told_of(test)) == (2, [("handoff.created", test.owner_email)])
    assert db.session.get_one(LeadRow, test.lead_id).owner_email == test.owner_email
    assert {row.id for row, _ in reports.handoffs(TODAY)} == {real.id, test.id}
    assert len(list(reports.conversations(TODAY))) == 2
    assert not db.session.get_one(ConversationRow, test.conversation_id).test
    assert not test.record.record["test"]
    assert verify().problems == []


def test_a_test_that_was_sent_back_becomes_one_lead_by_two_clicks(test: HandoffRow) -> None:
    manager = colleague("maja@example.com", "manager")
    handoffs.reject(test.id, manager, reason="spam", now=LATER)
    somebody_listens("handoff.created")
    for minutes in (1, 2):
        in_earnest.take(test.id, manager, now=LATER + timedelta(minutes=minutes))
    assert (test.status, test.closed_at, turns()) == ("assigned", None, 1)
    assert len(told_of(test)) == 2, "the program and the owner"
    assert db.session.scalar(select(func.count()).select_from(RecordRow)) == 2
    lines = select(AuditRow.actor, AuditRow.subject).where(AuditRow.action == "handoff.made_real")
    assert db.session.execute(lines).all() == [(manager.id, test.id)]


def test_a_colleague_cannot_make_a_lead_of_somebody_elses_test(test: HandoffRow) -> None:
    with pytest.raises(NotYours):
        in_earnest.take(test.id, colleague("lena@example.com"), now=LATER)
    assert (test.test, turns(), told_of(test)) == (True, 0, [])


def test_a_rep_who_called_them_already_keeps_them_and_what_the_call_brought(
    test: HandoffRow, whose: StaffRow
) -> None:
    calls.start(test.id, whose, now=FRIDAY + timedelta(minutes=30))
    for question, value in ON_THE_PHONE.items():
        calls.answer(test.id, whose, question=question, value=value, seen=0, now=LATER)
    calls.finish(test.id, whose, next_step="Send it", next_step_at=LATER, now=LATER)
    began = test.created_at

    in_earnest.take(test.id, whose, now=LATER)

    db.session.expire_all()
    assert (test.status, test.owner_email, test.created_at) == ("contacted", whose.email, began)
    assert (test.record.depth, test.record.test, test.test) == ("call_qualified", False, False)
    assert told_of(test) == [("handoff.created", whose.email)]
    assert verify().problems == []


def test_a_call_that_was_agreed_stays_and_reaches_the_calendars(
    test: HandoffRow, whose: StaffRow
) -> None:
    token = meetings.token(test.id)
    slot = meetings.offer(token, now=LATER).slots[0]
    meetings.book(token, slot, "Europe/Berlin", now=LATER)
    ends, owner = test.respond_by, test.owner_email

    in_earnest.take(test.id, whose, now=LATER)

    assert (test.respond_by, test.owner_email) == (ends, owner)
    assert sorted(told_of(test)) == [
        ("handoff.created", owner), ("meeting", owner), ("meeting", "mei@mei.example"),
    ]  # fmt: skip


def test_whoever_asked_to_be_left_alone_is_left_alone(test: HandoffRow) -> None:
    manager = colleague("maja@example.com", "manager")
    suppression.add("mei@mei.example", manager, reason="asked", now=LATER)
    in_earnest.take(test.id, manager, now=LATER)
    assert (test.status, test.test, turns(), told_of(test)) == ("suppressed", False, 0, [])
