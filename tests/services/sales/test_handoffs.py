"""Reps take leads on, send them back and say what came of them; whoever is second is told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from tests.services.selling import (
    ONE_AT_A_TIME,
    asks_for_a_demo,
    somebody_listens,
    with_teams,
)
from webapp.core.briefing import plain
from webapp.services.flows import releases
from webapp.services.operations import verification
from webapp.services.people import suppression
from webapp.services.prospects import conversations
from webapp.services.sales import corrections, handoff_access, handoffs
from webapp.services.sales.handoff_access import Incomplete, NoSuchHandoff, NotYours, TooLate
from webapp.store import handoffs as rows
from webapp.store import inbox, lead_words
from webapp.store.database import db, new_id
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow


def person(email: str, role: str, prospect: Prospect) -> StaffRow:
    row = StaffRow(
        id=new_id(prospect.now),
        email=email,
        name=email.split("@")[0].capitalize(),
        role=role,
        one_time=False,
        epoch=0,
        created_at=prospect.now,
    )
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def handoff(prospect: Prospect) -> HandoffRow:
    prospect.begins()
    prospect.answers(**DEMO)
    return db.session.scalars(select(HandoffRow)).unique().one()


@pytest.fixture
def owner(handoff: HandoffRow, prospect: Prospect) -> StaffRow:
    assert handoff.owner_email
    return person(handoff.owner_email, "rep", prospect)


@pytest.fixture
def stranger(handoff: HandoffRow, prospect: Prospect) -> StaffRow:
    return person("zoe@elsewhere.example", "rep", prospect)


def test_the_owner_accepts_and_accepting_twice_changes_nothing(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    for _ in range(2):
        row = handoffs.accept(handoff.id, owner, now=prospect.now)

    assert (row.status, row.accepted_at) == ("accepted", prospect.now)


def test_a_stranger_cannot_tell_somebody_elses_lead_from_none_at_all(
    handoff: HandoffRow, stranger: StaffRow, prospect: Prospect
) -> None:
    for id in (handoff.id, "no-such-id"):
        with pytest.raises(NoSuchHandoff):
            handoff_access.find(id, stranger)
        with pytest.raises(NoSuchHandoff):
            handoffs.accept(id, stranger, now=prospect.now)


def test_a_marketer_reads_no_lead(handoff: HandoffRow, prospect: Prospect) -> None:
    marketer = person("max@example.com", "marketer", prospect)

    with pytest.raises(NoSuchHandoff):
        handoff_access.find(handoff.id, marketer)


def test_who_comes_second_hears_who_was_first_and_when(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    handoffs.reject(handoff.id, owner, reason="misrouted", now=prospect.now)

    with pytest.raises(TooLate, match=f"{owner.name} sent it back 4 s ago"):
        handoffs.accept(handoff.id, owner, now=prospect.now + timedelta(seconds=4))


@pytest.mark.parametrize(
    "what",
    [
        partial(handoffs.record_outcome, stage="opportunity"),
        partial(handoffs.disqualify, reason="timing"),
        partial(handoffs.reject, reason="duplicate"),
        partial(handoffs.log_contact, result="voicemail"),
    ],
)
def test_who_works_on_a_lead_that_waits_has_it(
    prospect: Prospect, what: Callable[..., HandoffRow]
) -> None:
    """It waits no more, so it is given to nobody: without an owner nobody would ever look."""
    with_teams(ONE_AT_A_TIME)
    asks_for_a_demo(prospect, "first")
    waits = asks_for_a_demo(prospect, "second")
    assert (waits.status, waits.owner_email) == ("waiting", None)
    manager = person("lena@example.com", "manager", prospect)

    assert what(waits.id, manager, now=prospect.now).owner_email == manager.email
    assert verification.verify().problems == []


def test_a_colleague_reads_along_but_does_not_act(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    team = next(t for t in releases.live()[1].playbook.teams if len(t.reps) > 1)
    other = next(rep.email for rep in team.reps if rep.email != owner.email)
    colleague = person(other, "rep", prospect)
    handoff.team = team.id
    db.session.commit()

    assert handoff_access.find(handoff.id, colleague).id == handoff.id
    with pytest.raises(NotYours, match=owner.email):
        handoffs.accept(handoff.id, colleague, now=prospect.now)


def test_the_first_contact_stops_the_clock_whatever_its_result(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    row = handoffs.log_contact(handoff.id, owner, result="voicemail", now=prospect.now)

    assert (row.status, row.contacted_at) == ("accepted", prospect.now)


def test_a_won_deal_has_an_amount_and_a_lost_one_a_reason(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    with pytest.raises(Incomplete):
        handoffs.record_outcome(handoff.id, owner, stage="won", now=prospect.now)
    with pytest.raises(Incomplete):
        handoffs.record_outcome(handoff.id, owner, stage="lost", now=prospect.now)

    row = handoffs.record_outcome(
        handoff.id, owner, stage="won", amount=Decimal(9000), currency="EUR", now=prospect.now
    )

    assert (row.status, row.closed_at) == ("won", prospect.now)


def test_a_lead_that_was_spoken_with_is_not_sent_back_as_if_it_had_not(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    handoffs.log_contact(handoff.id, owner, result="reached", now=prospect.now)

    with pytest.raises(TooLate):
        handoffs.reject(handoff.id, owner, reason="duplicate", now=prospect.now)


def test_a_correction_confirms_the_fact_and_a_new_record_supersedes_the_old(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    before = handoff.record.record
    old = handoff.record_id

    corrections.correct(
        handoff.id, owner, property="role_level", value="specialist", now=prospect.now
    )

    db.session.expire_all()
    row = handoff_access.find(handoff.id, owner)
    after = row.record.record
    assert (row.record.supersedes_id, row.owner_email) == (old, owner.email)
    assert after["verdict"]["score"]["total"] < before["verdict"]["score"]["total"]
    fact = next(e for e in after["evidence"].values() if e["property"] == "role_level")
    assert (fact["value"], fact["certainty"]) == ("specialist", "confirmed")
    assert len(db.session.scalars(select(RecordRow)).all()) == 2


def test_time_that_goes_by_opens_no_question_again_of_a_conversation_that_has_ended(
    prospect: Prospect,
) -> None:
    """What was known of the timeline when they came back counts for 120 days."""
    browser = {"visitor_key": "v" * 22}
    prospect.begins(**browser)
    prospect.answers(**DEMO)
    prospect.now += timedelta(days=100)
    prospect.begins(**browser)
    prospect.finishes(email=DEMO["email"])
    row = db.session.scalars(select(HandoffRow).order_by(HandoffRow.id.desc())).unique().first()
    assert row is not None
    assert row.owner_email
    owner = person(row.owner_email, "rep", prospect)
    prospect.now += timedelta(days=25)

    looked_at_again = conversations.show(prospect.token, now=prospect.now)
    corrections.correct(row.id, owner, property="goal", value="comply", now=prospect.now)

    assert looked_at_again.question is None
    assert conversations.show(prospect.token, now=prospect.now).question is None
    assert verification.verify().problems == []


def test_a_connection_that_wants_to_know_hears_of_a_rejection(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    crm = somebody_listens("handoff.rejected")

    handoffs.reject(
        handoff.id,
        owner,
        reason="outside_criteria",
        line="role",
        note="A student",
        now=prospect.now,
    )

    told = db.session.scalars(select(DeliveryRow).where(DeliveryRow.connection_id == crm)).one()
    assert "outside_criteria" in str(told.payload)
    assert told.event == "handoff.rejected"


def test_nobody_is_called_or_won_before_they_came_or_later_than_now(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    """A CRM's typing error made times to answer of minus 27 years, and deals that close in 2199."""
    prospect.now += timedelta(hours=3)
    contacted = partial(handoffs.log_contact, handoff.id, owner, result="reached", now=prospect.now)
    won = partial(
        handoffs.record_outcome, handoff.id, owner, stage="won", amount=Decimal(9), now=prospect.now
    )

    for happened in (contacted, won):
        for at in (handoff.created_at - timedelta(days=2), prospect.now + timedelta(days=2)):
            with pytest.raises(Incomplete) as refused:
                happened(at=at)
            assert refused.value.field == "at"

    midnight = handoff.created_at.replace(hour=0, minute=0)
    row = contacted(at=midnight)
    assert row.contacted_at == row.created_at
    row = won(at=midnight)
    assert row.closed_at == row.created_at


def test_a_rejection_strikes_no_line_that_the_record_does_not_have(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    back = partial(handoffs.reject, handoff.id, owner, reason="outside_criteria", now=prospect.now)

    with pytest.raises(Incomplete) as refused:
        back(line="rolle")

    assert refused.value.field == "line"
    assert handoff.status == "assigned"
    assert back(line=handoff.record.record["disqualifiers"][0]["id"]).status == "rejected"


def test_giving_a_lead_away_tells_the_colleague(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    reps = [rep.email for team in releases.live()[1].playbook.teams for rep in team.reps]
    colleague = person(next(r for r in reps if r != owner.email), "rep", prospect)

    row = handoffs.reassign(handoff.id, owner, to=colleague.email, now=prospect.now)

    assert (row.status, row.owner_email) == ("assigned", colleague.email)
    mails = db.session.scalars(select(DeliveryRow.recipient)).all()
    assert colleague.email in mails


def test_a_snoozed_lead_leaves_the_inbox_and_comes_back(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    until = prospect.now + timedelta(hours=2)
    handoffs.snooze(handoff.id, owner, until=until, now=prospect.now)

    assert inbox.glimpsed("mine", owner.email, (), now=prospect.now) == []
    assert [r.id for r in inbox.glimpsed("mine", owner.email, (), now=until)] == [handoff.id]


def test_the_inbox_finds_a_lead_by_company_or_address(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    def found(words: str) -> int:
        return len(inbox.glimpsed("all", owner.email, None, q=words, now=prospect.now))

    assert (found("NORDWIND"), found("%"), found("nobody")) == (1, 0, 0)
    assert (found("@nordwind ana"), found("ordwind"), found("  ")) == (1, 0, 1)


@pytest.mark.parametrize("most_listed", [0, 1, 2_000])
def test_a_closed_lead_is_found_by_what_is_known_of_it_now_whoever_shares_its_words(
    handoff: HandoffRow,
    owner: StaffRow,
    another_prospect: Callable[[], Prospect],
    monkeypatch: pytest.MonkeyPatch,
    most_listed: int,
) -> None:
    monkeypatch.setattr(lead_words, "MOST_LISTED", most_listed)
    colleague = asks_for_a_demo(another_prospect(), "ben", email="ben@nordwind.example")
    for row in (handoff, colleague):
        row.status, row.closed_at = "lost", row.created_at
    person = db.session.get_one(LeadRow, colleague.lead_id)
    person.name, person.company = "Bénédicte Ånger", "Nordwind"
    db.session.commit()

    def found(words: str) -> set[str]:
        listed = inbox.glimpsed("closed", owner.email, None, q=words, now=handoff.created_at)
        return {row.id for row in listed}

    assert found("nordwind") == {handoff.id, colleague.id}
    assert found("nordwind benedi") == found("ben@ ang") == {colleague.id}
    person.name = "Bo Ek"
    db.session.commit()
    assert found("benedicte") == set()
    assert found("nordwind ek") == {colleague.id}


def test_of_very_many_who_fit_the_leads_closed_last_are_found_and_that_is_said(
    handoff: HandoffRow,
    owner: StaffRow,
    another_prospect: Callable[[], Prospect],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lead_words, "MOST_LISTED", 2)
    monkeypatch.setattr(inbox, "MOST_LOOKED_THROUGH", 1)
    colleagues = [
        asks_for_a_demo(another_prospect(), name, email=f"{name}@nordwind.example")
        for name in ("ben", "cem")
    ]
    for day, row in enumerate((handoff, *colleagues)):
        row.status, row.closed_at = "lost", row.created_at + timedelta(days=day)
    db.session.commit()

    def found(words: str) -> list[str]:
        listed = inbox.glimpsed("closed", owner.email, None, q=words, now=handoff.created_at)
        return [row.id for row in listed]

    assert found("nordwind") == [each.id for each in reversed(colleagues)]
    assert inbox.looks_back_only_so_far("closed", "nordwind")
    for more in ("ana@nordwind", "nordwind ana"):
        assert found(more) == [handoff.id]
        assert not inbox.looks_back_only_so_far("closed", more)


@pytest.fixture
def marketing_listens(prospect: Prospect) -> None:
    somebody_listens("nurture.entered")


def told_to_marketing() -> list[DeliveryRow]:
    told = select(DeliveryRow).where(DeliveryRow.channel == "webhook")
    return list(db.session.scalars(told))


@pytest.mark.usefixtures("marketing_listens")
def test_a_lead_whose_person_must_be_left_alone_does_not_go_back_to_nurture(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    email = handoff.record.record["lead"]["email"]["value"]
    handoffs.disqualify(handoff.id, owner, reason="timing", now=prospect.now)
    suppression.add(email, owner, reason="asked", now=prospect.now)

    with pytest.raises(TooLate, match="do-not-contact"):
        handoffs.recycle(handoff.id, owner, to="nurture", now=prospect.now)

    assert told_to_marketing() == []
    assert handoff.status == "disqualified"


@pytest.mark.usefixtures("marketing_listens")
def test_a_lead_goes_back_to_nurture_with_its_owner_and_returns_with_its_history(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    email = handoff.record.record["lead"]["email"]["value"]
    handoffs.disqualify(handoff.id, owner, reason="timing", now=prospect.now)
    with pytest.raises(Incomplete, match="Select which track"):
        handoffs.recycle(handoff.id, owner, to="sales", now=prospect.now)

    handoffs.recycle(handoff.id, owner, to="nurture", now=prospect.now)

    [told] = told_to_marketing()
    assert told.payload["data"]["owner"] == owner.email
    assert told.payload["data"]["detail"]["track"] == "general"
    prospect.begins("demo-request")
    prospect.finishes(**{**DEMO, "email": email})
    back = rows.of_conversation(prospect.id)
    assert back is not None
    assert back.owner_email == owner.email
    assert f"returned to nurture by {owner.email} (Wrong time)." in plain(back.record.record), (
        "whoever has them now knows why nothing came of it"
    )


def test_whoever_waits_for_a_lead_whose_record_is_renewed_meanwhile_still_finds_it(
    app: Flask, handoff: HandoffRow, prospect: Prospect
) -> None:
    """A rep takes it on while its visitor corrects an answer, or a provider tells more of it."""
    prospect.says("company_size", "200-500")
    prospect.says("company_size", "50-199")
    id, records = handoff.id, [row.id for row in db.session.query(RecordRow).order_by("id")]
    start, found = threading.Barrier(4), list[bool]()
    db.session.commit()

    def renews(record_id: str) -> None:
        with app.app_context():
            start.wait(30)
            row = rows.get_for_update(id)
            found.append(row is not None and row.record.id == row.record_id)
            if row is not None:
                row.record_id = record_id
            db.session.commit()

    people = [threading.Thread(target=renews, args=(records[n % 2],)) for n in range(4)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert found == [True] * 4
