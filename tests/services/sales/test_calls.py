"""A rep goes through the script on the phone: each answer is kept at once, in any order, and the
end of the call puts a deeper record in the place of the one that stood."""

from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from sqlalchemy import insert, select

from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague
from webapp.core.briefing import markdown
from webapp.core.handoff_schema import SCHEMA
from webapp.core.sensitive import without_sensitive
from webapp.services.operations import verification
from webapp.services.people import suppression
from webapp.services.prospects import known
from webapp.services.sales import calls, corrections, handoffs, live
from webapp.services.sales.calls import NoCall, WrittenMeanwhile
from webapp.services.sales.handoff_access import Incomplete, TooLate
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow

ON_THE_PHONE: dict[str, Any] = {
    # In the order of the talk, not of the script.
    "challenge": "Quotes take a week.",
    "committee": ["finance", "it"],
    "objections": "Worried about the move of old quotes.",
    "timeline": "quarter",
    "call_verdict": "pursue",
    "why_serious": "A week per quote costs them orders.",
}


@pytest.fixture
def handoff(prospect: Prospect) -> HandoffRow:
    return asks_for_a_demo(prospect, "bea")


@pytest.fixture
def owner(handoff: HandoffRow) -> StaffRow:
    assert handoff.owner_email
    return colleague(handoff.owner_email)


@pytest.fixture
def manager(handoff: HandoffRow) -> StaffRow:
    return colleague("mia@example.com", "manager")


class Phone:
    """A rep on the phone, who writes something down every minute."""

    def __init__(self, handoff: HandoffRow, rep: StaffRow, prospect: Prospect) -> None:
        self.handoff, self.rep, self.prospect = handoff, rep, prospect
        calls.start(handoff.id, rep, now=self.later())

    def later(self) -> Any:
        self.prospect.now += timedelta(minutes=1)
        return self.prospect.now

    def writes(self, question: str, value: object, seen: int = 0) -> calls.Call:
        return calls.answer(
            self.handoff.id, self.rep, question=question, value=value, seen=seen, now=self.later()
        )

    def notes(self, text: str, seen: int = 0) -> calls.Call:
        return calls.note(self.handoff.id, self.rep, text=text, seen=seen, now=self.later())

    def writes_everything(self, **answers: object) -> None:
        for question, value in {**ON_THE_PHONE, **answers}.items():
            self.writes(question, value)

    def hangs_up(self, **more: Any) -> HandoffRow:
        now = self.later()
        if "reason" not in more:
            more = {"next_step": "Send the summary", "next_step_at": now} | more
        return calls.finish(self.handoff.id, self.rep, now=now, **more)


@pytest.fixture
def phone(handoff: HandoffRow, owner: StaffRow, prospect: Prospect) -> Phone:
    return Phone(handoff, owner, prospect)


def test_every_answer_is_kept_at_once_in_any_order_and_counts(
    phone: Phone, handoff: HandoffRow, owner: StaffRow, manager: StaffRow
) -> None:
    begun = calls.opened(handoff.id, owner, now=phone.prospect.now)
    assert (handoff.status, handoff.owner_email) == ("accepted", owner.email)
    assert begun.decision.situation.profile.value("company_size") == "50-199"
    assert live.open_now(manager, now=phone.prospect.now) == [], "no visitor is there"

    phone.writes("committee", ["finance", "it"])

    db.session.expire_all()
    again = calls.opened(handoff.id, owner, now=phone.later())
    assert again.answers["committee"]["value"] == ["finance", "it"]
    assert again.decision.score.total > begun.decision.score.total
    said = db.session.scalars(select(FactRow).where(FactRow.property == "committee")).one()
    assert (said.certainty, said.source, said.lead_id) == ("confirmed", "call", handoff.lead_id)
    taken_back = phone.writes("committee", "")
    assert taken_back.decision.situation.profile.value("committee") is None


def test_a_call_knows_what_its_case_said_however_much_was_said_since(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    later = FactRow(
        lead_id=handoff.lead_id,
        property="timeline",
        value="later",
        certainty="stated",
        source="answer",
        at=prospect.now,
    )
    columns = {c.name: getattr(later, c.name) for c in FactRow.__table__.columns if c.name != "id"}
    db.session.execute(insert(FactRow), [columns] * (known.MOST_REMEMBERED + 1))
    db.session.commit()

    begun = Phone(handoff, owner, prospect)

    opened = calls.opened(handoff.id, owner, now=begun.later())
    assert opened.decision.situation.profile.value("company_size") == "50-199"


def test_the_end_puts_a_deeper_record_in_place_of_the_one_that_stood(
    phone: Phone, handoff: HandoffRow, owner: StaffRow
) -> None:
    stood = handoff.record_id
    phone.writes_everything()
    phone.notes("Wants to see the import.")

    row = phone.hangs_up()

    record = db.session.get_one(RecordRow, row.record_id)
    document, call = record.record, record.record["call"]
    jsonschema.validate(document, SCHEMA)
    assert (record.supersedes_id, record.depth) == (stood, "call_qualified")
    assert record.rule == "call_pursue"
    assert (row.status, row.next_step) == ("contacted", "Send the summary")
    assert (call["by"], call["notes"]) == (owner.email, "Wants to see the import.")
    assert call["timing"]["label"] == "Within three months"
    assert call["why_serious"]["label"] == ON_THE_PHONE["why_serious"]
    assert f"Objections: {ON_THE_PHONE['objections']}" in markdown(document)
    assert ON_THE_PHONE["objections"] not in str(without_sensitive(document))
    assert verification.verify().problems == []
    with pytest.raises(NoCall):
        phone.writes("timeline", "now")


def test_what_was_said_before_stays_word_for_word_and_half_typed_words_do_not(
    phone: Phone, handoff: HandoffRow, manager: StaffRow
) -> None:
    said = {each["question"] for each in handoff.record.record["answers"]}
    assert said, "they said something in the form"
    for text in ("Wor", "Worried abo"):
        phone.writes("objections", text)
    phone.writes_everything()
    phone.hangs_up()
    assert mails_of_a_change() == [], "who called knows"

    again = Phone(handoff, manager, phone.prospect)
    again.writes_everything(objections="None left.")
    answers = again.hangs_up().record.record["answers"]

    assert said <= {each["question"] for each in answers if "on_call" not in each}
    assert not any(each["set_aside"] for each in answers if "on_call" in each)
    told = [each["label"] for each in answers if each["property"] == "objections"]
    assert told == ["None left.", ON_THE_PHONE["objections"]]
    assert mails_of_a_change() == [handoff.owner_email], "the owner hears what others found out"


def mails_of_a_change() -> list[str | None]:
    sent = select(DeliveryRow).where(DeliveryRow.event == "handoff.updated")
    return [each.recipient for each in db.session.scalars(sent)]


def test_a_call_cannot_end_without_a_verdict_nor_without_a_next_step(phone: Phone) -> None:
    phone.writes_everything(call_verdict="")
    with pytest.raises(Incomplete, match="Your verdict"):
        phone.hangs_up()

    phone.writes_everything()
    with pytest.raises(Incomplete) as refused:
        phone.hangs_up(next_step="")
    assert refused.value.field == "next_step"
    assert calls.opened(phone.handoff.id, phone.rep, now=phone.later()).answers


def test_too_early_closes_the_lead_with_its_reason_and_gives_it_back_to_its_track(
    phone: Phone,
) -> None:
    phone.writes_everything(call_verdict="later")

    row = phone.hangs_up(reason="timing")

    assert row.status == "recycled"
    assert (row.record.kind, row.record.rule) == ("nurture", "call_later")


def test_a_call_with_somebody_who_must_be_left_alone_gives_them_to_no_track(
    phone: Phone, manager: StaffRow
) -> None:
    phone.writes_everything(call_verdict="later")
    handoffs.log_contact(phone.handoff.id, phone.rep, result="reached", now=phone.later())
    suppression.add("bea.example", manager, reason="asked", now=phone.later())

    row = phone.hangs_up(reason="timing")

    assert (row.status, row.record.rule) == ("disqualified", "call_later")


def test_two_on_the_phone_at_once_are_told_and_neither_loses_a_word(
    phone: Phone, manager: StaffRow, handoff: HandoffRow
) -> None:
    with pytest.raises(TooLate, match="began a call 1 min ago"):
        calls.start(handoff.id, manager, now=phone.later())
    phone.writes("timeline", "quarter")
    phone.notes("Hers")

    def colleague_writes(value: str, seen: int) -> calls.Call:
        return calls.answer(
            handoff.id, manager, question="timeline", value=value, seen=seen, now=phone.later()
        )

    with pytest.raises(WrittenMeanwhile, match="Within three months"):
        colleague_writes("now", 0)
    with pytest.raises(WrittenMeanwhile):
        calls.note(handoff.id, manager, text="Mine", seen=0, now=phone.later())
    seen = calls.opened(handoff.id, manager, now=phone.later()).answers["timeline"]["order"]
    assert colleague_writes("now", seen).answers["timeline"]["value"] == "now"


def test_what_a_call_brought_outlives_a_correction_and_a_change_on_the_site(
    phone: Phone, handoff: HandoffRow
) -> None:
    phone.writes_everything()
    phone.notes("Keep me")
    first = phone.hangs_up().record.record

    row = corrections.correct(
        handoff.id, phone.rep, property="company_size", value="200-500", now=phone.later()
    )
    document = row.record.record
    assert (document["depth"], document["call"]) == ("call_qualified", first["call"])
    assert len(document["answers"]) == len(first["answers"])
    assert document["supersedes"] == first["id"]

    phone.prospect.says("timeline", "later")
    db.session.refresh(handoff)
    assert handoff.record_id == document["id"]
    assert db.session.scalars(select(HandoffRow)).unique().all() == [handoff]
    assert verification.verify().problems == []


def test_a_lead_that_was_closed_meanwhile_is_not_opened_again_by_the_end_of_a_call(
    phone: Phone, manager: StaffRow, handoff: HandoffRow
) -> None:
    phone.writes_everything()
    handoffs.reject(handoff.id, manager, reason="spam", now=phone.later())

    with pytest.raises(TooLate, match="sent it back"):
        phone.hangs_up()


def test_after_a_call_nothing_is_open_that_it_settled_and_nothing_asked_that_was_not(
    handoff: HandoffRow, owner: StaffRow, prospect: Prospect
) -> None:
    def unsure(row: HandoffRow) -> dict[str, str]:
        return {each["about"]: each["kind"] for each in row.record.record["uncertainties"]}

    before = unsure(handoff)
    assert (before["budget_range"], before["committee"]) == ("skipped", "unknown")
    phone = Phone(handoff, owner, prospect)
    for question in ("challenge", "timeline", "call_verdict", "why_serious"):
        phone.writes(question, ON_THE_PHONE[question])
    after = unsure(phone.hangs_up())

    assert "timeline" not in after, "another than was said on the site, and confirmed"
    assert after["budget_range"] == "skipped", "they were asked on the site"
    assert after["committee"] == "unknown", "it did not come up"
