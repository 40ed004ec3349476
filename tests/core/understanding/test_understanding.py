"""What a visitor types in a chat, and what is made of it."""

import importlib
import pkgutil
import re
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.understanding.scene import (
    PLAYBOOK,
    PROPERTIES,
    hear,
    starter,
    utterances,
    verdict,
)
from tests.effort import at_most
from webapp.core import understanding, values
from webapp.core.understanding import READ_AT_MOST, Understanding
from webapp.core.understanding.words import Said, distance

PROPERTY = {p.id: p for p in PROPERTIES}


@pytest.mark.parametrize("utterance", utterances("spelled_out"), ids=lambda u: str(u["says"]))
def test_what_the_rules_were_written_for_is_understood(utterance: dict) -> None:
    assert verdict(utterance) is None


@pytest.mark.parametrize(
    ("written", "understood", "mistaken"),
    [
        ("held_out", 0.95, 2),
        ("fresh", 0.9, 2),
        ("unseen", 0.8, 0),
        ("walked", 0.9, 0),
        ("walked_again", 0.75, 3),
    ],
)
def test_most_of_what_people_say_is_understood_and_little_is_mistaken(
    written: str, understood: float, mistaken: int
) -> None:
    said = utterances(written)
    playbook = starter().playbook if written.startswith("walked") else PLAYBOOK
    verdicts = [verdict(each, playbook) for each in said]
    assert len(said) >= 60
    assert sum(found is None for found in verdicts) / len(said) >= understood
    assert sum(bool(found) and found.startswith("WRONG") for found in verdicts) <= mistaken


class TestChoices:
    def test_the_very_words_of_a_choice_are_taken_with_their_quote(self) -> None:
        heard = hear("Better reporting, please", "goal")
        assert heard.answer.value == "reporting"
        assert heard.answer.quote == "Better reporting"

    def test_a_slip_of_the_finger_is_asked_back(self) -> None:
        heard = hear("this qaurter", "timeline")
        assert heard.answer is None
        assert [(r.value, r.quote) for r in heard.doubts] == [("quarter", "this qaurter")]

    def test_two_choices_at_once_are_both_offered(self) -> None:
        heard = hear("better reporting and faster follow-up", "goal")
        assert {r.value for r in heard.doubts} == {"reporting", "faster"}

    def test_what_is_denied_is_not_chosen(self) -> None:
        assert hear("finance but not procurement", "committee").answer.value == ("finance",)
        assert hear("the budget isn't approved", "budget_status").readings == ()

    def test_choices_a_question_does_not_offer_are_not_chosen(self) -> None:
        heard = hear("Better reporting", "goal", choices=("leads", "faster"))
        assert heard.of("goal") == ()

    def test_a_question_back_is_no_answer(self) -> None:
        assert hear("Do you mean this quarter or the next one?", "timeline").answer is None

    def test_an_answer_that_fits_no_choice_stays_a_note(self) -> None:
        heard = hear("well, it is complicated with us", "goal")
        assert heard.readings == ()
        assert not heard.skips


class TestWhoSpeaksOfOthers:
    """Words of a choice that say something else: to guess there costs a visitor the way on."""

    def hear(self, says: str, asked: str) -> Understanding:
        return hear(says, asked, playbook=starter().playbook)

    def test_who_was_told_by_a_student_is_not_taken_for_one(self) -> None:
        assert self.hear("our student told us", "purpose").readings == ()
        assert self.hear("I am a student", "purpose").answer.value == "studying"

    def test_who_sells_shoes_is_asked_whether_they_offer_us_something(self) -> None:
        heard = self.hear("we sell shoes", "purpose")
        assert heard.answer is None
        assert [each.value for each in heard.doubts] == ["selling"]

    def test_money_that_is_only_hoped_for_is_not_there(self) -> None:
        assert self.hear("as soon as the budget is there", "timeline").readings == ()
        assert self.hear("once it is approved", "budget_status").answer is None

    def test_soon_is_asked_back_with_the_two_nearest_times(self) -> None:
        heard = self.hear("soon", "timeline")
        assert [each.value for each in heard.doubts] == ["now", "quarter"]

    def test_who_wants_no_sales_call_gets_none(self) -> None:
        assert not self.hear("I don't want to talk to sales", "goal").wants_person


class TestAGuessThatIsPutToBeConfirmed:
    @pytest.mark.parametrize(
        "says",
        ["Yes", "yes please", "yes sure", "ja klar", "That's right", "correct!", "Ja, genau"],
    )
    def test_a_yes_is_taken_for_it(self, says: str) -> None:
        heard = hear(says, "timeline", guess="quarter")
        assert heard.answer.value == "quarter"
        assert heard.answer.quote in says

    @pytest.mark.parametrize("says", ["I think so", "Yes?", "vermutlich"])
    def test_half_a_yes_is_asked_back(self, says: str) -> None:
        heard = hear(says, "timeline", guess="quarter")
        assert heard.answer is None
        assert [each.value for each in heard.doubts] == ["quarter"]

    @pytest.mark.parametrize("says", ["No", "nope", "no, that's wrong", "Nein"])
    def test_a_no_is_no_answer_yet(self, says: str) -> None:
        heard = hear(says, "timeline", guess="quarter")
        assert heard.readings == ()
        assert heard.denies

    @pytest.mark.parametrize("says", ["no, next year", "yes, but rather next year"])
    def test_what_is_said_with_it_counts_more(self, says: str) -> None:
        heard = hear(says, "timeline", guess="now")
        assert "now" not in {each.value for each in heard.readings}

    @pytest.mark.parametrize("says", ["Yeah, no", "No, yes", "Ja, nein"])
    def test_a_yes_and_no_in_one_is_neither(self, says: str) -> None:
        heard = hear(says, "timeline", guess="quarter")
        assert heard.answer is None
        assert not heard.denies

    def test_a_name_is_not_taken_to_be_yes(self) -> None:
        assert hear("Yes", "company", guess="Northwind").answer.value == "Northwind"
        assert hear("No", "company", guess="Northwind").denies

    def test_it_is_worked_out_only_for_who_says_yes_or_no(self) -> None:
        worked_out = []
        for says in ("next month", "no, next year", "yes", "no"):
            hear(says, "timeline", guess=partial(worked_out.append, says))
        assert worked_out == ["yes", "no"]

    def test_a_question_of_yes_or_no_is_answered_by_them(self) -> None:
        assert hear("Yes", "has_crm", guess="no").answer.value == "yes"


class TestSeveralAnswersInOneSentence:
    def test_each_is_found_with_the_words_it_came_from(self) -> None:
        says = "Approved, around 20k. I'm Ana Ruiz, CFO at Nordwind GmbH, ana@nordwind.example"
        heard = hear(says, "budget_status")
        assert {r.property: r.quote for r in heard.readings if r.certainty == "sure"} == {
            "budget_status": "Approved",
            "budget_range": "around 20k",
            "name": "Ana Ruiz",
            "job_title": "CFO",
            "company": "Nordwind GmbH",
            "email": "ana@nordwind.example",
        }

    def test_people_named_in_passing_are_only_a_guess(self) -> None:
        heard = hear("We need better reporting, but IT must approve it", "goal")
        [other] = heard.others
        assert (other.property, other.value, other.certainty) == ("committee", ("it",), "likely")

    def test_who_somebody_is_says_nothing_of_who_decides(self) -> None:
        assert hear("I'm the CFO at Nordwind", "challenge").of("committee") == ()

    def test_what_something_cost_is_not_their_budget(self) -> None:
        assert hear("The outage cost us €300,000", "challenge").of("budget_range") == ()

    def test_a_number_counts_for_one_question_only(self) -> None:
        heard = hear("40 people", "team_size")
        assert [(r.property, str(r.value)) for r in heard.readings] == [("team_size", "40")]

    def test_consent_is_never_taken_from_passing_words(self) -> None:
        heard = hear("yes, this quarter, and yes to everything", "timeline")
        assert heard.of("consent") == ()


class TestMoney:
    @pytest.mark.parametrize(
        ("says", "value"),
        [
            ("10.000,50 €", "10000.5 EUR"),
            ("$1,234.56", "1234.56 USD"),
            ("EUR 5k", "5000 EUR"),
            ("£8k per year", "8000 GBP"),
            ("1'250 Franken", "1250 CHF"),
        ],
    )
    def test_amounts_in_every_manner_of_writing(self, says: str, value: str) -> None:
        assert str(hear(says, "budget").answer.value) == value

    def test_without_a_currency_the_local_one_is_asked_back(self) -> None:
        assert [str(r.value) for r in hear("20k", "budget", locale="de").doubts] == ["20000 EUR"]
        assert [str(r.value) for r in hear("20k", "budget", locale="en-US").doubts] == ["20000 USD"]

    @pytest.mark.parametrize("says", ["50k", "about 52k", "40-60k", "more than 20k", "$20k"])
    def test_what_touches_two_bands_or_another_currency_is_asked_back(self, says: str) -> None:
        heard = hear(says, "budget_range")
        assert heard.answer is None
        assert heard.doubts

    def test_a_bare_20_may_well_mean_thousands(self) -> None:
        heard = hear("20", "budget_range")
        assert [r.value for r in heard.doubts] == ["10k-50k", "under_10k"]


class TestTime:
    def test_the_same_words_mean_another_choice_on_another_day(self) -> None:
        assert hear("by the end of the year", "timeline").answer.value == "quarter"
        earlier = hear("by the end of the year", "timeline", today=date(2026, 2, 1))
        assert earlier.answer.value == "later"

    def test_the_past_answers_nothing(self) -> None:
        for says in ("3 months ago", "last quarter", "vor drei Monaten", "for the last two years"):
            assert hear(says, "timeline").readings == ()

    @pytest.mark.parametrize(
        "says", ["15 January 2019", "January 15th, 2019", "15. Januar 2019", "15.1.2019"]
    )
    def test_a_day_keeps_the_year_it_was_given_with(self, says: str) -> None:
        assert hear(says, "start_date").answer.value == date(2019, 1, 15)
        assert hear(says, "timeline").readings == (), "what is over is no time to come"

    def test_americans_write_the_month_first(self) -> None:
        assert hear("3/4/2027", "start_date", locale="en-US").answer.value == date(2027, 3, 4)
        assert hear("3/4/2027", "start_date", locale="en-GB").answer.value == date(2027, 4, 3)

    @pytest.mark.parametrize("says", ["30 February 2027", "2027-02-30", "31.4.2027", "99/99/2027"])
    def test_a_day_that_does_not_exist_is_no_date(self, says: str) -> None:
        assert hear(says, "start_date").answer is None


class TestSkipping:
    @pytest.mark.parametrize(
        "says",
        [
            "skip",
            "I don't know",
            "Not sure yet.",
            "rather not say",
            "weiß nicht",
            "keine Angabe",
            "?",
        ],
    )
    def test_whoever_would_rather_not_say_is_not_pressed(self, says: str) -> None:
        heard = hear(says, "goal")
        assert heard.skips
        assert heard.of("goal") == ()

    def test_not_sure_is_an_answer_where_a_choice_says_so(self) -> None:
        heard = hear("I'd rather not say", "budget_range")
        assert heard.answer.value == "private"
        assert not heard.skips


class TestAPerson:
    @pytest.mark.parametrize("says", ["can I talk to a human?", "Mensch bitte", "speak to someone"])
    def test_whoever_asks_for_a_person_is_heard(self, says: str) -> None:
        heard = hear(says, "goal")
        assert heard.wants_person
        assert heard.of("goal") == ()


class TestContact:
    def test_a_mistyped_mail_domain_is_asked_back_with_both_spellings(self) -> None:
        heard = hear("ana@gmial.com", "email")
        assert [r.value for r in heard.doubts] == ["ana@gmail.com", "ana@gmial.com"]
        for says in ("ana@mail.com", "ana@gmail.com", "ana@email.de", "ana@nordwind.example"):
            assert hear(says, "email").answer.value == says

    def test_of_two_addresses_it_is_asked_which(self) -> None:
        for says in ("ana@nordwind.example, bob@y.de", "ana@nordwind.example\r\nBcc: bob@y.de"):
            heard = hear(says, "email")
            assert heard.answer is None
            assert [r.value for r in heard.doubts] == ["ana@nordwind.example", "bob@y.de"]
        twice = hear("ana@nordwind.example, so ANA@nordwind.example", "email")
        assert twice.answer.value.lower() == "ana@nordwind.example"

    @pytest.mark.parametrize("says", ["a" * 300 + "@x.de", "ana@" + "x" * 300 + ".de"])
    def test_no_part_of_an_address_that_is_too_long_is_taken_for_one(self, says: str) -> None:
        assert hear(says, "email").of("email") == ()

    def test_a_number_is_kept_as_typed(self) -> None:
        assert hear("+44 (0)20 7946 0958", "phone").answer.value == "+44 (0)20 7946 0958"

    def test_an_amount_is_no_telephone_number(self) -> None:
        assert hear("we have 10 000 000 rows", "challenge").of("phone") == ()

    @pytest.mark.parametrize("says", ["us", "it", "in it"])
    def test_small_words_are_no_countries(self, says: str) -> None:
        assert hear(says, "country").answer is None

    def test_countries_in_the_visitors_own_language(self) -> None:
        assert hear("Allemagne", "country", locale="fr").answer.value == "DE"


@pytest.mark.parametrize("locale", ["en", "de", "ar", "xx", "", "de_AT", "en-US"])
def test_any_locale_will_do(locale: str) -> None:
    assert hear("this quarter", "timeline", locale=locale).answer.value == "quarter"


PIECES = (
    "now asap Q1 2027 20k 50-100 € $ % . , ; : ! ? - – + ( ) / @ ' not no yes kein a an the of "
    "end early next this last in by within before after months years people CFO IT me at GmbH "
    "million half dozen thousand fünf zwanzigtausend 31 2 3/4/2027 +49 www. x.example I'm "
    "Ana Ruiz head of finance Germany US Nordwind budget approved board ä́ ١٢ 1.000,5"
).split()


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)),
    st.sampled_from([None, *PROPERTY]),
    st.sampled_from(["en", "de", "en-US", "ar"]),
    st.dates(date(2020, 1, 1), date(2099, 12, 31)),
)
def test_any_text_is_understood_somehow(says: str, asked: str, locale: str, today: date) -> None:
    heard = hear(says, asked, locale=locale, today=today)
    for reading in heard.readings:
        assert reading.quote
        assert reading.quote in says
        property = PROPERTY[reading.property]
        assert values.read(property, values.write(reading.value)) is not None
    for property in {r.property for r in heard.readings}:
        found = heard.of(property)
        assert [r.certainty for r in found] == ["sure"] or {r.certainty for r in found} == {
            "likely"
        }
        assert len({r.value for r in found}) == len(found) <= 3
    assert not (heard.skips and heard.of(asked))


HOSTILE = [*PIECES, "a", "1", "1,", "- ", "a@", "(1", "one-", "twenty-", "end of ", "Q1 ", "i'm "]
HOSTILE += ["1-1"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    says = (piece * 10_000)[:10_000]
    for asked in ("challenge", "timeline", "budget_range", "company", "name", "phone", "country"):
        with at_most(calls=200 * READ_AT_MOST):
            hear(says, asked)


def test_no_pattern_goes_back_over_what_it_has_read() -> None:
    """Each reads thrice what is ever read, in milliseconds. One that goes back, and back from
    there, takes tens of billions of steps for it: the time limit of a test ends that."""
    patterns = {
        each
        for module in pkgutil.iter_modules(understanding.__path__, understanding.__name__ + ".")
        for each in vars(importlib.import_module(module.name)).values()
        if isinstance(each, re.Pattern)
    }
    assert len(patterns) >= 6
    for pattern in patterns:
        for piece in HOSTILE:
            says = piece * (3 * READ_AT_MOST // len(piece))
            assert all(found[0] in says for found in pattern.finditer(says))


def test_reading_costs_the_same_however_long_the_rest_is() -> None:
    says = "this quarter. " + "x " * 100_000
    assert len(says) > READ_AT_MOST
    assert hear(says, "timeline").answer.value == "quarter"


@given(st.text(max_size=100))
def test_tokens_stand_where_they_say(says: str) -> None:
    for token in Said(says).tokens:
        assert says[token.start : token.end] == token.text


@given(st.text("abcd", max_size=8), st.text("abcd", max_size=8))
def test_slips_are_counted_alike_from_both_sides(left: str, right: str) -> None:
    slips = distance(left, right, 20)
    assert slips == distance(right, left, 20)
    assert (slips == 0) == (left == right)
    assert distance(left, right, 1) == min(slips, 2)


def test_a_swapped_pair_of_letters_is_one_slip() -> None:
    assert distance("qaurter", "quarter", 2) == 1
