"""A lead routed to sales is somebody's in the same commit, in turn, or waits where people look."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import (
    ONE_AT_A_TIME,
    THREE,
    answer_the_rest,
    asks_for_a_demo,
    colleague,
    with_teams,
)
from webapp.services.sales import assignment, handoffs
from webapp.store import handoffs as handoff_rows
from webapp.store import staff
from webapp.store.assignments import TurnsRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow

Another = Callable[[], Prospect]


@pytest.fixture
def another_prospect(another_prospect: Another) -> Another:
    """Each comes a minute after the one before."""
    came = count()

    def comes() -> Prospect:
        prospect = another_prospect()
        prospect.now += timedelta(minutes=next(came))
        return prospect

    return comes


def told() -> Counter[tuple[str, str | None]]:
    rows = db.session.scalars(select(DeliveryRow))
    return Counter((row.event, row.recipient) for row in rows)


def test_leads_go_round_by_weight(another_prospect: Another) -> None:
    with_teams(THREE)

    owners = [asks_for_a_demo(another_prospect(), f"p{n}").owner_email for n in range(8)]

    assert Counter(owners) == {"ana@example.com": 4, "ben@example.com": 2, "cy@example.com": 2}


def test_the_reason_of_an_assignment_is_kept(prospect: Prospect) -> None:
    with_teams(THREE)
    colleague("ben@example.com", disabled_at=FRIDAY)

    row = asks_for_a_demo(prospect, "p")

    assert row.assigned_because["by"] == "turn"
    considered = {each["who"]: each["why_not"] for each in row.assigned_because["considered"]}
    assert considered["ben@example.com"] == "account disabled"
    assert row.respond_by == prospect.now + timedelta(minutes=15)
    assert row.remind_at == prospect.now + timedelta(minutes=7, seconds=30)


def test_a_returning_contact_and_a_colleague_of_theirs_reach_the_same_rep(
    another_prospect: Another,
) -> None:
    with_teams(THREE)
    first = asks_for_a_demo(another_prospect(), "nordwind")
    others = [asks_for_a_demo(another_prospect(), f"p{n}") for n in range(2)]
    turns_before = db.session.get(TurnsRow, ("trio", first.owner_email)).assigned

    again = asks_for_a_demo(another_prospect(), "nordwind")
    row = asks_for_a_demo(another_prospect(), "q", email="other@nordwind.example")

    assert first.owner_email not in {other.owner_email for other in others[:1]}
    assert again.owner_email == row.owner_email == first.owner_email
    assert again.assigned_because["by"] == row.assigned_because["by"] == "owner"
    kept = db.session.get(TurnsRow, ("trio", first.owner_email))
    assert kept.assigned == turns_before, "an owner's lead takes no turn"


def test_with_nobody_free_a_lead_waits_and_people_hear_of_it(another_prospect: Another) -> None:
    with_teams(ONE_AT_A_TIME)
    colleague("root@example.com", role="admin")
    asks_for_a_demo(another_prospect(), "first")

    waiting = asks_for_a_demo(another_prospect(), "second")

    assert (waiting.status, waiting.team, waiting.owner_email) == ("waiting", "solo", None)
    assert told() == {
        ("handoff.created", "ana@example.com"): 1,
        ("handoff.waiting", "lena@example.com"): 1,
        ("handoff.waiting", "root@example.com"): 1,
    }


def test_the_queue_is_served_in_order_before_anybody_new(another_prospect: Another) -> None:
    with_teams(ONE_AT_A_TIME)
    held = asks_for_a_demo(another_prospect(), "first")
    second = asks_for_a_demo(another_prospect(), "second")
    third = asks_for_a_demo(another_prospect(), "third")
    held.status, held.closed_at = "won", FRIDAY
    db.session.commit()

    fourth = asks_for_a_demo(another_prospect(), "fourth")

    assert [second.status, third.status, fourth.status] == ["assigned", "waiting", "waiting"]
    assert ("handoff.assigned", "ana@example.com") in told()


def test_whoever_waits_is_given_away_when_somebody_is_free_again(another_prospect: Another) -> None:
    with_teams(ONE_AT_A_TIME)
    held = asks_for_a_demo(another_prospect(), "first")
    waiting = asks_for_a_demo(another_prospect(), "second")
    deadline = waiting.respond_by
    assert assignment.drain("solo", now=FRIDAY) == 0
    held.status = "contacted"
    db.session.commit()
    assert assignment.drain("solo", now=FRIDAY) == 0, "a lead in contact is still in hand"
    held.status, held.closed_at = "lost", FRIDAY
    db.session.commit()

    assert assignment.drain("solo", now=FRIDAY + timedelta(hours=1)) == 1

    assert (waiting.status, waiting.owner_email) == ("assigned", "ana@example.com")
    assert waiting.respond_by == deadline, "the prospect has been waiting since they finished"


def test_a_waiting_lead_goes_to_its_owner_as_soon_as_they_are_back(
    another_prospect: Another,
) -> None:
    with_teams(THREE)
    first = asks_for_a_demo(another_prospect(), "nordwind")
    owner = colleague(first.owner_email or "")
    others = [colleague(name, away_until=FRIDAY + timedelta(days=9))
              for name in ("ben@example.com", "cy@example.com")]  # fmt: skip
    owner.away_until = FRIDAY + timedelta(days=9)
    db.session.commit()
    stranger = asks_for_a_demo(another_prospect(), "stranger")
    again = asks_for_a_demo(another_prospect(), "nordwind")
    assert (stranger.status, again.status) == ("waiting", "waiting")
    turns = db.session.get(TurnsRow, ("trio", owner.email)).assigned

    others[0].away_until = None
    owner.away_until = None
    db.session.commit()
    assert assignment.drain("trio", now=FRIDAY) == 2

    assert (again.owner_email, again.assigned_because["by"]) == (owner.email, "owner")
    assert stranger.assigned_because["by"] == "turn"
    taken = db.session.get(TurnsRow, ("trio", owner.email)).assigned
    assert taken == turns + (stranger.owner_email == owner.email), "an owner's lead takes no turn"


def test_leads_of_a_team_that_is_gone_are_taken_by_the_last_one(another_prospect: Another) -> None:
    with_teams(ONE_AT_A_TIME)
    asks_for_a_demo(another_prospect(), "first")
    waiting = asks_for_a_demo(another_prospect(), "second")
    with_teams(THREE)

    assert assignment.drain("solo", now=FRIDAY) == 1
    assert waiting.team == "trio"


def test_away_reps_get_nothing_until_they_are_back(another_prospect: Another) -> None:
    with_teams(THREE)
    for name in ("ana", "cy"):
        colleague(f"{name}@example.com", away_until=FRIDAY + timedelta(days=3))

    rows = [asks_for_a_demo(another_prospect(), f"p{n}") for n in range(3)]

    assert {row.owner_email for row in rows} == {"ben@example.com"}
    staff.by_email("cy@example.com").away_until = None
    db.session.commit()
    later = [asks_for_a_demo(another_prospect(), f"q{n}").owner_email for n in range(4)]
    assert Counter(later)["cy@example.com"] == 2, "no burst to catch up"


def test_a_rejection_for_an_agreed_reason_gives_the_turn_back_once(
    another_prospect: Another,
) -> None:
    with_teams(THREE)
    row = handoff_rows.get_for_update(asks_for_a_demo(another_prospect(), "p").id)

    assert row is not None
    assert not assignment.give_back(row, "changed my mind", now=FRIDAY)
    assert assignment.give_back(row, "spam", now=FRIDAY)
    assert not assignment.give_back(row, "spam", now=FRIDAY)
    db.session.commit()

    assert db.session.get(TurnsRow, ("trio", row.owner_email)).credited == 1
    assert (
        db.session.scalar(select(HandoffEventRow.reason).where(HandoffEventRow.what == "credited"))
        == "spam"
    )


def test_a_lead_given_to_somebody_else_takes_the_turn_along(another_prospect: Another) -> None:
    with_teams(THREE)
    row = asks_for_a_demo(another_prospect(), "p")
    assert row.owner_email == "ana@example.com"

    mia = colleague("mia@example.com", role="manager")
    handoffs.reassign(row.id, mia, to="Ben@example.com", now=FRIDAY)

    levels = {t.email: t.turns.level for t in db.session.scalars(select(TurnsRow))}
    assert levels == {"ana@example.com": 0, "ben@example.com": 1, "cy@example.com": 0}
    assert told()["handoff.assigned", "ben@example.com"] == 1
    assert asks_for_a_demo(another_prospect(), "p").owner_email == "ben@example.com"


def test_nobody_outside_the_teams_is_given_a_lead(prospect: Prospect) -> None:
    with_teams(THREE)
    row = asks_for_a_demo(prospect, "p")

    with pytest.raises(assignment.NotInTheTeams):
        assignment.reassign(row.id, to="x@example.com", by="mia@example.com", now=FRIDAY)


def test_a_test_lead_takes_nobodys_turn_and_reaches_nobody(another_prospect: Another) -> None:
    with_teams(THREE)

    row = asks_for_a_demo(another_prospect(), "p", test=True)

    assert row.owner_email == "ana@example.com"
    assert told() == {}
    assert db.session.scalars(select(TurnsRow)).all() == []


def test_a_conversation_of_an_old_release_is_taken_by_the_people_of_today(
    prospect: Prospect,
) -> None:
    prospect.begins("demo-request")
    with_teams(THREE)
    answer_the_rest(prospect, "p@p.example")

    row = db.session.scalar(select(HandoffRow))

    assert row.team == "trio"


def test_a_waiting_lead_somebody_is_taking_this_moment_is_not_given_away(
    another_prospect: Another, app: Flask
) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # one writer at a time: there is no such moment
    with_teams(ONE_AT_A_TIME)
    held = asks_for_a_demo(another_prospect(), "first")
    waiting = asks_for_a_demo(another_prospect(), "second")
    held.status, held.closed_at = "lost", FRIDAY
    db.session.commit()

    with db.engine.connect() as somebody, somebody.begin():
        taking = select(HandoffRow.__table__).where(HandoffRow.id == waiting.id).with_for_update()
        somebody.execute(taking)
        assert assignment.drain("solo", now=FRIDAY) == 0

    assert assignment.drain("solo", now=FRIDAY) == 1
