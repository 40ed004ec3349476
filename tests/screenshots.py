"""`make screenshots`: draws the pictures of docs/images anew, from the product as it is."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.servers import serving
from tests.fixtures.browser import launch_options
from webapp.config import ROOT

IMAGES = ROOT / "docs" / "images"
READING = 1_500
"""Milliseconds before the first answer: sooner, and the demo rightly takes us for a program."""
SETTLED = 3_000
"""Milliseconds until what the team sees has followed the last answer."""
ANSWERS: dict[str, str | int] = {
    "achieve": "Get numbers we can rely on",
    "in the way": "Closing the month takes nine days and two spreadsheets disagree",
    "job title": "Head of Finance",
    "How many people": 2,
    "start": 1,
}
"""What is said to the question with these words: words, or which of the choices."""


def draw_demo(page: Page, address: str) -> None:
    """The demo page in the middle of a conversation, with what the team sees of it."""
    page.goto(f"{address}/demo")
    page.get_by_role("link", name="Pricing").click()
    page.get_by_role("link", name="Home").click()
    page.wait_for_timeout(READING)
    form = page.frame_locator("iframe").first
    for asked, said in ANSWERS.items():
        expect(form.get_by_role("heading", level=1)).to_contain_text(asked)
        if isinstance(said, int):
            form.get_by_role("radio").nth(said).check()
        elif form.get_by_role("radio").count():
            form.get_by_label(said, exact=True).check()
        else:
            form.get_by_role("textbox").fill(said)
        form.get_by_role("button", name="Continue").click()
    expect(form.get_by_role("heading", level=1)).not_to_contain_text("start")
    page.wait_for_timeout(SETTLED)
    page.mouse.wheel(0, -1_000)
    page.screenshot(path=IMAGES / "demo.png")


def draw_desk(page: Page, address: str, said: str) -> None:
    """The inbox with a briefing open, as the rep of the demo finds it."""
    found = re.search(r"rep +(\S+) / (\S+)", said)
    assert found, said
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(found[1])
    page.get_by_label("Password").fill(found[2])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/desk")
    page.screenshot(path=IMAGES / "desk.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="baton-pictures-") as folder, sync_playwright() as play:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "webapp.cli", "serve", "--demo", "--port", "0"]
        with serving(command, log, {"BATON_DATA_DIR": folder}) as server:
            address = f"http://127.0.0.1:{server.port}"
            browser = play.chromium.launch(**launch_options())
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            draw_demo(page, address)
            draw_desk(page, address, log.read_text(encoding="utf-8"))
            browser.close()


if __name__ == "__main__":
    main()
