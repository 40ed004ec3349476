"""A provider is asked once about a company, nobody waits for it, and what it says is inferred."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from tests.delivery.receivers import Answer, HttpReceiver, Received
from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague, somebody_listens
from webapp.config import ROOT
from webapp.core.briefing import briefing
from webapp.delivery.channels import Channels
from webapp.delivery.guard import Guard
from webapp.services.flows import releases
from webapp.services.operations import tidying, verification
from webapp.services.people import erasure, suppression
from webapp.services.prospects import partial_leads
from webapp.services.receivers import connections, sending
from webapp.services.sales import corrections, handoffs
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, new_id
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.look_ups import LookUpRow
from webapp.store.records import RecordRow

MAPPING = """
industry: company.category
  Software -> technology
company_size: company.employees
  200-500 -> 200-500
  1001+ -> 1001+
"""
NORDWIND = {"company": {"category": "Software", "employees": 1_200}}
LOOKED_UP = "company.looked_up"


@dataclass
class Provider:
    """Answers what ``says`` holds; ``work`` is a worker that does all there is to do once."""

    receiver: HttpReceiver
    channels: Channels
    says: object = field(default_factory=lambda: NORDWIND)
    id: str = ""

    def answer(self, _: Received) -> Answer:
        return self.says if isinstance(self.says, Answer) else Answer(200, _json(self.says))

    def work(self) -> None:
        for claim in list(sending.claim(by="w", free={}, otherwise=99, most=99)):
            sending.send(claim, self.channels)
        db.session.expire_all()

    @property
    def asked(self) -> list[str]:
        return [each.path for each in self.receiver.received]


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.fixture
def provider(app: Flask, in_app: None) -> Iterator[Provider]:
    with HttpReceiver() as receiver:
        channels = Channels(current_app.extensions["baton"], Guard(receiver.listed))
        one = Provider(receiver, channels)
        receiver.answer = one.answer
        one.id = listed(one, "Clearwater")
        yield one


def listed(provider: Provider, name: str, **config: Any) -> str:
    """A provider set up in the settings; returns the id of its connection."""
    row = ConnectionRow(
        id=new_id(FRIDAY), kind="enrichment", name=name, events=[], created_at=FRIDAY,
        config={
            "url": f"{provider.receiver.url}/{{domain}}", "method": "GET", "header": "X-Key",
            "days": "30", "by_address": False, "mapping": MAPPING, **config,
        },
        secret=provider.channels.vault.lock({"token": "t"}),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.id


def look_ups() -> list[DeliveryRow]:
    db.session.expire_all()
    about = DeliveryRow.event == LOOKED_UP
    return list(db.session.scalars(select(DeliveryRow).where(about).order_by(DeliveryRow.id)))


def known(row: HandoffRow, property: str) -> dict[str, Any]:
    """What the record that stands holds of a property."""
    [fact] = [e for e in row.record.record["evidence"].values() if e["property"] == property]
    return fact


def happened(row: HandoffRow) -> list[tuple[str, str | None]]:
    about = HandoffEventRow.handoff_id == row.id
    events = db.session.scalars(select(HandoffEventRow).where(about).order_by(HandoffEventRow.id))
    return [(each.what, each.note) for each in events]


def told(event: str) -> int:
    return len(db.session.scalars(select(DeliveryRow).where(DeliveryRow.event == event)).all())


def test_an_open_case_gets_what_the_provider_says_and_keeps_its_owner_who_is_not_rung_again(
    prospect: Prospect, provider: Provider
) -> None:
    listener = somebody_listens("lead.updated", "handoff.updated")
    row = asks_for_a_demo(prospect, "nordwind")
    first, owner, respond_by = row.record, row.owner_email, row.respond_by
    assert provider.asked == [], "nobody waits for a provider"
    assert "industry" not in {e["property"] for e in first.record["evidence"].values()}

    provider.work()

    assert provider.asked == ["/nordwind.example"]
    assert (row.owner_email, row.respond_by, row.record.supersedes_id) == (
        owner, respond_by, first.id
    )  # fmt: skip
    fact = known(row, "industry")
    assert (fact["value"], fact["certainty"], fact["kind"], fact["from"], fact["quote"]) == (
        "technology", "enriched", "provider", "Clearwater", "Software"
    )  # fmt: skip
    shown = {each.label: each.note for each in briefing(row.record.record).known}
    assert shown["Industry"] == "inferred: Clearwater says “Software”"
    said = known(row, "company_size")
    assert (said["value"], said["certainty"]) == ("50-199", "stated"), "what they said wins"
    assert row.total > first.total
    assert happened(row)[-1] == (
        "learnt", "Industry: Software and technology, says Clearwater"
    )  # fmt: skip
    assert told("handoff.created") == 1
    heard = select(DeliveryRow.event).where(DeliveryRow.connection_id == listener)
    assert db.session.scalars(heard).all() == ["lead.updated"]
    assert verification.verify().problems == []

    stands = row.record_id, happened(row)
    [delivery] = look_ups()
    sending.replay(delivery.id, by="mia", now=FRIDAY)
    provider.work()
    assert (row.record_id, happened(row)) == stands, "the same again changes nothing"
    assert len(db.session.scalars(select(FactRow).where(FactRow.source == "Clearwater")).all()) == 2


def test_what_was_learnt_shows_with_the_delivery_and_stays_with_the_lead(
    prospect: Prospect, provider: Provider
) -> None:
    provider.says = {"company": {"category": "Zeppelins", "employees": 1_200}}
    row = asks_for_a_demo(prospect, "nordwind")
    first = row.record_id
    provider.work()

    [delivery] = look_ups()
    assert (delivery.state, delivery.payload) == ("delivered", {"domain": "nordwind.example"})
    assert delivery.progress["notes"] == [
        "Company size: More than 1,000 people, from “1200”.",
        "Industry: “Zeppelins” stands for no value of it, so it is left out.",
    ]
    [fact] = db.session.scalars(select(FactRow).where(FactRow.certainty == "enriched"))
    assert (fact.lead_id, fact.property, fact.value, fact.source) == (
        row.lead_id, "company_size", "1001+", "Clearwater"
    )  # fmt: skip
    assert row.record_id == first, "what they said themselves stands: nothing is new"


def test_a_colleague_costs_no_second_question_until_the_answer_is_old(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    asks_for_a_demo(another_prospect(), "nordwind")
    provider.work()
    second = asks_for_a_demo(another_prospect(), "", "bo@nordwind.example")
    provider.work()
    assert provider.asked == ["/nordwind.example"]
    assert known(second, "industry")["from"] == "Clearwater"

    db.session.execute(update(LookUpRow).values(until=FRIDAY - timedelta(days=1)))
    db.session.commit()
    asks_for_a_demo(another_prospect(), "", "cy@nordwind.example")
    provider.work()
    assert len(provider.asked) == 2
    tidying.sweep(now=FRIDAY + timedelta(days=800))
    assert db.session.scalars(select(LookUpRow)).all() == []


def reads(
    prospect: Prospect, email: str, agrees: str | None = None, role: str = "manager", **arrival: Any
) -> None:
    """Downloads something, and has not enough points to be called."""
    prospect.begins("content-download", **arrival)
    prospect.finishes(
        email=email, role_level=role, company_size="200-500", industry="technology",
        **({"marketing_consent": agrees} if agrees else {}),
    )  # fmt: skip


def test_nobody_is_looked_up_without_a_company_in_play_or_against_their_will(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    boss = colleague("boss@example.com", "admin")
    suppression.add("leftalone.example", boss, reason="asked", now=FRIDAY)
    reads(another_prospect(), "ana@gmail.com")
    reads(another_prospect(), "ana@mailinator.com")
    reads(another_prospect(), "ana@nordwind.example", test=True)
    reads(another_prospect(), "ana@nordwind.example", demo=True)
    reads(another_prospect(), "ana@nordwind.example", spam_because=["trap"])
    reads(another_prospect(), "ana@nordwind.example", "no")
    reads(another_prospect(), "ana@leftalone.example")
    assert look_ups() == []


def test_an_address_is_sent_only_of_those_who_agreed(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    row = db.session.get_one(ConnectionRow, provider.id)
    row.config = {**row.config, "by_address": True}
    db.session.commit()
    reads(another_prospect(), "ana@nordwind.example")
    reads(another_prospect(), "bo@nordwind.example", "no")
    reads(another_prospect(), "cy@nordwind.example", "yes")
    assert [each.payload for each in look_ups()] == [
        {"domain": "nordwind.example", "email": "cy@nordwind.example"}
    ]


def test_who_left_in_the_middle_is_looked_up_with_the_partial_record(
    prospect: Prospect, provider: Provider
) -> None:
    prospect.begins("content-download")
    prospect.answers(email="ana@nordwind.example", marketing_consent="yes")
    assert look_ups() == []
    partial_leads.write_down(now=prospect.now + timedelta(hours=1))
    provider.work()

    records = db.session.scalars(select(RecordRow).order_by(RecordRow.created_at)).all()
    assert [each.depth for each in records] == ["partial", "partial"]
    assert db.session.get_one(ConversationRow, prospect.id).finished_at is None
    assert verification.verify().problems == []


def test_a_company_found_to_fit_goes_to_sales_and_a_rep_hears_of_it_then(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    texts = releases.texts_in(ROOT / "question_flows")
    texts["playbook.yaml"] = texts["playbook.yaml"].replace("from: 80", "from: 70")
    releases.publish(texts, by="mia", why="Call sooner", now=FRIDAY)
    nurture = somebody_listens("nurture.entered")
    row = db.session.get_one(ConnectionRow, provider.id)
    mapping = "budget_range: budget\ntimeline: when\ncommittee: people"
    row.config = {**row.config, "mapping": mapping}
    db.session.commit()
    provider.says = {"budget": "over-100k"}
    reads(another_prospect(), "ana@nordwind.example")
    provider.work()
    tracks = [
        each.payload["data"]["detail"]["track"]
        for each in db.session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.connection_id == nurture)
            .order_by(DeliveryRow.created_at)
        )
    ]
    assert tracks == ["education", "general"], "its tool hears of a lead that moved, and once"

    provider.says = {"budget": "over-100k", "when": "now", "people": ["board", "it", "zeppelins"]}
    reads(another_prospect(), "bo@southwind.example", role="c_level")
    assert told("handoff.created") == 0
    provider.work()
    [handoff] = db.session.scalars(select(HandoffRow))
    assert (handoff.status, known(handoff, "budget_range")["certainty"]) == ("assigned", "enriched")
    assert told("handoff.created") == 1
    assert verification.verify().problems == []


def test_changing_the_address_afterwards_asks_about_the_other_company_and_forgets_the_first(
    prospect: Prospect, provider: Provider
) -> None:
    row = asks_for_a_demo(prospect, "nordwind")
    provider.work()
    provider.says = Answer(404)
    prospect.says("email", "ana@southwind.example")
    assert "industry" not in {e["property"] for e in row.record.record["evidence"].values()}
    provider.work()
    assert provider.asked == ["/nordwind.example", "/southwind.example"]
    assert [e for e in row.record.record["evidence"].values() if e["kind"] == "provider"] == []


def test_an_answer_about_the_company_of_a_former_address_comes_too_late(
    prospect: Prospect, provider: Provider
) -> None:
    row = asks_for_a_demo(prospect, "nordwind")
    prospect.says("email", "ana@southwind.example")
    first = row.record_id
    old, new = sorted(look_ups(), key=lambda each: each.payload["domain"])
    db.session.delete(new)
    db.session.commit()
    provider.work()
    assert (db.session.get_one(DeliveryRow, old.id).state, row.record_id) == ("delivered", first)


def test_what_a_rep_confirms_wins_and_a_closed_case_stays_as_it_is(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    confirmed = asks_for_a_demo(another_prospect(), "nordwind")
    rep = colleague(str(confirmed.owner_email))
    corrections.correct(confirmed.id, rep, property="industry", value="finance", now=FRIDAY)
    closed = asks_for_a_demo(another_prospect(), "southwind")
    lead = colleague("boss@example.com", "manager")
    handoffs.reject(closed.id, lead, reason="spam", now=FRIDAY)
    stood = confirmed.record_id, closed.record_id
    provider.work()

    assert (confirmed.record_id, closed.record_id) == stood
    assert known(confirmed, "industry")["certainty"] == "confirmed"
    assert len(provider.asked) == 2


def test_erasing_a_person_takes_along_what_a_provider_said_of_them(
    another_prospect: Callable[[], Prospect], provider: Provider
) -> None:
    asks_for_a_demo(another_prospect(), "", "ana@nordwind.example")
    asks_for_a_demo(another_prospect(), "", "bo@nordwind.example")
    provider.work()
    left = []
    for email in ("ana@nordwind.example", "bo@nordwind.example"):
        erasure.erase(email, by="mia", now=FRIDAY)
        left.append(len(db.session.scalars(select(LookUpRow)).all()))
    assert left == [1, 0], "a company of whom nobody is left is forgotten"
    assert look_ups() == []
    assert told("lead.erased") == 0, "a provider holds nothing of ours"


def test_a_provider_that_refuses_is_shown_and_keeps_nobody(
    prospect: Prospect, provider: Provider
) -> None:
    provider.says = Answer(200, b"<html>")
    row = asks_for_a_demo(prospect, "nordwind")
    first = row.record_id
    provider.work()
    [delivery] = look_ups()
    assert (delivery.state, delivery.last_error) == (
        "pending", "The provider answered something that is not JSON."
    )  # fmt: skip
    assert row.record_id == first


def test_a_test_shows_what_would_be_learnt_and_keeps_nothing(provider: Provider) -> None:
    delivery = connections.send_test(
        provider.id, by="mia", email="mia@example.com", example="nordwind.example", now=FRIDAY
    )
    provider.work()
    delivery = db.session.get_one(DeliveryRow, delivery.id)
    assert (delivery.state, delivery.progress["notes"]) == (
        "delivered",
        [
            "Industry: Software and technology, from “Software”.",
            "Company size: More than 1,000 people, from “1200”.",
        ],
    )
    for row in (FactRow, LookUpRow, RecordRow):
        assert db.session.scalars(select(row)).all() == []


def test_changing_a_provider_forgets_what_it_answered(
    prospect: Prospect, provider: Provider
) -> None:
    asks_for_a_demo(prospect, "nordwind")
    provider.work()
    given = {
        "url": "https://api.example.com/{domain}", "header": "X-Key", "token": "n", "days": "7",
        "method": "POST", "mapping": "company: name",
    }  # fmt: skip
    connections.update(provider.id, given, [], by="mia", now=FRIDAY)
    assert db.session.scalars(select(LookUpRow)).all() == []
