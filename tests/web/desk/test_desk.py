"""A rep finds the lead on top of the desk, reads a briefing to call on, and acts on it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import jsonschema
import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.fixtures.listening import statements
from tests.fixtures.people import Colleague
from tests.services.selling import colleague as employ
from tests.web.markup import faults_of
from webapp.core.clocks import zone
from webapp.core.handoff_schema import SCHEMA
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.sales import meetings
from webapp.store import inbox, sites
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, one_commit, writing
from webapp.store.handoffs import HandoffRow
from webapp.store.messages import MessageRow

ANSWERS = {
    "goal": "grow",
    "challenge": "The close takes nine days <script>alert(1)</script> {{7*7}}",
    "job_title": "CFO",
    "company_size": "200-500",
    "timeline": "quarter",
    "budget_range": "25k-100k",
    "email": "ana@nordwind.example",
    "name": "Ana Ruiz",
    "phone": "+49 30 1234567",
}


def asks_for_a_demo(
    app: Flask, ago: timedelta = timedelta(), locale: str | None = None, **answers: str
) -> HandoffRow:
    with app.app_context():
        site = sites.first()
        assert site is not None
        now = datetime.now(UTC) - ago
        started = conversations.start("demo-request", Arrival(site=site, locale=locale), now=now)
        state = started.state
        while state.question is not None:
            value = (ANSWERS | answers).get(state.question.id)
            state = conversations.answer(
                started.token, state.question.id, value=value, skip=value is None, now=now
            )
        return db.session.scalars(
            select(HandoffRow).where(HandoffRow.conversation_id == started.id)
        ).one()


@pytest.fixture
def lead(app: Flask) -> HandoffRow:
    """A demo request that somebody at a desk has to answer."""
    return asks_for_a_demo(app)


@pytest.fixture
def owner(lead: HandoffRow, colleague: Callable[..., Colleague]) -> Colleague:
    somebody = colleague("rep", lead.owner_email)
    somebody.signs_in()
    return somebody


def test_every_label_of_an_accepted_lead_leads_to_a_field_of_its_own_form(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.post(f"{address}/acceptance")
    page = owner.get(address).text
    assert faults_of(page) == []
    asked = 0
    for form in re.finditer(r"<form.*?</form>", page, re.S):
        for field in re.findall(r'<label class="label" for="([^"]+)"', form[0]):
            asked += 1
            assert form.start() < page.index(f' id="{field}"') < form.end()
    assert asked > 5


def test_the_owner_finds_the_lead_on_top_of_the_desk(owner: Colleague, lead: HandoffRow) -> None:
    page = owner.get("/desk")

    assert page.status_code == 200
    assert "ana@nordwind.example" in page.text
    assert page.text.index("data-lead") < page.text.index("In one line")


def test_the_open_desk_is_sent_its_leads_only_where_they_look_different(
    owner: Colleague, lead: HandoffRow
) -> None:
    polled = re.compile(r'hx-get="([^"]*/inbox[^"]*)"')
    asks = unescape(polled.findall(owner.get("/desk").text)[0])
    with owner.app.app_context(), statements() as read:
        shown = owner.get(asks)
    assert (shown.status_code, shown.text) == (204, "")
    assert [each for each in read if "FROM handoffs" in each]
    assert [each for each in read if "records" in each] == [], "they are long"
    owner.post(f"/desk/handoffs/{lead.id}/acceptance")
    with owner.app.app_context(), statements() as read:
        shown = owner.get(asks)
    assert "Accepted" in shown.text
    assert len([each for each in read if "count(*)" in each]) == 1, "counted once"
    assert 'id="q"' not in shown.text, "what is being typed into the search stays"


def test_the_briefing_says_what_is_said_inferred_and_unknown(
    owner: Colleague, lead: HandoffRow
) -> None:
    page = owner.get(f"/desk/handoffs/{lead.id}").text

    for glyph, word in (("●", "said"), ("◐", "inferred from"), ("○", "unknown: not asked")):
        assert glyph in page
        assert word in page
    assert "Within three months" in page


def test_the_briefing_holds_what_was_written_to_a_person(
    app: Flask, owner: Colleague, lead: HandoffRow
) -> None:
    assert "Talk with our team" not in owner.get(f"/desk/handoffs/{lead.id}").text
    with app.app_context(), writing(), one_commit("tests.writes"):
        said = {"by": None, "text": "Ring me after <noon>"}
        db.session.add(
            MessageRow(conversation_id=lead.conversation_id, at=datetime.now(UTC), **said)
        )
    page = owner.get(f"/desk/handoffs/{lead.id}").text
    assert "Talk with our team" in page
    assert "<strong>Visitor</strong> <bdi>Ring me after &lt;noon&gt;</bdi>" in page


def test_what_a_prospect_typed_is_shown_and_never_run(owner: Colleague, lead: HandoffRow) -> None:
    page = owner.get(f"/desk/handoffs/{lead.id}").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page
    assert "<script>alert" not in page


def test_the_record_is_there_as_json_markdown_and_text(owner: Colleague, lead: HandoffRow) -> None:
    record = owner.get(f"/desk/handoffs/{lead.id}.json").json
    jsonschema.validate(record, SCHEMA)

    words = owner.get(f"/desk/handoffs/{lead.id}.md")
    assert words.mimetype == "text/markdown"
    assert words.text.startswith("# ")
    assert owner.get(f"/desk/handoffs/{lead.id}.txt").mimetype == "text/plain"


def test_nobody_is_told_to_hurry_to_a_lead_that_was_called(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"

    def standing_and_to_do() -> str:
        return (
            owner.get(address)
            .text.partition('<div class="standing">')[2]
            .partition("</p>\n</div>")[0]
        )

    assert "respond by" in standing_and_to_do()
    assert "within 15 minutes" in standing_and_to_do()
    owner.post(f"{address}/contacts", {"result": "reached", "note": "Wants a pilot"})
    assert "Contacted" in standing_and_to_do()
    assert "Timeline: Within three months" in standing_and_to_do()
    assert "respond by" not in standing_and_to_do()
    assert "within 15 minutes" not in standing_and_to_do()


def test_who_waited_for_too_long_is_called_now_and_not_within_a_time_that_has_passed(
    owner: Colleague, lead: HandoffRow
) -> None:
    with owner.app.app_context():
        db.session.get_one(HandoffRow, lead.id).respond_by = lead.created_at - timedelta(hours=1)
        db.session.commit()
    page = owner.get(f"/desk/handoffs/{lead.id}").text
    shown = page.partition('class="ask-first"')[2].partition("</p>")[0]
    assert "overdue" in page
    assert "Get in touch now. Timeline: Within three months" in shown
    assert "15 minutes" not in shown


def test_accepting_logging_and_closing_a_lead(owner: Colleague, lead: HandoffRow) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)

    assert owner.post(f"{address}/acceptance").status_code == 303
    assert "What happens next, and when?" in owner.get(address).text
    owner.post(
        f"{address}/contacts",
        {
            "result": "reached",
            "note": "Wants a pilot",
            "next_step": "Send the plan",
            "next_step_at": "2099-01-01T10:00",
        },
    )
    page = owner.get(address).text
    assert "Wants a pilot" in page
    assert "Send the plan" in page
    won = owner.post(f"{address}/outcome", {"stage": "won", "amount": "9000 EUR"})
    assert won.status_code == 303
    assert "Won" in owner.get(address).text


def test_a_refused_form_says_why_and_keeps_what_was_typed(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    owner.post(f"{address}/acceptance")

    refused = owner.post(f"{address}/outcome", {"stage": "won", "note": "Signed on Friday"})

    assert refused.status_code == 422
    assert "Enter the amount, like 12000 EUR." in refused.text
    assert "Signed on Friday" in refused.text


def test_two_reps_at_once_the_second_hears_of_the_first(
    owner: Colleague, manager: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    manager.get(address)
    owner.post(f"{address}/rejection", {"reason": "misrouted"})

    late = manager.post(f"{address}/acceptance")

    assert late.status_code == 409
    assert "sent it back" in late.text


def test_a_guess_can_be_corrected_and_the_score_follows(owner: Colleague, lead: HandoffRow) -> None:
    address = f"/desk/handoffs/{lead.id}"
    before = owner.get(f"{address}.json").json["verdict"]["score"]["total"]
    owner.get(address)

    done = owner.post(f"{address}/corrections", {"property": "role_level", "value": "specialist"})

    assert done.status_code == 303
    assert owner.get(f"{address}.json").json["verdict"]["score"]["total"] < before


def test_a_test_that_was_none_becomes_a_lead_with_one_click(
    owner: Colleague, lead: HandoffRow, app: Flask
) -> None:
    address, button = f"/desk/handoffs/{lead.id}", "make it a lead"
    assert button not in owner.get(address).text
    with app.app_context():
        db.session.execute(update(ConversationRow).values(test=True))
        db.session.execute(update(HandoffRow).values(test=True))
        db.session.commit()
    assert button in owner.get(address).text
    assert owner.post(f"{address}/real-lead").headers["Location"].startswith(address)
    page = owner.get(address).text
    assert button not in page
    assert "said that this was no test" in page


def test_colleagues_are_listed_by_name(owner: Colleague, lead: HandoffRow, app: Flask) -> None:
    with app.app_context():
        employ("ben@example.com")
    page = owner.get(f"/desk/handoffs/{lead.id}").text
    assert '<option value="ben@example.com">Ben: 0 open</option>' in page
    assert f'<option value="{lead.owner_email}"' not in page, "it is theirs already"


def test_who_gives_a_lead_to_another_team_is_back_at_the_inbox(
    owner: Colleague, lead: HandoffRow
) -> None:
    given = owner.post(f"/desk/handoffs/{lead.id}/reassignment", {"to": "farah@example.com"})
    assert given.headers["Location"] == "/desk"
    assert "Handed to your colleague." in owner.get("/desk").text


def test_somebody_elses_lead_looks_like_no_lead(
    rep: Colleague, marketer: Colleague, lead: HandoffRow
) -> None:
    for path in (f"/desk/handoffs/{lead.id}", f"/desk/handoffs/{lead.id}.json"):
        assert rep.get(path).status_code == 404
        assert marketer.get(path).status_code == 403
    rep.get("/desk")
    assert rep.post(f"/desk/handoffs/{lead.id}/acceptance").status_code == 404


def test_a_lead_is_closed_with_a_reason_and_returned_to_a_track(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    owner.post(f"{address}/acceptance")
    assert "Why will nothing come of it?" in owner.get(address).text
    owner.post(f"{address}/disqualification", {"reason": "no_budget"})
    assert "Which track do they join?" in owner.get(address).text
    assert owner.post(f"{address}/recycling").status_code == 422

    assert owner.post(f"{address}/recycling", {"to": "nurture"}).status_code == 303
    assert "Back in nurture" in owner.get(address).text


def test_the_briefing_can_be_copied_and_mailed(owner: Colleague, lead: HandoffRow) -> None:
    page = owner.get(f"/desk/handoffs/{lead.id}").text

    for form in ('data-copies="as-text"', 'data-copies="as-markdown"', 'href="mailto:?subject='):
        assert form in page


def test_a_call_that_was_agreed_is_what_to_do_and_when(owner: Colleague, lead: HandoffRow) -> None:
    with owner.app.app_context():
        token, now = meetings.token(lead.id), datetime.now(UTC)
        slot = meetings.offer(token, now=now).slots[-1]
        meetings.book(token, slot, "UTC", now=now)
    there = slot.astimezone(zone("Europe/Berlin"))
    at = f"Call on {there:%A %-d %b, %H:%M} (Berlin)"
    page = owner.get(f"/desk/handoffs/{lead.id}").text

    assert page.index("In one line") < page.index(at)
    assert len(re.findall(r"call in \d+ (?:days|h)<", page)) == 2, "list and briefing"
    for kind in ("", ".md", ".txt"):
        copy = owner.get(f"/desk/handoffs/{lead.id}{kind}").text
        assert at in re.sub(r"\\(?=[()])", "", copy)
        assert "15 minutes" not in copy
    with owner.app.app_context():
        meetings.cancel(token, now=datetime.now(UTC))
    page = owner.get(f"/desk/handoffs/{lead.id}").text
    assert at not in page
    assert "Call within 15 minutes" in page


def test_who_searches_for_what_very_many_fit_reads_how_many_were_looked_through(
    owner: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "looks_back_only_so_far", lambda view, q: True)
    page = owner.get("/desk?view=closed&q=nordwind").text
    assert "only the 10,000 leads closed last were looked through" in page


def test_who_has_more_leads_than_are_listed_reads_how_many_there_are(
    app: Flask, owner: Colleague, lead: HandoffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LISTED", 1)
    assert "are listed" not in owner.get("/desk").text, "there is one"
    for name in ("ben", "cem"):
        asks_for_a_demo(app, email=f"{name}@nordwind.example")
    page = owner.get("/desk").text
    assert page.count("data-lead") == 1
    assert "1 of 3 are listed, those due first." in page
    assert "The first 1 that fit “nordwind” are listed." in owner.get("/desk?q=nordwind").text
    monkeypatch.setattr(inbox, "LISTED", 3)
    assert "are listed" not in owner.get("/desk").text, "all of them are"


def test_a_snoozed_lead_is_found_and_is_back_when_its_rep_wants_it(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    assert "Snoozed" not in owner.get("/desk").text
    owner.post(f"{address}/snooze", {"until": in_two_days()})
    assert "data-lead" not in owner.get("/desk?view=mine").text
    for where in ("view=mine&q=nordwind", "view=all&q=nordwind", "view=snoozed"):
        assert "Snoozed · New" in owner.get(f"/desk?{where}").text, where
    page = owner.get(address).text
    assert "Snoozed until" in page
    assert owner.post(f"{address}/waking").status_code == 303
    assert "Snoozed" not in owner.get(address).text.replace("Snooze…", "").split("happened")[0]
    assert "data-lead" in owner.get("/desk?view=mine").text
    assert "No leads are snoozed." in owner.get("/desk?view=snoozed").text


def test_a_lead_that_was_snoozed_is_in_sight_of_whom_it_is_given_to(
    app: Flask, owner: Colleague, manager: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.post(f"{address}/snooze", {"until": in_two_days()})
    shown = manager.get(address).text
    to = re.search(r'<option value="([^"]+@[^"]+)">[^<]*: \d+ open<', shown)
    assert to, "who gives it away sees how much each has in hand"
    assert manager.post(f"{address}/reassignment", {"to": to[1]}).status_code == 303
    with app.app_context():
        now = datetime.now(UTC)
        [listed] = inbox.glimpsed("mine", to[1], (), now=now)
    assert listed.id == lead.id


@pytest.mark.parametrize(
    ("form", "sent", "kept"),
    [
        ("snooze", {"until": "2001-01-01T10:00"}, 'value="2001-01-01T10:00"'),
        ("reassignment", {"to": "gone@acme.example", "note": "On leave"}, "On leave"),
        ("rejection", {"note": "A student, by her title"}, "A student, by her title"),
    ],
)
def test_a_refused_form_is_open_with_what_was_typed(
    owner: Colleague, lead: HandoffRow, form: str, sent: dict[str, str], kept: str
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    refused = owner.post(f"{address}/{form}", sent)
    assert refused.status_code == 422
    [opened] = re.findall(r'<details class="act"[^>]* open>.*?</details>', refused.text, re.S)
    assert f"{address}/{form}" in opened
    assert kept in opened


def test_a_next_step_keeps_its_day_when_another_contact_is_logged(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    plan = {"next_step": "Send the plan", "next_step_at": "2090-01-02T10:00"}
    owner.post(f"{address}/contacts", {"result": "voicemail", **plan})
    assert 'value="2090-01-02T10:00"' in owner.get(address).text
    owner.post(f"{address}/contacts", {"result": "voicemail"})
    assert "Mon 2 Jan, 10:00" in owner.get(address).text
    owner.post(f"{address}/contacts", {"result": "reached", "next_step": "Ring again"})
    assert "What happens next, and when?" in owner.get(address).text


def test_a_lead_that_was_closed_by_mistake_is_opened_again(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    owner.post(f"{address}/acceptance")
    owner.post(f"{address}/disqualification", {"reason": "timing"})
    assert f"{address}/outcome" in owner.get(address).text
    owner.post(f"{address}/outcome", {"stage": "opportunity"})
    assert "data-lead" in owner.get("/desk?view=mine").text
    assert "data-lead" not in owner.get("/desk?view=closed").text


def in_two_days() -> str:
    return f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M}"
