"""From events and facts to points, lines, bounds and tiers."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.core.small import AT, Bare, ago, ask, choice, small, total, truth
from webapp.core.scoring import score
from webapp.core.signals import Event
from webapp.core.situation import Situation, Visit

PRICING = {"pricing": {"page": "/pricing"}}


def events(*minutes_ago: float, **more: Any) -> list[dict[str, Any]]:
    return [{"page": "/pricing", "at": ago(minutes=each), **more} for each in minutes_ago]


def signal_points(rule: dict[str, Any], seen: list[dict[str, Any]]) -> int:
    """What one signal rule brings for these events."""
    rule = {"id": "it", "signal": "pricing", **rule}
    return int(small(signals=PRICING, fit=[rule]).send(events=seen)["score"]["total"])


def lines(*rules: dict[str, Any], cap: int | None = None, **case: Any) -> list[dict[str, Any]]:
    fit: dict[str, Any] = {"rules": list(rules)}
    if cap is not None:
        fit["at_most"] = cap
    found = small(scoring={"fit": fit}, signals=PRICING).send(**case)["score"]["lines"]
    return list(found)


def brief(found: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(line["rule"], line["points"], line["status"]) for line in found]


def span(*rules: dict[str, Any], **given: Any) -> tuple[int, int]:
    """The least and greatest total; keys of the playbook and of the case may be mixed."""
    case = {key: given.pop(key) for key in ("known", "inferred", "answers") if key in given}
    score = small(fit=list(rules), **given).send(**case)["score"]
    return score["low"], score["high"]


@pytest.mark.parametrize(
    ("gaps", "visits"),
    [([29.99], 1), ([30], 2), ([31], 2), ([20, 20, 20], 1), ([20, 40, 20], 2), ([30, 30], 3)],
    ids=str,
)
def test_half_an_hour_without_events_ends_a_visit(gaps: list[float], visits: int) -> None:
    """Rule A42. Exactly thirty minutes count as a gap."""
    at = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    seen = [{"page": "/x", "at": ago(minutes=each)} for each in at]
    assert truth({"signals.visit": visits}, events=seen) == "true"
    playbook = {"signals": {"back": {"visit": "return"}}}
    assert truth({"signals.back": visits - 1}, playbook=playbook, events=seen) == "true"


def test_what_is_learnt_of_later_visits_counts_in_whatever_was_judged_before() -> None:
    release = small(signals=PRICING, fit=[{"id": "it", "signal": "pricing", "points": 7}]).release
    now = datetime.fromisoformat(AT)
    visit = Visit(now, seen_since=(Event(at=now - timedelta(hours=1), page="/pricing"),))
    situation = Situation(release.playbook, None, visit)
    assert score(situation).total == 0
    situation.learn()
    assert score(situation).total == 7


def test_all_events_make_visits_in_order_of_time() -> None:
    """Rule A42."""
    seen = [
        {"event": "download", "page": "/b", "at": ago(minutes=100)},
        {"page": "/a", "at": ago(minutes=140)},
        {"event": "click", "at": ago(minutes=120)},
    ]
    assert truth({"signals.visit": 1}, events=seen) == "true"


def test_a_sent_visit_event_is_an_event_like_any_other() -> None:
    """Rule A42."""
    playbook = {
        "signals": {
            "mail": {"event": "visit", "utm_medium": "email"},
            "back": {"visit": "return"},
        }
    }
    seen = [
        {"event": "visit", "utm_medium": "email", "at": ago(minutes=5)},
        {"event": "visit", "utm_medium": "email", "at": ago(minutes=3)},
        {"event": "visit", "utm_medium": "social", "at": ago(minutes=2)},
    ]
    assert truth({"signals.mail": 2}, playbook=playbook, events=seen) == "true"
    assert truth({"signals.visit": 1}, playbook=playbook, events=seen) == "true"
    assert truth({"signals.back": 0}, playbook=playbook, events=seen) == "true"


def test_answering_questions_is_no_event() -> None:
    """Rule A42."""
    assert truth({"signals.visit": 0}, answers={"note": "Hello"}) == "true"
    assert truth({"signals.page_view": 0}, answers={"note": "Hello"}) == "true"


def test_an_event_sent_twice_counts_once() -> None:
    """Rule A43."""
    each = {"points": 1, "each": True}
    assert signal_points(each, events(5, id="x") + events(9, id="x")) == 1
    assert signal_points(each, events(5, id="x") + events(5, id="y")) == 2
    assert signal_points(each, events(5) + events(5)) == 1
    assert signal_points(each, events(5) + events(5, title="Prices")) == 2
    assert signal_points(each, events(5) + events(6)) == 2


def test_an_event_sent_twice_counts_once_in_conditions_too() -> None:
    """Rule A43."""
    playbook = {"signals": PRICING}
    twice = events(5, id="x") + events(9, id="x")
    assert truth({"signals.pricing": 1}, playbook=playbook, events=twice) == "true"


@pytest.mark.parametrize(
    ("points", "rounded"), [(5, 3), (-5, -3), (1, 1), (-1, -1), (3, 2), (7, 4)]
)
def test_halves_are_rounded_away_from_nought(points: int, rounded: int) -> None:
    """Rule A44. After exactly one half-life half of the points are left."""
    seen = events(60)
    assert signal_points({"points": points, "half_life": "1h"}, seen) == rounded


def test_a_rule_is_rounded_once_after_adding_up() -> None:
    """Format, section 5. Three times 0.5 is 1.5, rounded 2; rounded one by one it would be 3."""
    seen = events(60, 60.0001, 59.9999)
    assert signal_points({"points": 1, "half_life": "1h", "each": True}, seen) == 2


@pytest.mark.parametrize("seconds", [0, 1, 86_400, 604_800, 1_209_600, 3_000_000])
def test_points_fade_continuously(seconds: int) -> None:
    """Rule A45. points x 2^(-age/half-life), age in seconds."""
    exact = Decimal(1_000_000) * Decimal(2) ** (-Decimal(seconds) / Decimal(14 * 86_400))
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    seen = [{"page": "/pricing", "at": ago(seconds=seconds)}]
    assert signal_points({"points": 1_000_000, "half_life": "14d"}, seen) == expected


def test_without_each_the_newest_occurrence_fades() -> None:
    """Rule A46."""
    rule = {"points": 100, "half_life": "1h"}
    assert signal_points(rule, events(60, 120, 240)) == 50
    assert signal_points({**rule, "each": True}, events(60, 120)) == 75


def test_without_half_life_a_signal_counts_once_unless_each() -> None:
    """Format, section 5."""
    assert signal_points({"points": 10}, events(5, 6, 7)) == 10
    assert signal_points({"points": 10, "each": True}, events(5, 6, 7)) == 30
    assert signal_points({"points": 10, "each": True, "at_most": 25}, events(5, 6, 7)) == 25
    assert signal_points({"points": 10}, events(-1)) == 0


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ({"property": "goal", "points": {"a": 1}, "each": True}, "each"),
        ({"property": "goal", "points": {"a": 1}, "within": "7d"}, "within"),
        ({"property": "goal", "points": {"a": 1}, "half_life": "7d"}, "half_life"),
        ({"when": {"goal": "a"}, "points": 1, "each": True}, "each"),
        ({"when": {"goal": "a"}, "points": 1, "within": "7d"}, "within"),
        ({"when": {"goal": "a"}, "points": 1, "half_life": "7d"}, "half_life"),
        ({"when": {"goal": "a"}, "points": 1, "otherwise": 2}, "otherwise"),
        ({"signal": "visit", "points": 1, "otherwise": 2}, "otherwise"),
        ({"signal": "visit", "when": {"goal": "a"}, "points": 1}, "rests on one"),
    ],
    ids=str,
)
def test_keys_that_do_not_go_together_are_an_error(rule: dict[str, Any], key: str) -> None:
    """Rule A47."""
    assert key in small(fit=[{"id": "it", **rule}]).refusal


@pytest.mark.parametrize(
    "rule",
    [
        {"property": "goal", "points": {"a": 1}, "otherwise": 0},
        {"when": {"goal": "a"}, "points": 1},
        {"signal": "visit", "points": 1, "each": True, "within": "7d", "half_life": "7d"},
    ],
    ids=str,
)
def test_any_rule_may_have_a_cap_and_a_reason(rule: dict[str, Any]) -> None:
    """Rule A47."""
    assert not small(fit=[{"id": "it", "at_most": 3, "because": "So", **rule}]).problems


@pytest.mark.parametrize("points", [Bare("1.5"), "x", Bare("1e2"), Bare("010")])
def test_points_are_whole_numbers(points: Any) -> None:
    """Rule A48."""
    assert (
        "whole number" in small(fit=[{"id": "i", "when": {"goal": "a"}, "points": points}]).refusal
    )
    table = {"id": "i", "property": "goal", "points": {"a": points}}
    assert "whole number" in small(fit=[table]).refusal


def test_points_may_be_negative_or_nought_and_a_cap_may_not() -> None:
    """Rule A48."""
    rule = {"id": "i", "when": {"goal": "a"}}
    for points in (-7, 0):
        assert total({**rule, "points": points}, known={"goal": "a"}) == points
    assert small(fit=[{**rule, "points": 1, "at_most": -1}]).refusal
    assert not small(fit=[{**rule, "points": 1, "at_most": 0}]).problems


def test_a_cap_never_bites_a_negative_sum() -> None:
    """Rule A48."""
    rule = {"id": "i", "when": {"goal": "a"}, "points": -7, "at_most": 0}
    assert brief(lines(rule, known={"goal": "a"})) == [("i", -7, "known")]
    assert brief(lines({**rule, "at_most": 9}, cap=0, known={"goal": "a"})) == [("i", -7, "known")]


def when_a(id: str, points: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "when": {"goal": "a"}, "points": points, **more}


def test_penalties_are_subtracted_before_the_categorys_cap_looks() -> None:
    """Rule A49. min(15 - 3, 10), not min(15, 10) - 3."""
    rules = [when_a("good", 15), when_a("bad", -3)]
    assert brief(lines(*rules, cap=10, known={"goal": "a"})) == [
        ("good", 15, "known"),
        ("bad", -3, "known"),
        ("fit", -2, "cap"),
    ]


def test_rule_caps_come_before_the_categorys() -> None:
    """Rule A49."""
    rules = [when_a("much", 50, at_most=8), when_a("more", 4)]
    found = brief(lines(*rules, cap=10, known={"goal": "a"}))
    assert found == [
        ("much", 50, "known"),
        ("much", -42, "cap"),
        ("more", 4, "known"),
        ("fit", -2, "cap"),
    ]


@pytest.mark.parametrize(
    ("team", "points"),
    [
        (["red"], 5),
        (["green"], 1),
        (["green", "blue"], 2),
        (["red", "green", "blue"], 7),
        (None, 0),
    ],
    ids=str,
)
def test_each_chosen_value_without_an_entry_brings_otherwise(
    team: list[str] | None, points: int
) -> None:
    """Rule A50."""
    rule = {"id": "t", "property": "team", "points": {"red": 5}, "otherwise": 1}
    given = {"known": {"team": team}} if team else {}
    assert total(rule, **given) == points
    assert total({**rule, "at_most": 4}, **given) == min(points, 4)


def test_a_known_value_outside_the_table_is_worth_nothing_and_is_not_open() -> None:
    """Rule A51."""
    rule = {"id": "g", "property": "goal", "points": {"a": 5}}
    assert total(rule, known={"goal": "b"}) == 0
    assert brief(lines(rule, known={"goal": "b"})) == []
    assert span(rule, known={"goal": "b"}) == (0, 0)


def test_which_lines_there_are() -> None:
    """Rule A52."""
    rules = [
        when_a("fires", 3),
        {"id": "not_true", "when": {"goal": "b"}, "points": 3},
        {"id": "open", "when": {"plan": "low"}, "points": 3},
        {"id": "open_table", "property": "seats", "points": {5: 3}},
        {"id": "listed_nought", "property": "keen", "points": {"yes": 0, "no": 4}},
        {"id": "unseen", "signal": "pricing", "points": 3},
        {"id": "team", "property": "team", "points": {"red": 9}, "at_most": 4},
    ]
    known = {"goal": "a", "keen": "yes", "team": ["red"]}
    assert brief(lines(*rules, cap=5, known=known)) == [
        ("fires", 3, "known"),
        ("open", 0, "open"),
        ("open_table", 0, "open"),
        ("listed_nought", 0, "known"),
        ("team", 9, "known"),
        ("team", -5, "cap"),
        ("fit", -2, "cap"),
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"goal": "a", "plan": "low"}, "inferred"),
        ({"any": [{"goal": "a"}, {"plan": "low"}]}, "known"),
        ({"any": [{"goal": "b"}, {"plan": "low"}]}, "inferred"),
        ({"plan": "low"}, "inferred"),
        ({"goal": "a"}, "known"),
        ({"signals.pricing": {"at_least": 1}}, "known"),
        ({"source.utm_source": "ads"}, "known"),
        ({"goal": "a", "level": "chief"}, "inferred"),
        ({"email_domain": "acme.example"}, "inferred"),
    ],
    ids=str,
)
def test_a_line_is_known_if_it_stands_without_any_guess(
    when: dict[str, Any], expected: str
) -> None:
    """Rule A53. A guess from known words is a guess as well."""
    found = lines(
        {"id": "it", "when": when, "points": 3},
        known={"goal": "a", "title": "CEO", "email": "ana@acme.example"},
        inferred={"plan": "low"},
        events=events(5),
        source={"utm_source": "ads"},
    )
    assert brief(found) == [("it", 3, expected)]


def test_the_known_part_is_capped_by_itself() -> None:
    """Format, section 5. Known 8 of a cap of 10; the guess brings the rest, not its own 6."""
    files = small(
        scoring={
            "fit": {
                "at_most": 10,
                "rules": [when_a("sure", 8), {"id": "guess", "when": {"plan": "low"}, "points": 6}],
            }
        }
    )
    score = files.send(known={"goal": "a"}, inferred={"plan": "low"})["score"]
    assert (score["total"], score["known"], score["inferred"]) == (10, 8, 2)


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        ({"property": "goal", "points": {"a": 5, "b": 7}}, 0, 7),
        ({"property": "goal", "points": {"a": 5, "b": 7, "c": 6}}, 0, 7),
        ({"property": "goal", "points": {"a": -5, "b": -7, "c": -6}}, -7, 0),
        ({"property": "goal", "points": {"a": 5}, "otherwise": -2}, -2, 5),
        ({"property": "goal", "points": {"a": 50}, "at_most": 9}, 0, 9),
        ({"when": {"goal": "a"}, "points": 4}, 0, 4),
        ({"when": {"goal": "a"}, "points": -4}, -4, 0),
        ({"property": "team", "points": {"red": 3, "green": 4, "blue": -2}}, -2, 7),
    ],
    ids=str,
)
def test_an_open_line_says_what_it_could_still_bring(
    rule: dict[str, Any], low: int, high: int
) -> None:
    """Rule A54. Nought is always possible: it may stay unknown."""
    (line,) = lines({"id": "it", **rule})
    assert (line["status"], line["points"], line["low"], line["high"]) == ("open", 0, low, high)


def test_rules_that_share_a_property_are_bounded_together() -> None:
    """Rule A55. One goal cannot bring both 10 and 10."""
    one = {"id": "one", "property": "goal", "points": {"a": 10, "b": -1}}
    two = {"id": "two", "property": "goal", "points": {"b": 10, "a": -1, "c": -9}}
    assert span(one, two) == (-9, 9)


def test_staying_unknown_is_among_the_possibilities() -> None:
    """Rule A55. Every goal costs points, not saying it costs none."""
    rule = {"id": "g", "property": "goal", "points": {"a": -5, "b": -6, "c": -7}}
    assert span(rule) == (-7, 0)


def test_bounds_respect_caps() -> None:
    """Rule A55."""
    rules = [when_a("one", 8), {"id": "two", "when": {"plan": "low"}, "points": 8}]
    score = small(scoring={"fit": {"at_most": 10, "rules": rules}}).send()["score"]
    assert (score["low"], score["high"]) == (0, 10)


def test_a_derived_property_varies_on_its_own() -> None:
    """Rule A55. Somebody may state the region without the country, or beside another one."""
    rules = [
        {"id": "region", "property": "region", "points": {"europe": 4}},
        {"id": "country", "property": "country", "points": {"US": 6}},
    ]
    assert span(*rules) == (0, 10)
    assert span(rules[0], known={"country": "US"}) == (0, 0)


def test_several_choices_range_over_all_their_combinations() -> None:
    """Rule A55."""
    rule = {"id": "t", "property": "team", "points": {"red": 3, "green": 4, "blue": -5}}
    assert span(rule) == (-5, 7)
    both = {"id": "b", "when": {"team": {"includes": ["red", "blue"]}}, "points": 20}
    assert span(rule, both) == (-5, 22)


def test_a_questions_own_choices_do_not_narrow_the_range() -> None:
    """Rule A55. A known fact may hold any choice of the property."""
    rule = {"id": "g", "property": "goal", "points": {"a": 1, "c": 9}}
    assert span(rule, questions=[ask("goal", choices=["a", "b"], required=False)]) == (0, 9)


def test_the_path_is_not_replayed_for_the_range() -> None:
    """Rule A55. The question can never be asked, the fact may come from elsewhere."""
    rule = {"id": "g", "property": "goal", "points": {"a": 5}}
    never = {"all": [{"plan": "low"}, {"plan": "high"}]}
    assert span(rule, questions=[ask("goal", when=never), ask("note", required=False)]) == (0, 5)


@pytest.mark.parametrize(
    ("when", "property"),
    [
        ({"seats": {"at_least": 10, "at_most": 20}}, "seats"),
        ({"budget": {"at_least": "10 EUR"}}, "budget"),
        ({"start": {"at_most": "2027-01-01"}}, "start"),
        ({"start": {"at_least": "2027-01-01", "not": ["2027-01-01"]}}, "start"),
        ({"start": {"at_most": "2027-01-01", "not": ["2027-01-01"]}}, "start"),
        ({"seats": {"at_least": 5, "not": [5]}}, "seats"),
        ({"seats": {"at_most": 5, "not": [5]}}, "seats"),
        ({"seats": {"at_least": 5, "at_most": 6, "not": [5, 6]}}, "seats"),
        ({"budget": {"at_least": "5 EUR", "not": ["5 EUR"]}}, "budget"),
        ({"budget": {"at_most": "5 EUR", "not": ["5 EUR"]}}, "budget"),
        ({"budget": {"at_most": "0.5 EUR", "not": ["0.5 EUR", "0 EUR"]}}, "budget"),
        ({"note": {"mentions": "urgent"}}, "note"),
        ({"note": {"mentions": "urgent", "not": ["urgent"]}}, "note"),
        ({"company": "Acme"}, "company"),
        ({"country": ["DE"]}, "country"),
        ({"email_domain": {"mentions": "edu"}}, "email_domain"),
        ({"plan": {"at_least": "mid"}}, "plan"),
        ({"keen": "no"}, "keen"),
    ],
    ids=str,
)
def test_every_type_has_values_that_tell_a_condition_apart(
    when: dict[str, Any], property: str
) -> None:
    """Rule A55."""
    assert span({"id": "it", "when": when, "points": 7}) == (0, 7)
    assert span({"id": "it", "when": when, "points": -7}) == (-7, 0)
    assert span({"id": "it", "when": {property: {"known": False}}, "points": 7}) == (0, 7)


def test_the_range_is_exact_over_numbers() -> None:
    """Rule A55. No number is both below 10 and above 20."""
    small_team = {"id": "s", "when": {"seats": {"at_most": 9}}, "points": 5}
    large = {"id": "l", "when": {"seats": {"at_least": 21}}, "points": 5}
    middle = {"id": "m", "when": {"seats": {"at_least": 10, "at_most": 20}}, "points": -3}
    assert span(small_team, large, middle) == (-3, 5)


def test_beyond_what_can_be_listed_the_range_is_wide_but_never_narrow() -> None:
    """Rule A55. Seven properties share a rule: 4^7 joint values are more than 4,096."""
    many = {f"p{n}": choice("a", "b", "c") for n in range(7)}
    rules: list[dict[str, Any]] = [
        {"id": f"r{n}", "property": f"p{n}", "points": {"a": 3, "b": -2}, "at_most": 2}
        for n in range(7)
    ]
    rules.append({"id": "all", "when": dict.fromkeys(many, "a"), "points": 10})
    rules.append({"id": "t", "property": "team", "points": {"red": 5, "blue": -4}})
    low, high = span(*rules, properties=many)
    assert low <= 7 * -2 - 4
    assert high >= 7 * 2 + 10 + 5
    assert (low, high) == (-18, 29), "no rule alone can bring more than that"


def test_what_is_guessed_is_not_varied() -> None:
    """Rule A55, with A21."""
    rule = {"id": "g", "property": "goal", "points": {"a": 5, "b": 50}}
    assert span(rule, inferred={"goal": "a"}) == (5, 5)


def test_signals_are_held_still() -> None:
    """Format, section 5."""
    assert span({"id": "s", "signal": "pricing", "points": 10}, signals=PRICING) == (0, 0)


def test_a_rule_that_rests_on_ignorance_is_known_and_still_varies() -> None:
    """Rule A56."""
    rule = {"id": "gap", "when": {"goal": {"known": False}}, "points": 4}
    assert brief(lines(rule)) == [("gap", 4, "known")]
    assert span(rule) == (0, 4)


@pytest.mark.parametrize(
    ("points", "tier"), [(80, "hot"), (79, "warm"), (50, "warm"), (49, "cold"), (-1, "cold")]
)
def test_a_tier_begins_at_its_bound(points: int, tier: str) -> None:
    """Rule A57."""
    assert small(fit=[when_a("g", points)]).send(known={"goal": "a"})["tier"] == tier


@pytest.mark.parametrize(
    "tiers",
    [
        [{"id": "a", "from": 50}, {"id": "b", "from": 80}, {"id": "c"}],
        [{"id": "a", "from": 50}, {"id": "b", "from": 50}, {"id": "c"}],
        [{"id": "a", "from": 50}, {"id": "b", "from": 10}],
        [{"id": "a"}, {"id": "b"}],
    ],
    ids=str,
)
def test_tiers_fall_strictly_and_the_last_is_open(tiers: list[dict[str, Any]]) -> None:
    """Rule A57."""
    assert small(tiers=tiers).refusal


@pytest.mark.parametrize(("points", "settled"), [(30, False), (29, True), (-5, True)])
def test_a_tier_is_settled_when_the_whole_range_lies_in_it(points: int, settled: bool) -> None:
    """Rule A57. 20 are sure, so 50 is reached with 30 more."""
    rules = [when_a("sure", 20), {"id": "open", "when": {"plan": "low"}, "points": points}]
    found = small(fit=rules).send(known={"goal": "a"})
    assert (found["tier"], found["tier_settled"]) == ("cold", settled)


def test_without_a_checklist_everybody_matches_who_is_not_disqualified() -> None:
    """Rule A58."""
    files = small(disqualifiers=[{"id": "bad", "when": {"goal": "b"}, "gate": "hard"}])
    assert files.send()["icp"] == "yes"
    assert files.send(known={"goal": "b"})["icp"] == "no"


def test_a_condition_cannot_read_a_checklist_that_is_not_there() -> None:
    """Rule A58."""
    routing = [{"id": "x", "when": {"icp": "yes"}, "to": "sales"}, {"id": "rest", "to": "no"}]
    assert "icp" in small(routing=routing).refusal
    assert not small(routing=routing, icp=[{"id": "i", "when": {"goal": "a"}}]).problems


@pytest.mark.parametrize(
    ("known", "match"),
    [
        ({"goal": "a", "plan": "low"}, "yes"),
        ({"goal": "a", "plan": "mid"}, "partial"),
        ({"goal": "a"}, "partial"),
        ({"goal": "b"}, "partial"),
        ({}, "partial"),
        ({"goal": "b", "plan": "mid"}, "no"),
        ({"goal": "a", "plan": "low", "keen": "no"}, "no"),
    ],
    ids=str,
)
def test_the_checklist_is_yes_partial_or_no(known: dict[str, str], match: str) -> None:
    """Format, section 5."""
    files = small(
        icp=[{"id": "one", "when": {"goal": "a"}}, {"id": "two", "when": {"plan": "low"}}],
        disqualifiers=[{"id": "bad", "when": {"keen": "no"}, "gate": "hard"}],
    )
    assert files.send(**({"known": known} if known else {}))["icp"] == match


def test_a_cap_line_names_the_rule_or_the_category() -> None:
    """Rule A59."""
    found = lines(when_a("much", 50, at_most=30), cap=20, known={"goal": "a"})
    assert brief(found) == [("much", 50, "known"), ("much", -20, "cap"), ("fit", -10, "cap")]
    assert {line["category"] for line in found} == {"fit"}

    intent = {"intent": {"at_most": 5, "rules": [when_a("much", 50)]}}
    score = small(scoring=intent).send(known={"goal": "a"})["score"]
    assert brief(score["lines"])[-1] == ("intent", -45, "cap")
    assert (score["fit"], score["intent"], score["total"]) == (0, 5, 5)


BACK = {"signals": {"back": {"visit": "return"}}}


def test_a_visit_is_as_old_as_its_start() -> None:
    """Rule A60. It began 24 hours and 10 minutes ago and went on until 23 hours and 30 ago."""
    first = [{"page": "/x", "at": ago(days=2)}]
    visit = [{"page": "/x", "at": ago(hours=24, minutes=m)} for m in (10, -10, -30)]
    assert truth({"signals.back": 1}, playbook=BACK, events=first + visit) == "true"
    recent = {"signals.back": {"at_least": 1, "within": "1d"}}
    assert truth(recent, playbook=BACK, events=first + visit) == "false"
    assert truth(recent, playbook=BACK, events=[*first, *visit[1:]]) == "true"


def test_visits_are_cut_over_all_events_before_any_window() -> None:
    """Rule A60. Without what lies before the window the return would pass for a first visit."""
    seen = [{"page": "/x", "at": ago(days=40)}, {"page": "/x", "at": ago(hours=1)}]
    rule = {"id": "r", "signal": "back", "points": 3, "each": True, "within": "1d"}
    found = small(fit=[rule], **BACK).send(events=seen)
    assert found["score"]["total"] == 3


def test_repeats_are_dropped_before_visits_are_cut() -> None:
    """Rule A60. The repeat, an hour later with the same id, would bridge two visits."""
    seen = [
        {"page": "/x", "id": "one", "at": ago(minutes=80)},
        {"page": "/x", "id": "one", "at": ago(minutes=55)},
        {"page": "/x", "id": "two", "at": ago(minutes=30)},
    ]
    assert truth({"signals.visit": 2}, events=seen) == "true"


def test_a_table_may_rest_on_any_value() -> None:
    """Format, section 5."""
    assert (
        total({"id": "s", "property": "seats", "points": {Bare("10.0"): 5}}, known={"seats": 10})
        == 5
    )
    table = {"id": "c", "property": "country", "points": {"de": 5}, "otherwise": 1}
    assert total(table, known={"country": "DE"}) == 5
    assert total(table, known={"country": "FR"}) == 1


def test_a_case_is_judged_at_its_own_instant() -> None:
    """Format, section 9."""
    playbook = {"properties": {"goal": choice("a", expires="10d")}}
    known = {"goal": {"value": "a", "at": AT}}
    assert truth({"goal": "a"}, playbook=playbook, at="2026-11-30T10:00:00Z", known=known) == "true"
    assert (
        truth({"goal": "a"}, playbook=playbook, at="2026-11-30T10:00:01Z", known=known) == "unknown"
    )


def test_a_reason_is_given_or_composed() -> None:
    """Format, section 5."""
    rules: list[dict[str, Any]] = [
        {"id": "given", "when": {"goal": "a"}, "points": 1, "because": "They said so"},
        {"id": "label", "when": {"goal": "a"}, "points": 1, "label": "A good start"},
        {"id": "table", "property": "plan", "points": {"mid": 1}},
        {"id": "sentence", "when": {"plan": ["low", "mid"]}, "points": 1},
        {"id": "once", "signal": "pricing", "points": 1},
        {"id": "often", "signal": "page_view", "points": 1},
        {"id": "open", "property": "seats", "points": {5: 1}},
    ]
    seen = [{"page": "/pricing", "at": ago(minutes=1)}, {"page": "/x", "at": ago(minutes=2)}]
    found = lines(*rules, known={"goal": "a", "plan": "mid"}, events=seen)
    assert {line["rule"]: line["because"] for line in found} == {
        "given": "They said so",
        "label": "A good start",
        "table": "Plan is Mid",
        "sentence": "Plan is Low or Mid",
        "once": "Pricing seen once",
        "often": "Page view seen 2 times",
        "open": "Seats is not known yet",
    }
