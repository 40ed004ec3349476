"""An answer that could not be sent, at a real browser: it stays, and goes out by itself."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.test_prospect import heading, htmx_comes
from tests.fixtures.browser import Restarting, barriers
from webapp.store import sites
from webapp.store.conversations import AnswerRow
from webapp.store.database import one_commit, writing
from webapp.store.messages import MessageRow

Rows = Callable[[type[Any]], list[Any]]


@pytest.fixture
def restarting(app: Flask) -> Iterator[Restarting]:
    server = Restarting(app)
    yield server
    server.stop()


def reachable(app: Flask, **ways: str) -> None:
    """Say how the site's visitors reach somebody."""
    with app.app_context(), writing(), one_commit("tests.reachable"):
        site = sites.first()
        assert site is not None
        site.settings = {**site.settings, **ways}


@pytest.mark.promise(28)
def test_a_server_that_is_started_again_has_the_answer_sent_again_by_itself(
    context: BrowserContext, app: Flask, restarting: Restarting, rows: Rows
) -> None:
    reachable(app, phone="+49 30 1234567", email="sales@acme.example")
    page = context.new_page()
    page.clock.install(time=0)
    page.goto(f"{restarting.url}/f/demo-request")
    page.mouse.click(5, 5)
    htmx_comes(page)
    alert = page.get_by_role("alert")

    restarting.stop()
    page.clock.pause_at(3_600)
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    expect(alert).to_contain_text("Your answer was not sent. It is still here. Try again")
    expect(alert.get_by_role("link")).to_have_count(0)
    page.clock.resume()
    page.clock.fast_forward(3_000)
    expect(alert.get_by_role("link")).to_have_text(["+49 30 1234567", "sales@acme.example"])
    assert barriers(page) == []
    restarting.start()
    page.clock.fast_forward(6_000)
    heading(page, "What is in the way today?")
    expect(alert).to_be_hidden()

    restarting.stop()
    page.get_by_role("textbox").fill("The close takes nine days")
    page.get_by_role("button", name="Continue").click()
    expect(alert).to_be_visible()
    page.get_by_role("textbox").fill("The close takes ten days")  # theirs to send, from now on
    restarting.start()
    page.clock.fast_forward(60_000)
    heading(page, "What is in the way today?")
    alert.get_by_role("button", name="Try again").click()
    heading(page, "What is your job title?")
    said = [row.value for row in rows(AnswerRow)]
    assert said[1:] == ["The close takes ten days"]
    page.close()


def arrives_unheard(route: Route) -> None:
    route.fetch()
    route.abort()


def test_a_quick_reply_that_could_not_be_sent_is_sent_again_and_so_is_a_message(
    context: BrowserContext, rows: Rows
) -> None:
    page = context.new_page()
    page.goto("/c/demo-request")
    page.mouse.click(5, 5)
    htmx_comes(page)
    page.route("**/c/**", lambda route: route.abort())
    page.get_by_role("button", name="Something else").click()
    page.get_by_role("button", name="Try again").focus()
    page.unroute("**/c/**")
    page.keyboard.press("Enter")
    heading(page, "What is in the way today?")
    assert [row.value for row in rows(AnswerRow)] == ["something_else"]

    page.get_by_role("button", name="Talk to a person").click()
    talk, alert = page.get_by_role("region"), page.get_by_role("alert")
    talk.get_by_role("textbox").fill("Is anybody there?")
    page.route("**/messages*", arrives_unheard)
    talk.get_by_role("button", name="Send").click()
    expect(alert).to_contain_text("It is still here")
    page.route("**/c/**", lambda route: route.abort())  # and neither can an answer be sent
    page.locator("#answers").get_by_role("textbox").fill("Nine days")
    with page.expect_event("requestfailed", lambda sent: "/person" not in sent.url):
        page.keyboard.press("Control+Enter")
    page.unroute("**/messages*")
    page.unroute("**/c/**")
    heading(page, "What is your job title?")
    expect(alert).to_be_hidden()
    assert [row.value for row in rows(AnswerRow)] == ["something_else", "Nine days"]
    assert [row.text for row in rows(MessageRow)] == ["Is anybody there?"]

    gone = "<main id=turn><h1>This page has expired</h1><p>Your answers are safe with us.</p>"
    gone += "<p><a class=button href=/c/demo-request>Start again</a></p></main>"
    page.route("**/c/**", lambda route: route.fulfill(status=410, body=gone))
    page.locator("#answers").get_by_role("button", name="Send").click()
    expect(alert).to_contain_text("This page has expired. Your answers are safe with us.")
    expect(alert.get_by_role("link")).to_have_attribute("href", re.compile("/c/demo-request$"))
    expect(alert.get_by_role("button")).to_be_hidden()


def test_words_changed_after_a_reply_was_lost_are_what_stands(
    context: BrowserContext, rows: Rows
) -> None:
    page = context.new_page()
    page.goto("/c/demo-request")
    page.mouse.click(5, 5)
    htmx_comes(page)
    page.get_by_role("button", name="Something else").click()
    heading(page, "What is in the way today?")

    page.route("**/c/**", arrives_unheard)
    page.get_by_role("textbox").fill("Nine days")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox").fill("Ten days")  # and so it is not sent again by itself
    page.unroute("**/c/**")
    page.get_by_role("button", name="Send").click()
    heading(page, "What is your job title?")
    assert [(row.value, row.edited) for row in rows(AnswerRow)[1:]] == [
        ("Nine days", False),
        ("Ten days", True),
    ]


def test_an_answer_sent_before_the_page_had_its_script_waits_as_well(
    context: BrowserContext, restarting: Restarting, rows: Rows
) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{restarting.url}/f/demo-request")
    restarting.stop()
    held: list[Route] = []
    page.route("**/f/demo-request", lambda route: held.append(route))
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_have_text("Sending…")
    held.pop().abort()
    page.unroute("**/f/demo-request")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("status")).to_be_hidden()
    restarting.start()
    page.clock.fast_forward(3_000)
    heading(page, "What is in the way today?")
    assert [row.value for row in rows(AnswerRow)] == ["something_else"]
    page.close()
