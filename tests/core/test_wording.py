"""What people read where a text names a property, and how each value is put into words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core import wording
from webapp.core.playbook import Choice, Property, Text
from webapp.core.values import Money, Type


def text(english: str, german: str | None = None) -> Text:
    return Text({"en": english} | ({"de": german} if german else {}), "en")


def prop(type: Type, **more) -> Property:
    return Property("thing", text("Thing"), type, **more)


COMMITTEE = prop(
    Type.CHOICES,
    choices={
        "finance": Choice("finance", text("Finance", "Finanzen")),
        "it": Choice("it", text("IT")),
        "board": Choice("board", text("The board", "Der Vorstand")),
    },
)


class TestFill:
    def test_a_visitor_is_thanked_by_name(self):
        assert wording.fill("Thanks {first_name}.", {"first_name": "Ana"}) == "Thanks Ana."

    def test_a_visitor_whose_name_is_unknown_is_thanked_without_a_gap(self):
        assert wording.fill("Thanks {first_name}.", {}) == "Thanks."

    def test_no_comma_hangs_where_a_name_was_left_out(self):
        assert wording.fill("Thanks, {first_name}!", {}) == "Thanks!"
        assert wording.fill("Hi {first_name}, we call you.", {}) == "Hi, we call you."
        assert wording.fill("Thanks, {first_name}!", {"first_name": "Ana"}) == "Thanks, Ana!"

    def test_a_rep_reads_the_label_of_what_is_not_known_yet(self):
        unknown = {"timeline": "timeline"}.get
        assert wording.fill("Call and confirm {timeline}.", {}, unknown=unknown) == (
            "Call and confirm timeline."
        )

    def test_a_name_that_looks_like_a_placeholder_is_not_filled_in_turn(self):
        values = {"first_name": "{email}", "email": "ana@nordwind.example"}
        assert wording.fill("Thanks {first_name}.", values) == "Thanks {email}."

    def test_template_syntax_is_left_as_it_was_written(self):
        odd = "{{ 7*7 }} {% if x %} {Not} { goal } {} ${goal!r} {0} }{"
        assert wording.fill(odd, {"goal": "x"}) == odd

    @given(st.text(), st.text(min_size=1))
    def test_whatever_a_visitor_typed_appears_as_typed(self, before, typed):
        assert wording.fill("Say {it}.", {"it": typed}) == f"Say {typed}."
        assert wording.fill(before, {}, unknown=lambda name: "{" + name + "}") == before

    def test_names_are_listed_once_in_order(self):
        assert wording.placeholders("{goal} by {timeline}: {goal} {No}") == ("goal", "timeline")


class TestLabelInStaffTexts:
    def test_labels_start_small_inside_a_sentence_but_acronyms_and_german_nouns_do_not(self):
        assert wording.in_sentence("Timeline", "en") == "timeline"
        assert wording.in_sentence("IT budget", "en") == "IT budget"
        assert wording.in_sentence("Zeitplan", "de-AT") == "Zeitplan"


class TestLabel:
    def test_several_choices_end_with_the_word_for_and(self):
        chosen = ("finance", "it", "board")
        assert wording.label(COMMITTEE, chosen, "en") == "Finance, IT, and The board"
        assert wording.label(COMMITTEE, chosen, "de") == "Finanzen, IT und Der Vorstand"
        assert wording.label(COMMITTEE, ("it",), "en") == "IT"

    @pytest.mark.parametrize(
        ("amount", "locale", "words"),
        [
            ("10000", "en", "10,000 EUR"),
            ("10000", "de", "10.000 EUR"),
            ("10000.5", "en", "10,000.50 EUR"),
            ("10000.5", "de-CH", "10’000.50 EUR"),
        ],
    )
    def test_money_is_written_as_the_reader_writes_it(self, amount, locale, words):
        assert wording.label(prop(Type.MONEY), Money(Decimal(amount), "EUR"), locale) == words

    def test_dates_numbers_countries_and_yes_are_in_the_readers_language(self):
        day = date(2027, 3, 31)
        assert wording.label(prop(Type.DATE), day, "en") == "March 31, 2027"
        assert wording.label(prop(Type.DATE), day, "en-GB") == "31 March 2027"
        assert wording.label(prop(Type.DATE), day, "de") == "31. März 2027"
        assert wording.label(prop(Type.NUMBER), Decimal("1200.5"), "de") == "1.200,5"
        assert wording.label(prop(Type.COUNTRY), "DE", "de") == "Deutschland"
        assert wording.label(prop(Type.COUNTRY), "DE", "en") == "Germany"
        assert wording.label(prop(Type.YES_NO), "yes", "de") == "Ja"
        assert wording.label(prop(Type.CONSENT), "no", "en") == "No"

    def test_a_text_reading_yes_stays_a_text(self):
        assert wording.label(prop(Type.TEXT), "yes", "de") == "yes"

    def test_a_choice_no_longer_offered_shows_its_id(self):
        assert wording.label(prop(Type.CHOICE), "gone", "en") == "gone"

    def test_nothing_known_is_no_words(self):
        assert wording.label(prop(Type.TEXT), None, "en") == ""

    @pytest.mark.parametrize("locale", [None, "", "xx", "nonsense!", "de_AT", "zh-Hant-TW", "ar"])
    def test_any_locale_gets_words(self, locale):
        assert wording.label(prop(Type.NUMBER), Decimal(7), locale)
        assert wording.duration(timedelta(days=3), locale)


@pytest.mark.parametrize(
    ("span", "english", "german"),
    [
        (timedelta(minutes=15), "15 minutes", "15 Minuten"),
        (timedelta(hours=1), "1 hour", "1 Stunde"),
        (timedelta(minutes=90), "90 minutes", "90 Minuten"),
        (timedelta(hours=36), "36 hours", "36 Stunden"),
        (timedelta(days=30), "30 days", "30 Tage"),
        (timedelta(0), "0 seconds", "0 Sekunden"),
    ],
)
def test_a_promised_time_is_exact(span, english, german):
    assert wording.duration(span, "en") == english
    assert wording.duration(span, "de") == german


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(hours=57, minutes=3, microseconds=1), "58 hours"),
        (timedelta(days=2), "48 hours"),
        (timedelta(hours=1), "60 minutes"),
        (timedelta(seconds=1), "1 minute"),
    ],
)
def test_a_wait_is_told_in_units_people_think_in(span: timedelta, words: str) -> None:
    assert wording.wait(span, "en") == words
