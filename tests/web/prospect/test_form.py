"""The form: one question a page, complete without script and without cookies."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations, Kept
from webapp.cli.drill.pages import question_form
from webapp.services.prospects import receipts
from webapp.web.prospect import checks


def answer_up_to_email(prospect: PlainBrowser, flow: str = "/f/demo-request") -> PlainBrowser:
    prospect.open(flow)
    prospect.choose("Serve more customers with the same team")
    prospect.press("Skip this question")
    prospect.write("CFO")
    prospect.choose("200 to 500 people")
    prospect.choose("Within three months")
    prospect.choose("25,000 to 100,000 EUR")
    return prospect


def test_a_demo_request_is_made_without_script_or_cookies(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    answer_up_to_email(prospect).write("ana@nordwind.example")

    assert prospect.status == 200
    assert prospect.heading == "Thank you"
    assert "will get in touch within" in prospect.words
    [conversation] = conversations()
    assert conversation.destination == "sales"
    assert conversation.spam is False
    assert "Set-Cookie" not in prospect.response.headers


def test_a_slip_in_an_address_is_asked_back_on_a_form_too(
    prospect: PlainBrowser, kept: Kept
) -> None:
    answer_up_to_email(prospect).write("ana@gmial.com")
    assert prospect.heading == "Which of these do you mean?"
    assert kept()[-1][0] != "email"
    prospect.press("ana@gmail.com")
    assert prospect.heading == "Thank you"
    assert kept()[-1] == ("email", "ana@gmail.com")


@pytest.mark.parametrize("typed", ["ana@nordwind.example@", "ana@nordwind.example@gmail.com"])
def test_half_of_what_is_no_address_is_not_taken_for_one(
    prospect: PlainBrowser, typed: str
) -> None:
    assert answer_up_to_email(prospect).write(typed).status == 422


@pytest.mark.parametrize(("skin", "script"), [("f", {}), ("c", {"HX-Request": "true"})])
def test_who_answers_is_given_a_receipt_and_who_was_refused_none(
    app: Flask, browser: FlaskClient, skin: str, script: dict[str, str]
) -> None:
    form = question_form(browser.get(f"/{skin}/demo-request").text)
    assert form is not None
    refused, taken, again = (
        browser.post(form.action, data={**form.hidden, form.name: words}, headers=script)
        for words in ("", form.something(), form.something())
    )
    receipt = taken.headers["Baton-Receipt"]
    assert "Baton-Receipt" not in refused.headers
    assert again.headers["Baton-Receipt"] == receipt
    with app.app_context():
        assert [each.verdict for each in receipts.check([receipt])] == ["stored"]


def test_looking_at_the_first_question_leaves_nothing_behind(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    for address in ("/f/demo-request", "/c/demo-request", "/f/demo-request?visitor=v1"):
        assert prospect.open(address).status == 200
    assert conversations() == []


def test_every_question_has_an_address_of_its_own(prospect: PlainBrowser) -> None:
    answer_up_to_email(prospect)
    assert len(set(prospect.history)) == len(prospect.history) == 7


def test_an_empty_answer_is_explained_where_it_belongs(prospect: PlainBrowser, kept: Kept) -> None:
    prospect.open("/f/demo-request").press("Continue")

    assert prospect.status == 422
    assert prospect.page.title.startswith("Error: ")
    assert prospect.page.links["Select one answer."] == "#answer"
    assert kept() == []


def test_a_refused_answer_stays_as_it_was_written(prospect: PlainBrowser, kept: Kept) -> None:
    answer_up_to_email(prospect)
    before = kept()
    prospect.write("ana@nordwind")

    assert prospect.status == 422
    assert 'value="ana@nordwind"' in prospect.response.text
    assert "name@example.com" in prospect.words
    assert kept() == before

    prospect.write("ana@nordwind.example")
    assert prospect.heading.startswith("Thank you")


def test_back_leads_to_the_question_before_with_its_answer(prospect: PlainBrowser) -> None:
    prospect.open("/f/demo-request").choose("Meet a legal or security requirement")
    prospect.follow("Back")

    assert prospect.heading == "What would you most like to achieve?"
    assert ("answer", "comply") in [pair for f in prospect.page.forms for pair in f.fields]
    assert "Changing your answer" in prospect.words


def test_a_change_is_kept_and_leads_back_to_where_one_was(
    prospect: PlainBrowser, kept: Kept
) -> None:
    answer_up_to_email(prospect)
    prospect.follow("Back").follow("Back").follow("Back").follow("Back").follow("Back")
    prospect.follow("Back").choose("Replace a tool we have outgrown")

    assert prospect.heading == "Where can we reach you?"
    assert kept()[-1] == ("goal", "replace_tool")


def test_nothing_is_dropped_without_saying_so(prospect: PlainBrowser, kept: Kept) -> None:
    answer_up_to_email(prospect)
    prospect.follow("Back").follow("Back")
    assert prospect.heading == "When would you like to start?"
    before = kept()

    prospect.choose("Within six months")
    assert prospect.heading == "1 later answer no longer applies"
    assert "25,000 to 100,000 EUR" in prospect.words
    assert kept() == before

    prospect.follow("Keep it as it was")
    assert prospect.heading == "Where can we reach you?"
    assert kept() == before

    prospect.follow("Back").follow("Back").choose("Within six months")
    prospect.press("Change my answer")
    assert kept() == [*before, ("timeline", "half_year")]


def test_a_student_is_sent_off_politely(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request").choose("Something else").press("Skip this question")
    prospect.write("Student").choose("Studying or teaching")

    assert prospect.status == 200
    assert prospect.heading == "Thank you"
    assert "example.com/learn" in prospect.words
    assert [c.destination for c in conversations()] == ["education"]


def test_an_answer_can_be_changed_after_the_end(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    answer_up_to_email(prospect).write("ana@nordwind.example")
    prospect.follow("Change your answer to: Where can we reach you?")
    prospect.write("ana.ruiz@nordwind.example")

    assert prospect.heading == "Thank you Ana"
    assert "ana.ruiz@nordwind.example" in prospect.words
    [conversation] = conversations()
    assert conversation.finished_at is not None


def test_somebody_who_wants_a_person_is_heard_and_may_go_on(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request").press("Talk to a person")

    assert "We have told our team" in prospect.words
    assert prospect.heading == "What would you most like to achieve?"
    assert "Talk to a person" not in prospect.words
    [conversation] = conversations()
    assert conversation.human_asked_at is not None
    assert prospect.choose("Something else").heading == "What is in the way today?"


def test_the_first_answer_sent_twice_begins_one_conversation(
    prospect: PlainBrowser, conversations: Conversations, kept: Kept
) -> None:
    first = prospect.open("/f/demo-request").page
    prospect.choose("Something else")
    prospect.page, prospect.address = first, "/f/demo-request"
    prospect.choose("Something else")

    assert len(conversations()) == 1
    assert kept() == [("goal", "something_else")]
    assert prospect.heading == "What is in the way today?"


def test_the_back_button_to_the_first_page_goes_on_with_the_same_conversation(
    prospect: PlainBrowser, conversations: Conversations, kept: Kept
) -> None:
    first = prospect.open("/f/demo-request").page
    assert prospect.response.headers["Cache-Control"] == "private, no-cache"
    prospect.choose("Something else").press("Skip this question")
    prospect.page, prospect.address = first, "/f/demo-request"
    prospect.choose("Replace a tool we have outgrown")

    assert len(conversations()) == 1
    assert kept()[-1] == ("goal", "replace_tool")
    assert prospect.heading == "What is your job title?"


def test_two_tabs_answer_one_conversation(
    prospect: PlainBrowser, another: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/f/demo-request").choose("Something else")
    another.open(prospect.address)
    prospect.press("Skip this question")
    another.write("Too many spreadsheets")

    assert another.heading == "What is your job title?"
    assert kept() == [
        ("goal", "something_else"),
        ("challenge", None),
        ("challenge", "Too many spreadsheets"),
    ]


def test_the_page_speaks_german_to_who_reads_german(prospect: PlainBrowser) -> None:
    prospect.headers["Accept-Language"] = "de-AT,de;q=0.9"
    prospect.open("/f/demo-request")
    assert prospect.heading == "Was möchten Sie vor allem erreichen?"
    assert '<html lang="de" dir="ltr">' in prospect.response.text
    prospect.choose("Etwas anderes", then="Weiter")
    assert prospect.heading == "Was steht dem heute im Weg?"


def test_where_somebody_came_from_is_kept_with_the_conversation(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request?utm_source=news&page=/pricing&referrer=https://a.example/x")
    prospect.choose("Something else")
    [conversation] = conversations()
    assert conversation.source == {
        "utm_source": "news",
        "page": "/pricing",
        "referrer": "https://a.example/x",
        "referrer_host": "a.example",
    }


def opens_from(prospect: PlainBrowser, referrer: str, more: str = "") -> None:
    """Our own pages name themselves to nobody, as their policy says."""
    prospect.headers["Referer"] = referrer
    prospect.open("/f/demo-request" + more)
    del prospect.headers["Referer"]


def test_the_site_somebody_came_from_is_known_without_a_script(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    """Of the page before only its site: a search or a letter's link may name the person."""
    opens_from(prospect, "https://who@search.example/?q=ana@b.example")
    prospect.choose("Something else")
    [conversation] = conversations()
    assert conversation.source == {
        "referrer": "https://search.example/",
        "referrer_host": "search.example",
    }


def test_who_answers_before_the_frame_has_its_script_still_comes_from_the_page_around_it(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    opens_from(prospect, "https://shop.example/pricing", "?embed=1")
    prospect.choose("Something else")
    [conversation] = conversations()
    assert conversation.source == {"page": "https://shop.example/"}


@pytest.mark.parametrize(
    "said", ["http://[", "javascript:alert(1)", "http://localhost/f/x", "//", "https:///x"]
)
def test_a_referrer_that_says_nothing_is_left_out(
    prospect: PlainBrowser, conversations: Conversations, said: str
) -> None:
    opens_from(prospect, said)
    prospect.choose("Something else")
    [conversation] = conversations()
    assert conversation.source == {}


def test_programs_that_fill_every_field_are_set_aside_and_kept(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request")
    trap = next(n for f in prospect.page.forms for n in f.writable if n.startswith("q"))
    prospect.press("Continue", answer="grow", **{trap: "http://spam.example"})

    assert prospect.heading == "What is in the way today?"
    [conversation] = conversations()
    assert conversation.spam_because == ["trap"]
    assert conversation.destination == "set_aside"


def test_an_answer_in_no_time_is_set_aside_and_kept(
    app: Flask, prospect: PlainBrowser, conversations: Conversations
) -> None:
    usual = app.config.pop("FASTEST_ANSWER")
    try:
        prospect.open("/f/demo-request").choose("Something else")
    finally:
        app.config["FASTEST_ANSWER"] = usual
    assert [c.spam_because for c in conversations()] == [["too_fast"]]


def test_very_many_from_one_address_are_set_aside_and_kept(app: Flask) -> None:
    """A network behind one address is no flood: a private one may send two hundred times more."""
    found = []
    for address in ["93.184.216.34"] * 21 + ["93.184.216.35", "10.0.0.7"]:
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            found.append(checks.crowd("a site"))
    assert found == [[]] * 20 + [["many_from_one_address"], [], []]


def test_a_test_says_that_it_is_one_and_leads_to_a_conversation_in_earnest(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    answer_up_to_email(prospect, "/f/demo-request?test=true&utm_source=news")
    prospect.write("ana@nordwind.example")
    for words in (prospect.words, PlainBrowser(prospect.client).open(prospect.history[0]).words):
        assert "This is only a test: nobody will get in touch with you." in words
    prospect.open("/f/demo-request?test=true&utm_source=news").follow("Start again for real")
    assert "only a test" not in prospect.words
    answer_up_to_email(prospect, prospect.address).write("ben@ostwind.example")
    assert [(each.test, each.source.get("utm_source")) for each in conversations()] == [
        (True, "news"),
        (False, "news"),
    ]
