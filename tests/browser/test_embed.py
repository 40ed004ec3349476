"""A flow on somebody else's website: another site, a strict policy, no cookies, small screens."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc import jwk, jwt
from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Page, expect

from tests.browser.hosts import HostSite
from tests.fixtures.applications import FRIDAY
from tests.fixtures.browser import barriers
from webapp.services.prospects import identities
from webapp.store import sites
from webapp.store.conversations import ConversationRow
from webapp.store.visitors import EventRow

Rows = Callable[[type[Any]], list[Any]]
PHONE = {"width": 360, "height": 640}
HEARD = """for (const each of "ready start question submit end human close error".split(" "))
  document.addEventListener("baton:" + each,
    ({ detail }) => (window.heard ||= []).push([each, detail]))"""
UNTIL_NOTHING_SCROLLS = """async (page) => {
    while (page.scrollHeight > innerHeight) await new Promise((looked) => setTimeout(looked));
}"""


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def first_question(page: Page) -> None:
    asks(page, "What would you most like to achieve?")


def test_a_link_becomes_the_form_it_leads_to(page: Page, host: HostSite) -> None:
    page.goto(host.shows(f'<p class="room">{host.link("inline")}</p>'))
    first_question(page)
    expect(page.get_by_role("link", name="Request a demo")).to_be_hidden()
    expect(page.locator("iframe")).to_have_attribute("title", "Request a demo")
    expect(page.locator(":focus")).to_have_count(0)


def walk(page: Page) -> None:
    """From the first question to the end."""
    first_question(page)
    choose(page, "Something else")
    asks(page, "What is in the way today?").get_by_role("button", name="Skip").click()
    write(asks(page, "What is your job title?"), "CFO")
    for question, choice in [
        ("How many people", "200 to 500 people"),
        ("When would you", "Within three months"),
        ("Which yearly budget", "Over 100,000 EUR"),
    ]:
        asks(page, question)
        choose(page, choice)
    write(asks(page, "Where can we reach you?"), "ana@nordwind.example")
    expect(frame(page).get_by_text("Your reference is")).to_be_visible()
    expect(frame(page).get_by_role("heading", level=1)).to_be_focused()


def asks(page: Page, words: str) -> FrameLocator:
    heading = frame(page).get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(re.escape(words)))
    return frame(page)


def choose(page: Page, choice: str) -> None:
    frame(page).get_by_label(choice).check()
    frame(page).get_by_role("button", name="Continue").click()


def write(inside: FrameLocator, words: str) -> None:
    inside.get_by_role("textbox").fill(words)
    inside.get_by_role("button", name="Continue").click()


def heard(page: Page) -> list[tuple[str, dict[str, Any]]]:
    return [(name, detail) for name, detail in page.evaluate("window.heard || []")]


def test_the_page_hears_what_happens_and_nothing_that_was_said(
    page: Page, host: HostSite, rows: Rows
) -> None:
    page.add_init_script(HEARD)
    page.goto(host.shows(host.link("inline")))
    walk(page)
    page.wait_for_function("window.heard.some(([name]) => name === 'end')")

    names = [name for name, _ in heard(page)]
    assert names[:5] == ["ready", "question", "start", "submit", "question"]
    assert names[-1] == "end"
    [row] = rows(ConversationRow)
    for name, detail in heard(page):
        allowed = {"flow", "version", "variant", "conversation", "question"}
        assert set(detail) <= allowed, name
        assert detail["flow"] == "demo-request"
    assert heard(page)[-1][1]["conversation"] == row.id
    pushed = page.evaluate("window.dataLayer")
    assert [each["event"] for each in pushed] == [f"baton_{name}" for name in names]
    assert "nordwind" not in str(pushed)
    assert "other" not in str(pushed)


def test_a_frame_that_the_page_holds_itself_is_taken_over(
    page: Page, host: HostSite, rows: Rows
) -> None:
    page.add_init_script(HEARD)
    address = f"{host.baton}/f/demo-request?embed=1&amp;site={host.key}"
    own = f'<iframe src="{address}" data-baton-mode="inline" title="Ask us" height="90"></iframe>'
    page.goto(host.shows(own, policy=host.strict))
    page.wait_for_function("window.heard?.some(([name]) => name === 'ready')")
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 300")
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    page.wait_for_function("window.heard.some(([name]) => name === 'submit')")
    [row] = rows(ConversationRow)
    assert row.source["page"].startswith(host.url)
    page.evaluate("Baton('reset')")
    first_question(page)
    expect(page.locator("iframe")).to_have_count(1)


def test_a_frame_that_was_quicker_than_the_script_is_taken_over_as_well(
    page: Page, host: HostSite
) -> None:
    page.add_init_script(HEARD)
    address = f"{host.baton}/f/demo-request?embed=1&amp;site={host.key}"
    own = f'<iframe src="{address}" data-baton-mode="inline" title="Ask us" height="90"></iframe>'
    page.goto(host.shows(own, head=""))
    first_question(page)
    page.add_script_tag(url=f"{host.baton}/embed.js?site={host.key}")
    page.wait_for_function("window.heard?.some(([name]) => name === 'ready')")


def test_the_ending_is_told_only_to_a_site_that_asked(
    page: Page, host: HostSite, app: Flask
) -> None:
    host.settle(app, tell_ending=True)
    page.add_init_script(HEARD)
    page.goto(host.shows(host.link("inline")))
    walk(page)
    page.wait_for_function("window.heard.some(([name]) => name === 'end')")
    assert heard(page)[-1][1]["ending"] == "sales"


@pytest.mark.parametrize("mode", ["inline", "popup", "slide", "bubble"])
def test_every_mode_works_under_the_strictest_policy(
    page: Page, host: HostSite, mode: str, rows: Rows
) -> None:
    """The page fixture fails if the host's content policy has to stop anything."""
    if mode == "bubble":
        head = host.script("&flow=demo-request&mode=bubble&label=Ask us")
        page.goto(host.shows("", head=head, policy=host.strict))
        page.get_by_role("button", name="Ask us").click()
        frame(page).get_by_role("button", name="Something else").click()
    else:
        page.goto(host.shows(host.link(mode), policy=host.strict))
        if mode != "inline":
            page.get_by_role("link", name="Request a demo").click()
        choose(page, "Something else")
    asks(page, "What is in the way today?")
    [row] = rows(ConversationRow)
    assert row.source["page"].startswith(host.url)


def test_who_is_quicker_than_the_script_in_the_frame_still_comes_from_the_page(
    page: Page, host: HostSite, rows: Rows
) -> None:
    page.route("**/framed.js*", lambda route: route.abort())
    page.goto(host.shows(host.link("popup")))
    page.get_by_role("link", name="Request a demo").click()
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    [row] = rows(ConversationRow)
    assert row.source["page"].startswith(host.url)


def test_who_is_quicker_than_the_page_around_the_frame_waits_for_its_word(
    page: Page, host: HostSite, rows: Rows
) -> None:
    """The clock stands still until then: nobody waits for longer than a moment."""
    page.clock.install(time=FRIDAY)
    page.clock.pause_at(FRIDAY + timedelta(hours=1))
    page.add_init_script("""if (window !== parent) addEventListener("message", (event) => {
      if (event.data.type !== "init" || window.kept) return;
      event.stopImmediatePropagation();
      window.kept = { data: event.data, origin: event.origin, source: event.source };
    }, true)""")
    page.goto(host.shows(host.link("inline")) + "?utm_source=news")
    first_question(page)
    inside = page.frames[1]
    inside.wait_for_function("window.kept")
    choose(page, "Something else")
    first_question(page)
    assert rows(ConversationRow) == []
    inside.evaluate("dispatchEvent(new MessageEvent('message', window.kept))")
    asks(page, "What is in the way today?")
    [row] = rows(ConversationRow)
    assert row.source["utm_source"] == "news"


def test_a_browser_works_for_its_first_answer_where_the_site_asks_for_it(
    page: Page, host: HostSite, app: Flask, rows: Rows
) -> None:
    """Who is quicker than the work waits for the rest of it; the clock stands still until then."""
    host.settle(app, proof_of_work=True)
    page.clock.install(time=FRIDAY)
    page.clock.pause_at(FRIDAY + timedelta(hours=1))
    page.goto(host.shows(host.link("inline"), policy=host.strict))
    first_question(page)
    choose(page, "Something else")
    expect(frame(page).get_by_text("Sending…")).to_be_visible()
    assert rows(ConversationRow) == []
    page.clock.resume()
    asks(page, "What is in the way today?")
    assert [row.spam_because for row in rows(ConversationRow)] == [[]]


def test_it_works_where_cookies_and_storage_are_blocked(
    page: Page, host: HostSite, rows: Rows
) -> None:
    page.add_init_script("""for (const each of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, each, { get() { throw new DOMException("blocked"); } });
      Object.defineProperty(document, "cookie", { get() { throw new DOMException("no"); } })""")
    page.goto(host.shows(host.link("inline")))
    walk(page)
    [row] = rows(ConversationRow)
    assert row.finished_at
    assert page.context.cookies() == []


def test_the_frame_grows_with_what_it_shows_and_never_shrinks_before_the_end(
    page: Page, host: HostSite
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(host.shows(host.link("inline")))
    first_question(page)
    box = page.locator("iframe")
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 420")
    frame(page).locator("html").evaluate(UNTIL_NOTHING_SCROLLS)
    tall = box.evaluate("each => each.offsetHeight")
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    assert box.evaluate("each => each.offsetHeight") >= tall


def test_a_frame_far_below_is_not_loaded_before_it_comes_near(page: Page, host: HostSite) -> None:
    page.goto(host.shows(f'<p class="tall">Much to read</p>{host.link("inline")}'))
    page.wait_for_function("!!window.Baton?.add")
    expect(page.locator("iframe")).to_have_count(0)
    page.evaluate("scrollTo(0, 2300)")
    first_question(page)


def test_a_popup_is_a_dialog_and_gives_the_focus_back(page: Page, host: HostSite) -> None:
    page.add_init_script(HEARD)
    page.goto(host.shows(host.link("popup")))
    link = page.get_by_role("link", name="Request a demo")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Request a demo")).to_be_visible()
    first_question(page)
    assert barriers(page) == []
    frame(page).get_by_role("button", name="Continue").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    page.wait_for_function("window.heard.at(-1)[0] === 'close'")


def test_a_bubble_is_one_button_that_says_whether_it_is_open(page: Page, host: HostSite) -> None:
    page.goto(host.shows("", head=host.script("&flow=demo-request&mode=bubble")))
    button = page.get_by_role("button", name="Chat with sales")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("iframe")).to_have_count(0)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    first_question(page)
    assert barriers(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    first_question(page)
    expect(page.locator("iframe")).to_have_count(1)


def test_a_site_that_is_not_listed_gets_its_link_back_and_is_told_why(
    context: BrowserContext, host: HostSite, app: Flask
) -> None:
    host.settle(app, origins=[])
    page = context.new_page()
    said: list[ConsoleMessage] = []
    page.on("console", lambda each: said.append(each))
    page.clock.install()
    page.goto(host.shows(host.link("inline")))
    page.wait_for_selector("iframe", state="attached")
    page.clock.run_for(8_500)
    expect(page.get_by_role("link", name="Request a demo")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    words = (
        f"[baton] demo-request did not load on {host.url}. "
        "Add this site under Settings → Allowed sites."
    )
    assert words in [each.text for each in said]


def test_without_our_script_the_link_is_a_link(page: Page, host: HostSite) -> None:
    page.goto(host.shows(host.link("popup"), head=""))
    page.get_by_role("link", name="Request a demo").click()
    expect(page).to_have_url(f"{host.baton}/f/demo-request")


def test_messages_from_anybody_else_are_not_heard(page: Page, host: HostSite) -> None:
    page.add_init_script(HEARD)
    page.add_init_script("addEventListener('message', (e) => { window.real ||= e; })")
    page.goto(host.shows(host.link("inline")))
    first_question(page)
    page.wait_for_function("window.heard?.length >= 2")
    count = len(heard(page))
    page.evaluate("""() => {
      const { data, origin, source } = window.real;
      const evil = "https://evil.example";
      const forged = { ...data, type: "state", conversation: "forged", answered: 9 };
      for (const from of [{ origin: evil, source }, { origin, source: window }, { origin }])
        window.dispatchEvent(new MessageEvent("message", { data: forged, ...from }));
      window.postMessage(forged, "*");
    }""")
    frame(page).locator("html").evaluate(
        """() => parent.postMessage({ baton: 1, id: "not the one", type: "close" }, "*")"""
    )
    page.evaluate("new Promise(done => setTimeout(done))")
    assert len(heard(page)) == count


def test_the_frame_obeys_allowed_sites_only(page: Page, host: HostSite) -> None:
    """Whoever opens our page in a window and talks to it is not listened to."""
    page.goto(f"{host.baton}/f/demo-request?embed=1")
    page.evaluate(
        "window.postMessage({ baton: 1, id: 1, type: 'init', arrived: {}, prefill: {} }, '*')"
    )
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_a_prefill_is_only_chosen_beforehand(page: Page, host: HostSite, rows: Rows) -> None:
    prefill = """data-baton-prefill='{"goal": "grow"}'"""
    page.goto(host.shows(host.link("inline", prefill)))
    expect(frame(page).get_by_role("radio", checked=True)).to_have_value("grow")
    assert rows(ConversationRow) == []


def test_what_the_sites_server_signed_is_not_asked(
    page: Page, host: HostSite, app: Flask, rows: Rows
) -> None:
    with app.app_context():
        site = sites.first()
        assert site is not None
        known = {"challenge": "Nine days", "job_title": "CFO", "company_size": "200-500"}
        soon = int((datetime.now(UTC) + timedelta(minutes=5)).timestamp())
        content = {"aud": site.key, "exp": soon, "known": known}
        token = jwt.encode(
            {"alg": "HS256"}, content, jwk.OctKey.import_key(identities.secret(site))
        )
    page.goto(host.shows(host.link("inline")))
    page.evaluate("(token) => Baton('identify', token)", token)
    first_question(page)
    choose(page, "Something else")
    asks(page, "When would you like to start?")
    [row] = rows(ConversationRow)
    assert {fact["source"] for fact in row.known_before} == {"site"}


def test_where_the_visitor_came_from_comes_with_the_first_answer(
    page: Page, host: HostSite, rows: Rows
) -> None:
    address = host.shows(host.link("inline"))
    page.goto(f"{address}?utm_source=news&utm_campaign=may&gclid=G1&patient=secret")
    first_question(page)
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    [row] = rows(ConversationRow)
    assert row.source["utm_source"] == "news"
    assert row.source["utm_campaign"] == "may"
    assert "gclid=G1" in row.source["page"]
    assert "secret" not in str(row.source)


def test_nothing_is_reported_before_consent_and_everything_after(
    page: Page, host: HostSite, rows: Rows
) -> None:
    head = host.script("&consent=wait")
    page.goto(host.shows('<a href="/guide.pdf" download>Guide</a>', head=head))
    with page.expect_download():
        page.get_by_role("link", name="Guide").click()
    page.evaluate("Baton('track', 'webinar', { title: 'Spring' })")
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    with page.expect_response("**/api/v1/events") as told:
        page.evaluate("Baton('consent', true)")
    assert told.value.status == 202
    assert [row.event for row in rows(EventRow)] == ["page_view", "download", "webinar"]
    assert re.fullmatch(r"[0-9a-f]{32}\.\d+", page.evaluate("localStorage.baton_visitor"))
    page.evaluate("Baton('consent', false)")
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("wish", ["globalPrivacyControl = true", "doNotTrack = '1'"])
def test_a_browser_that_asks_not_to_be_followed_is_not(
    page: Page, host: HostSite, wish: str, rows: Rows
) -> None:
    name, value = wish.split(" = ")
    page.add_init_script(f"Object.defineProperty(navigator, '{name}', {{ value: {value} }})")
    page.goto(host.shows(host.link("inline"), head=host.script("&consent=granted")))
    first_question(page)
    page.evaluate("Baton('consent', true)")
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    [row] = rows(ConversationRow)
    assert row.visitor_id is None
    assert rows(EventRow) == []
    assert page.evaluate("localStorage.length") == 0


def test_under_a_strict_policy_events_go_through_the_frame(
    page: Page, host: HostSite, rows: Rows
) -> None:
    with page.expect_response("**/api/v1/events") as told:
        page.goto(host.shows(host.link("inline"), policy=host.strict))
        first_question(page)
    assert told.value.status == 202
    assert [row.event for row in rows(EventRow)] == ["page_view"]


def test_a_form_that_nobody_opened_asks_nothing_of_a_strict_policy(
    page: Page, host: HostSite, rows: Rows
) -> None:
    """The page fixture fails if the host's content policy has to stop anything."""
    page.clock.install()
    page.goto(host.shows(host.link("popup"), policy=host.strict))
    page.clock.fast_forward(10_000)
    with page.expect_response("**/api/v1/events") as told:
        page.get_by_role("link", name="Request a demo").click()
    assert told.value.status == 202
    assert [row.event for row in rows(EventRow)] == ["page_view"]


def test_commands_given_before_the_script_came_are_obeyed(page: Page, host: HostSite) -> None:
    stub = """<script>window.Baton = window.Baton || function () {
      (Baton.q = Baton.q || []).push(arguments) };
      Baton("on", "ready", () => { window.isReady = true }); Baton("open");</script>"""
    page.goto(host.shows(host.link("popup"), head=stub + host.script()))
    first_question(page)
    page.wait_for_function("window.isReady")
    page.evaluate("Baton('close')")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.evaluate("Baton('toggle', 'demo-request')")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_mounting_and_unmounting_may_be_repeated(page: Page, host: HostSite) -> None:
    page.goto(host.shows(f'<div id="here">{host.link("inline")}</div>'))
    first_question(page)
    for _ in range(2):
        page.evaluate("Baton('mount', document.querySelector('a'))")
    expect(page.locator("iframe")).to_have_count(1)
    for _ in range(2):
        page.evaluate("Baton('unmount', document.querySelector('a'))")
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.get_by_role("link", name="Request a demo")).to_be_visible()


def test_opening_by_itself_happens_once_a_week(page: Page, host: HostSite) -> None:
    address = host.shows(host.link("popup", 'data-baton-open="load"'))
    page.goto(address)
    first_question(page)
    page.reload()
    page.wait_for_function("!!window.Baton?.add")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.evaluate("localStorage.baton_opened = Date.now() - 8 * 864e5")
    page.reload()
    first_question(page)


def test_somebody_else_at_the_same_browser_begins_anew(page: Page, host: HostSite) -> None:
    page.goto(host.shows(host.link("inline"), head=host.script("&consent=granted")))
    choose(page, "Something else")
    asks(page, "What is in the way today?")
    known = page.evaluate("localStorage.baton_visitor")
    page.reload()
    asks(page, "What is in the way today?")  # the goal is known
    frame(page).get_by_role("link", name="Not you? Start again").click()
    first_question(page)
    assert page.evaluate("localStorage.baton_visitor") != known


def test_a_page_names_a_flow_without_a_link_to_it(page: Page, host: HostSite) -> None:
    """And what names nothing at all keeps nothing else on the page from working."""
    named = '<div data-baton-mode="inline" data-baton-flow="demo-request"></div>'
    button = '<button data-baton-mode="popup" data-baton-flow="demo-request">Ask us</button>'
    page.goto(host.shows(f'<p data-baton-mode="inline">Nothing</p>{named}{button}'))
    first_question(page)
    page.evaluate("Baton('unmount', document.querySelector('div[data-baton-flow]'))")
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("button", name="Ask us").click()
    expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
    first_question(page)


@pytest.mark.parametrize("address", ["https://evil.example/f/demo-request", "javascript:hurt()"])
def test_a_page_of_another_site_is_framed_in_nobodys_name(
    page: Page, host: HostSite, address: str
) -> None:
    """Visitors of a page may write in it: a link of theirs stays one, and learns of nobody."""
    link = f'<a href="{address}" data-baton-mode="inline">Theirs</a>'
    page.goto(host.shows(link + host.link("inline")))
    first_question(page)
    expect(page.get_by_role("link", name="Theirs")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(1)


def test_a_flow_that_is_named_is_shown_whatever_else_is_linked_beside_it(
    page: Page, host: HostSite
) -> None:
    beside = '<a href="https://example.com/privacy">Privacy</a>'
    named = '<div data-baton-mode="inline" data-baton-flow="demo-request">'
    page.goto(host.shows(f"{named}{beside}</div>"))
    first_question(page)


def test_a_link_that_was_unmounted_while_it_was_far_below_stays_one(
    page: Page, host: HostSite
) -> None:
    page.goto(host.shows('<p class="tall"></p>' + host.link("inline") + host.link("inline")))
    page.wait_for_function("!!window.Baton?.add")
    # The first is gone for good; React mounts, unmounts and mounts again while one develops.
    page.evaluate(
        """() => {
        const [gone, twice] = document.querySelectorAll("a");
        for (const each of [gone, twice]) Baton("unmount", each);
        Baton("mount", twice);
        }"""
    )
    page.evaluate("scrollTo(0, 3000)")
    first_question(page)
    expect(page.get_by_role("link", name="Request a demo")).to_have_count(1)
    expect(page.locator("iframe")).to_have_count(1)


def test_what_was_unmounted_opens_no_more_by_itself(page: Page, host: HostSite) -> None:
    """Nor is it the one opening that a visitor gets a week."""
    page.goto(
        host.shows(host.link("popup", 'data-baton-open="scroll:50"') + '<p class="tall"></p>')
    )
    page.wait_for_function("!!window.Baton?.add")
    page.evaluate(
        "for (const each of ['unmount', 'mount']) Baton(each, document.querySelector('a'))"
    )
    page.evaluate("scrollTo(0, 3000)")
    expect(page.get_by_role("dialog", name="Request a demo")).to_be_visible()
    first_question(page)


def test_a_bubble_moves_nothing_of_the_page(page: Page, host: HostSite) -> None:
    """Whatever the page does with all that stands in its body, as a footer kept at the bottom."""
    footer = """() => {
        const footer = document.body.appendChild(document.createElement("footer"));
        footer.textContent = "Imprint";
        document.body.append(...document.querySelectorAll(".baton"));
        return footer.getBoundingClientRect().bottom;
    }"""
    spread = """<style>body { display: flex; flex-direction: column; box-sizing: border-box;
        justify-content: space-between; min-height: 100vh }</style>"""
    page.goto(host.shows("", head=spread))
    alone = page.evaluate(footer)
    page.goto(host.shows("", head=spread + host.script("&flow=demo-request&mode=bubble")))
    expect(page.get_by_role("button", name="Chat with sales")).to_be_visible()
    assert page.evaluate(footer) == alone


@pytest.mark.parametrize("mode", ["popup", "bubble"])
def test_a_panel_is_no_taller_than_a_phone_shows_beside_its_bars(
    page: Page, host: HostSite, mode: str
) -> None:
    """No bar comes and goes in this browser: asked is whether the height would follow it."""
    page.goto(host.shows("", head=host.script(f"&flow=demo-request&mode={mode}")))
    page.wait_for_selector(".baton", state="attached")
    panel = {"popup": "dialog", "bubble": ".float"}[mode]
    height = page.evaluate(
        """(panel) => {
        const [sheet] = document.querySelector(".baton").shadowRoot.adoptedStyleSheets;
        return [...sheet.cssRules].find((rule) => rule.selectorText === panel).style.blockSize;
        }""",
        panel,
    )
    assert "100dvh" in height


def test_a_mode_that_there_is_not_leaves_the_link_a_link(page: Page, host: HostSite) -> None:
    with page.expect_console_message(lambda said: "a mode there is not" in said.text):
        page.goto(host.shows(host.link("modal")))
    page.get_by_role("link", name="Request a demo").click()
    expect(page).to_have_url(f"{host.baton}/f/demo-request")
