"""Other companies word their choices otherwise; what is typed finds them all the same."""

import pytest

from tests.core.understanding.scene import TODAY, flow, playbook, prop, text
from webapp.core.flow import Question
from webapp.core.playbook import Derive, Property
from webapp.core.understanding import Understanding, understand

WHEN = prop(
    "start",
    "Start",
    "choice",
    {
        "asap": "Immediately",
        "soon": "1–3 months",
        "mid": "3–6 months",
        "far": "More than 6 months",
        "unknown": "No timeline yet",
    },
)
GERMAN_WHEN = prop(
    "start",
    "Start",
    "choice",
    {"q": "Dieses Quartal", "n": "Nächstes Quartal", "j": "Nächstes Jahr", "s": "Später"},
)
SPEND = prop(
    "spend",
    "Yearly spend",
    "choice",
    {"s": "< $5k", "m": "$5k - $25k", "l": "$25k - $100k", "xl": "$100k+"},
)
HEADCOUNT = prop(
    "headcount", "Headcount", "choice", {"a": "1-9", "b": "10-99", "c": "100-999", "d": "1000+"}
)
APPROVED = prop(
    "approved", "Budget approved?", "choice", {"y": "Yes", "n": "No", "u": "Not sure yet"}
)
DECIDERS = prop(
    "deciders",
    "Decision makers",
    "choices",
    {"me": "Only me", "ceo": "CEO", "cfo": "CFO", "legal": "Legal & compliance", "hr": "HR"},
)
COUNTRY = prop("country", "Country", "country")
REGION = Property(
    "region",
    text("Region"),
    COUNTRY.type.CHOICE,
    choices=prop(
        "x", "x", "choice", {"dach": "DACH", "na": "North America", "row": "Else"}
    ).choices,
    derive=Derive(
        "country", values={"dach": ("DE", "AT", "CH"), "na": ("US", "CA")}, otherwise="row"
    ),
)
ERRAND = prop(
    "errand",
    "Reason for the visit",
    "choice",
    {"buying": "Looking for our own company", "client": "Comparing options for a client"},
)
INVOICES = prop("invoices", "Invoices per month", "number")
RENEWAL = prop("renewal", "Contract renewal", "date")
NOTES = prop("notes", "Notes", "long_text")
BUDGET = prop("budget", "Budget (CHF)", "money")


def hear(says: str, *properties: Property, locale: str = "en") -> Understanding:
    """``says`` in reply to a question about the first of the properties."""
    first = properties[0]
    return understand(
        says,
        asked=Question(first.id, first.id, text("?")),
        flow=flow(*(p.id for p in properties)),
        playbook=playbook([*properties, COUNTRY]),
        today=TODAY,
        locale=locale,
    )


@pytest.mark.parametrize(
    ("property", "says", "choice"),
    [
        (WHEN, "as soon as possible", "asap"),
        (WHEN, "in 2 months", "soon"),
        (WHEN, "in 4 months", "mid"),
        (WHEN, "next autumn", "far"),
        (WHEN, "more than 6 months", "far"),
        (WHEN, "no rush", "unknown"),
        (GERMAN_WHEN, "noch dieses Quartal", "q"),
        (GERMAN_WHEN, "im Februar", "n"),
        (GERMAN_WHEN, "im Sommer", "j"),
        (SPEND, "about $10k", "m"),
        (SPEND, "less than 5k", "s"),
        (SPEND, "150k", "xl"),
        (SPEND, "100k or more", "xl"),
        (HEADCOUNT, "we are a team of 7", "a"),
        (HEADCOUNT, "two hundred", "c"),
        (HEADCOUNT, "over 1000 employees", "d"),
        (APPROVED, "yep", "y"),
        (APPROVED, "nope", "n"),
        (APPROVED, "I don't know", "u"),
        (DECIDERS, "our managing director and legal", ("ceo", "legal")),
        (DECIDERS, "CFO", ("cfo",)),
        (DECIDERS, "it's my decision", ("me",)),
        (REGION, "Austria", "dach"),
        (REGION, "we're in the US", "na"),
        (REGION, "Japan", "row"),
    ],
)
def test_a_choice_is_found_however_it_is_labelled(
    property: Property, says: str, choice: object
) -> None:
    answer = hear(says, property).answer
    assert answer is not None
    assert answer.value == choice


@pytest.mark.parametrize(
    ("property", "says", "offered"),
    [
        (SPEND, "€10k", ["m"]),
        (SPEND, "25k", ["l", "m"]),
        (HEADCOUNT, "between 50 and 150", ["c", "b"]),
        (HEADCOUNT, "99.5", ["b"]),
        (WHEN, "in 3 months", ["soon", "mid"]),
        (DECIDERS, "complience", [("legal",)]),
    ],
)
def test_what_lies_between_is_asked_back(
    property: Property, says: str, offered: list[object]
) -> None:
    heard = hear(says, property)
    assert heard.answer is None
    assert {r.value for r in heard.doubts} == set(offered)


@pytest.mark.parametrize("says", ["for our own company", "own company", "for my own compnay"])
def test_a_part_of_a_label_is_asked_back_however_short_its_words(says: str) -> None:
    heard = hear(says, ERRAND)
    assert heard.answer is None
    assert [each.value for each in heard.doubts] == ["buying"]


def test_a_number_in_passing_counts_for_the_property_that_names_the_thing() -> None:
    heard = hear("We process 300 invoices and 20 mails a day", NOTES, INVOICES)
    assert [(str(r.value), r.quote) for r in heard.of("invoices")] == [("300", "300")]


def test_a_date_in_passing_counts_where_the_sentence_points_at_it() -> None:
    heard = hear("Our contract ends on 31 March 2027.", NOTES, RENEWAL)
    assert [str(r.value) for r in heard.of("renewal")] == ["2027-03-31"]
    assert hear("Our office moves on 31 March 2027.", NOTES, RENEWAL).of("renewal") == ()


def test_a_currency_in_the_label_is_the_one_meant() -> None:
    assert str(hear("20k", BUDGET).answer.value) == "20000 CHF"


def test_money_in_passing_is_read_where_it_is_a_budget() -> None:
    heard = hear("We set our budget at 30k, the old tool cost 50k.", NOTES, BUDGET)
    assert [str(r.value) for r in heard.of("budget")] == ["30000 CHF"]
