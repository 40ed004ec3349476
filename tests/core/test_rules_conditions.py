"""What conditions say, operator by operator, and what they say of the unknown."""

from typing import Any

import pytest

from tests.core.small import AT, Bare, ago, ask, choice, small, truth

SIGNALS = {
    "pricing": {"page": ["/pricing", "/pricing/*"]},
    "download": {"event": "download", "page": "/files/*"},
}
WITH_SIGNALS = {"signals": SIGNALS}


@pytest.mark.parametrize(
    ("condition", "fix"),
    [
        ({"goal": {"includes": ["a"]}}, "List the choices"),
        ({"goal": {"mentions": "a"}}, "List the choices"),
        ({"goal": {"at_least": "a"}}, "ordered"),
        ({"goal": {"at_most": "a"}}, "ordered"),
        ({"team": {"at_least": "red"}}, "includes"),
        ({"team": {"mentions": "red"}}, "includes"),
        ({"note": {"includes": "x"}}, "mentions"),
        ({"note": {"at_least": "x"}}, "mentions"),
        ({"seats": {"mentions": "5"}}, "at_least"),
        ({"seats": {"includes": [5]}}, "at_least"),
        ({"start": {"mentions": "2026"}}, "at_least"),
        ({"keen": {"mentions": "yes"}}, "not"),
        ({"keen": {"at_least": "yes"}}, "not"),
        ({"country": {"mentions": "DE"}}, "not"),
        ({"email_kind": {"mentions": "free"}}, "List"),
        ({"locale": {"mentions": "de"}}, "not"),
        ({"goal": {"within": "7d"}}, "List"),
    ],
    ids=str,
)
def test_an_operator_that_does_not_fit_is_an_error_that_says_what_does(
    condition: dict[str, Any], fix: str
) -> None:
    """Rule A27."""
    (operator,) = next(iter(condition.values()))
    refusal = small(icp=[{"id": "i", "when": condition}]).refusal
    assert f"`{operator}` does not fit" in refusal
    assert fix in refusal


@pytest.mark.parametrize(
    "condition",
    [
        {"seats": {"at_least": 5, "at_most": 9}},
        {"budget": {"at_least": "5 EUR"}},
        {"start": {"at_most": "2027-01-01"}},
        {"plan": {"at_least": "mid"}},
        {"signals.visit": {"at_least": 1}},
        {"team": {"includes": ["red", "blue"]}},
        {"note": {"mentions": ["x", "y"]}},
        {"title": {"mentions": "x"}},
        {"email": {"mentions": "x"}},
        {"email_domain": {"mentions": "edu"}},
        {"source.referrer_host": {"mentions": "google"}},
        *(
            {p: {"known": True}}
            for p in ("goal", "team", "seats", "budget", "start", "keen", "note")
        ),
    ],
    ids=str,
)
def test_operators_that_fit_are_accepted(condition: dict[str, Any]) -> None:
    """Rule A27."""
    assert not small(icp=[{"id": "i", "when": condition}]).problems


def test_scores_are_compared_by_size() -> None:
    """Rule A27."""
    assert truth({"score.total": {"at_least": 0, "at_most": 0}}) == "true"


def test_several_operators_must_all_hold() -> None:
    """Rule A28."""
    when = {"seats": {"at_least": 10, "at_most": 20, "not": [15]}}
    seats = {9: "false", 10: "true", 15: "false", 20: "true", 21: "false"}
    assert {n: truth(when, known={"seats": n}) for n in seats} == seats


@pytest.mark.parametrize(
    ("condition", "known", "expected"),
    [
        ({"team": {"includes": "red"}}, {"team": ["red", "blue"]}, "true"),
        ({"team": {"includes": ["red", "blue"]}}, {"team": ["red", "blue"]}, "true"),
        ({"team": {"includes": ["red", "green"]}}, {"team": ["red", "blue"]}, "false"),
        ({"note": {"mentions": "one"}}, {"note": "one two"}, "true"),
        ({"note": {"mentions": ["nine", "two"]}}, {"note": "one two"}, "true"),
        ({"note": {"mentions": ["nine", "ten"]}}, {"note": "one two"}, "false"),
        ({"goal": {"not": "a"}}, {"goal": "b"}, "true"),
        ({"goal": {"not": ["a", "b"]}}, {"goal": "b"}, "false"),
        ({"goal": {"not": ["a", "b"]}}, {"goal": "c"}, "true"),
        ({"team": ["red", "green"]}, {"team": ["green", "blue"]}, "true"),
        ({"team": "red"}, {"team": ["green", "blue"]}, "false"),
        ({"team": {"not": ["red", "green"]}}, {"team": ["green", "blue"]}, "false"),
        ({"team": {"not": ["red"]}}, {"team": ["green", "blue"]}, "true"),
    ],
    ids=str,
)
def test_includes_wants_all_mentions_any_and_not_none(
    condition: dict[str, Any], known: dict[str, Any], expected: str
) -> None:
    """Rule A28, and for several choices the meaning of a bare value or list."""
    assert truth(condition, known=known) == expected


@pytest.mark.parametrize(
    "condition",
    [
        {"goal": "a"},
        {"goal": ["a", "b"]},
        {"goal": {"not": ["a"]}},
        {"team": {"includes": ["red"]}},
        {"team": "red"},
        {"note": {"mentions": "x"}},
        {"seats": {"at_least": 1}},
        {"plan": {"at_most": "mid"}},
        {"start": {"at_most": "2027-01-01"}},
        {"budget": {"at_least": "1 EUR"}},
        {"goal": {"not": ["a"], "known": False}},
    ],
    ids=str,
)
def test_every_comparison_with_the_unknown_is_unknown(condition: dict[str, Any]) -> None:
    """Rule A29."""
    assert truth(condition) == "unknown"


def test_only_known_always_has_an_answer() -> None:
    """Rule A29."""
    assert truth({"goal": {"known": True}}) == "false"
    assert truth({"goal": {"known": False}}) == "true"
    assert truth({"goal": {"known": True}}, inferred={"goal": "a"}) == "true"
    assert truth({"goal": {"known": False}}, inferred={"goal": "a"}) == "false"


@pytest.mark.parametrize(
    "condition",
    [
        {"goal": ["a", "b", "c"]},
        {"any": [{"goal": "a"}, {"goal": {"not": ["a"]}}]},
        {"none": [{"all": [{"goal": "a"}, {"goal": "b"}]}]},
        {"plan": {"at_least": "low"}},
    ],
    ids=str,
)
def test_no_cleverness_turns_unknown_into_true(condition: dict[str, Any]) -> None:
    """Rule A30."""
    assert truth(condition) == "unknown"


T, F, U = {"goal": "a"}, {"goal": "b"}, {"plan": "low"}
NAMES = {"true": T, "false": F, "unknown": U}


@pytest.mark.parametrize("one", NAMES)
@pytest.mark.parametrize("other", NAMES)
def test_the_tables_of_three_truths(one: str, other: str) -> None:
    """Rule A31."""
    pair, parts = {one, other}, [NAMES[one], NAMES[other]]
    every = "false" if "false" in pair else "unknown" if "unknown" in pair else "true"
    some = "true" if "true" in pair else "unknown" if "unknown" in pair else "false"
    none = {"true": "false", "false": "true", "unknown": "unknown"}[some]
    known = {"goal": "a"}

    assert truth({"all": parts}, known=known) == every
    assert truth({"any": parts}, known=known) == some
    assert truth({"none": parts}, known=known) == none


def test_a_mapping_is_an_and_of_its_entries() -> None:
    """Rule A31."""
    when = {"goal": "a", "plan": "low"}
    assert truth(when, known={"goal": "a"}) == "unknown"
    assert truth(when, known={"goal": "b"}) == "false"
    assert truth(when, known={"goal": "a", "plan": "low"}) == "true"


@pytest.mark.parametrize(
    ("condition", "holding"),
    [
        ({"plan": {"at_most": "mid"}}, ["low", "mid"]),
        ({"plan": {"at_least": "mid"}}, ["mid", "high"]),
        ({"plan": {"at_least": "mid", "at_most": "mid"}}, ["mid"]),
    ],
    ids=str,
)
def test_ordered_choices_count_by_their_place(
    condition: dict[str, Any], holding: list[str]
) -> None:
    """Rule A32. The first is the least."""
    truths = {plan: truth(condition, known={"plan": plan}) for plan in ("low", "mid", "high")}
    assert [plan for plan, held in truths.items() if held == "true"] == holding
    assert {held for plan, held in truths.items() if plan not in holding} == {"false"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"at_least": "10000 EUR"}, "true"),
        ({"at_least": "10000.01 EUR"}, "false"),
        ({"at_most": "10000 EUR"}, "true"),
        ({"at_least": "1 USD"}, "unknown"),
        ({"at_most": "1 USD"}, "unknown"),
        ("10000.00 EUR", "true"),
        ("10000 USD", "unknown"),
        ({"not": ["10000 USD"]}, "unknown"),
        ({"not": ["1 EUR"]}, "true"),
        ({"known": True}, "true"),
    ],
    ids=str,
)
def test_money_is_compared_within_one_currency(condition: Any, expected: str) -> None:
    """Rule A33."""
    assert truth({"budget": condition}, known={"budget": "10000 EUR"}) == expected


@pytest.mark.parametrize("amount", [10_000, "10000", "EUR 10000", "10000EUR", "ten EUR", "10000 €"])
def test_money_is_an_amount_a_blank_and_a_code(amount: object) -> None:
    """Rule A33."""
    when = {"budget": {"at_least": amount}}
    assert "10000" in small(icp=[{"id": "i", "when": when}]).refusal


@pytest.mark.parametrize("written", [10, Bare("10.0"), Bare("10.00"), "10"])
def test_numbers_are_compared_exactly(written: Any) -> None:
    """Rule A34. A bare number is equality."""
    assert truth({"seats": written}, known={"seats": Bare("10.0")}) == "true"
    assert truth({"seats": written}, known={"seats": Bare("10.0000000000000001")}) == "false"


def test_a_tenth_is_a_tenth() -> None:
    """Rule A34."""
    assert truth({"seats": {"at_least": Bare("0.3")}}, known={"seats": Bare("0.3")}) == "true"


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", ".NaN", "inf", "NaN"])
def test_there_is_no_number_beyond_numbers(number: str) -> None:
    """Rule A34."""
    assert small(icp=[{"id": "i", "when": {"seats": {"at_least": Bare(number)}}}]).refusal
    assert small().case_refusal(known={"seats": Bare(number)})


@pytest.mark.parametrize(
    ("condition", "direct", "from_ads"),
    [
        ("ads", "false", "true"),
        (["ads", "mail"], "false", "true"),
        ({"not": ["ads"]}, "true", "false"),
        ({"known": True}, "false", "true"),
        ({"known": False}, "true", "false"),
        ({"mentions": "ads"}, "false", "true"),
    ],
    ids=str,
)
def test_a_source_that_did_not_come_equals_nothing(
    condition: Any, direct: str, from_ads: str
) -> None:
    """Rule A35."""
    when = {"source.utm_source": condition}
    assert truth(when) == direct
    assert truth(when, source={"utm_source": "ads"}) == from_ads


def test_a_flow_without_intent_equals_nothing() -> None:
    """Rule A35."""
    plain = {"intent": None}
    assert truth({"flow.intent": "contact"}) == "true"
    assert truth({"flow.intent": "contact"}, playbook=plain) == "false"
    assert truth({"flow.intent": {"not": ["contact"]}}, playbook=plain) == "true"
    assert truth({"flow.intent": {"known": True}}, playbook=plain) == "false"
    assert truth({"flow.id": "small"}, playbook=plain) == "true"


@pytest.mark.parametrize(
    ("condition", "holding"),
    [
        (2, {2}),
        ({"at_least": 1}, {1, 2, 3}),
        ({"at_most": 1}, {0, 1}),
        ({"within": "7d"}, {1, 2, 3}),
        ({"at_least": 2, "within": "7d"}, {2, 3}),
        ({"not": [0]}, {1, 2, 3}),
        (0, {0}),
    ],
    ids=str,
)
def test_signals_are_counts_and_never_unknown(condition: Any, holding: set[int]) -> None:
    """Rule A36. A bare number is exactly that many; `within` alone is at least once."""
    when = {"signals.pricing": condition}
    for times in range(4):
        events = [{"page": "/pricing", "at": ago(minutes=n + 1)} for n in range(times)]
        given = {"events": events} if events else {}
        expected = "true" if times in holding else "false"
        assert truth(when, playbook=WITH_SIGNALS, **given) == expected


@pytest.mark.parametrize(
    "condition",
    [
        {"goal": {"within": "7d"}},
        {"signals.pricing": {"known": True}},
        {"signals.pricing": {"mentions": "x"}},
    ],
    ids=str,
)
def test_within_is_for_signals_and_known_is_not(condition: dict[str, Any]) -> None:
    """Rule A36."""
    assert "does not fit" in small(icp=[{"id": "i", "when": condition}], **WITH_SIGNALS).refusal


GATES = {
    "disqualifiers": [
        {"id": "one", "when": {"goal": "a"}, "gate": "hard"},
        {"id": "two", "when": {"plan": "low"}, "gate": "hard"},
        {"id": "soft", "when": {"keen": "no"}, "gate": "flag"},
    ]
}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"goal": "a"}, "true"),
        ({"goal": "b"}, "unknown"),
        ({}, "unknown"),
        ({"goal": "b", "plan": "mid"}, "false"),
        ({"goal": "b", "plan": "mid", "keen": "no"}, "false"),
        ({"goal": "a", "plan": "mid"}, "true"),
    ],
    ids=str,
)
def test_disqualified_has_three_truths(known: dict[str, str], expected: str) -> None:
    """Rule A37."""
    given = {"known": known} if known else {}
    opposite = {"true": "false", "false": "true", "unknown": "unknown"}[expected]
    assert truth({"disqualified": True}, playbook=GATES, **given) == expected
    assert truth({"disqualified": False}, playbook=GATES, **given) == opposite


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"disqualifiers.one": "unknown"}, "true"),
        ({"disqualifiers.one": "tripped"}, "false"),
        ({"disqualifiers.one": {"not": ["clear"]}}, "true"),
        ({"tier": "cold"}, "true"),
        ({"tier": {"not": ["cold"]}}, "false"),
        ({"score.total": {"at_least": 1}}, "false"),
        ({"icp": "partial"}, "true"),
        ({"icp": ["yes", "no"]}, "false"),
    ],
    ids=str,
)
def test_the_verdict_so_far_is_never_unknown(condition: dict[str, Any], expected: str) -> None:
    """Rule A37."""
    playbook = {**GATES, "icp": [{"id": "i", "when": {"goal": "b"}}]}
    assert truth(condition, playbook=playbook) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "false"),
        ({"events": [{"page": "/x", "at": ago(minutes=29, seconds=59)}]}, "false"),
        ({"events": [{"page": "/x", "at": ago(minutes=30)}]}, "true"),
        ({"known": {"goal": "a"}}, "false"),
        ({"known": {"goal": {"value": "a", "at": ago(days=1)}}}, "true"),
        ({"inferred": {"goal": {"value": "a", "at": ago(days=1)}}}, "false"),
    ],
    ids=str,
)
def test_who_was_here_before_is_returning(given: dict[str, Any], expected: str) -> None:
    """Rule A38."""
    assert truth({"returning": True}, **given) == expected
    assert truth({"returning": False}, **given) == ("false" if expected == "true" else "true")


@pytest.mark.parametrize(
    "condition",
    [
        {"seats": {"at_least": 9, "at_most": 5}},
        {"plan": {"at_least": "high", "at_most": "low"}},
        {"signals.visit": {"at_least": 3, "at_most": 2}},
        {"start": {"at_least": "2027-01-01", "at_most": "2026-01-01"}},
    ],
    ids=str,
)
def test_a_range_upside_down_is_an_error(condition: dict[str, Any]) -> None:
    """Rule A39."""
    assert "at_least" in small(icp=[{"id": "i", "when": condition}]).refusal


def test_a_value_listed_twice_is_a_warning() -> None:
    """Rule A39."""
    when = {"goal": ["a", "b", "a"]}
    (problem,) = small(icp=[{"id": "i", "when": when}]).problems
    assert problem.severity == "warning"
    assert truth(when, known={"goal": "a"}) == "true"


@pytest.mark.parametrize(
    ("pattern", "page", "found"),
    [
        ("/pricing", "/pricing", True),
        ("/pricing", "/pricing/", True),
        ("/pricing/", "/pricing", True),
        ("/Pricing", "/PRICING", True),
        ("/pricing", "/pricing?plan=pro#top", True),
        ("/pricing", "https://www.acme.example/pricing?x=1", True),
        ("/pricing", "https://other.example/pricing", True),
        ("/pricing", "/pricing-old", False),
        ("/pricing", "/en/pricing", False),
        ("/pricing/*", "/pricing", False),
        ("/pricing/*", "/pricing/", False),
        ("/pricing/*", "/pricing/teams", True),
        ("/pricing/*", "/pricing/teams/large", True),
        ("/demo*", "/demo", True),
        ("/demo*", "/demo/video/2", True),
        ("/*/docs", "/a/b/docs", True),
        ("*.pdf", "/files/guide.PDF", True),
        ("/aba*ba", "/aba", False),
        ("/aba*ba", "/ababa", True),
        ("*", "/", True),
        ("/a.c", "/abc", False),
        ("/x[1]", "/x1", False),
    ],
)
def test_pages_are_compared_by_their_path(pattern: str, page: str, found: bool) -> None:
    """Rule A40."""
    playbook = {"signals": {"it": {"page": pattern}}}
    events = [{"page": page, "at": AT}]
    assert truth({"signals.it": 1}, playbook=playbook, events=events) == str(found).lower()


def test_a_page_without_an_event_is_a_page_view() -> None:
    """Rule A41."""
    playbook = {"signals": {"seen": {"page": "/files/*"}, "got": SIGNALS["download"]}}
    page = {"page": "/files/guide.pdf", "at": AT}
    for event, seen, got in (
        ({}, 1, 0),
        ({"event": "page_view"}, 1, 0),
        ({"event": "download"}, 0, 1),
    ):
        events = [{**page, **event}]
        assert truth({"signals.seen": seen}, playbook=playbook, events=events) == "true"
        assert truth({"signals.got": got}, playbook=playbook, events=events) == "true"


def test_an_event_without_a_page_is_on_no_page() -> None:
    """Rule A41."""
    events = [{"event": "download", "at": AT}]
    assert truth({"signals.download": 0}, playbook=WITH_SIGNALS, events=events) == "true"
    anywhere = {"signals": {"download": {"event": "download"}}}
    assert truth({"signals.download": 1}, playbook=anywhere, events=events) == "true"


def test_a_question_is_asked_on_true_only() -> None:
    """Format, section 3: unknown is not true."""
    files = small(
        questions=[
            ask("goal", when={"plan": "low"}),
            ask("keen", when={"plan": {"not": ["low"]}}),
            ask("note", when={"plan": {"known": False}}),
        ],
        properties={"note": {"type": "text"}, "extra": choice("x")},
    )
    assert files.send(answers={"note": "x"})["asked"] == ["note"]


@pytest.mark.parametrize(
    ("theirs", "german"),
    [("de", "true"), ("de-AT", "true"), ("DE_at", "true"), ("den", "false"), ("fr", "false")],
)
def test_who_is_spoken_to_in_a_language_is_one_who_speaks_it(theirs: str, german: str) -> None:
    """As rule A12 has it for texts: a form knows Austrians as the readers of its German words."""
    questions = [ask("note", ask={"en": "What?", "de": "Was?"}, required=False)]
    found = truth({"locale": "de"}, playbook={"questions": questions}, locale=theirs)
    assert found == german


def test_a_mistyped_currency_is_pointed_out() -> None:
    """Rule A33: amounts compare within one currency only, so with this one nothing would."""
    (warned,) = small(icp=[{"id": "i", "when": {"budget": {"at_least": "100 ERU"}}}]).problems
    assert warned.severity == "warning"
    assert "`ERU` is no currency" in str(warned)
    assert "Write its ISO code, like `EUR`." in str(warned)
    assert not small(icp=[{"id": "i", "when": {"budget": "100 JPY"}}]).problems
