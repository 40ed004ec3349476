"""A prospect at a real browser: by touch, by keyboard, with a reader, with a bad network."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from tests.fixtures.browser import barriers
from tests.fixtures.injuries import Tell, often
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db, one_commit, writing
from webapp.store.messages import MessageRow
from webapp.web.shared import pace

Rows = Callable[[type[Any]], list[Any]]
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
NARROWEST = {"width": 320, "height": 568}


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def walk_form(page: Page) -> None:
    """Up to the question for the e-mail address."""
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    page.get_by_role("button", name="Skip this question").click()
    heading(page, "What is your job title?")
    page.get_by_role("textbox").fill("CFO")
    page.get_by_role("button", name="Continue").click()
    for question, choice in [
        ("How many people", "200 to 500 people"),
        ("When would you", "Within three months"),
        ("Which yearly budget", "Over 100,000 EUR"),
    ]:
        heading(page, re.compile(question))
        page.get_by_label(choice).check()
        page.get_by_role("button", name="Continue").click()
    heading(page, "Where can we reach you?")


def answer_email(page: Page, email: str = "ana@nordwind.example") -> None:
    page.get_by_role("textbox").fill(email)
    page.get_by_role("button", name="Continue").click()


def test_the_focus_goes_to_the_next_question_and_the_title_says_it(page: Page) -> None:
    page.goto("/f/demo-request")
    expect(page.locator(":focus")).to_have_count(0)  # nothing takes the focus of a host page
    page.get_by_label("Something else").check()
    htmx_comes(page)
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("What is in the way today? – Request a demo")
    expect(page).to_have_url(re.compile(r"/f/demo-request/[\w-]{43}/challenge$"))


def test_a_problem_takes_the_focus_and_leads_to_the_field(page: Page) -> None:
    page.goto("/f/demo-request")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Select one answer.").click()
    expect(page.get_by_role("radio").first).to_be_focused()
    assert barriers(page) == []


def htmx_comes(page: Page) -> None:
    """It is fetched with the first touch or key; an answer sent sooner loads a new page."""
    page.evaluate("""async () => {
        while (!window.htmx) await new Promise(requestAnimationFrame);
    }""")


def test_the_form_is_filled_by_keyboard_alone(page: Page, rows: Rows) -> None:
    page.goto("/f/demo-request")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_focused()
    htmx_comes(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    heading(page, "What would you most like to achieve?")  # an arrow key sends nothing
    page.keyboard.press("Enter")
    heading(page, "What is in the way today?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Too many spreadsheets")
    page.keyboard.press("Control+Enter")
    heading(page, "What is your job title?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("CFO")
    page.keyboard.press("Enter")
    heading(page, "How many people work at your company?")
    assert [row.value for row in rows(AnswerRow)] == ["grow", "Too many spreadsheets", "CFO"]


def test_who_is_quicker_than_the_page_keeps_the_focus(page: Page) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.evaluate("""() => {
        const field = () => document.querySelector("#turn textarea");
        addEventListener("htmx:afterSwap", () => setTimeout(() => field().focus()));
        addEventListener("htmx:afterSettle", () => setTimeout(() => {
            document.documentElement.dataset.settled = "";
        }));
    }""")
    htmx_comes(page)
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    expect(page.locator("html[data-settled]")).to_be_attached()
    expect(page.get_by_role("textbox")).to_be_focused()


def test_the_chat_is_held_by_keyboard_alone(page: Page, rows: Rows) -> None:
    page.goto("/c/demo-request")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save time on manual work")).to_be_focused()
    htmx_comes(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "What is in the way today?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Too many spreadsheets")
    page.keyboard.press("Control+Enter")
    heading(page, "What is your job title?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("CFO")
    page.keyboard.press("Enter")
    heading(page, "How many people work at your company?")
    assert [row.value for row in rows(AnswerRow)] == ["grow", "Too many spreadsheets", "CFO"]


def test_who_goes_back_twice_before_the_page_has_its_script_sees_the_right_question(
    page: Page,
) -> None:
    walk_form(page)
    held: list[Route] = []
    page.route(re.compile(r"/turn\b[^/]*\.js"), lambda route: held.append(route))
    page.go_back(wait_until="commit")
    heading(page, re.compile("Which yearly budget"))
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile("/timeline$"))
    page.unroute_all(behavior="ignoreErrors")
    for each in held:
        with suppress(Error):  # one whose page is gone
            each.continue_()
    heading(page, re.compile("When would you"))


def test_back_shows_the_question_before_and_going_on_keeps_all(page: Page, rows: Rows) -> None:
    walk_form(page)
    for words in ("Which yearly budget", "When would you", "How many people"):
        page.go_back()
        heading(page, re.compile(words))
    expect(page.get_by_label("200 to 500 people")).to_be_checked()
    page.get_by_label("50 to 199 people").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "Where can we reach you?")
    assert len(rows(ConversationRow)) == 1


def test_back_to_the_very_first_question_goes_on_with_the_same_conversation(
    page: Page, rows: Rows
) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    page.go_back()
    heading(page, "What would you most like to achieve?")
    expect(page.get_by_label("Something else")).to_be_checked()
    page.get_by_label("Replace a tool").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    assert [row.answers[0]["value"] for row in rows(ConversationRow)] == ["replace_tool"]


def test_back_after_the_end_does_no_harm(page: Page, rows: Rows) -> None:
    walk_form(page)
    answer_email(page)
    heading(page, "Thank you")
    page.go_back()
    heading(page, "Where can we reach you?")
    answer_email(page)
    heading(page, "Thank you")
    assert len(rows(ConversationRow)) == 1
    assert len([row for row in rows(AnswerRow) if row.question == "email"]) == 1


def test_a_double_click_is_one_answer(page: Page, rows: Rows) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").dblclick()
    heading(page, "What is in the way today?")
    page.get_by_role("textbox").fill("Slow")
    page.get_by_role("button", name="Continue").dblclick()
    heading(page, "What is your job title?")
    assert [row.question for row in rows(AnswerRow)] == ["goal", "challenge"]
    assert len(rows(ConversationRow)) == 1


@pytest.mark.promise(28)
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("skin", ["f", "c"])
def test_an_answer_that_cannot_be_sent_stays_and_is_sent_later(
    context: BrowserContext, rows: Rows, skin: str, tell: Tell
) -> None:
    outages, slow = often(1, 50), "The close takes nine days"
    for _ in range(outages):
        pace.forget_everybody()
        _answers_while_the_line_is_cut(context, skin, slow)
    kept = [row.value for row in rows(AnswerRow) if row.question == "challenge"]
    tell(outages, "outages in the middle of an answer, in a browser", lost=outages - len(kept))
    assert kept == [slow] * outages
    assert len(rows(AnswerRow)) == 2 * outages


def _answers_while_the_line_is_cut(context: BrowserContext, skin: str, slow: str) -> None:
    page = context.new_page()  # not ``page``, which must stay quiet: htmx tells the console
    send = "Continue" if skin == "f" else "Send"
    page.goto(f"/{skin}/demo-request")
    page.mouse.click(5, 5)
    htmx_comes(page)
    if skin == "f":
        page.get_by_label("Something else").check()
        page.get_by_role("button", name=send).click()
    else:
        page.get_by_role("button", name="Something else").click()
    heading(page, "What is in the way today?")

    page.route("**/*", lambda route: route.abort())
    page.get_by_role("textbox").fill(slow)
    page.get_by_role("button", name=send).click()
    notice = page.get_by_role("alert").filter(has_text="Your answer was not sent")
    expect(notice).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value(slow)
    expect(page.get_by_role("button", name=send)).to_be_focused()
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name=send).click(trial=True)  # nothing lies over it

    page.unroute("**/*")
    page.get_by_role("button", name="Try again").click()
    heading(page, "What is your job title?")
    expect(notice).to_be_hidden()
    page.close()


@pytest.mark.promise(28)
def test_a_server_that_breaks_loses_no_word(context: BrowserContext, rows: Rows) -> None:
    page = context.new_page()
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    htmx_comes(page)
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")

    def broken(route: Route) -> None:
        route.fulfill(status=503, body="<h1>Busy</h1>", headers={"Retry-After": "2"})

    page.route("**/f/**", broken)
    page.get_by_role("textbox").fill("Slow")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Your answer was not sent")).to_be_visible()
    heading(page, "What is in the way today?")
    page.unroute("**/f/**")
    page.get_by_role("button", name="Try again").click()
    heading(page, "What is your job title?")
    assert [row.value for row in rows(AnswerRow)][1:] == ["Slow"]


def test_a_wait_is_put_into_words_and_only_a_wait(page: Page) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    htmx_comes(page)
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    held: list[Route] = []
    page.route("**/f/**", lambda route: held.append(route))
    page.get_by_role("button", name="Skip this question").click()
    expect(page.get_by_text("Sending…")).to_be_visible()
    held[0].continue_()
    heading(page, "What is your job title?")
    expect(page.get_by_text("Sending…")).to_be_hidden()


def test_nothing_that_was_said_is_kept_in_the_browser(page: Page) -> None:
    walk_form(page)
    page.get_by_role("textbox").press("Shift")
    htmx_comes(page)
    answer_email(page)
    heading(page, "Thank you")
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    # htmx notes the address of the page for the time of this tab, and nothing that was said.
    kept = page.evaluate("Object.entries(sessionStorage)")
    assert [key for key, _ in kept] == ["htmx-current-path-for-history"]
    assert page.url.endswith(kept[0][1])
    assert page.context.cookies() == []


def test_all_of_it_works_with_script_switched_off(
    browser: Browser, live_server: Any, rows: Rows
) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    walk_form(page)
    answer_email(page, "ana@nordwind")
    expect(page.get_by_role("link", name=re.compile("name@example.com"))).to_be_visible()
    answer_email(page)
    heading(page, "Thank you")
    page.get_by_role("link", name="Change your answer to: When would you like to start?").click()
    page.get_by_label("Just exploring").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "1 later answer no longer applies")
    page.get_by_role("button", name="Change my answer").click()
    heading(page, re.compile("May we also send you news"))
    context.close()
    assert len(rows(ConversationRow)) == 1


def test_without_script_the_back_button_goes_on_with_the_same_conversation(
    browser: Browser, live_server: Any, rows: Rows
) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    page.go_back()
    page.get_by_label("Replace a tool").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    context.close()
    assert [row.answers[0]["value"] for row in rows(ConversationRow)] == ["replace_tool"]


@pytest.mark.parametrize("skin", ["f", "c"])
def test_nothing_keeps_anybody_out(page: Page, skin: str) -> None:
    reach(page, skin, [])
    keeps_nobody_out(page)
    for said in ("Something else", None, "", "CFO"):
        reach_on(page, skin, [said])
        keeps_nobody_out(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    keeps_nobody_out(page)


def keeps_nobody_out(page: Page) -> None:
    """Neither on a phone nor on a desk."""
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert barriers(page) == []


@pytest.mark.parametrize("skin", ["f", "c"])
def test_endings_warnings_and_doubts_keep_nobody_out(page: Page, skin: str) -> None:
    pasted = "https://intranet.example/" + "a-very-long-address-" * 20
    reach(page, skin, ["Something else", pasted, "CFO", "200 to 500 people", "Within three months"])
    reach_on(page, skin, ["Over 100,000 EUR"])
    page.get_by_role("textbox").fill("ana@nordwind.example")
    page.get_by_role("button", name="Continue" if skin == "f" else "Send").click()
    heading(page, "Thank you")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page.get_by_role("link", name="Change your answer to: When would you like to start?").click()
    heading(page, "When would you like to start?")
    assert barriers(page) == []
    reach_on(page, skin, ["Just exploring"])
    heading(page, "1 later answer no longer applies")
    assert barriers(page) == []
    if skin == "c":
        page.goto("/c/demo-request")
        page.get_by_role("textbox").fill("automaton")
        page.get_by_role("button", name="Send").click()
        heading(page, re.compile("Did you mean"))
        assert barriers(page) == []


@pytest.mark.parametrize("skin", ["f", "c"])
def test_on_the_narrowest_phone_nothing_lies_beside_the_page(page: Page, skin: str) -> None:
    page.set_viewport_size(NARROWEST)
    for said in ([], ["Something else"], ["Something else", None, "CFO"]):
        reach(page, skin, said)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]


def test_at_twice_the_text_size_there_is_room_to_type_in_the_chat(page: Page) -> None:
    page.set_viewport_size(NARROWEST)
    page.goto("/c/demo-request")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    field = page.get_by_role("textbox").bounding_box()
    assert field is not None
    assert field["width"] > NARROWEST["width"] / 2


@pytest.mark.parametrize("skin", ["f", "c"])
def test_targets_are_large_enough_for_a_thumb(page: Page, skin: str) -> None:
    page.set_viewport_size(PHONE)
    reach(page, skin, [])
    small = page.evaluate(
        """[...document.querySelectorAll("button, .choice, .input")]
        .filter(each => each.offsetParent && !each.closest(".trap"))
        .filter(each => each.getBoundingClientRect().height < 44)
        .map(each => each.outerHTML)"""
    )
    assert small == []


def reach(page: Page, skin: str, said: list[str | None]) -> None:
    """Open a flow and say these things; None skips, other words choose or are typed."""
    page.goto(f"/{skin}/demo-request")
    reach_on(page, skin, said)


def reach_on(page: Page, skin: str, said: list[str | None]) -> None:
    send = "Continue" if skin == "f" else "Send"
    for words in said:
        asked = page.get_by_role("heading", level=1).text_content()
        if words is None:
            page.get_by_role("button", name="Skip this question").click()
        elif skin == "f" and page.get_by_label(words, exact=True).count() and words:
            page.get_by_label(words, exact=True).check()
            page.get_by_role("button", name=send).click()
        elif skin == "c" and words and page.get_by_role("button", name=words, exact=True).count():
            page.get_by_role("button", name=words, exact=True).click()
        else:
            page.get_by_role("textbox").fill(words)
            page.get_by_role("button", name=send).click()
        if words == "":
            expect(page).to_have_title(re.compile("^Error"))
        else:
            expect(page.get_by_role("heading", level=1)).not_to_have_text(asked or "")


def test_who_comes_back_to_the_tab_goes_on_where_they_left_off(page: Page) -> None:
    page.goto("/f/demo-request")
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "What is in the way today?")
    page.goto("/f/demo-request")
    heading(page, "What would you most like to achieve?")
    assert barriers(page) == []
    page.get_by_role("link", name="Continue where you left off?").click()
    heading(page, "What is in the way today?")
    expect(page.get_by_role("link", name="Continue where")).to_have_count(0)


def test_who_finished_is_offered_nothing_to_go_on_with(page: Page) -> None:
    walk_form(page)
    answer_email(page)
    page.get_by_text("Your reference is").wait_for()
    page.goto("/f/demo-request")
    heading(page, "What would you most like to achieve?")
    expect(page.get_by_role("link", name="Continue where")).to_have_count(0)


def test_who_talks_to_a_person_is_told_what_they_write_once_and_keeps_the_focus(
    page: Page, app: Flask, rows: Rows
) -> None:
    """The first click loads a page, and nothing is touched on it: the talk comes all the same."""
    page.goto("/c/demo-request?theme=light")  # what an address carries comes along
    heard = page.locator("[role=log]")
    expect(heard).to_be_empty()
    page.get_by_label("Your answer in your own words").fill("We are 40 people")
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.get_by_label("Your answer in your own words")).to_have_value("We are 40 people")
    talk = page.get_by_role("region", name="Your talk with our team")
    told = re.compile("^(A person has been told|Our team is back)")
    expect(heard.locator("p")).to_have_text([told])
    another = page.context.new_page()
    another.goto(str(page.locator("#waits").get_attribute("hx-get")).replace("/person", ""))

    [row] = rows(ConversationRow)
    with app.app_context(), writing(), one_commit("tests.writes"):
        said = {"by": "sam@acme.example", "text": "Hello, I am Sam"}
        db.session.add(MessageRow(conversation_id=row.id, at=datetime.now(UTC), **said))
    expect(talk.get_by_role("listitem")).to_have_text(["Hello, I am Sam"])
    expect(heard.locator("p")).to_have_text([told, "Hello, I am Sam"])
    talk.get_by_role("textbox").fill("Is there a trial?")
    page.get_by_role("button", name="Serve more customers").click()
    heading(page, "What is in the way today?")  # and what is being written stays
    talk.get_by_role("button", name="Send").click()
    expect(talk.get_by_role("listitem")).to_have_text(["Hello, I am Sam", "Is there a trial?"])
    expect(talk.get_by_role("button", name="Send")).to_be_focused()
    expect(heard.locator("p")).to_have_count(2)
    assert barriers(page) == []

    expect(another.get_by_role("region", name="Your talk with our team")).to_be_visible()
    another.get_by_role("button", name="Something else").click()
    expect(another.get_by_text("perhaps in another window")).to_be_visible()


def test_two_ways_out_of_a_change_stand_apart_in_the_chat(page: Page) -> None:
    page.goto("/c/demo-request")
    page.get_by_role("button", name="Something else").click()
    heading(page, "What is in the way today?")
    page.get_by_role("button", name="Skip this question").click()
    heading(page, "What is your job title?")
    page.get_by_role("link", name="Change your answer to: What is in the way").click()
    skip = page.get_by_role("button", name="Skip this question").bounding_box()
    keep = page.get_by_role("link", name="Keep it as it was").bounding_box()
    assert skip
    assert keep
    assert keep["x"] >= skip["x"] + skip["width"] + 8  # a finger's room, as between other targets
