"""What a prospect gets to see never says what they are worth, nor who else was here."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.plain_browser import Form, PlainBrowser
from webapp.flow_files import load_release

FLOWS = Path(__file__).parents[3] / "question_flows"
RELEASE = load_release(FLOWS)
PUBLIC = sorted(id for id, flow in RELEASE.flows.items() if flow.intent != "discovery_call")
CANARY = "canary.person@secret-company.example"


def never_said() -> set[str]:
    """Words of scoring and routing that no answer, question or ending uses for something else."""
    playbook = RELEASE.playbook
    ids = {rule.id for rule in (*playbook.rules, *playbook.routing)}
    ids |= {gate.id for gate in playbook.disqualifiers} | {c.id for c in playbook.icp}
    because = {
        str(each.because)
        for each in (*playbook.rules, *playbook.routing, *playbook.disqualifiers, *playbook.icp)
        if each.because
    }
    tiers = {tier.id for tier in playbook.tiers}
    asked = {question.id for flow in RELEASE.flows.values() for question in flow.questions}
    choices = {choice for p in playbook.properties.values() for choice in p.choices}
    words = {"score", "points", "tier", "hot", "warm", "cold", "qualified", "fit", "intent", "icp"}
    unmistakable = {id for id in ids | tiers if "_" in id} - asked - choices
    meant_for_visitors = " ".join(
        words
        for flow in RELEASE.flows.values()
        for text in (flow.title, *flow.endings.values(), *(q.ask for q in flow.questions))
        for words in text.by_locale.values()
    ).lower()
    return {each for each in words | because | unmistakable if each not in meant_for_visitors}


NEVER = never_said()


def told(body: str) -> set[str]:
    """Which of the words stand in a response: in its text, its attributes and its scripts."""
    return {
        word for word in NEVER if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", body, re.I)
    }


@pytest.mark.parametrize("skin", ["f", "c"])
@pytest.mark.parametrize("flow", PUBLIC)
def test_no_page_on_any_way_says_what_somebody_is_worth(
    browser: FlaskClient, flow: str, skin: str
) -> None:
    seen = 0
    for pick in range(6):
        prospect = walk(PlainBrowser(browser).open(f"/{skin}/{flow}"), pick)
        seen += len(prospect.bodies)
        for body in prospect.bodies:
            assert told(body) == set()
    assert seen >= 12


def test_the_words_we_look_for_would_be_found() -> None:
    assert len(NEVER) > 20
    for word in NEVER:
        assert word in told(f'<p data-x="{word}">') | told(f"said {word}.")


@pytest.mark.parametrize(
    "address",
    [
        "/f/nothing-here",
        "/f/demo-request/no-such-token",
        "/f/demo-request/no-such-token/goal",
        "/f/demo-request?site=nobody",
        "/f/discovery-call",
        "/x/demo-request",
    ],
)
def test_pages_that_refuse_say_no_more(browser: FlaskClient, address: str) -> None:
    response = browser.get(address)
    assert response.status_code == 404
    assert told(response.text) == set()


def test_fragments_and_headers_are_as_silent_as_pages(browser: FlaskClient) -> None:
    prospect = PlainBrowser(browser, HX_Request="true").open("/f/demo-request")
    for pick in (1, 0):
        form = main_form(prospect)
        assert form
        answer(prospect, form, pick, CANARY)
        assert prospect.response.headers.get("HX-Push-Url")
        assert "<html" not in prospect.response.text
        assert told(prospect.response.text) == set()
        assert told(json.dumps(list(prospect.response.headers))) == set()


@pytest.mark.promise(22)
def test_a_visitors_id_reads_nothing_of_what_was_said_under_it(
    app: Flask, browser: FlaskClient
) -> None:
    """Whoever holds an id, an old address or a typed e-mail learns nothing about the person."""
    first = walk(PlainBrowser(browser).open("/f/contact?visitor=v1"), 0, CANARY)
    assert any(CANARY in body for body in first.bodies)

    for flow in PUBLIC:
        for skin in "fc":
            later = walk(PlainBrowser(browser).open(f"/{skin}/{flow}?visitor=v1"), 0)
            assert later.bodies
            for body in later.bodies:
                assert "secret-company" not in body


def walk(page: PlainBrowser, pick: int, email: str = "ana.ruiz@nordwind.example") -> PlainBrowser:
    """Answer to the end, taking the choice at this place wherever there are choices."""
    for _ in range(20):
        form = main_form(page)
        if form is None:
            return page
        answer(page, form, pick, email)
    raise AssertionError(f"{page.address} never ended: {page.words}")


def main_form(page: PlainBrowser) -> Form | None:
    """The form that takes the answer; None at the end."""
    forms = [f for f in page.page.forms if any(name == "question" for name, _ in f.fields)]
    return forms[-1] if forms else None


def answer(page: PlainBrowser, form: Form, pick: int, email: str) -> None:
    offered = [pair for f in page.page.forms for pair in f.offered.values() if pair[1]]
    replies = [b for f in page.page.forms for b in f.buttons if b.name == "answer"]
    send = "Continue" if any(b.words == "Continue" for b in form.buttons) else "Send"
    if replies:
        page.press(replies[pick % len(replies)].words)
    elif offered:
        page.choose(_labels(page)[pick % len(offered)], then=send)
    elif 'type="email"' in page.response.text:
        page.write(email, then=send)
    elif 'type="tel"' in page.response.text:
        page.write("+49 30 1234567", then=send)
    else:
        page.write(("CFO", "Student", "Engineer")[pick % 3], then=send)


def _labels(page: PlainBrowser) -> list[str]:
    forms = page.page.forms
    return [label for form in forms for label, (_, value) in form.offered.items() if value]
