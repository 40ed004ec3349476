"""A deadline that draws near reaches the rep, one that passed the lead of the team, each once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import ONE_AT_A_TIME, THREE, asks_for_a_demo, colleague, with_teams
from webapp.services.sales import deadlines, reminders
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow

MINUTE = timedelta(minutes=1)


def told(event: str) -> list[str | None]:
    rows = db.session.scalars(select(DeliveryRow).where(DeliveryRow.event == event))
    return sorted(row.recipient or "" for row in rows)


@pytest.fixture
def handed(prospect: Prospect) -> HandoffRow:
    with_teams(THREE)
    return asks_for_a_demo(prospect, "p")


def test_the_rep_is_reminded_once_when_half_the_time_is_gone(handed: HandoffRow) -> None:
    assert handed.remind_at
    assert reminders.remind(now=handed.remind_at - MINUTE) == 0

    for _ in range(2):
        reminders.remind(now=handed.remind_at)

    assert told("handoff.reminder") == ["ana@example.com"]


def test_the_lead_of_the_team_hears_once_of_a_missed_deadline(handed: HandoffRow) -> None:
    assert handed.respond_by
    assert reminders.escalate(now=handed.respond_by - MINUTE) == 0

    for _ in range(2):
        reminders.escalate(now=handed.respond_by)

    assert told("handoff.missed") == ["ana@example.com", "lena@example.com"]


@pytest.mark.parametrize(
    ("status", "reminded", "missed"),
    [("accepted", 0, 1), ("contacted", 0, 0), ("won", 0, 0), ("rejected", 0, 0)],
)
def test_contact_ends_the_deadline_and_accepting_does_not(
    handed: HandoffRow, status: str, reminded: int, missed: int
) -> None:
    handed.status = status
    db.session.commit()

    assert reminders.remind(now=FRIDAY + timedelta(days=1)) == reminded
    assert reminders.escalate(now=FRIDAY + timedelta(days=1)) == missed


def test_a_lead_that_waits_too_long_is_escalated_too(prospect: Prospect) -> None:
    with_teams(ONE_AT_A_TIME)
    colleague("ana@example.com", away_until=FRIDAY + timedelta(days=9))
    row = asks_for_a_demo(prospect, "p")
    assert row.status == "waiting"

    assert reminders.remind(now=FRIDAY + timedelta(days=1)) == 0
    assert reminders.escalate(now=FRIDAY + timedelta(days=1)) == 1
    assert told("handoff.missed") == ["lena@example.com"]


def test_without_a_lead_of_the_team_the_administrators_hear(prospect: Prospect) -> None:
    with_teams(THREE.replace("    lead: lena@example.com\n", ""))
    colleague("root@example.com", role="admin")
    asks_for_a_demo(prospect, "p")

    reminders.escalate(now=FRIDAY + timedelta(days=1))

    assert Counter(told("handoff.missed")) == {"ana@example.com": 1, "root@example.com": 1}


def test_a_test_lead_disturbs_nobody(prospect: Prospect) -> None:
    with_teams(THREE)
    asks_for_a_demo(prospect, "p", test=True)

    assert reminders.remind(now=FRIDAY + timedelta(days=1)) == 0
    assert reminders.escalate(now=FRIDAY + timedelta(days=1)) == 0


def test_a_deadline_moves_with_the_hours_of_the_team(handed: HandoffRow) -> None:
    before = handed.respond_by
    assert before
    assert deadlines.move(now=FRIDAY) == 0, "nothing has changed yet"
    with_teams(THREE.replace("mon-fri", "mon"))

    assert deadlines.move(now=FRIDAY) == 1

    monday = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    assert handed.respond_by == monday
    assert handed.remind_at
    assert handed.remind_at < monday
    told = select(HandoffEventRow.detail).where(HandoffEventRow.what == "deadline_moved")
    assert db.session.scalar(told) == {"from": before.isoformat(), "to": monday.isoformat()}


def test_many_deadlines_move_a_few_at_a_time(
    prospect: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 2)
    with_teams(THREE)
    for who in "pqrst":
        asks_for_a_demo(prospect, who)
    with_teams(THREE.replace("mon-fri", "mon"))

    assert deadlines.move(now=FRIDAY) == 5
    assert deadlines.move(now=FRIDAY) == 0


def test_a_deadline_that_was_met_or_missed_stays(handed: HandoffRow) -> None:
    handed.status = "contacted"
    db.session.commit()
    with_teams(THREE.replace("mon-fri", "mon"))

    assert deadlines.move(now=FRIDAY) == 0
