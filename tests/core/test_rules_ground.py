"""The ground rules of the language, one by one: spelling, ids, instants, texts, placeholders."""

from typing import Any

import pytest

from tests.core.small import AT, Bare, ago, ask, choice, small, total, truth
from webapp.core.simulate import decide_case
from webapp.core.visitor_words import visitor_text


def numbers(**more: Any) -> dict[str, Any]:
    """A property whose choices YAML would read as numbers."""
    ids = [Bare("50"), Bare("050"), Bare("1e3"), Bare("0x10")]
    return {"number": {"type": "choice", "choices": {id: f"Is {id.yaml}" for id in ids}, **more}}


@pytest.mark.parametrize(("written", "points"), [("50", 1), ("050", 2), ("1e3", 3), ("0x10", 4)])
def test_an_id_is_its_text_as_written(written: str, points: int) -> None:
    """Rule A1."""
    table = {Bare("50"): 1, Bare("050"): 2, Bare("1e3"): 3, Bare("0x10"): 4}
    files = small(properties=numbers(), fit=[{"id": "n", "property": "number", "points": table}])

    assert files.send(known={"number": Bare(written)})["score"]["total"] == points
    assert files.send(known={"number": written})["score"]["total"] == points


@pytest.mark.parametrize("word", ["true", "false", "null", "~", "True", "NULL"])
def test_a_word_that_yaml_understands_is_no_id(word: str) -> None:
    """Rule A1."""
    choices = {Bare(word): "A", "other": "B"}
    refusal = small(properties={"odd": {"type": "choice", "choices": choices}}).refusal
    assert "cannot be an id" in refusal or "A key is empty" in refusal


@pytest.mark.parametrize("spelling", [Bare("true"), Bare("yes"), "yes", "true"])
@pytest.mark.parametrize("answer", [Bare("true"), Bare("yes"), "yes", "true"])
def test_yes_and_true_are_one_value(spelling: Any, answer: Any) -> None:
    """Rule A2."""
    assert truth({"keen": spelling}, known={"keen": answer}) == "true"
    assert truth({"news": spelling}, known={"news": answer}) == "true"
    assert truth({"keen": spelling}, known={"keen": Bare("false")}) == "false"
    assert (
        total({"id": "k", "property": "keen", "points": {spelling: 7}}, known={"keen": answer}) == 7
    )


def test_yes_and_no_are_kept_as_such() -> None:
    """Rule A2."""
    record = small(questions=[ask("keen"), ask("news")]).send(
        answers={"keen": Bare("true"), "news": Bare("false")}
    )["record"]
    assert [answer["value"] for answer in record["answers"]] == ["yes", "no"]


def test_two_spellings_of_one_value_in_a_table_are_an_error() -> None:
    """Rule A2."""
    table = {Bare("yes"): 1, Bare("true"): 2}
    assert "same value" in small(fit=[{"id": "k", "property": "keen", "points": table}]).refusal


@pytest.mark.parametrize(
    "parts",
    [
        {"questions": [ask("note", when=Bare("null"))]},
        {"questions": [ask("note", when={})]},
        {"questions": [ask("note", when={"any": []})]},
        {"questions": [ask("note", when={"goal": []})]},
        {"questions": [ask("note", when={"goal": Bare("")})]},
        {"questions": [ask("note", when={"goal": {}})]},
        {"questions": [ask("note", help=Bare(""))]},
        {"questions": []},
        {"fit": [{"id": "g", "property": "goal", "points": {}}]},
        {"icp": []},
        {"guidance": {}},
        {"finish_when": Bare("~")},
    ],
    ids=str,
)
def test_nothing_where_something_is_expected_is_an_error(parts: dict[str, Any]) -> None:
    """Rule A3."""
    errors = [each for each in small(**parts).problems if each.severity == "error"]
    assert errors
    assert all(error.where.line for error in errors)


@pytest.mark.parametrize("key", ["known", "inferred"])
def test_a_case_that_says_nothing_about_a_property_is_an_error(key: str) -> None:
    """Rule A3."""
    assert small().case_refusal(**{key: {"goal": Bare("")}})


@pytest.mark.parametrize("span", ["90s", "15m", "4h", "30d", "1s"])
def test_a_duration_is_a_whole_number_and_a_unit(span: str) -> None:
    """Rule A4."""
    assert not small(properties={"goal": choice("a", expires=Bare(span))}).problems


@pytest.mark.parametrize(
    "span", ["0d", "1h30m", "1.5h", "2w", "30", "-1d", "1 d", "d", "1D", "1e2s", "١d", "P1D"]
)
def test_anything_else_is_no_duration(span: str) -> None:
    """Rule A4."""
    assert "duration" in small(properties={"goal": choice("a", expires=span)}).refusal


def test_a_day_is_twenty_four_hours() -> None:
    """Rule A4."""
    files = small(
        properties={"goal": choice("a", expires="1d")},
        fit=[{"id": "g", "property": "goal", "points": {"a": 5}}],
    )
    fresh = files.send(known={"goal": {"value": "a", "at": ago(seconds=86_400)}})
    stale = files.send(known={"goal": {"value": "a", "at": ago(seconds=86_401)}})
    assert (fresh["score"]["total"], stale["score"]["total"]) == (5, 0)


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-20",
        "2026-11-20T10:00:00",
        "2026-11-20 10:00",
        "2026-11-20T24:00:00Z",
        "2026-11-20T10:60:00Z",
        "2026-11-20T10:00:60Z",
        "2026-02-30T10:00:00Z",
        "2026-11-20T10Z",
    ],
)
def test_an_instant_has_date_time_and_offset(instant: str) -> None:
    """Rule A5."""
    assert "instant" in small().case_refusal(at=instant)


@pytest.mark.parametrize("instant", ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00+01:00"])
def test_an_offset_says_the_same_instant_in_other_words(instant: str) -> None:
    """Rule A5."""
    assert small().send(at=instant)["record"]["created_at"].startswith("2026-11-20T10:00:00")


@pytest.mark.parametrize("day", ["2026-11-20T10:00:00Z", "20.11.2026", "2026-02-30", "2026-11"])
def test_a_date_is_a_day_and_nothing_more(day: str) -> None:
    """Rule A5."""
    assert small().case_refusal(known={"start": day})


def test_a_real_day_is_a_date() -> None:
    """Rule A5."""
    assert (
        truth({"start": {"at_least": "2026-11-20"}}, known={"start": Bare("2026-11-20")}) == "true"
    )


RESERVED = (
    "any all none signals flow source locale score tier icp disqualified disqualifiers returning "
    "spam email_domain email_kind first_name"
)


@pytest.mark.parametrize("name", RESERVED.split())
def test_a_reserved_name_is_no_property(name: str) -> None:
    """Rule H6."""
    assert "reserved" in small(properties={name: {"type": "text"}}).refusal


@pytest.mark.parametrize("name", ["visit", "page_view"])
def test_a_built_in_signal_is_not_declared(name: str) -> None:
    """Rule H6."""
    assert name in small(signals={name: {"page": "/x"}}).refusal


@pytest.mark.parametrize("id", ["Big", "9lives", "a b", "ä", "-a", "a.b"])
@pytest.mark.parametrize("where", ["icp", "disqualifiers", "routing", "tiers", "fit"])
def test_ids_of_rules_are_small_letters_digits_and_dashes(where: str, id: str) -> None:
    """Rule H7."""
    when = {"goal": "a"}
    parts: dict[str, Any] = {
        "icp": [{"id": id, "when": when}],
        "disqualifiers": [{"id": id, "when": when, "gate": "flag"}],
        "routing": [{"id": id, "when": when, "to": "no"}, {"id": "rest", "to": "no"}],
        "tiers": [{"id": id, "from": 5}, {"id": "cold"}],
        "fit": [{"id": id, "when": when, "points": 1}],
    }
    assert "id" in small(**{where: parts[where]}).refusal


@pytest.mark.parametrize("where", ["icp", "disqualifiers", "routing", "tiers", "teams"])
def test_ids_differ_within_their_list(where: str) -> None:
    """Rule H7."""
    when = {"goal": "a"}
    rep = [{"email": "r@example.com"}]
    parts: dict[str, Any] = {
        "icp": [{"id": "x", "when": when}, {"id": "x", "when": when}],
        "disqualifiers": [{"id": "x", "when": when, "gate": "flag"}] * 2,
        "routing": [{"id": "x", "when": when, "to": "no"}, {"id": "x", "to": "no"}],
        "tiers": [{"id": "x", "from": 5}, {"id": "x"}],
        "teams": [{"id": "x", "covers": when, "reps": rep}, {"id": "x", "reps": rep}],
    }
    assert "`x`" in small(**{where: parts[where]}).refusal


def test_scoring_rules_differ_across_both_categories_and_may_share_ids_with_other_lists() -> None:
    """Rule H7."""
    rule = {"id": "x", "when": {"goal": "a"}, "points": 1}
    assert "`x`" in small(fit=[rule], intent_rules=[rule]).refusal
    assert not small(fit=[rule], icp=[{"id": "x", "when": {"goal": "a"}}]).problems


def test_there_are_two_categories_and_no_more() -> None:
    """Rule H8."""
    rules = {"rules": [{"id": "x", "when": {"goal": "a"}, "points": 1}]}
    assert "taste" in small(scoring={"taste": rules}).refusal
    assert "at_most" in small(scoring={"fit": rules, "at_most": 50}).refusal
    assert not small(scoring={"intent": rules}).problems
    assert not small(scoring={"fit": rules}).problems


def test_a_total_has_no_floor_and_no_ceiling() -> None:
    """Rule H8."""
    files = small(fit=[{"id": "g", "property": "goal", "points": {"a": -40, "b": 5000}}])
    low, high = files.send(known={"goal": "a"}), files.send(known={"goal": "b"})
    assert (low["score"]["total"], low["tier"]) == (-40, "cold")
    assert (high["score"]["total"], high["tier"]) == (5000, "hot")


def test_a_flow_nobody_would_pass_is_simulated_all_the_same() -> None:
    """Rule H9. No ending, no way to reach the visitor, a question that is never asked."""
    files = small(
        questions=[ask("goal", when={"all": [{"plan": "low"}, {"plan": "high"}]}), ask("plan")],
        routing=[{"id": "all", "to": "sales"}],
    )
    assert files.send(answers={"plan": "low"})["route"]["to"] == "sales"


def say(words: str) -> dict[str, Any]:
    return {"next_action": [{"say": words}]}


def test_a_placeholder_nothing_fills_is_an_error() -> None:
    """Rule H10."""
    assert "gaol" in small(guidance=say("Confirm {gaol}")).refusal
    assert "gaol" in small(questions=[ask("note", help="About {gaol}")]).refusal
    assert not small(guidance=say("{rep_name} {respond_within} {first_name} {goal}")).problems


def test_an_unknown_value_reads_as_its_label_for_staff() -> None:
    """Rule H10."""
    files = small(guidance=say("Confirm {plan}."))
    assert files.send()["guidance"]["next_action"].casefold() == "confirm plan."
    assert files.send(known={"plan": "mid"})["guidance"]["next_action"] == "Confirm Mid."


def test_a_reason_in_the_authors_words_holds_what_is_known() -> None:
    """Rule H10."""
    files = small(
        fit=[
            {"id": "big", "when": {"seats": 7}, "points": 5, "because": "{seats} of them"},
            {"id": "rush", "property": "plan", "points": {"low": 3}, "because": "On {plan}"},
        ],
        icp=[{"id": "near", "when": {"seats": 7}, "because": "{seats} in {region}"}],
        disqualifiers=[
            {"id": "far", "when": {"seats": 7}, "gate": "flag", "because": "From {country}"}
        ],
        routing=[
            {"id": "x", "when": {"seats": 7}, "to": "sales", "because": "Wants {seats}, {{seats}}"},
            {"id": "rest", "to": "nurture"},
        ],
    )
    record = files.send(known={"seats": 7, "country": "DE"})["record"]
    assert [each["because"] for each in record["score_lines"]] == ["7 of them", "On plan"]
    assert record["verdict"]["icp"]["met"][0]["because"] == "7 in Europe"
    assert record["disqualifiers"][0]["because"] == "From Germany"
    assert record["verdict"]["because"] == "Wants 7, {7}"


def test_a_reason_that_quotes_somebody_is_one_line() -> None:
    """Who writes lines of their own must not be read as us, in a mail or a note."""
    forged, flat = "Slow\n\nDO NEXT\nGive 90% off", "Slow DO NEXT Give 90% off"
    files = small(
        fit=[
            {"id": "quoted", "when": {"seats": 7}, "points": 5, "because": "Says {note}"},
            {"id": "told", "property": "note", "points": {"x": 3}, "otherwise": 1},
        ],
        routing=[
            {"id": "x", "when": {"seats": 7}, "to": "sales", "because": "They say {note}"},
            {"id": "rest", "to": "nurture"},
        ],
    )
    record = files.send(known={"seats": 7, "note": forged})["record"]
    lines = [each["because"] for each in record["score_lines"]]
    assert lines == [f"Says {flat}", f"Note is {flat}"]
    assert record["verdict"]["because"] == f"They say {flat}"


def test_what_to_ask_next_and_the_opening_line_hold_what_is_known() -> None:
    """Rule H10."""
    files = small(
        icp=[{"id": "low", "when": {"plan": "low"}}],
        guidance=say("Call."),
        questions=[ask("plan", ask="Which plan for {seats}?", required=False)],
    )
    record = files.send(known={"seats": 7})["record"]
    assert record["uncertainties"][0]["ask"] == "Which plan for 7?"
    assert record["next_action"]["opening_line"].endswith(" Which plan for 7?")


def test_a_rep_nobody_named_yet_is_our_team_to_staff_too() -> None:
    """Rule H10."""
    files = small(guidance=say("{rep_name} calls."))
    assert files.send()["guidance"]["next_action"] == "Our team calls."


def test_an_unknown_value_disappears_for_visitors_with_the_blank_before_it() -> None:
    """Rule H10."""
    files = small(questions=[ask("name", required=False)], endings={"sales": "Thanks {name}."})
    ending = files.release.flows["small"].endings["sales"]

    def told(**given: Any) -> str:
        decision = decide_case(files.release, files.case(**given))
        return visitor_text(ending, decision.situation, "en")

    assert told() == "Thanks."
    assert told(answers={"name": "Ana"}) == "Thanks Ana."
    assert told(known={"name": "Ana"}) == "Thanks."


@pytest.mark.parametrize("words", ["{Not an id}", "{ goal }", "{}", "{1}", "a { b", "} {"])
def test_a_brace_around_no_id_is_left_alone(words: str) -> None:
    """Rule H10."""
    files = small(guidance=say(f"See {words} there"))
    assert files.send()["guidance"]["next_action"] == f"See {words} there"


def test_what_is_filled_in_is_never_read_again() -> None:
    """Rule H10."""
    found = small(guidance=say("They said {note}")).send(known={"note": "{goal} {{goal}}"})
    assert found["guidance"]["next_action"] == "They said {goal} {{goal}}"


@pytest.mark.parametrize(
    ("locale", "colours", "money", "day"),
    [
        ("en", "Red, Green, and Blue", "10,000 EUR", "November 20, 2026"),
        ("de", "Red, Green und Blue", "10.000 EUR", "20. November 2026"),
    ],
)
def test_values_are_written_as_the_reader_writes_them(
    locale: str, colours: str, money: str, day: str
) -> None:
    """Rule H11. The comma before the last "and" is the locale's, as CLDR has it."""
    files = small(locale=locale, guidance=say("{team} | {budget} | {start}"))
    found = files.send(
        known={"team": ["blue", "red", "green"], "budget": "10000 EUR", "start": "2026-11-20"}
    )
    assert found["guidance"]["next_action"] == f"{colours} | {money} | {day}"


def test_a_visitor_whose_locale_is_missing_reads_the_playbooks() -> None:
    """Rule A12."""
    files = small(
        questions=[ask("note", help={"en": "Help", "de": "Hilfe"}, required=False)],
    )
    help_text = files.release.flows["small"].questions[0].help
    assert help_text is not None
    assert [help_text.to(locale) for locale in ("de", "fr", None)] == ["Hilfe", "Help", "Help"]


def test_a_text_without_the_playbooks_locale_is_an_error() -> None:
    """Rule A12."""
    assert "en" in small(questions=[ask("note", help={"de": "Hilfe"})]).refusal


def test_what_follows_from_an_address_is_a_guess_and_a_definition_is_not() -> None:
    """Rule C6."""
    files = small(
        fit=[
            {"id": "domain", "when": {"email_domain": "acme.example"}, "points": 1},
            {"id": "kind", "property": "email_kind", "points": {"business": 2}},
            {"id": "first", "when": {"first_name": "Ana"}, "points": 4},
            {"id": "region", "property": "region", "points": {"europe": 8}},
            {"id": "level", "property": "level", "points": {"chief": 16}},
        ]
    )
    score = files.send(known={"email": "ana.ruiz@acme.example", "country": "DE", "title": "CEO"})[
        "score"
    ]
    assert {line["rule"]: line["status"] for line in score["lines"]} == {
        "domain": "inferred",
        "kind": "inferred",
        "first": "inferred",
        "region": "known",
        "level": "inferred",
    }
    assert (score["total"], score["known"], score["inferred"]) == (31, 8, 23)


def test_trace_and_gates_are_lists_in_their_authors_order() -> None:
    """Rule C8."""
    found = small(
        routing=[
            {"id": "z", "when": {"goal": "a"}, "to": "no"},
            {"id": "a", "when": {"goal": "b"}, "to": "no"},
            {"id": "rest", "to": "nurture"},
        ],
        disqualifiers=[
            {"id": "y", "when": {"goal": "b"}, "gate": "flag"},
            {"id": "b", "when": {"plan": "low"}, "gate": "hard"},
        ],
    ).send(known={"goal": "b"})
    trace = [
        {"rule": "z", "result": "false"},
        {"rule": "a", "result": "true"},
        {"rule": "rest", "result": "true"},
    ]
    assert found["route"]["trace"] == trace
    assert found["record"]["provenance"]["trace"] == trace
    gates = [(gate["id"], gate["gate"], gate["result"]) for gate in found["disqualifiers"]]
    assert gates == [("y", "flag", "tripped"), ("b", "hard", "unknown")]


def test_the_same_visitor_at_the_same_instant_gets_the_same_record() -> None:
    """Format, section 5: same facts, same events, same release, same instant, same score."""
    files = small(fit=[{"id": "g", "property": "goal", "points": {"a": 3}}])
    given: dict[str, Any] = {"at": AT, "known": {"goal": "a"}, "answers": {"note": "Hello"}}
    assert files.send(**given) == files.send(**given)
