"""A marketer tries other words on some of those who are new, and hears no more than is known."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY, Prepared
from tests.fixtures.people import Colleague
from tests.web.studio.forms import form_on
from webapp.core.trials import draw
from webapp.services.flows import drafts as draft
from webapp.services.flows import releases
from webapp.store.conversations import ConversationRow
from webapp.store.releases import ReleaseRow
from webapp.store.trials import TrialRow

FLOW = "/studio/flows/demo-request"
TRIALS = f"{FLOW}/trials"
OLD, NEW = "What would you most like to achieve?", "What for?"
WHY = "A shorter question may be answered by more"


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """These are about pages: what is kept is tried on both databases elsewhere."""
    return prepared_sqlite.as_new()


@pytest.fixture(autouse=True)
def flows(site_key: str) -> None:
    """The starter flows are live."""


def drafts(person: Colleague, old: str = OLD, new: str = NEW) -> None:
    with person.app.app_context():
        text = releases.texts_of(releases.live_manifest())["demo-request.yaml"]
        assert old in text
        changed = {"demo-request.yaml": text.replace(old, new)}
        draft.put(changed, what="Other words", by="mo", now=FRIDAY)


def begins(person: Colleague, **fields: str) -> tuple[int, str]:
    """Begin a test as the page's form would; the status, and what the page says."""
    sent = form_on(person.get(TRIALS).text, "trial-form")
    answer = person.post(TRIALS, {**sent, "why": WHY, **fields}, follow_redirects=True)
    return answer.status_code, unescape(answer.text)


def decides(person: Colleague, trial: TrialRow, do: str, why: str = WHY) -> tuple[int, str]:
    person.get(f"/studio/trials/{trial.id}")
    sent = {"why": why, "do": do}
    answer = person.post(f"/studio/trials/{trial.id}", sent, follow_redirects=True)
    return answer.status_code, unescape(answer.text)


def seen_by_strangers(stranger: Colleague) -> set[str]:
    """Which of the two wordings each of thirty strangers is asked."""
    pages = [stranger.get("/f/demo-request").text for _ in range(30)]
    return {words for words in (OLD, NEW) for page in pages if words in page}


def test_a_test_is_begun_shown_to_some_and_decided(
    marketer: Colleague, stranger: Colleague, rows: Callable[..., Any]
) -> None:
    page = unescape(marketer.get(TRIALS).text)
    assert "The draft of this flow is what is live." in page
    drafts(marketer)
    page = unescape(marketer.get(TRIALS).text)
    assert f"“{OLD}” → “{NEW}”" in page
    assert "390 each" in page

    status, page = begins(marketer, goal="sales", difference="10", percent="50")

    assert status == 200
    early = "Too early to tell: 0 and 0 began; about 390 each would show a difference of"
    assert f"{early} 10 of a hundred." in page
    assert seen_by_strangers(stranger) == {OLD, NEW}
    [trial] = rows(TrialRow)
    assert WHY in unescape(marketer.get("/studio/history").text)
    assert "Challenger of 1" in marketer.get("/studio/history").text
    assert "A/B test of demo-request" in marketer.get("/studio/publish").text
    assert "A/B test of demo-request" in marketer.get("/studio/versions/2").text
    assert "A test of this flow is running" in marketer.get(TRIALS).text

    assert decides(marketer, trial, "publish", why="so")[0] == 422
    status, page = decides(marketer, trial, "publish")

    assert (status, "The challenger is live" in page) == (200, True)
    assert seen_by_strangers(stranger) == {NEW}
    assert [row.challenges_id for row in rows(ReleaseRow)] == [None, 1, None]
    assert decides(marketer, trial, "keep")[0] == 409
    assert "The challenger is live" in marketer.get("/studio/history").text


def test_a_draft_with_errors_and_one_that_personas_mind_are_not_tried(
    marketer: Colleague, rows: Callable[..., Any]
) -> None:
    drafts(marketer, "property: goal", "property: gaol")
    status, page = begins(marketer)
    assert (status, "The draft has errors" in page) == (422, True)

    drafts(marketer, "ask_at_most: 6", "ask_at_most: 2")
    status, page = begins(marketer)
    assert (status, "Some personas come out otherwise." in page) == (422, True)
    assert rows(TrialRow) == []
    assert begins(marketer, anyway="on")[0] == 200


def test_a_form_that_says_something_odd_begins_nothing(
    marketer: Colleague, rows: Callable[..., Any]
) -> None:
    drafts(marketer)
    sent = form_on(marketer.get(TRIALS).text, "trial-form") | {"why": WHY}
    for name, odd, refused in (
        ("goal", "fame", 422),
        ("difference", "many", 422),
        ("percent", "100", 422),
        ("why", "so", 422),
        ("base_rev", "0", 409),
    ):
        assert marketer.post(TRIALS, {**sent, name: odd}).status_code == refused
    assert rows(TrialRow) == []


def test_a_rep_can_neither_begin_nor_see_a_test(
    marketer: Colleague, rep: Colleague, rows: Callable[..., Any]
) -> None:
    drafts(marketer)
    sent = form_on(marketer.get(TRIALS).text, "trial-form")
    assert rep.get(TRIALS).status_code == 403
    assert rep.post(TRIALS, {**sent, "why": WHY, "csrf_token": rep._csrf}).status_code == 403
    assert rows(TrialRow) == []
    assert TRIALS not in rep.get("/insights").text
    assert TRIALS in marketer.get("/insights?flow=demo-request").text


def test_a_visitor_sees_nothing_of_a_test_but_one_of_the_wordings(
    marketer: Colleague, stranger: Colleague
) -> None:
    def without_what_is_drawn_for_each(page: str) -> str:
        for words in (OLD, NEW):
            page = page.replace(words, "")
        return re.sub(r'(value|nonce)="[\w.-]{20,}"', "", page)

    before = without_what_is_drawn_for_each(stranger.get("/f/demo-request").text)
    drafts(marketer)
    begins(marketer)
    pages = {
        without_what_is_drawn_for_each(stranger.get("/f/demo-request").text) for _ in range(10)
    }
    assert pages == {before}


def test_programs_and_the_page_around_a_frame_are_told_which_version_it_is(
    marketer: Colleague, stranger: Colleague, site_key: str, rows: Callable[..., Any]
) -> None:
    begin = {"flow": "demo-request", "site": site_key}
    state = stranger.client.post("/api/v1/conversations", json=begin).json["state"]
    assert "variant" not in state
    drafts(marketer)
    begins(marketer)
    [trial] = rows(TrialRow)
    for variant, words in (("A", OLD), ("B", NEW)):
        keys = (f"visitor {n}" for n in range(1_000))
        key = next(key for key in keys if draw(trial.id, key, trial.percent) == variant)
        sent = begin | {"visitor": key}
        state = stranger.client.post("/api/v1/conversations", json=sent).json["state"]
        assert (state["variant"], state["question"]["ask"]) == (variant, words)
        page = stranger.get(f"/f/demo-request?embed=1&site={site_key}&visitor={key}").text
        assert f'data-variant="{variant}"' in page
    assert {row.variant for row in rows(ConversationRow)} >= {"A", "B"}
