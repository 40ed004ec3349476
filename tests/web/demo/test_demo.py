"""The first minute: answer on the left, and watch the team learn about it on the right."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from tests.web.plain_browser import PlainBrowser
from webapp.services.accounts import staff
from webapp.services.operations import demo
from webapp.services.sales import meetings
from webapp.store.conversations import ConversationRow
from webapp.store.handoffs import HandoffRow


def link(page: PlainBrowser, title: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{title}', page.response.text)
    assert found
    return found[1].replace("&amp;", "&")


def seen(page: PlainBrowser) -> str:
    found = re.search(r'hx-get="([^"]+)"', page.response.text)
    assert found
    return found[1]


def test_the_panel_learns_with_every_answer(browser: FlaskClient) -> None:
    newcomer, prospect = PlainBrowser(browser), PlainBrowser(browser)
    newcomer.open("/demo")
    panel = seen(newcomer)
    assert "Nobody has said anything yet" in newcomer.words

    prospect.open(link(newcomer, "Request a demo")).choose("Something else")
    first = newcomer.open(panel).words
    assert "Somebody is in the form" in first

    prospect.press("Skip this question").write("CFO")
    second = newcomer.open(panel).words
    assert "CFO is in the form" in second
    assert "Seniority is" in second
    assert "Would go to Sales" in second
    assert "They asked for a demo" in second
    assert second != first

    prospect.choose("200 to 500 people").choose("Within six months")
    while prospect.heading != "Where can we reach you?":
        prospect.press("Skip this question")
    prospect.write("ana.ruiz@nordwind.example")
    last = newcomer.open(panel).words
    assert "Ana, nordwind.example finished the form" in last
    assert "Went to Sales" in last
    assert "to respond by" in last


def test_a_call_that_was_agreed_takes_the_place_of_the_wait(
    browser: FlaskClient, app: Flask, rows: Callable[[type[HandoffRow]], list[HandoffRow]]
) -> None:
    newcomer, prospect = PlainBrowser(browser), PlainBrowser(browser)
    panel = seen(newcomer.open("/demo"))
    prospect.open(link(newcomer, "Request a demo")).choose("Something else")
    prospect.press("Skip this question").write("CFO")
    prospect.choose("200 to 500 people").choose("Within six months")
    while prospect.heading != "Where can we reach you?":
        prospect.press("Skip this question")
    prospect.write("ana.ruiz@nordwind.example")
    assert "Call within" in newcomer.open(panel).words

    [handoff] = rows(HandoffRow)
    assert handoff.owner_email
    with app.app_context():
        staff.add(handoff.owner_email, role="rep", by="test", now=datetime.now(UTC))
        address = f"/meeting/{meetings.token(handoff.id)}"
    at = re.search(r'name="at" value="([^"]+)"', browser.get(address).text)
    assert at
    assert browser.post(address, data={"at": at[1]}).status_code == 303
    agreed = newcomer.open(panel).words
    assert "Call on " in agreed
    assert ", call agreed for " in agreed
    assert "Call within" not in agreed
    assert "to respond" not in agreed

    assert browser.post(f"{address}/cancellation").status_code == 303
    assert "Call within" in newcomer.open(panel).words


def test_pages_looked_at_count_before_a_word_is_said(browser: FlaskClient) -> None:
    newcomer = PlainBrowser(browser).open("/demo")
    visitor = re.search(r'data-visitor="([^"]+)"', newcomer.response.text)
    assert visitor
    event = {"id": "1", "page": "/pricing", "at": "2026-11-20T10:00:00Z"}
    body = {"site": demo.KEY, "visitor": visitor[1], "events": [event]}
    assert browser.post("/api/v1/events", json=body).status_code == 202

    assert "Somebody looked at /pricing." in newcomer.open(seen(newcomer)).words


def test_a_panel_that_is_up_to_date_is_not_sent_again(browser: FlaskClient) -> None:
    newcomer = PlainBrowser(browser).open("/demo")
    version = re.search(r'name="version" value="([^"]+)"', newcomer.response.text)
    assert version
    assert browser.get(f"{seen(newcomer)}?version={version[1]}").status_code == 204
    assert browser.get(f"{seen(newcomer)}?version=other").status_code == 200


def test_a_visitors_id_alone_opens_no_panel(browser: FlaskClient) -> None:
    newcomer = PlainBrowser(browser).open("/demo")
    visitor = re.search(r'data-visitor="([^"]+)"', newcomer.response.text)
    assert visitor
    assert browser.get(f"/demo/seen/{visitor[1]}").status_code == 404
    assert browser.get(f"/demo?key={visitor[1]}").status_code == 404


def test_demo_conversations_are_marked_and_others_are_not(
    browser: FlaskClient,
    site_key: str,
    rows: Callable[[type[ConversationRow]], list[ConversationRow]],
) -> None:
    newcomer = PlainBrowser(browser).open("/demo")
    PlainBrowser(browser).open(link(newcomer, "Request a demo")).choose("Something else")
    PlainBrowser(browser).open(f"/f/demo-request?site={site_key}").choose("Something else")
    assert [row.demo for row in rows(ConversationRow)] == [True, False]


def test_a_panel_shows_no_conversation_that_is_not_a_demo(
    browser: FlaskClient, site_key: str
) -> None:
    """A visitor's key on the demo site says nothing about the same key on another."""
    newcomer = PlainBrowser(browser).open("/demo")
    visitor = re.search(r'data-visitor="([^"]+)"', newcomer.response.text)
    assert visitor
    real = PlainBrowser(browser).open(f"/f/demo-request?site={site_key}&visitor={visitor[1]}")
    real.choose("Something else")
    assert "Nobody has said anything yet" in newcomer.open(seen(newcomer)).words
