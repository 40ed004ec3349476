"""A draft becomes what visitors get: in words, with a reason, and with a way back."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from tests.web.studio.forms import form_on
from webapp.services.flows import drafts, releases
from webapp.store import releases as release_rows
from webapp.store.audit import AuditRow
from webapp.store.releases import ReleaseRow

FLOW = "/studio/flows/demo-request"
WHY = "People did not understand the question"


@pytest.fixture(autouse=True)
def flows(site_key: str) -> None:
    """The starter flows are live."""


def change(person: Colleague, question: str, **fields: str) -> None:
    sent = form_on(person.get(f"{FLOW}?q={question}").text)
    saved = person.post(f"{FLOW}/questions/{question}", {**sent, **fields, "do": "save"})
    assert saved.status_code == 303


def revision(page: str) -> str:
    return page.split('name="base_rev" value="')[1].split('"')[0]


def publish(person: Colleague, why: str = WHY, **more: str) -> int:
    page = person.get("/studio/publish").text
    sent = {"why": why, "base_rev": revision(page), **more}
    return person.post("/studio/publish", sent).status_code


def first_question(person: Colleague) -> str:
    with person.app.app_context():
        return str(releases.live()[1].flows["demo-request"].questions[0].ask)


def test_the_review_says_in_words_what_changes(marketer: Colleague) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})
    change(marketer, "timeline", **{"c-1-points": "12"})

    page = unescape(marketer.get("/studio/publish").text)

    assert '<span class="tag">Request a demo</span> Goal · wording' in page, "no id"
    assert "Goal · wording (en): “What would you most like to achieve?” → “What for?”" in page
    assert "Timeline · Within three months: 8 → 12 points" in page


def test_publishing_needs_a_reason_and_then_reaches_new_visitors(
    marketer: Colleague, stranger: Colleague, rows: Callable[..., Any]
) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})

    assert publish(marketer, why="because") == 422
    assert publish(marketer) == 303

    assert "What for?" in stranger.get("/f/demo-request").text
    row = rows(ReleaseRow)[-1]
    assert row.why == WHY
    assert ("flows.published", str(row.id), row.by) in [
        (line.action, line.subject, line.actor) for line in rows(AuditRow)
    ]
    page = unescape(marketer.get("/studio/history").text)
    assert WHY in page
    assert "Wording of “Goal”" in page
    assert "There is nothing to publish" in marketer.get("/studio/publish").text


def test_conversations_under_way_finish_on_their_version_unless_it_is_said_otherwise(
    marketer: Colleague, rows: Callable[..., Any]
) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})
    assert form_on(marketer.get("/studio/publish").text, "publish-form")["open"] == "finish"

    publish(marketer, open="move_on")

    assert "Conversations under way go on with it." in marketer.get("/studio").text
    assert {"moving_on": 0} in [line.detail for line in rows(AuditRow)]


def test_a_persona_that_comes_out_otherwise_stops_publishing_until_it_is_meant(
    marketer: Colleague,
) -> None:
    change(marketer, "timeline", **{"c-0-points": "0"})
    page = marketer.get("/studio/publish").text
    assert "Ana cfo urgent" in page

    assert publish(marketer) == 422
    assert publish(marketer, anyway="on") == 303


def test_personas_that_only_could_have_scored_otherwise_stand_apart(marketer: Colleague) -> None:
    change(marketer, "timeline", **{"c-0-points": "14"})
    page = marketer.get("/studio/publish").text
    assert "34 of 35 come out as expected." in page
    assert page.count("Score: expected 98, got 102") == 1
    assert "Points for intent: expected" not in page, "the score says it"
    assert "11 of these could still have reached another score than expected" in page
    assert "1 persona comes out otherwise, and that is meant" in page
    assert "but for what was still possible" in marketer.get("/studio/flows/contact/personas").text


def test_the_first_points_of_a_question_are_told_before_they_are_published(
    marketer: Colleague,
) -> None:
    change(marketer, "goal", **{"c-2-points": "8"})
    page = unescape(marketer.get("/studio/publish").text)
    assert "Goal · Replace a tool we have outgrown: nothing → 8 points" in page


def test_a_draft_with_errors_is_kept_but_not_published(marketer: Colleague) -> None:
    marketer.get("/studio/files/demo-request.yaml")
    text = marketer.get("/studio/export/demo-request.yaml").text
    broken = text.replace("property: goal", "property: gaol")
    saved = marketer.post("/studio/files/demo-request.yaml", {"text": broken})
    assert saved.status_code == 303
    page = unescape(marketer.get("/studio/files/demo-request.yaml").text)
    assert "There is no property <code>gaol</code>. Did you mean <code>goal</code>?" in page

    assert publish(marketer, anyway="on") == 422

    assert first_question(marketer) == "What would you most like to achieve?"
    assert marketer.get(FLOW).status_code == 200


def test_a_draft_that_changed_since_it_was_reviewed_is_looked_at_again(
    marketer: Colleague, manager: Colleague
) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})
    seen = revision(marketer.get("/studio/publish").text)
    change(manager, "timeline", **{"ask-en": "Starting when?"})

    late = marketer.post("/studio/publish", {"why": WHY, "base_rev": seen})

    assert late.status_code == 409
    assert WHY in late.text


def test_any_version_can_be_made_live_again(marketer: Colleague, rows: Callable[..., Any]) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})
    publish(marketer)
    with marketer.app.app_context():
        live, first = (row.id for row in release_rows.history())

    page = unescape(marketer.get(f"/studio/versions/{live}").text)
    assert "“What for?”" in page
    page = marketer.get(f"/studio/versions/{first}").text
    sent = form_on(page, "restore-form") | {"why": "It was better before"}
    assert sent["open"] == "finish"
    done = marketer.post(f"/studio/versions/{first}/restoration", {**sent, "open": "move_on"})

    assert done.status_code == 303
    assert "Conversations under way go on with it." in marketer.get("/studio").text
    assert rows(AuditRow)[-1].detail == {"moving_on": 0}
    assert first_question(marketer) == "What would you most like to achieve?"


def test_discarding_goes_back_to_what_is_live_and_keeps_the_story(marketer: Colleague) -> None:
    change(marketer, "goal", **{"ask-en": "What for?"})
    marketer.get("/studio/publish")

    marketer.post("/studio/discard")

    assert "There is nothing to publish" in marketer.get("/studio/publish").text
    assert "Wording of “Goal”" in unescape(marketer.get("/studio/history").text)


def test_a_flow_can_be_begun_from_the_gallery_and_taken_out(
    marketer: Colleague, stranger: Colleague
) -> None:
    marketer.get("/studio/gallery")
    marketer.post("/studio/flows", {"template": "event"})
    marketer.post("/studio/flows/event/retirement")  # it never was live, so it just goes
    assert "There is nothing to publish" in marketer.get("/studio/publish").text
    begun = marketer.post("/studio/flows", {"template": "event"})
    assert begun.headers["Location"] == "/studio/flows/event"
    assert publish(marketer, anyway="on") == 303
    assert stranger.get("/f/event").status_code == 200

    marketer.get("/studio/flows/event/settings")
    marketer.post("/studio/flows/event/retirement")
    assert "Taken out" in marketer.get("/studio/publish").text
    assert publish(marketer, anyway="on") == 303

    assert stranger.get("/f/event").status_code == 404


def test_the_address_of_a_flow_taken_out_in_the_draft_leads_to_what_would_be_published(
    app: Flask, marketer: Colleague
) -> None:
    with app.app_context():
        drafts.put({"contact.yaml": ""}, what="Took out contact", by="mia", now=FRIDAY)
    page = marketer.get("/studio/flows/contact", follow_redirects=True)
    assert page.request.path == "/studio/publish"
    assert "“contact” is taken out in the draft" in page.text
    assert marketer.get("/studio/flows/never-there").status_code == 404
