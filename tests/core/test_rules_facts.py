"""Which fact counts, what follows from it, when it lapses, and how texts are compared."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.core.small import AT, ago, ask, choice, small, truth
from webapp.core.facts import Certainty, Fact, Profile

NOW = datetime.fromisoformat(AT)


GOAL = [{"id": "g", "property": "goal", "points": {"a": 5, "b": 7}}]


def fact(value: str, certainty: Certainty, *, hours: int = 1, order: int = 0) -> Fact:
    return Fact("goal", value, certainty, "test", NOW - timedelta(hours=hours), order)


def effective(*facts: Fact, **parts: Any) -> object:
    return Profile(small(**parts).release.playbook, facts, NOW).value("goal")


def test_the_strongest_fact_counts_however_old() -> None:
    """Format, section 2."""
    grades = list(Certainty)
    for weaker, stronger in pairwise(grades):
        assert effective(fact("a", stronger, hours=90), fact("b", weaker)) == "a"


def test_among_equals_the_newest_counts() -> None:
    """Format, section 2."""
    stated = Certainty.stated
    assert effective(fact("a", stated, hours=1), fact("b", stated, hours=2)) == "a"


def test_of_one_instant_the_later_recorded_counts() -> None:
    """Rule A13."""
    stated = Certainty.stated
    assert effective(fact("a", stated, order=2), fact("b", stated, order=1)) == "a"
    assert effective(fact("a", stated, order=1), fact("b", stated, order=2)) == "b"


def test_a_direct_fact_beats_a_derived_one_of_its_instant() -> None:
    """Rule A13."""
    known = {"region": "america", "country": "DE"}
    assert truth({"region": "america"}, known=known) == "true"


def test_a_newly_stated_country_beats_an_older_stated_region() -> None:
    """Rule A14."""
    old, new = ago(days=9), ago(days=2)
    region, country = {"value": "america", "at": old}, {"value": "DE", "at": new}
    assert truth({"region": "europe"}, known={"region": region, "country": country}) == "true"

    region["at"], country["at"] = new, old
    assert truth({"region": "america"}, known={"region": region, "country": country}) == "true"


def test_a_stated_region_beats_one_that_follows_from_a_guessed_country() -> None:
    """Rule A14."""
    known = {"region": {"value": "america", "at": ago(days=90)}}
    assert truth({"region": "america"}, known=known, inferred={"country": "DE"}) == "true"


def test_a_derived_fact_is_as_old_as_its_source() -> None:
    """Rule A14. So it lapses with the age of its source."""
    region = {
        **choice("europe", "elsewhere", expires="10d"),
        "derive": {"from": "country", "values": {"europe": ["DE"]}},
    }
    for age, expected in ((9, "true"), (11, "unknown")):
        country = {"country": {"value": "DE", "at": ago(days=age)}}
        assert (
            truth({"region": "europe"}, playbook={"properties": {"region": region}}, known=country)
            == expected
        )


def test_from_an_unknown_source_nothing_follows() -> None:
    """Rule A15. `otherwise` is for a known value that no level lists."""
    assert truth({"region": "elsewhere"}) == "unknown"
    assert truth({"region": "elsewhere"}, known={"country": "JP"}) == "true"


def test_without_a_match_and_without_otherwise_the_result_is_unknown() -> None:
    """Rule A15."""
    assert truth({"level": {"known": True}}, known={"title": "Gardener"}) == "false"
    assert truth({"level": "head"}, known={"title": "Head of Gardens"}) == "true"


def test_something_may_follow_from_what_follows() -> None:
    """Rule A15."""
    near = {
        **choice("yes_near", "far"),
        "derive": {"from": "region", "values": {"yes_near": ["europe"]}, "otherwise": "far"},
    }
    playbook = {"properties": {"near": near}}
    assert truth({"near": "yes_near"}, playbook=playbook, known={"country": "FR"}) == "true"
    assert truth({"near": "far"}, playbook=playbook, known={"country": "US"}) == "true"
    assert truth({"near": "far"}, playbook=playbook) == "unknown"


def test_what_follows_from_itself_is_an_error() -> None:
    """Rule A15."""
    one = {**choice("x"), "derive": {"from": "two", "values": {"x": ["x"]}}}
    two = {**choice("x"), "derive": {"from": "one", "values": {"x": ["x"]}}}
    refusal = small(properties={"one": one, "two": two}).refusal
    assert "one" in refusal
    assert "two" in refusal


def status(rule: dict[str, Any], **case: Any) -> str:
    (line,) = small(fit=[{"id": "it", **rule}]).send(**case)["score"]["lines"]
    return str(line["status"])


def test_a_guess_from_words_is_inferred_however_sure_the_words_are() -> None:
    """Rule A15."""
    rule = {"property": "level", "points": {"chief": 5}}
    title = {"value": "CEO", "certainty": "confirmed", "at": ago(days=1)}
    assert status(rule, known={"title": title}) == "inferred"


@pytest.mark.parametrize(
    ("certainty", "expected"),
    [
        ("confirmed", "known"),
        ("stated", "known"),
        ("enriched", "inferred"),
        ("inferred", "inferred"),
    ],
)
def test_a_definition_is_as_sure_as_its_source(certainty: str, expected: str) -> None:
    """Rule A15."""
    rule = {"property": "region", "points": {"europe": 5}}
    country = {"value": "DE", "certainty": certainty, "at": ago(days=1)}
    assert status(rule, known={"country": country}) == expected


def test_of_several_choices_the_first_level_that_holds_one_wins() -> None:
    """Rule A15. The first of the levels, not of the choices."""
    mood = {
        **choice("cold", "warm"),
        "derive": {"from": "team", "values": {"cold": ["blue", "green"], "warm": ["red"]}},
    }
    playbook = {"properties": {"mood": mood}}
    assert truth({"mood": "cold"}, playbook=playbook, known={"team": ["red", "green"]}) == "true"
    assert truth({"mood": "warm"}, playbook=playbook, known={"team": ["red"]}) == "true"


@pytest.mark.parametrize(("seconds", "expected"), [(-1, "true"), (0, "true"), (1, "unknown")])
def test_a_fact_counts_while_its_age_is_at_most_expires(seconds: int, expected: str) -> None:
    """Rule B16."""
    playbook = {"properties": {"goal": choice("a", expires="120d")}}
    known = {"goal": {"value": "a", "at": ago(days=120, seconds=seconds)}}
    assert truth({"goal": "a"}, playbook=playbook, known=known) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(-1, "true"), (0, "true"), (1, "false")])
def test_what_is_exactly_as_old_as_within_still_counts(seconds: int, expected: str) -> None:
    """Rule B17."""
    events = [{"page": "/x", "at": ago(days=7, seconds=seconds)}]
    assert truth({"signals.page_view": {"within": "7d"}}, events=events) == expected
    rule = {"id": "x", "signal": "page_view", "points": 4, "within": "7d"}
    found = small(fit=[rule]).send(events=events)["score"]["total"]
    assert found == (4 if expected == "true" else 0)


def test_what_is_later_than_the_case_has_not_happened() -> None:
    """Rule A18."""
    soon = "2026-11-20T10:00:01Z"
    assert truth({"goal": "a"}, known={"goal": {"value": "a", "at": soon}}) == "unknown"
    assert truth({"goal": "a"}, known={"goal": {"value": "a", "at": AT}}) == "true"
    assert truth({"signals.page_view": 1}, events=[{"page": "/x", "at": soon}]) == "false"
    assert truth({"signals.page_view": 1}, events=[{"page": "/x", "at": AT}]) == "true"


def test_a_case_can_say_when_and_how_surely_something_was_learnt() -> None:
    """Rule H19."""
    files = small(
        properties={"goal": choice("a", "b", expires="10d")},
        fit=[{"id": "g", "property": "goal", "points": {"a": 5, "b": 7}}],
    )

    def score(**known: Any) -> tuple[int, int]:
        found = files.send(known={"goal": known})["score"]
        return found["total"], found["inferred"]

    assert score(value="a", at=ago(days=11)) == (0, 0)
    assert score(value="a", at=ago(days=9)) == (5, 0)
    assert score(value="b", certainty="enriched") == (7, 7)
    assert score(value="b", certainty="observed") == (7, 0)


def test_a_fact_without_a_date_is_fresh_but_older_than_any_answer() -> None:
    """Rule H19."""
    files = small(
        questions=[ask("goal", always=True, required=False)],
        properties={"goal": choice("a", "b", expires="1s")},
        fit=[{"id": "g", "property": "goal", "points": {"a": 5, "b": 7}}],
    )
    assert files.send(known={"goal": "a"})["score"]["total"] == 5
    assert files.send(known={"goal": "a"}, answers={"goal": "b"})["score"]["total"] == 7


def test_an_answer_is_newer_than_a_fact_without_a_date_also_where_something_follows_from_it() -> (
    None
):
    """Rules A14 and H19."""
    files = small(
        questions=[ask("country")],
        fit=[{"id": "g", "property": "region", "points": {"europe": 5, "america": 7}}],
    )
    found = files.send(known={"region": "america"}, answers={"country": "DE"})
    assert found["score"]["total"] == 5


def test_when_the_strongest_lapses_a_weaker_one_takes_over() -> None:
    """Rule A20."""
    strong = fact("a", Certainty.confirmed, hours=24 * 11)
    weak = fact("b", Certainty.inferred, hours=24 * 9)
    assert effective(strong, weak) == "a"
    assert effective(strong, weak, properties={"goal": choice("a", "b", expires="10d")}) == "b"


def test_what_follows_takes_over_from_what_has_lapsed() -> None:
    """Rule A20."""
    region = {
        **choice("europe", "america", expires="10d"),
        "derive": {"from": "country", "values": {"europe": ["DE"], "america": ["US"]}},
    }
    playbook = {"properties": {"region": region}}
    stated = {"value": "america", "certainty": "confirmed", "at": ago(days=11)}
    guessed = {"value": "DE", "at": ago(days=9)}
    found = truth(
        {"region": "europe"},
        playbook=playbook,
        known={"region": stated},
        inferred={"country": guessed},
    )
    assert found == "true"


def test_a_guess_is_a_value_for_gates_conditions_points_and_bounds() -> None:
    """Rule A21."""
    found = small(
        disqualifiers=[{"id": "bad", "when": {"goal": "b"}, "gate": "hard"}],
        fit=[{"id": "g", "property": "goal", "points": {"a": 50, "b": 5}}],
        routing=[
            {"id": "out", "when": {"disqualified": True}, "to": "no"},
            {"id": "rest", "to": "sales"},
        ],
    ).send(inferred={"goal": "b"})

    assert found["disqualifiers"][0]["result"] == "tripped"
    assert found["route"]["rule"] == "out"
    score = found["score"]
    assert (score["total"], score["low"], score["high"]) == (5, 5, 5)


def test_a_guess_is_asked_all_the_same() -> None:
    """Rule A21."""
    files = small(questions=[ask("goal"), ask("plan")])
    answers = {"goal": "a", "plan": "low"}
    assert files.send(inferred={"goal": "b"}, answers=answers)["asked"] == ["goal", "plan"]
    assert files.send(known={"goal": "b"}, answers=answers)["asked"] == ["plan"]


def test_an_answer_is_newer_than_what_was_known() -> None:
    """Rule A22."""
    files = small(
        questions=[ask("goal", always=True)],
        fit=[{"id": "g", "property": "goal", "points": {"a": 5, "b": 7}}],
    )
    stated = {"value": "a", "at": ago(days=1)}
    assert files.send(known={"goal": stated}, answers={"goal": "b"})["score"]["total"] == 7

    confirmed = {**stated, "certainty": "confirmed"}
    found = files.send(known={"goal": confirmed}, answers={"goal": "b"})
    assert found["score"]["total"] == 5
    conflicts = [u["about"] for u in found["record"]["uncertainties"] if u["kind"] == "conflict"]
    assert conflicts == ["goal"]


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("SVP Sales", "vp", False),
        ("VP, Sales", "vp", True),
        ("Vice-President", "vice president", True),
        ("vice\npresident", "Vice President", True),
        ("vice of the president", "vice president", False),
        ("president vice", "vice president", False),
        ("we use C++ here", "c", True),
        ("we use C++ here", "c++", True),
        ("Café", "café", True),
        ("Cafe\u0301", "café", True),
        ("Cafe", "café", False),
        ("STRASSE", "straße", True),
        ("move_off", "move off", True),
        ("moveoff", "move off", False),
        ("R2D2", "r2d2", True),
        ("R2D2", "r2", False),
    ],
)
def test_whole_words_are_found_in_any_case(text: str, phrase: str, found: bool) -> None:
    """Rule A23."""
    assert truth({"note": {"mentions": phrase}}, known={"note": text}) == str(found).lower()
    level = {**choice("hit"), "derive": {"from": "title", "words": {"hit": [phrase]}}}
    derived = truth(
        {"mood": {"known": True}}, playbook={"properties": {"mood": level}}, known={"title": text}
    )
    assert derived == str(found).lower()


@pytest.mark.parametrize("phrase", ["+", "--", "...", "_"])
def test_a_phrase_without_a_word_is_an_error(phrase: str) -> None:
    """Rule A23."""
    assert "word" in small(icp=[{"id": "i", "when": {"note": {"mentions": phrase}}}]).refusal


@pytest.mark.parametrize("blank", ["", "   ", "\t\n"])
def test_a_blank_is_no_answer_to_a_required_question_and_a_skip_of_another(blank: str) -> None:
    """Rule A24."""
    required = small(questions=[ask("note"), ask("goal")])
    assert required.send(answers={"note": blank, "goal": "a"})["waiting_for"] == "note"

    optional = small(questions=[ask("note", required=False), ask("goal")])
    found = optional.send(answers={"note": blank, "goal": "a"})
    assert (found["ended"], found["skipped"]) == ("complete", ["note"])


def test_an_empty_selection_is_no_answer() -> None:
    """Rule A24."""
    assert small(questions=[ask("team")]).send(answers={"team": []})["waiting_for"] == "team"
    optional = small(questions=[ask("team", required=False)])
    assert optional.send(answers={"team": []})["skipped"] == ["team"]


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({"name": "Ana María Ruiz"}, "Ana"),
        ({"name": "Ana", "email": "bea.cruz@acme.example"}, "Ana"),
        ({"email": "bea.cruz@acme.example"}, "Bea"),
        ({"email": "bcruz@acme.example"}, None),
    ],
)
def test_the_first_name_comes_from_the_name_or_from_first_dot_last(
    known: dict[str, str], first: str | None
) -> None:
    """Rule A25."""
    if first is None:
        assert truth({"first_name": {"known": True}}, known=known) == "false"
    else:
        assert truth({"first_name": first}, known=known) == "true"


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        ("info@mailinator.com", "disposable"),
        ("info@gmail.com", "free"),
        ("info@acme.example", "role"),
        ("ana@acme.example", "business"),
    ],
)
def test_the_kind_of_an_address(email: str, kind: str) -> None:
    """Rule A25. Disposable, then free, then role, then business."""
    assert truth({"email_kind": kind}, known={"email": email}) == "true"


@pytest.mark.parametrize("name", ["email_domain", "email_kind", "first_name"])
def test_what_is_built_in_is_neither_declared_nor_asked(name: str) -> None:
    """Rule A25."""
    assert name in small(properties={name: {"type": "text"}}).refusal
    assert name in small(questions=[ask(name)]).refusal


@pytest.mark.parametrize(
    ("property", "written", "known"),
    [
        ("company", "Acme GmbH", "  acme gmbh "),
        ("company", "Acme\t of  Ulm", "Acme\t of  Ulm"),
        ("email", "Ana@Acme.example", "ana@acme.EXAMPLE"),
        ("title", "cfo", "CFO"),
        ("site", "https://acme.example/", "https://ACME.example"),
        ("phone", "+49 30 901820", "+49 (30) 90-18-20"),
        ("country", "de", "DE"),
        ("country", "DE", "de"),
    ],
)
def test_texts_are_equal_whatever_their_case_and_blanks(
    property: str, written: str, known: str
) -> None:
    """Rule A26."""
    assert truth({property: written}, known={property: known}) == "true"
    assert truth({property: {"not": [written]}}, known={property: known}) == "false"


@pytest.mark.parametrize(
    ("property", "written", "known"),
    [
        ("company", "Acme", "Acme GmbH"),
        ("title", "cfo", "deputy cfo"),
        ("note", "hello", "hello you"),
    ],
)
def test_a_text_is_compared_whole(property: str, written: str, known: str) -> None:
    """Rule A26."""
    assert truth({property: written}, known={property: known}) == "false"


def about(kind: str, found: dict[str, Any]) -> list[str]:
    return [each["about"] for each in found["record"]["uncertainties"] if each["kind"] == kind]


def test_two_stated_facts_that_agree_are_no_conflict() -> None:
    """Format, section 2."""
    files = small(questions=[ask("goal", always=True)], fit=GOAL)
    known = {"goal": {"value": "a", "at": ago(days=1)}}
    assert about("conflict", files.send(known=known, answers={"goal": "a"})) == []
    assert about("conflict", files.send(known=known, answers={"goal": "b"})) == ["goal"]


def test_what_has_lapsed_is_an_uncertainty_and_what_counts_is_not() -> None:
    """Format, section 2."""
    files = small(properties={"goal": choice("a", "b", expires="10d")}, fit=GOAL)
    assert about("expired", files.send(known={"goal": {"value": "a", "at": ago(days=11)}})) == [
        "goal"
    ]
    assert about("expired", files.send(known={"goal": {"value": "a", "at": ago(days=9)}})) == []
    both = {
        "known": {"goal": {"value": "a", "at": ago(days=11)}},
        "inferred": {"goal": {"value": "b", "at": ago(days=1)}},
    }
    assert about("expired", files.send(**both)) == []


def test_a_confirmed_fact_settles_what_was_said_before_it() -> None:
    """Rule A22 tells of what is said after."""
    playbook = small(questions=[ask("plan")], fit=GOAL).release.playbook

    def conflicts(*facts: tuple[str, Certainty]) -> list[str]:
        said = [
            Fact("goal", value, certainty, "site", NOW - timedelta(days=9 - n))
            for n, (value, certainty) in enumerate(facts)
        ]
        return [property for property, _ in Profile(playbook, said, NOW).conflicts()]

    one, other = ("a", Certainty.stated), ("b", Certainty.stated)
    confirmed = ("b", Certainty.confirmed)
    assert conflicts(one, other) == ["goal"]
    assert conflicts(one, other, confirmed) == []
    assert conflicts(one, confirmed, one) == ["goal"]
    assert conflicts(("a", Certainty.confirmed), confirmed) == []
