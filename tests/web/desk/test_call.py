"""On the phone in a browser: the call sheet, each answer kept as it is sent, and hanging up."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask

from tests.fixtures.people import Colleague
from tests.web.desk.test_desk import asks_for_a_demo, lead, owner
from webapp.config import ROOT
from webapp.services.flows import releases
from webapp.store.handoffs import HandoffRow

__all__ = ["lead", "owner"]


@pytest.fixture
def sheet(owner: Colleague, lead: HandoffRow) -> str:
    """The address of a call that has begun."""
    address = f"/desk/handoffs/{lead.id}"
    assert "Start the call" in owner.get(address).text
    begun = owner.post(f"{address}/call")
    assert begun.headers["Location"] == f"{address}/call"
    return f"{address}/call"


def write(
    who: Colleague, sheet: str, question: str, value: object, seen: int = 0, **more: object
) -> object:
    given = {"question": question, f"answer-{question}": value, "seen": seen}
    return who.post(f"{sheet}/answers", given, **more)


def test_the_sheet_shows_every_question_and_what_is_known_already(
    owner: Colleague, sheet: str
) -> None:
    page = owner.get(sheet).text

    assert "What made you look into this now?" in page
    assert "The close takes nine days &lt;script&gt;" in page
    assert "Still true" in page
    assert "Only when verdict after the call is Pursue now" in page
    assert 'value="quarter" checked' not in page, "dates move: asked again"


def test_a_call_without_script_from_the_first_answer_to_the_next_step(
    owner: Colleague, sheet: str, lead: HandoffRow
) -> None:
    for question, value in (("timeline", "quarter"), ("call_verdict", "pursue")):
        assert write(owner, sheet, question, value).status_code == 303
    write(owner, sheet, "committee", ["it", "finance"])
    owner.post(f"{sheet}/notes", {"notes": "Wants <b>a pilot</b>"})

    refused = owner.post(f"{sheet}/end", {"next_step": "Send the plan"})
    assert refused.status_code == 422
    assert "Why is this serious enough to pursue?" in refused.text
    assert "Send the plan" in refused.text
    write(owner, sheet, "why_serious", "They pay for every day")
    done = {"next_step": "Send the plan", "next_step_at": "2099-01-01T10:00"}
    assert owner.post(f"{sheet}/end", done).status_code == 303

    page = owner.get(f"/desk/handoffs/{lead.id}").text
    for words in ("They pay for every day", "Wants &lt;b&gt;a pilot", "Send the plan", "said"):
        assert words in page
    assert owner.get(sheet).status_code == 303, "there is no call any more"


def test_what_cannot_be_kept_is_said_in_its_place_and_not_lost(
    owner: Colleague, sheet: str
) -> None:
    swap = {"headers": {"HX-Request": "true"}}
    kept = write(owner, sheet, "email", "ana@nordwind", **swap)
    assert kept.status_code == 422
    assert "Enter an email address in the correct format" in kept.text
    assert write(owner, sheet, "timeline", "never", **swap).status_code == 422
    assert write(owner, sheet, "no-such-question", "x", **swap).status_code == 404
    again = write(owner, sheet, "email", "ana@nordwind")
    assert again.status_code == 422
    assert 'value="ana@nordwind"' in again.text


def test_two_on_the_phone_see_each_other(
    owner: Colleague, sheet: str, colleague: Callable[..., Colleague], lead: HandoffRow
) -> None:
    manager = colleague("manager")
    manager.signs_in()
    assert "is on a call with them" in manager.get(f"/desk/handoffs/{lead.id}").text
    second = manager.post(sheet)
    assert second.status_code == 409
    assert "began a call" in second.text

    write(owner, sheet, "timeline", "quarter")
    manager.get(sheet)
    late = write(manager, sheet, "timeline", "now", headers={"HX-Request": "true"})
    assert late.status_code == 422
    assert "Within three months" in late.text


def test_what_a_rep_reads_out_is_in_the_leads_language_with_what_is_known(
    app: Flask, colleague: Callable[..., Colleague]
) -> None:
    with app.app_context():
        texts = releases.texts_in(ROOT / "question_flows")
        script = texts["discovery-call.yaml"]
        texts["discovery-call.yaml"] = re.sub(
            r"(?m)^greeting:\n.*\n.*$",
            'greeting: {en: "{rep_name}. Goal: {goal}.", de: "{rep_name}. Ziel: {goal}."}',
            script,
        )
        releases.publish(texts, by="ana@example.com", why="Say who calls", now=datetime.now(UTC))
    handed = asks_for_a_demo(app, locale="de")
    caller = colleague("rep", handed.owner_email)
    caller.signs_in()
    address = f"/desk/handoffs/{handed.id}/call"
    caller.post(address)

    page = unescape(caller.get(address).text)

    assert "Desk. Ziel: Mit demselben Team mehr Kunden bedienen." in page
