"""A prospect who reads Arabic, from the first question to the end, on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.arabic import FLOW, PLAYBOOK
from tests.fixtures.applications import FRIDAY
from tests.fixtures.browser import barriers
from webapp.services.flows import releases
from webapp.store.conversations import ConversationRow

Rows = Callable[[type[Any]], list[Any]]
PHONE = {"width": 360, "height": 640}
LATIN = "someone@example.com|Excel|Sark"
"""Their own words; and the island of Sark, which has no name in Arabic where Babel's come from."""
SKIP = "تخطّي هذا السؤال"
SEND = {"f": "متابعة", "c": "إرسال"}


def answer(page: Page, skin: str, said: str | None) -> None:
    """Skip, choose by label or by country, or write; then be where the next question is."""
    heading = page.get_by_role("heading", level=1)
    asked = heading.text_content() or ""
    send = page.get_by_role("button", name=SEND[skin], exact=True)
    named = page.get_by_role("button", name=said or SKIP, exact=True)
    if named.count():
        named.click()
    elif page.get_by_role("combobox").count():
        page.get_by_role("combobox").select_option(label=said)
        send.first.click()
    elif said and page.get_by_label(said, exact=True).count():
        page.get_by_label(said, exact=True).check()
        send.first.click()
    else:
        page.locator("#answer").fill(said or "")
        send.last.click()
    expect(heading).not_to_have_text(asked)


@pytest.mark.parametrize("skin", ["f", "c"])
def test_a_whole_flow_in_arabic_runs_from_right_to_left(
    app: Flask, page: Page, rows: Rows, skin: str
) -> None:
    with app.app_context():
        texts = {"open-day.yaml": FLOW, "playbook.yaml": PLAYBOOK}
        releases.publish(texts, by="the tests", why="To read Arabic", now=FRIDAY)
    page.set_viewport_size(PHONE)
    seen: list[str] = []

    def look(*, closely: bool = True) -> None:
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        seen.append(re.sub(LATIN, "", page.locator("main").inner_text()))
        if closely:
            assert barriers(page) == []

    page.goto(f"/{skin}/open-day")
    look()
    for said, closely in [
        ("توفير الوقت", True),
        ("تقارير", True),
        (None, False),
        ("نعم", False),
        ("Excel", False),
        ("2027-01-15", False),
        ("٥٠٠٠٠ SAR", True),
        ("المملكة العربية السعودية", False),
        ("someone@example.com", False),
        ("+966 11 123 4567", True),
    ]:
        answer(page, skin, said)
        look(closely=closely)
    answer(page, skin, None)
    look()

    expect(page.get_by_role("heading", level=1)).to_have_text("شكرا لك")
    expect(page.get_by_text("15 يناير 2027")).to_be_visible()
    expect(page.locator("bdi", has_text="+966 11 123 4567")).to_have_css("direction", "ltr")
    page.get_by_role("link", name="هل لديكم أداة اليوم؟").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("هل لديكم أداة اليوم؟")
    answer(page, skin, "لا")
    look()
    page.get_by_role("button", name="تغيير إجابتي").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("شكرا لك")
    assert re.findall("[a-z]+", " ".join(seen)) == []
    [row] = rows(ConversationRow)
    assert row.finished_at
