"""What a prospect says is kept once, and what follows from it is kept with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.fixtures.listening import statements, told_of
from tests.services.conftest import Prospect
from webapp.core.errors import AnswerRefused
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.operations import verification
from webapp.services.prospects import conversations, taking
from webapp.services.prospects.conversations import Arrival
from webapp.store import conversations as rows
from webapp.store import failpoints
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import Base, db
from webapp.store.deliveries import DeliveryRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import AccountRow, LeadRow
from webapp.store.records import RecordRow
from webapp.store.sites import SiteRow


def count(row: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(row)) or 0


def only(row: type[Base]) -> Base:
    db.session.expire_all()
    return db.session.scalars(select(row)).unique().one()


def test_a_demo_request_becomes_a_case_with_an_owner_and_a_delivery(prospect: Prospect) -> None:
    prospect.begins()
    state = prospect.answers(**DEMO)

    assert state.question is None
    assert state.ending is not None
    assert state.ending.kind == "sales"
    record, handoff, delivery = only(RecordRow), only(HandoffRow), only(DeliveryRow)
    assert record.record["verdict"]["destination"] == "sales"
    assert record.record["lead"]["email"]["value"] == "ana@nordwind.example"
    assert handoff.record_id == record.id
    assert handoff.owner_email
    assert handoff.respond_by > prospect.now
    assert delivery.recipient == handoff.owner_email
    assert delivery.payload["reply_to"] == "ana@nordwind.example"
    lead, account = only(LeadRow), only(AccountRow)
    assert (lead.email_key, lead.title) == ("ana@nordwind.example", "CFO")
    assert account.domain == "nordwind.example"
    conversation = only(ConversationRow)
    assert conversation.lead_id == lead.id == handoff.lead_id == record.lead_id
    assert conversation.finished_at == prospect.now
    assert {fact.lead_id for fact in db.session.scalars(select(FactRow))} == {lead.id}


def test_who_ends_while_nobody_works_is_told_when_the_team_is_back(prospect: Prospect) -> None:
    prospect.begins()
    at_work = prospect.answers(**DEMO)
    assert at_work.ending.back_in is None
    assert "Thank you. Our team will get in touch" in at_work.ending.text

    saturday = prospect.now + timedelta(days=1)
    opened_again = conversations.show(prospect.token, now=saturday)
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)  # 8:00 in Berlin
    assert saturday + opened_again.ending.back_in == monday


def test_whoever_tries_the_demo_is_there_at_any_hour(prospect: Prospect) -> None:
    prospect.begins(demo=True)
    prospect.answers(**DEMO)
    saturday = prospect.now + timedelta(days=1)
    assert conversations.show(prospect.token, now=saturday).ending.back_in is None


def test_an_answer_is_kept_with_the_words_it_was_asked_in(prospect: Prospect) -> None:
    """What somebody agreed to is what stood there then, whatever stands there now."""
    said, put = DEMO | {"role_level": "c_level", "industry": "technology"}, {}
    state = prospect.begins("content-download")
    while state.question is not None:
        put[state.question.id] = state.say(state.question.ask)
        id = state.question.id
        state = prospect.says(id, said.get(id), skip=id not in said)
    asked = {row.question: row.asked_as for row in db.session.scalars(select(AnswerRow))}
    assert "marketing_consent" in asked
    assert asked == put


def test_the_score_follows_every_answer(prospect: Prospect) -> None:
    prospect.begins()
    totals = [only(ConversationRow).total]
    for question, value in list(DEMO.items())[:5]:
        prospect.says(question, value)
        totals.append(only(ConversationRow).total)
    assert totals == sorted(totals)
    assert totals[-1] > totals[0]


def test_nothing_a_prospect_sees_tells_what_they_are_worth(prospect: Prospect) -> None:
    prospect.begins()
    state = prospect.answers(**DEMO)
    told = repr(state).lower()
    for word in ("total", "'score'", "tier='", "rule='"):
        assert word not in told.replace(repr(state.flow).lower(), "").replace(
            repr(state.playbook).lower(), ""
        )


def test_a_double_click_is_stored_once(prospect: Prospect) -> None:
    prospect.begins()
    first = prospect.says("goal", "grow", turn="t1")
    again = prospect.says("goal", "grow", turn="t1")
    assert count(AnswerRow) == 1
    assert again.question == first.question


def test_a_turn_answered_with_something_else_is_refused(prospect: Prospect) -> None:
    prospect.begins()
    prospect.says("goal", "grow", turn="t1")
    with pytest.raises(taking.TurnAnswered) as refusal:
        prospect.says("goal", "comply", turn="t1")
    assert refusal.value.state.answer_to("goal").value == "grow"
    assert count(AnswerRow) == 1


def test_a_late_repeat_of_a_corrected_answer_does_not_undo_the_correction(
    prospect: Prospect,
) -> None:
    prospect.begins()
    prospect.says("goal", "grow", turn="t1")
    prospect.says("goal", "comply", turn="t2")
    state = prospect.says("goal", "grow", turn="t1")
    assert state.answer_to("goal").value == "comply"
    assert count(AnswerRow) == 2


def while_the_next_is_weighed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> None:
    """Let somebody else write once the next answer has been weighed, and before it is kept."""
    hold = conversations.hold

    def hold_too_late() -> bool:
        monkeypatch.setattr(conversations, "hold", hold)
        with ThreadPoolExecutor(1) as beside:
            beside.submit(acts_there).result()
        undisturbed = hold()
        assert not undisturbed
        return undisturbed

    def acts_there() -> None:
        with app.app_context():
            act()

    monkeypatch.setattr(conversations, "hold", hold_too_late)


# PostgreSQL locks the one conversation.
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_while_an_answer_is_weighed_others_write_and_it_is_weighed_anew_after_them(
    app: Flask, prospect: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    prospect.begins()

    def says_it_first() -> None:
        later = prospect.now + timedelta(seconds=1)
        conversations.answer(prospect.token, "goal", value="comply", turn="t1", now=later)

    while_the_next_is_weighed(app, monkeypatch, says_it_first)
    prospect.says("goal", "grow", turn="t2")
    assert [(each.turn, each.n, each.edited) for each in rows.ledger(prospect.id)] == [
        ("t1", 1, False),
        ("t2", 2, True),
    ]
    assert only(ConversationRow).answers[0]["value"] == "grow"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_a_visitor_does_while_their_last_answer_is_weighed_is_in_the_record(
    app: Flask, prospect: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    *before, last = DEMO
    prospect.begins(visitor_key="v1")
    prospect.answers(**{each: DEMO[each] for each in before})

    def looks_at_prices() -> None:
        seen = Happened(id="e1", page="/pricing")
        visits.record(prospect.site, "v1", [seen], now=prospect.now)

    while_the_next_is_weighed(app, monkeypatch, looks_at_prices)
    prospect.says(last, DEMO[last])
    record = only(RecordRow)
    assert [each["page"] for each in record.inputs["events"]] == ["/pricing"]
    assert "pricing_page" in str(record.record["evidence"])


def test_a_question_that_is_not_put_yet_is_not_answered(prospect: Prospect) -> None:
    prospect.begins()
    with pytest.raises(taking.NotThisQuestion) as refusal:
        prospect.says("email", "ana@nordwind.example")
    assert refusal.value.state.question.id == "goal"
    assert count(AnswerRow) == 0


@pytest.mark.parametrize("value", ["", None, "world domination", ["grow", "comply"], 7, {"a": 1}])
def test_what_is_no_answer_is_refused_and_nothing_is_kept(
    prospect: Prospect, value: object
) -> None:
    prospect.begins()
    with pytest.raises(AnswerRefused) as refusal:
        prospect.says("goal", value)
    assert refusal.value.property == "goal"
    assert count(AnswerRow) == 0


def test_a_required_question_cannot_be_skipped(prospect: Prospect) -> None:
    prospect.begins()
    with pytest.raises(AnswerRefused):
        prospect.says("goal", skip=True)


def test_an_optional_question_may_be_skipped_and_the_skip_is_kept(prospect: Prospect) -> None:
    prospect.begins()
    state = prospect.answers(goal="grow", challenge=None)
    assert state.question.id == "job_title"
    assert state.answer_to("challenge").value is None
    assert count(FactRow) == 1


def test_hostile_text_is_kept_as_text(prospect: Prospect) -> None:
    prospect.begins()
    said = "<script>alert(1)</script> {{ config }} \x00\ud800 =1+1"
    state = prospect.answers(goal="grow", challenge=said)
    kept = state.answer_to("challenge").value
    assert kept == "<script>alert(1)</script> {{ config }} � =1+1"


def test_changing_an_earlier_answer_sets_later_ones_aside_and_back(prospect: Prospect) -> None:
    prospect.begins()
    prospect.answers(goal="grow", challenge=None, job_title="CFO", company_size="200-500")
    prospect.answers(timeline="quarter", budget_range="25k-100k")
    gone = conversations.preview_removal(
        prospect.token, "timeline", value="later", now=prospect.now
    )
    assert [given.question.id for given in gone] == ["budget_range"]

    state = prospect.says("timeline", "later")
    assert state.answer_to("budget_range").set_aside
    facts = [fact.value for fact in db.session.scalars(select(FactRow).order_by(FactRow.id))]
    assert facts[-2:] == ["later", None]

    state = prospect.says("timeline", "quarter")
    assert not state.answer_to("budget_range").set_aside
    assert count(AnswerRow) == 8


def test_an_answer_changed_after_the_end_supersedes_the_record_and_keeps_the_owner(
    prospect: Prospect,
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    owner = only(HandoffRow).owner_email

    prospect.says("company_size", "1-9")

    old, new = db.session.scalars(select(RecordRow).order_by(RecordRow.created_at))
    assert new.supersedes_id == old.id
    assert new.total < old.total
    handoff = only(HandoffRow)
    assert (handoff.owner_email, handoff.record_id) == (owner, new.id)
    told = db.session.scalars(select(DeliveryRow.event).order_by(DeliveryRow.id)).all()
    assert sorted(told) == ["handoff.created", "handoff.updated"]


def test_the_same_answer_again_after_the_end_makes_no_new_record(prospect: Prospect) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    prospect.says("company_size", DEMO["company_size"])
    assert count(RecordRow) == 1


@pytest.mark.parametrize("place", ["before_commit"])
def test_a_failure_while_finishing_leaves_nothing_of_the_last_answer(
    prospect: Prospect, place: str
) -> None:
    prospect.begins()
    answers = dict(DEMO)
    email = answers.pop("email")
    prospect.answers(**answers)
    kept = count(AnswerRow)

    def fail() -> None:
        raise RuntimeError("the power went")

    with (
        failpoints.armed(f"conversations.answer.{place}", fail),
        pytest.raises(RuntimeError),
    ):
        prospect.says("email", email)

    assert count(AnswerRow) == kept
    assert [count(row) for row in (RecordRow, HandoffRow, DeliveryRow, LeadRow)] == [0, 0, 0, 0]
    assert prospect.says("email", email).ending.kind == "sales"


def test_an_answer_costs_five_statements_and_one_commit(prospect: Prospect) -> None:
    prospect.begins(visitor_key="a browser")
    commits: list[object] = []
    with statements() as asked, told_of("commit", commits.append):
        prospect.says("goal", "grow")
    assert [s for s in asked if not s.startswith("BEGIN")][5:] == []
    assert len(commits) == 1


def test_who_asked_for_a_person_is_answered_in_one_transaction_each_time(
    prospect: Prospect,
) -> None:
    prospect.begins()
    begun: list[object] = []
    with told_of("begin", begun.append):
        state = conversations.ask_for_person(prospect.token, now=prospect.now)
        assert state.team_told
        assert len(begun) == 1
        prospect.says("goal", "grow")
    assert prospect.state.team_told
    assert len(begun) == 2


def test_what_somebody_said_before_is_not_asked_again(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins(visitor_key="a browser")
    prospect.answers(**DEMO)
    same_person = another_prospect()
    same_person.now = prospect.now + timedelta(days=1)
    state = same_person.begins("pricing-inquiry", visitor_key="a browser")
    asked = [state.question.id]
    assert state.transcript == ()
    row = db.session.get(ConversationRow, same_person.id)
    assert {fact["property"] for fact in row.known_before} == DEMO.keys()
    assert row.came_back
    assert "company_size" not in asked


def test_a_stranger_who_types_somebodys_address_learns_and_changes_nothing(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    stranger = another_prospect()
    stranger.begins()
    stranger.finishes(**DEMO | {"job_title": "Intern", "purpose": "buying"})
    lead = only(LeadRow)
    assert lead.title == "CFO"


def test_a_second_browser_with_another_address_is_another_person(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins(visitor_key="shared computer")
    prospect.answers(**DEMO)
    other = another_prospect()
    other.now = prospect.now + timedelta(hours=1)
    other.begins("demo-request", visitor_key="shared computer")
    other.finishes(**DEMO | {"email": "ben@sued.example"})
    emails = db.session.scalars(select(LeadRow.email_key)).all()
    assert sorted(emails) == ["ana@nordwind.example", "ben@sued.example"]


def go_on(prospect: Prospect, *, until: str = "", **answers: object) -> None:
    """Answers with these, and with anything where something must be said."""
    while prospect.state.question and prospect.state.question.id != until:
        put = prospect.state.question
        choices = list(prospect.state.playbook.properties[put.property].choices or ["something"])
        anything = choices[0] if put.required else None
        value = answers.get(put.id, anything)
        prospect.says(put.id, value, skip=value is None)


def test_what_was_skipped_for_somebody_else_is_asked_after_all(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins(visitor_key="shared computer")
    prospect.answers(**DEMO)
    ben = another_prospect()
    ben.now = prospect.now + timedelta(hours=1)
    assert ben.begins(visitor_key="shared computer").question.id not in DEMO
    go_on(ben, until="email")
    state = ben.says("email", "ben@sued.example")
    assert state.question.id == "goal"
    row = db.session.get(ConversationRow, ben.id)
    assert row.known_before == []

    go_on(ben, **DEMO | {"job_title": "Intern", "email": "ben@sued.example"})
    assert {lead.email_key: lead.title for lead in db.session.scalars(select(LeadRow))} == {
        "ana@nordwind.example": "CFO",
        "ben@sued.example": "Intern",
    }


def test_a_third_visit_knows_only_who_was_here_last(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins(visitor_key="shared computer")
    prospect.answers(**DEMO)
    ben = another_prospect()
    ben.now = prospect.now + timedelta(hours=1)
    ben.begins(visitor_key="shared computer")
    go_on(ben, until="email")
    ben.says("email", "ben@sued.example")
    go_on(ben, **DEMO | {"job_title": "Intern", "email": "ben@sued.example"})
    later = another_prospect()
    later.now = ben.now + timedelta(hours=1)
    state = later.begins(visitor_key="shared computer")
    row = db.session.get(ConversationRow, later.id)
    known = {fact["property"]: fact["value"] for fact in row.known_before}
    assert known["email"] == "ben@sued.example"
    assert known["job_title"] == "Intern"
    assert "budget_range" not in known  # she said it, and he was never asked
    assert state.question.id == "budget_range"


def test_who_only_began_here_under_another_address_is_somebody_else_too(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins("contact", visitor_key="shared computer")
    prospect.answers(purpose="buying", next_step="prices", challenge=None)
    prospect.says("email", "ana@nordwind.example")
    ben = another_prospect()
    ben.now = prospect.now + timedelta(hours=1)
    ben.begins(visitor_key="shared computer")
    ben.finishes(**DEMO | {"email": "ben@sued.example"})
    row = db.session.get(ConversationRow, ben.id)
    assert row.known_before == []


def test_looking_at_the_first_question_keeps_nothing(site: SiteRow, prospect: Prospect) -> None:
    state = conversations.opening(
        "demo-request", Arrival(site=site, visitor_key="a browser"), token="t", now=prospect.now
    )
    assert state.question.id == "goal"
    assert count(ConversationRow) == 0


def test_starting_twice_with_one_token_begins_one_conversation(
    site: SiteRow, prospect: Prospect
) -> None:
    arrival = Arrival(site=site)
    first = conversations.start("demo-request", arrival, token="x" * 43, now=prospect.now)
    again = conversations.start("demo-request", arrival, token="x" * 43, now=prospect.now)
    assert again.id == first.id
    assert count(ConversationRow) == 1


def test_an_answer_that_comes_after_the_address_expired_is_kept(prospect: Prospect) -> None:
    prospect.begins()
    prospect.now += timedelta(days=40)
    with pytest.raises(conversations.ConversationExpired):
        conversations.show(prospect.token, now=prospect.now)
    prospect.says("goal", "grow")
    assert only(AnswerRow).flags == ["late"]


def test_a_made_up_token_opens_nothing(prospect: Prospect) -> None:
    prospect.begins()
    for token in ("", "x", prospect.token[:-1], prospect.token + "a", "\ud800"):
        with pytest.raises(conversations.UnknownConversation):
            conversations.show(token, now=prospect.now)


def test_asking_for_a_person_twice_notes_the_first_time(prospect: Prospect) -> None:
    prospect.begins()
    first = conversations.ask_for_person(prospect.token, now=prospect.now)
    later = conversations.ask_for_person(prospect.token, now=prospect.now + timedelta(minutes=5))
    assert later.human_asked_at == first.human_asked_at == prospect.now


def test_spam_is_set_aside_and_kept(prospect: Prospect) -> None:
    prospect.begins(spam_because=["filled in a hidden field"])
    prospect.answers(**DEMO)
    assert only(RecordRow).kind == "review"
    assert count(HandoffRow) == 0


def test_an_unknown_flow_is_said_to_be_unknown(prospect: Prospect) -> None:
    with pytest.raises(conversations.UnknownFlow):
        prospect.begins("no-such-flow")


def test_a_machine_whose_clock_is_behind_forgets_nothing_that_another_was_told(
    prospect: Prospect,
) -> None:
    prospect.begins()
    prospect.answers(goal="grow", challenge="Nine days", job_title="CFO", company_size="50-199")
    prospect.now -= timedelta(minutes=5)
    prospect.answers(timeline="later", marketing_consent="yes")
    prospect.now -= timedelta(minutes=5)
    prospect.finishes(email="ana@nordwind.example")

    record = db.session.scalars(select(RecordRow)).one()
    known = {each["question"] for each in record.record["answers"] if not each["set_aside"]}
    assert {"goal", "timeline", "marketing_consent", "email"} <= known
    lines = {line["rule"] for line in record.record["score_lines"] if line["status"] == "known"}
    assert "size" in lines
    assert verification.verify().problems == []
