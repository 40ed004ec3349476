"""One person under two addresses: merged, counted together, and separated as if it never was."""

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql

from tests.fixtures.answers import DEMO
from tests.fixtures.listening import told_of
from tests.services.conftest import Prospect
from tests.services.selling import colleague
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.operations.verification import verify
from webapp.services.people import erasure, exports, merging
from webapp.services.sales import corrections
from webapp.services.sales.handoff_access import NoSuchHandoff, NotYours, TooLate
from webapp.store import handoffs, leads
from webapp.store.audit import AuditRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.erasures import ErasureRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.locks import ORDER
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow
from webapp.store.visitors import VisitorRow

WORK, TAGGED = "ana@nordwind.example", "ana+shop@nordwind.example"
LITTLE = DEMO | {"budget_range": None, "email": WORK}


@pytest.fixture
def handoff(prospect: Prospect) -> HandoffRow:
    """Ana asks for a demo at work, and says nothing of money."""
    prospect.begins()
    prospect.finishes(**{name: value for name, value in LITTLE.items() if value})
    return db.session.scalars(select(HandoffRow)).unique().one()


@pytest.fixture
def shopper(
    handoff: HandoffRow, prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> LeadRow:
    """The same Ana at home: looked at prices, named a budget, left a tagged address."""
    other = another_prospect()
    other.now = prospect.now + timedelta(hours=1)
    seen = [Happened(id="p1", page="https://acme.example/pricing", title="Pricing")]
    visits.record(other.site, "at home", seen, now=other.now)
    other.begins("pricing-inquiry", visitor_key="at home")
    other.finishes(
        purpose="buying",
        company_size="50-199",
        role_level="specialist",
        budget_status="allocated",
        budget_range="25k-100k",
        timeline="quarter",
        email=TAGGED,
    )
    prospect.now = other.now
    found = leads.with_address(TAGGED)
    assert found is not None
    return found


@pytest.fixture
def owner(handoff: HandoffRow) -> StaffRow:
    assert handoff.owner_email
    return colleague(handoff.owner_email)


def now_known(handoff_id: str) -> HandoffRow:
    db.session.expire_all()
    row = handoffs.get(handoff_id)
    assert row is not None
    return row


def points(row: HandoffRow) -> dict[str, int]:
    return {each["rule"]: each["points"] for each in row.record.record["score_lines"]}


def test_a_second_address_is_suggested_with_its_reason(
    handoff: HandoffRow, shopper: LeadRow
) -> None:
    mine = leads.with_address(WORK)
    assert mine is not None
    [one] = merging.suggestions(mine)
    assert (one.lead.id, one.because) == (shopper.id, ("the same mailbox",))
    [back] = merging.suggestions(shopper)
    assert back.lead.id == mine.id


def test_a_merge_counts_what_was_said_and_seen_under_both_addresses(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    before = now_known(handoff.id)
    had, first = before.total, before.record_id
    kept = dict(before.record.record)
    assert points(before)["budget"] == 0

    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)

    after = now_known(handoff.id)
    assert after.total > had
    assert (points(after)["budget"], points(after)["pricing"]) == (15, 10)
    assert after.record.supersedes_id == first
    assert db.session.get_one(RecordRow, first).record == kept, "records are never changed"
    assert after.record.depth == "warmed"
    assert [each["flow"] for each in after.record.record["history"]] == ["pricing-inquiry"]
    assert after.record.record["lead"]["email"]["value"] == WORK
    assert verify().problems == []


def test_after_separating_them_everything_is_as_it_was(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    def owned() -> list[Any]:
        db.session.expire_all()
        return [
            [(row.id, row.lead_id) for row in db.session.scalars(select(kind).order_by(kind.id))]
            for kind in (FactRow, ConversationRow, VisitorRow, HandoffRow)
        ]

    def of_leads() -> list[tuple[Any, ...]]:
        return list(db.session.execute(select(LeadRow.__table__).order_by(LeadRow.id)))

    def case() -> Any:
        row = now_known(handoff.id)
        told = ("lead", "verdict", "score_lines", "frameworks", "uncertainties", "history")
        return row.total, row.tier, row.record.depth, [row.record.record[name] for name in told]

    was = owned(), [each[:-5] for each in of_leads()], case()
    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)
    assert case() != was[2]
    merging.unmerge(handoff.id, owner, other=shopper.id, now=prospect.now)

    assert (owned(), [each[:-5] for each in of_leads()], case()) == was
    assert {each.lead.id for each in merging.suggestions(shopper)} == {handoff.lead_id}
    assert verify().problems == []


def test_what_is_said_between_merge_and_separation_stays_with_its_address(
    handoff: HandoffRow,
    shopper: LeadRow,
    owner: StaffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
) -> None:
    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)
    later = another_prospect()
    later.now = prospect.now
    later.begins()
    later.finishes(**DEMO | {"email": TAGGED})
    came = handoffs.of_conversation(later.id)
    assert came is not None
    assert came.owner_email == handoff.owner_email, "the person has an owner, at any address"
    assert came.assigned_because["by"] == "owner"

    merging.unmerge(handoff.id, owner, other=shopper.id, now=later.now)

    assert now_known(came.id).lead_id == shopper.id
    history = now_known(handoff.id).record.record["history"]
    assert history == []


def test_two_who_were_told_apart_are_not_suggested_again(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    merging.tell_apart(handoff.id, owner, other=shopper.id, now=prospect.now)
    assert merging.suggestions(shopper) == []
    with pytest.raises(TooLate):
        merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)


def test_nobody_merges_somebody_else_by_their_id(
    handoff: HandoffRow,
    owner: StaffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
) -> None:
    stranger = another_prospect()
    stranger.begins()
    stranger.finishes(**DEMO | {"email": "zoe@elsewhere.example"})
    zoe = leads.with_address("zoe@elsewhere.example")
    assert zoe is not None
    for other in (zoe.id, "no-such-lead", str(handoff.lead_id)):
        with pytest.raises(TooLate):
            merging.merge(handoff.id, owner, other=other, now=prospect.now)
    rep = colleague("other@example.com", "rep")
    with pytest.raises(NoSuchHandoff):
        merging.merge(handoff.id, rep, other=zoe.id, now=prospect.now)


def test_nobody_reads_by_a_merge_what_they_may_not_read(
    handoff: HandoffRow,
    owner: StaffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
) -> None:
    other = another_prospect()
    other.begins()
    other.finishes(**DEMO | {"email": TAGGED})
    theirs = handoffs.of_conversation(other.id)
    assert theirs is not None
    theirs.team, theirs.owner_email = "elsewhere", "eve@example.com"
    db.session.commit()
    with pytest.raises(NotYours):
        merging.merge(handoff.id, owner, other=str(theirs.lead_id), now=other.now)
    manager = colleague("mo@example.com", "manager")
    merging.merge(handoff.id, manager, other=str(theirs.lead_id), now=other.now)
    assert set(leads.of_same_person(str(theirs.lead_id))) == {handoff.lead_id, theirs.lead_id}


def test_erasing_a_merged_person_erases_both_sides_and_remembers_both_addresses(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)
    erasure.erase(TAGGED, by="ana", now=prospect.now)

    for kind in (LeadRow, FactRow, ConversationRow, RecordRow, HandoffRow, VisitorRow):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 0, kind
    hashes = set(db.session.scalars(select(ErasureRow.email_hash)))
    assert hashes == {erasure.email_hash(WORK), erasure.email_hash(TAGGED)}


def test_exporting_a_merged_person_covers_both_sides(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)
    person = leads.by_email_key(TAGGED)
    assert person is not None
    found = exports.of_person(person, by="ana", now=prospect.now)
    assert set(found["addresses"]) == {WORK, TAGGED}
    assert {each["flow"] for each in found["conversations"]} == {"demo-request", "pricing-inquiry"}
    file = StringIO()
    assert exports.write_json(file) == 1
    assert "25k-100k" in json.dumps(json.loads(file.getvalue())["facts"])


def test_merges_are_in_the_audit_log_by_ids_alone(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now)
    merging.unmerge(handoff.id, owner, other=shopper.id, now=prospect.now)
    said = select(AuditRow).where(AuditRow.action.like("lead.%")).order_by(AuditRow.id)
    lines = db.session.scalars(said).all()
    assert [each.action for each in lines] == ["lead.merged", "lead.unmerged"]
    assert {each.actor for each in lines} == {owner.id}
    assert "@" not in json.dumps([[each.subject, each.detail] for each in lines])


def test_two_reps_who_merge_at_once_merge_once(
    app: Flask,
    handoff: HandoffRow,
    shopper: LeadRow,
    owner: StaffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
) -> None:
    other = another_prospect()
    other.now = prospect.now
    other.begins()
    other.finishes(**DEMO | {"email": TAGGED})
    theirs = handoffs.of_conversation(other.id)
    assert theirs is not None
    manager = colleague("mo@example.com", "manager")
    pairs = [(handoff.id, owner.id, shopper.id), (theirs.id, manager.id, str(handoff.lead_id))]
    now, start, failed = other.now, threading.Barrier(2), []
    db.session.commit()

    def merges(handoff_id: str, actor_id: str, other_id: str) -> None:
        with app.app_context():
            actor = db.session.get_one(StaffRow, actor_id)
            db.session.commit()
            start.wait(30)
            try:
                merging.merge(handoff_id, actor, other=other_id, now=now)
            except Exception as problem:  # noqa: BLE001 - told to the test, which fails by it
                failed.append(problem)

    people = [threading.Thread(target=merges, args=pair) for pair in pairs]
    for each in people:
        each.start()
    for each in people:
        each.join()

    assert failed == []
    db.session.expire_all()
    tied = db.session.scalars(select(LeadRow).where(LeadRow.merged_into_id.is_not(None))).all()
    assert [each.id for each in tied] == [shopper.id], "the older lead stands for both"
    merged = select(func.count()).where(AuditRow.action == "lead.merged")
    assert db.session.scalar(merged) == 1
    assert verify().problems == []


def test_nobody_waits_in_a_circle_whoever_does_something_about_a_person_holds_what_they_said_first(
    handoff: HandoffRow, shopper: LeadRow, owner: StaffRow, prospect: Prospect
) -> None:
    """As whoever answers does, and the rest in the one order there is."""
    deeds: dict[str, Callable[[], object]] = {
        "merge": lambda: merging.merge(handoff.id, owner, other=shopper.id, now=prospect.now),
        "separate": lambda: merging.unmerge(handoff.id, owner, other=shopper.id, now=prospect.now),
        "correct": lambda: corrections.correct(
            handoff.id, owner, property="company_size", value="50-199", now=prospect.now
        ),
        "erase": lambda: erasure.erase_lead(shopper.id, by="the tests", now=prospect.now),
    }
    for name, do in deeds.items():
        held: list[str] = []

        def note(_: object, statement: Any, *more: object, held: list[str] = held) -> None:
            if getattr(statement, "_for_update_arg", None) is not None:
                words = str(statement.compile(dialect=postgresql.dialect()))
                held.extend(re.findall(r"FOR (?:NO KEY )?UPDATE OF (\w+)", words))

        with told_of("before_execute", note):
            do()
        first = list(dict.fromkeys(held))
        order = [each for each in ORDER if each in first]
        assert [each for each in first if each in order] == order, name
        assert first[0] == "conversations", name


def test_a_name_longer_than_any_is_kept_and_looks_like_nobodys(prospect: Prospect) -> None:
    """PostgreSQL takes no such text into an index: the last answer was never taken."""
    letters = "".join(chr(0x4E00 + n * 7_919 % 20_000) for n in range(4_900))
    name = f"Ana {letters}"
    prospect.begins("contact")
    prospect.finishes(
        purpose="buying",
        next_step="talk",
        challenge="Slow",
        name=name,
        email="ana@nordwind.example",
    )
    lead = db.session.scalars(select(LeadRow)).one()
    assert lead.name == name
    assert merging.suggestions(lead) == []
