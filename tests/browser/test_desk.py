"""A rep's lead from the inbox to its outcome, and a manager's day, with nothing but a keyboard."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import FRIDAY
from tests.fixtures.browser import barriers, tab_to
from tests.services.conftest import Prospect
from tests.services.selling import with_teams
from webapp.services.accounts import staff
from webapp.store import sites

SOLO = """
teams:
  - id: solo
    reps: [{email: rep@acme.example}]
"""
BOTH = SOLO.replace("reps: [", "reps: [{email: ben@acme.example}, ")

SignIn = Callable[[str, str], Page]


@pytest.fixture
def leads(app: Flask) -> None:
    """Ana and Mei have just asked for a demo, and Sy, who filled in a field that nobody sees."""
    with app.app_context():
        with_teams(SOLO)
        for email, role in (("rep@acme.example", "rep"), ("mo@acme.example", "manager")):
            staff.add(email, role=role, by="the tests", now=FRIDAY)
        asks("ana@nordwind.example")
        asks("mei@orba.example")
        asks("sy@tindal.example", spam_because=["trap"])


def asks(email: str, **arrival: object) -> None:
    site = sites.first()
    assert site is not None
    prospect = Prospect(site, datetime.now(UTC) - timedelta(minutes=30))
    prospect.begins(**arrival)
    prospect.finishes(**DEMO | {"email": email})


@pytest.fixture
def sign_in(page: Page, app: Flask, leads: None) -> SignIn:
    def signed_in(email: str, home: str) -> Page:
        with app.app_context():
            password = staff.reset_password(email, by="the tests", now=FRIDAY)
        page.goto("/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{home}")
        return page

    return signed_in


def choose(page: Page, selector: str) -> None:
    """Go to a radio button or box by Tab and, within its group, by arrows; then say yes to it."""
    name = page.locator(selector).get_attribute("name")
    tab_to(page, f'[name="{name}"]')
    for _ in range(12):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            break
        page.keyboard.press("ArrowDown")
    if not page.locator(selector).is_checked():
        page.keyboard.press("Space")
    expect(page.locator(selector)).to_be_checked()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_rep_takes_a_lead_calls_and_says_what_came_of_it_by_keyboard(
    sign_in: SignIn, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    desk = sign_in("rep@acme.example", "/desk")
    if width == 1280:
        expect(desk.locator("#open h2")).to_be_in_viewport()
        desk.keyboard.press("j")
    else:
        tab_to(desk, "li:nth-child(2) > a[data-lead]")
        desk.keyboard.press("Enter")
    desk.wait_for_url("**/desk/handoffs/*")
    expect(desk.locator(".lead-in")).to_contain_text("Do next")
    if width == 1280:
        expect(desk.locator("#accept button")).to_be_in_viewport()
    else:
        assert barriers(desk) == []

    desk.keyboard.press("a")
    expect(desk.locator("#flashes")).to_contain_text("Accepted")
    desk.keyboard.press("r")
    expect(desk.locator("[name=reason][value=misrouted]")).to_be_focused()
    desk.keyboard.press("Escape")
    desk.keyboard.press("p")
    desk.wait_for_url("**/call")

    tab_to(desk, "#answer-challenge")
    desk.keyboard.type("Quotes take a week.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#saved-challenge .good")).to_be_visible()
    for answer in ("timeline][value=quarter", "call_verdict][value=pursue"):
        choose(desk, f"[name=answer-{answer}]")
        question = answer.partition("]")[0]
        expect(desk.locator(f"#saved-{question} .good")).to_be_visible()
    tab_to(desk, "#answer-why_serious")
    desk.keyboard.type("A week per quote costs them orders.")
    tab_to(desk, "#next_step")
    expect(desk.locator("#saved-why_serious .good")).to_be_visible()
    desk.keyboard.type("Send the summary")
    tab_to(desk, "#next_step_at")
    desk.locator("#next_step_at").fill("2099-11-24T10:00")
    desk.locator("#next_step").press("Enter")
    desk.wait_for_url("**/desk/handoffs/*")
    expect(desk.locator("#open")).to_contain_text("A week per quote costs them orders.")

    desk.keyboard.press("o")
    choose(desk, "[name=stage][value=opportunity]")
    desk.keyboard.press("Enter")
    expect(desk.locator("#flashes")).to_contain_text("Outcome saved")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_note_half_typed_when_the_session_ends_stays_and_is_saved_after_signing_in_elsewhere(
    sign_in: SignIn, page: Page, app: Flask
) -> None:
    desk = sign_in("rep@acme.example", "/desk")
    desk.keyboard.press("n")
    desk.keyboard.type("They call back on Monday.")
    with app.app_context():
        password = staff.reset_password("rep@acme.example", by="the tests", now=FRIDAY)
    expect(desk.get_by_text("You are signed out.")).to_be_in_viewport()

    with desk.expect_popup() as opened:
        desk.get_by_role("link", name="sign in in a new tab").press("Enter")
    other_tab = opened.value
    other_tab.fill("[name=email]", "rep@acme.example")
    other_tab.fill("[name=password]", password)
    other_tab.keyboard.press("Enter")
    other_tab.wait_for_url("**/sign-in/done")

    expect(desk.get_by_text("You are signed in again.")).to_be_in_viewport()
    desk.locator("#note").press("Control+Enter")
    expect(desk.locator("#flashes")).to_contain_text("Noted.")
    expect(desk.locator(".happened")).to_contain_text("They call back on Monday.")


def test_a_manager_gives_a_lead_away_lets_one_go_and_has_somebody_left_alone(
    sign_in: SignIn, app: Flask
) -> None:
    with app.app_context():
        staff.add("ben@acme.example", role="rep", name="Ben Ito", by="the tests", now=FRIDAY)
        with_teams(BOTH)
    desk = sign_in("mo@acme.example", "/desk")
    desk.keyboard.press("t")
    expect(desk.locator("[name=to]")).to_be_focused()
    desk.keyboard.type("Ben")
    tab_to(desk, "details[open] .button:not(summary)")
    desk.keyboard.press("Enter")
    expect(desk.locator("#flashes")).to_contain_text("Handed to your colleague")
    expect(desk.locator("#open")).to_contain_text("New: Ben Ito")

    tab_to(desk, "a[href='/desk/spam']")
    desk.keyboard.press("Enter")
    expect(desk.locator("#content")).to_contain_text("sy@tindal.example")
    tab_to(desk, ".asides .button")
    desk.keyboard.press("Enter")
    expect(desk.locator("#flashes")).to_contain_text("Released.")

    desk.goto("/settings/do-not-contact")
    tab_to(desk, "#entry")
    desk.keyboard.type("nordwind.example")
    tab_to(desk, "#reason")
    desk.keyboard.type("They asked")
    desk.keyboard.press("Tab")
    tab_to(desk, "form .button")
    desk.keyboard.press("Enter")
    expect(desk.locator("#flashes")).to_contain_text("1 open lead was put aside")
