"""Going on later at a real browser: by the link in a mail that a mail server received, and by the
offer in the tab, also where the flow stands in another site's page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.hosts import HostSite
from tests.fixtures.browser import LiveServer, barriers
from tests.fixtures.mailbox import Mailbox
from webapp.delivery.channels import Channels
from webapp.services.receivers import sending
from webapp.store.database import writing

PHONE = {"width": 360, "height": 640}
SAID = "The close takes nine days"


@pytest.fixture
def deliver(app: Flask, live_server: LiveServer, mailbox: Mailbox) -> Iterator[Callable[[], None]]:
    """Set up to send mail; called, it sends what is due."""
    before = app.extensions["baton"]
    config = replace(
        before, base_url=live_server.url, smtp_url=f"{mailbox.url}?from=baton@q.example"
    )
    app.extensions["baton"] = config

    def send() -> None:
        with app.app_context(), writing():
            for each in sending.claim(by="the tests", free={}, otherwise=9, most=9):
                assert sending.send(each, Channels(config))

    yield send
    app.extensions["baton"] = before


def asks(page: Page | FrameLocator, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(re.escape(words)))


def test_a_mailed_link_goes_on_in_another_browser_which_sees_nothing_of_before(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    mailbox: Mailbox,
    deliver: Callable[[], None],
) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox").fill(SAID)
    page.get_by_role("button", name="Continue").click()
    asks(page, "What is your job title?")
    left = page.url
    page.get_by_role("link", name="Go on later").click()
    asks(page, "Go on later")
    assert barriers(page) == []
    page.get_by_label("Your email address").fill("ana@nordwind.example")
    page.get_by_role("button", name="Send me a link").click()
    asks(page, "Look into your mail")
    assert barriers(page) == []
    deliver()

    [mail] = mailbox.wait_for(1)
    assert mail["To"] == "ana@nordwind.example"
    text = mail.get_body(("plain",)).get_content()
    assert SAID not in str(mail)
    [link] = re.findall(rf"{live_server.url}\S+", text)

    elsewhere = browser.new_context(viewport=PHONE, locale="en-GB").new_page()
    elsewhere.goto(link)
    asks(elsewhere, "Continue where you left off?")
    seen = [elsewhere.content()]
    assert barriers(elsewhere) == []
    elsewhere.get_by_role("button", name="Go on").click()
    asks(elsewhere, "What is your job title?")
    seen.append(elsewhere.content())
    elsewhere.get_by_role("textbox").fill("CFO")
    elsewhere.get_by_role("button", name="Continue").click()
    asks(elsewhere, "How many people")
    seen.append(elsewhere.content())
    elsewhere.goto(re.sub(r"[^/]+$", "challenge", elsewhere.url))
    asks(elsewhere, "How many people")
    assert not [html for html in seen if SAID in html or "Something else" in html]

    elsewhere.goto(link)
    asks(elsewhere, "This link was used before, or is too old")
    elsewhere.context.close()
    page.goto(left)
    asks(page, "This conversation is not here")


def test_who_comes_back_to_the_page_around_a_frame_is_asked_whether_to_go_on(
    page: Page, sister: HostSite
) -> None:
    """In the same tab; with consent, in another tab as well."""
    flow, goes_on = page.frame_locator("iframe"), "Continue where you left off?"
    page.goto(sister.shows(sister.link("inline")))
    asks(flow, "What would you most like to achieve?")
    expect(flow.get_by_role("link", name=goes_on)).to_have_count(0)
    flow.get_by_label("Something else").check()
    flow.get_by_role("button", name="Continue").click()
    asks(flow, "What is in the way today?")
    flow.get_by_role("textbox").fill(SAID)
    flow.get_by_role("button", name="Continue").click()
    asks(flow, "What is your job title?")

    page.goto(sister.shows(sister.link("inline"), head=sister.script("&consent=granted")))
    flow.get_by_role("link", name=goes_on).click()
    asks(flow, "What is your job title?")
    expect(flow.get_by_role("link", name=goes_on)).to_have_count(0)
    expect(flow.get_by_role("link", name="Back")).to_be_visible()

    tab = page.context.new_page()
    tab.goto(page.url)
    there = tab.frame_locator("iframe")
    there.get_by_role("link", name=goes_on).click()
    asks(there, "What is your job title?")
