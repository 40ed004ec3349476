"""A marketer who has never seen the studio, with nothing but a keyboard, on a phone's width."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.applications import FRIDAY
from tests.fixtures.browser import barriers, tab_to
from webapp.core.trials import draw
from webapp.services.accounts import staff
from webapp.services.flows import drafts, releases
from webapp.web.studio.loaded import plain_of, release_of

FLOW = "/studio/flows/demo-request"
SLOW = 30_000
"""Milliseconds that a save may take on a machine that is busy with other things."""


@pytest.fixture
def studio(page: Page, app: Flask) -> Page:
    """The studio, opened by a marketer on a narrow screen."""
    with app.app_context():
        _, password = staff.add("mo@acme.example", role="marketer", by="the tests", now=FRIDAY)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/sign-in")
    page.fill("[name=email]", "mo@acme.example")
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/studio")
    return page


def type_into(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(words)


def pick(page: Page, selector: str, label: str) -> None:
    """Pick from a select as a keyboard does: by typing the beginning of the label."""
    tab_to(page, selector)
    page.keyboard.type(label)
    page.keyboard.press("Tab")


def test_a_question_asked_when_budget_is_allocated_worth_15_points_by_keyboard_alone(
    studio: Page, app: Flask
) -> None:
    studio.goto(FLOW)
    tab_to(studio, "#add-question")
    studio.keyboard.press("Enter")

    expect(studio.locator("#ask-en")).to_be_focused()
    studio.keyboard.type("Who signs the order?")
    type_into(studio, "#label", "Signer")
    type_into(studio, "#c-0-label", "I do")
    type_into(studio, "#c-0-points", "15")
    type_into(studio, "#c-1-label", "Somebody else")
    tab_to(studio, "#add-all")
    studio.keyboard.press("Enter")
    expect(studio.locator("#w-all-0-subject")).to_be_focused()
    pick(studio, "#w-all-0-subject", "Budget status")
    expect(studio.get_by_label("Set aside")).to_be_visible()
    tab_to(studio, "#w-all-0-v0")
    studio.keyboard.press("Space")
    tab_to(studio, "#save")
    studio.keyboard.press("Enter")

    expect(studio.locator("#flashes")).to_contain_text("Added “Signer”", timeout=SLOW)
    with app.app_context():
        release = release_of(drafts.now_drafted())
        live = releases.live()[1]
    assert release is not None
    signer = release.flows["demo-request"].question("signer")
    assert signer is not None
    assert "allocated" in str(signer.when)
    [rule] = [rule for rule in release.playbook.fit.rules if rule.property == "signer"]
    assert rule.table == {"i_do": 15}
    assert live.flows["demo-request"].question("signer") is None


def test_a_flow_is_begun_with_an_empty_page_and_comes_out_as_if_written_by_hand(
    studio: Page, app: Flask
) -> None:
    def ask(words: str, about: str) -> None:
        studio.get_by_role("link", name="+ Question").filter(visible=True).first.click()
        expect(studio.get_by_role("heading", name="New question")).to_be_visible(timeout=SLOW)
        studio.fill("#ask-en", words)
        studio.select_option("#property", label=about)
        expect(studio.locator("#c-0-id, [name=c-0-id]")).not_to_have_value("", timeout=SLOW)
        expect(studio.locator("#ask-en")).to_have_value(words)

    def add(said: str) -> None:
        studio.click("#save")
        expect(studio.locator("#flashes")).to_contain_text(f"Added “{said}”", timeout=SLOW)

    studio.goto("/studio/gallery")
    studio.fill("#id", "Spring event")
    studio.get_by_role("button", name="Begin", exact=True).click()
    expect(studio.locator("h1")).to_contain_text("Spring event")

    ask("When shall it begin?", "Timeline")
    studio.uncheck("#c-4-on")
    add("Timeline")
    ask("What may it cost?", "Budget per year")
    studio.select_option("#w-all-0-subject", label="Timeline")
    studio.select_option("#w-all-0-op", label="is at most")
    studio.select_option("#w-all-0-value", label="Within three months")
    studio.get_by_text("Help, skipping, place and more").click()
    studio.check("#skippable")
    add("Budget per year")

    with app.app_context():
        text = drafts.now_drafted().texts["spring-event.yaml"]
    assert plain_of(text) == {
        "format": "1",
        "flow": "spring-event",
        "title": "Spring event",
        "questions": [
            {
                "property": "timeline",
                "ask": "When shall it begin?",
                "choices": ["now", "quarter", "half_year", "later"],
            },
            {
                "property": "budget_range",
                "ask": "What may it cost?",
                "when": {"timeline": {"at_most": "quarter"}},
                "required": "false",
            },
            {"property": "email", "ask": "Where can we reach you?", "always": "true"},
        ],
    }


def test_every_page_is_free_of_barriers_and_fits_a_phone(studio: Page) -> None:
    for path in (
        "/studio",
        FLOW,
        f"{FLOW}?q=budget_range",
        f"{FLOW}?new=1",
        f"{FLOW}/settings",
        f"{FLOW}/copy",
        f"{FLOW}/map",
        f"{FLOW}/personas",
        "/studio/files/demo-request.yaml",
        "/studio/playbook",
        "/studio/rules/playbook/routing/high_intent",
        "/studio/rules/playbook/teams/americas",
        "/studio/publish",
        "/studio/history",
        "/studio/sites",
        "/studio/gallery",
        "/studio/import",
    ):
        studio.goto(path)
        assert barriers(studio) == [], path
        assert studio.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_the_preview_stays_where_it_was_when_a_question_is_saved(studio: Page) -> None:
    studio.goto(f"{FLOW}?q=timeline")
    studio.select_option("#persona", label="as Ana cfo urgent")
    expect(studio.locator("#preview .total")).to_contain_text("98 points")

    studio.fill("#c-0-points", "5")
    studio.click("#save")

    expect(studio.locator("#flashes")).to_contain_text("10 → 5 points")
    expect(studio.locator("#preview .total")).to_contain_text("93 points")


def test_an_undone_change_is_gone_from_the_page(studio: Page) -> None:
    studio.goto(f"{FLOW}?q=timeline")
    studio.fill("#c-0-points", "5")
    studio.click("#save")
    expect(studio.locator("#undo")).to_contain_text("10 → 5 points")

    studio.locator("#undo").focus()
    studio.keyboard.press("Enter")

    expect(studio.locator("#c-0-points")).to_have_value("10")
    expect(studio.locator("#redo")).to_contain_text("10 → 5 points")


def test_two_browsers_at_one_question_the_second_sees_both_versions(studio: Page) -> None:
    studio.goto(f"{FLOW}?q=goal")
    other = studio.context.new_page()
    other.goto(f"{FLOW}?q=goal")
    other.fill("#ask-en", "What brings you?")
    other.click("#save")
    expect(other.locator("#flashes")).to_contain_text("Saved")

    studio.fill("#ask-en", "What for?")
    studio.click("#save")

    panel = studio.get_by_role("alert")
    expect(panel).to_contain_text("changed the same thing")
    expect(panel).to_contain_text("What brings you?")
    expect(studio.locator("#ask-en")).to_have_value("What for?")
    assert barriers(studio) == []


def test_what_a_colleague_saves_meanwhile_comes_into_the_form_that_saves_itself(
    studio: Page, app: Flask
) -> None:
    studio.goto(f"{FLOW}?q=goal")
    other = studio.context.new_page()
    other.goto(f"{FLOW}?q=goal")
    other.fill("#help-en", "Roughly.")
    other.click("#save")
    expect(other.locator("#flashes")).to_contain_text("Saved")

    for words in ("What for?", "What for today?"):
        studio.fill("#ask-en", words)
        expect(studio.locator("[data-save-state]")).to_contain_text("Saved", timeout=SLOW)
        expect(studio.locator("#help-en")).to_have_value("Roughly.")
        expect(studio.locator("#ask-en")).to_be_focused()

    with app.app_context():
        drafted = drafts.now_drafted().texts["demo-request.yaml"]
    assert "What for today?" in drafted
    assert "Roughly." in drafted


def test_what_is_typed_is_saved_by_itself_and_kept_while_nobody_answers(
    studio: Page, app: Flask
) -> None:
    def drafted() -> str:
        with app.app_context():
            return drafts.now_drafted().texts["demo-request.yaml"]

    state = studio.locator("[data-save-state]")
    studio.goto(f"{FLOW}?q=goal")
    studio.fill("#ask-en", "What for today?")
    expect(state).to_contain_text("Saved", timeout=SLOW)
    assert "What for today?" in drafted()
    expect(studio.locator("#preview .asked")).to_contain_text("What for today?", timeout=SLOW)

    studio.context.set_offline(True)
    studio.fill("#ask-en", "What for now?")
    expect(state).to_contain_text("kept here, and sent again", timeout=SLOW)
    assert "What for now?" not in drafted()
    studio.context.set_offline(False)
    expect(state).to_contain_text("Saved", timeout=SLOW)
    assert "What for now?" in drafted()


def test_a_question_is_dragged_to_another_place(studio: Page) -> None:
    studio.goto(FLOW)
    studio.locator(".entries .grip").nth(1).hover()
    first = studio.locator(".entries > li").first.bounding_box()
    assert first

    studio.mouse.down()
    studio.mouse.move(first["x"] + 10, first["y"] + 5, steps=4)
    studio.mouse.up()

    expect(studio.locator("#flashes")).to_contain_text("Moved “Challenge” up", timeout=SLOW)
    expect(studio.locator(".entries > li").first).to_contain_text("Challenge", timeout=SLOW)


def test_two_visitors_are_asked_in_different_words_and_the_marketer_sees_them_counted(
    studio: Page, app: Flask
) -> None:
    with app.app_context():
        text = drafts.now_drafted().texts["demo-request.yaml"]
        text = text.replace("What would you most like to achieve?", "What for?")
        drafts.put({"demo-request.yaml": text}, what="Shorter", by="the tests", now=FRIDAY)
    studio.goto(f"{FLOW}/trials")
    assert barriers(studio) == []
    type_into(studio, "#why", "A shorter question may be answered by more")
    tab_to(studio, "#trial-form button")
    studio.keyboard.press("Enter")
    expect(studio.locator("h2").first).to_contain_text("0 and 0 began", timeout=SLOW)

    studio.wait_for_url("**/studio/trials/*")
    trial = studio.url.rpartition("/")[2]
    for variant, words in (
        ("A", "What would you most like to achieve?"),
        ("B", "What for?"),
    ):
        keys = (f"browser {n}" for n in range(1_000))
        key = next(key for key in keys if draw(trial, key, 50) == variant)
        visitor = studio.context.new_page()
        visitor.goto(f"/f/demo-request?visitor={key}")
        expect(visitor.get_by_role("heading", level=1)).to_have_text(words)
        visitor.get_by_label("Something else").check()
        visitor.get_by_role("button", name="Continue").click()
        expect(visitor.get_by_role("heading", level=1)).to_contain_text("in the way")

    studio.reload()
    expect(studio.locator("h2").first).to_contain_text("1 and 1 began")
    assert barriers(studio) == []
    assert studio.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1280, 360])
def test_the_condition_stays_in_view_while_it_is_being_picked(studio: Page, width: int) -> None:
    studio.set_viewport_size({"width": width, "height": 720})
    studio.goto(f"{FLOW}?q=timeline")
    subject = studio.locator("#w-all-0-subject")
    subject.scroll_into_view_if_needed()
    subject.focus()
    studio.keyboard.press("ArrowDown")
    expect(studio.locator("#w-all-0-v0")).to_be_visible()
    expect(subject).to_be_in_viewport()
