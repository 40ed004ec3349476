"""The chat: the same questions with what was said above them, quick replies, and typed words."""

import re

import pytest

from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations, Kept


def test_a_demo_request_is_made_in_the_chat(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/c/demo-request")
    assert "automated assistant" in prospect.words
    prospect.press("Serve more customers with the same team")
    prospect.write("The close takes nine days", then="Send")
    prospect.write("I am the CFO", then="Send")
    prospect.press("200 to 500 people")
    prospect.press("Later than that")
    prospect.press("Skip this question")
    prospect.write("ana@nordwind.example", then="Send")

    assert prospect.heading == "Thank you"
    [conversation] = conversations()
    assert conversation.skin == "chat"
    assert conversation.destination == "sales"
    assert "Set-Cookie" not in prospect.response.headers


def test_what_was_said_stays_above_with_a_way_to_change_it(prospect: PlainBrowser) -> None:
    prospect.open("/c/demo-request").press("Something else").press("Skip this question")
    assert "Something else" in prospect.words
    prospect.follow("Change your answer to: What would you most like to achieve?")
    assert prospect.heading == "What would you most like to achieve?"
    prospect.press("Meet a legal or security requirement")
    assert prospect.heading == "What is your job title?"
    assert "Meet a legal or security requirement" in prospect.words


def test_a_field_of_several_lines_that_was_refused_says_so_to_who_cannot_see_it(
    prospect: PlainBrowser,
) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.press("Send", answer=["Nine days", "Ten days"])
    assert prospect.status == 422
    [textarea] = re.findall("<textarea[^>]*>", prospect.response.text)
    assert 'aria-invalid="true"' in textarea
    assert 'aria-describedby="asked answer-problem"' in textarea


def test_plain_words_are_taken_and_shown_as_what_they_were_taken_for(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/demo-request").write("We want to automate things", then="Send")
    assert kept() == [("goal", "save_time")]
    assert prospect.heading == "What is in the way today?"
    assert "We want to automate things (Save time on manual work)" in prospect.words


def test_words_that_are_not_sure_are_asked_back(prospect: PlainBrowser, kept: Kept) -> None:
    prospect.open("/c/demo-request").write("automaton", then="Send")
    assert prospect.heading == "Did you mean “Save time on manual work”?"
    assert kept() == []

    prospect.press("Yes")
    assert kept() == [("goal", "save_time")]
    assert prospect.heading == "What is in the way today?"


def test_no_is_taken_for_an_answer(prospect: PlainBrowser, kept: Kept) -> None:
    prospect.open("/c/demo-request").write("automaton", then="Send")
    prospect.press("No, something else")
    assert prospect.heading == "What would you most like to achieve?"
    assert 'value="automaton"' in prospect.response.text
    assert kept() == []
    assert prospect.open(prospect.address).heading == "What would you most like to achieve?"


def test_words_that_fit_nothing_are_asked_again_and_kept_as_a_note(
    prospect: PlainBrowser, conversations: Conversations, kept: Kept
) -> None:
    prospect.open("/c/demo-request").write("It is complicated with us", then="Send")
    assert prospect.status == 422
    assert "Select one of these, or put it in other words." in prospect.words
    assert kept() == []

    prospect.press("Something else")
    assert kept() == [("goal", "something_else")]
    assert conversations()[0].answers[0]["said"] == "It is complicated with us"


def test_who_is_not_understood_twice_is_told_what_can_be_said_and_may_ask_for_a_person(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/contact").write("It is complicated", then="Send")
    assert "You can say" not in prospect.words
    prospect.write("I said it is complicated", then="Send")
    assert prospect.status == 422
    assert "You can say “Looking for our own company”, “Comparing options" in prospect.words
    assert "or one of the others. You can also talk to a person." in prospect.words
    assert kept() == []

    prospect.press("Talk to a person")
    assert "We have told our team" in prospect.words
    prospect.write("It is complicated", then="Send").write("Still", then="Send")
    assert "You can also" not in prospect.words


def test_who_is_not_understood_twice_may_skip_what_need_not_be_answered(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/content-download").write("I would rather not", then="Send")
    prospect.write("No e-mail from me", then="Send")
    assert "You can also talk to a person." in prospect.words
    prospect.write("ana@nordwind.example", then="Send")
    prospect.write("That depends", then="Send").write("As I said", then="Send")
    assert "You can also skip this question, or talk to a person." in prospect.words
    prospect.press("Skip this question")
    assert kept()[1:] == [("marketing_consent", None)]


def test_what_was_typed_is_still_there_once_a_person_was_asked_for(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.press("Talk to a person", said="The close takes nine days")
    assert "We have told our team" in prospect.words
    assert kept() == [("goal", "something_else")]
    there = prospect.address
    prospect.press("Send")
    assert kept()[1:] == [("challenge", "The close takes nine days")]
    assert prospect.open(there).heading == "Your talk with our team"


@pytest.mark.parametrize("skin", ["f", "c"])
def test_who_asks_for_a_person_while_typing_a_first_answer_can_open_that_page_again(
    prospect: PlainBrowser, conversations: Conversations, skin: str
) -> None:
    prospect.open(f"/{skin}/content-download")
    prospect.press("Talk to a person", said="ana@nordwind.example")
    assert 'value="ana@nordwind.example"' in prospect.response.text
    assert prospect.open(prospect.address).heading == "Your talk with our team"
    assert len(conversations()) == 1


def test_who_asks_for_a_person_while_changing_an_answer_goes_on_changing_it(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/f/demo-request").choose("Something else").write("Nine days")
    prospect.follow("Back").press("Talk to a person", answer="Ten days")
    assert "Ten days" in prospect.response.text
    assert "Changing your answer" in prospect.words
    assert kept()[1:] == [("challenge", "Nine days")]


def test_where_a_refused_first_answer_leads_can_be_opened_again(prospect: PlainBrowser) -> None:
    prospect.open("/f/demo-request?utm_source=news").press("Continue")
    assert prospect.status == 422
    assert prospect.open(prospect.address).heading == "What would you most like to achieve?"
    assert prospect.address == "/f/demo-request?utm_source=news"


def test_who_sends_one_page_twice_is_told_which_answer_stands_and_how_to_change_it(
    prospect: PlainBrowser, kept: Kept
) -> None:
    before = prospect.open("/c/demo-request").press("Something else").page
    prospect.write("Nine days", then="Send")
    prospect.page = before
    prospect.write("Ten days", then="Send")
    assert "answered before, perhaps in another window: “Nine days”. That stands." in prospect.words
    assert kept()[1:] == [("challenge", "Nine days")]
    prospect.press("Send")
    assert prospect.heading == "What is your job title?"
    assert kept()[2:] == [("challenge", "Ten days")]


def test_who_answers_what_is_not_asked_any_more_is_told_so(
    prospect: PlainBrowser, another: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/f/demo-request").choose("Something else").press("Skip this question")
    prospect.write("CFO").choose("200 to 500 people").choose("Within three months")
    asked, another.page = prospect.heading, prospect.page
    prospect.follow("Back").choose("Within six months")
    before = kept()
    another.choose("25,000 to 100,000 EUR")
    assert f"“{asked}” is not asked any more" in another.words
    assert another.heading == prospect.heading
    assert kept() == before


def test_who_presses_a_choice_has_not_said_what_they_were_only_typing(
    prospect: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/demo-request")
    prospect.press("Talk to a person", question="goal", said="We are 120 people, but")
    prospect.press("Something else")
    assert kept() == [("goal", "something_else")]
    assert "120 people" not in prospect.words


def test_whoever_answers_in_a_second_window_is_told_what_was_answered_in_the_first(
    prospect: PlainBrowser, another: PlainBrowser, kept: Kept
) -> None:
    prospect.open("/c/demo-request").press("Something else")
    another.open(prospect.address.partition("#")[0])
    prospect.write("Nine days", then="Send")
    another.write("Ten days", then="Send")
    assert "“What is in the way today?” was answered before, perhaps in another" in another.words
    assert "window: “Nine days”. Your answer is now “Ten days”." in another.words
    assert another.heading == "What is your job title?"
    assert [value for _, value in kept()] == ["something_else", "Nine days", "Ten days"]

    another.follow("Change your answer to: What is in the way today?")
    another.write("Eleven days", then="Send")
    assert "perhaps in another window" not in another.words


def test_what_such_words_say_of_other_things_is_not_asked_anew(prospect: PlainBrowser) -> None:
    prospect.open("/c/demo-request")
    prospect.write("We are 120 people, and it is complicated", then="Send")
    assert prospect.status == 422
    prospect.press("Something else").press("Skip this question").write("CFO", then="Send")
    assert prospect.heading == "You have 50 to 199 people, is that right?"


def test_somebody_who_types_that_they_want_a_person_is_heard(
    prospect: PlainBrowser, conversations: Conversations, kept: Kept
) -> None:
    prospect.open("/c/demo-request").write("Can I talk to a human?", then="Send")
    assert "We have told our team" in prospect.words
    assert conversations()[0].human_asked_at is not None
    assert kept() == []


def test_what_one_sentence_says_of_other_things_is_asked_to_be_confirmed(
    prospect: PlainBrowser,
) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.write("We are 120 people and want to start next month", then="Send")
    prospect.write("CFO", then="Send")
    assert prospect.heading == "You have 50 to 199 people, is that right?"


@pytest.mark.parametrize("agrees", ["in words", "by the button"])
def test_who_says_yes_to_what_we_ask_to_confirm_has_answered(
    prospect: PlainBrowser, kept: Kept, agrees: str
) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.write("We are 120 people", then="Send").write("CFO", then="Send")
    if agrees == "in words":
        prospect.write("Yes", then="Send")
    else:
        prospect.press("Yes, that is right")
    assert kept()[-1] == ("company_size", "50-199")


def test_who_says_no_to_it_is_asked_what_is_right(prospect: PlainBrowser, kept: Kept) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.write("We are 120 people and want to start next month", then="Send")
    prospect.write("CFO", then="Send").write("No", then="Send")
    assert prospect.status == 422
    assert "What is right, then?" in prospect.words
    prospect.press("200 to 500 people")
    assert kept()[-1] == ("company_size", "200-500")


@pytest.mark.parametrize("said", ["prefer not to say", "skip"])
def test_an_optional_question_can_be_declined_in_words(
    prospect: PlainBrowser, kept: Kept, said: str
) -> None:
    prospect.open("/c/demo-request").press("Something else").write(said, then="Send")
    assert kept()[-1] == ("challenge", None)


def test_one_conversation_can_go_on_in_the_other_skin(prospect: PlainBrowser, kept: Kept) -> None:
    prospect.open("/c/demo-request").press("Something else")
    prospect.open(prospect.address.split("#")[0].replace("/c/", "/f/"))
    prospect.write("Too many spreadsheets")
    assert kept() == [("goal", "something_else"), ("challenge", "Too many spreadsheets")]
