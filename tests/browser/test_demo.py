"""The first minute of a newcomer, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.fixtures.browser import barriers


def answer(frame: FrameLocator, question: str, *, choose: str = "", write: str = "") -> None:
    expect(frame.get_by_role("heading", level=1)).to_have_text(re.compile(question))
    if choose:
        frame.get_by_label(choose, exact=True).check()
    if write:
        frame.get_by_role("textbox").fill(write)
    frame.get_by_role("button", name="Continue").click()


def test_the_panel_follows_the_form_and_the_pages_looked_at(page: Page) -> None:
    page.goto("/demo")
    panel = page.get_by_role("complementary", name="What your team sees")
    expect(panel).to_contain_text("Nobody has said anything yet")
    assert barriers(page) == []

    page.get_by_role("link", name="Pricing", exact=True).click()
    expect(page.get_by_role("heading", name="Pricing")).to_be_visible()
    expect(panel).to_contain_text("Somebody looked at / and /pricing.")
    page.get_by_role("link", name="Home").click()

    form = page.frame_locator("iframe[title='Request a demo']")
    answer(form, "most like to achieve", choose="Save time on manual work")
    expect(panel).to_contain_text("Would go to")
    answer(form, "in the way", write="The close takes nine days")
    answer(form, "job title", write="Head of finance")
    expect(panel).to_contain_text("Seniority is Head of a department")
    expect(panel).to_contain_text("Pricing page seen once")
    answer(form, "How many people", choose="200 to 500 people")
    answer(form, "like to start", choose="Within a month")
    answer(form, "budget", choose="Over 100,000 EUR")
    answer(form, "reach you", write="ana.ruiz@nordwind.example")
    expect(form.get_by_role("heading", level=1)).to_have_text("Thank you Ana")
    expect(panel).to_contain_text("Went to")
    expect(panel.get_by_role("link", name="Read the briefing")).to_be_visible()
    assert barriers(page) == []


def test_the_panel_follows_the_chat_too(page: Page) -> None:
    page.goto("/demo")
    page.get_by_role("button", name="Chat with us").click()
    chat = page.frame_locator(".baton iframe")
    chat.get_by_role("button", name="Looking for our own company").click()
    panel = page.get_by_role("complementary", name="What your team sees")
    expect(panel).to_contain_text("is in the chat")
    chat.get_by_role("textbox").fill("We want to automate reports for 120 people")
    chat.get_by_role("button", name="Send").click()
    expect(chat.get_by_role("heading", level=1)).not_to_have_text("What brings you to us?")
    assert barriers(page) == []


@pytest.mark.parametrize("size", [{"width": 360, "height": 740}, {"width": 1280, "height": 800}])
def test_the_demo_fits_a_phone_and_a_desk(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    page.goto("/demo")
    page.frame_locator("iframe[title='Request a demo']").get_by_role("heading").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert barriers(page) == []
