"""Where leads go, and what a case may expect."""

from typing import Any

import pytest

from tests.core.small import ask, small

DEMO_FIRST = [
    {"id": "demo", "when": {"flow.intent": "demo_request"}, "to": "sales"},
    {"id": "out", "when": {"disqualified": True}, "to": "no"},
    {"id": "rest", "to": "nurture"},
]
BAD = [{"id": "bad", "when": {"goal": "b"}, "gate": "hard"}]


def routed(found: dict[str, Any]) -> tuple[str, str]:
    return found["route"]["rule"], found["route"]["to"]


def test_the_first_true_rule_decides_and_nothing_is_built_in() -> None:
    """Rule A61. Whether a demo request beats a hard gate is for the order to say."""
    parts: dict[str, Any] = {"intent": "demo_request", "disqualifiers": BAD}
    bad = {"known": {"goal": "b"}}
    out_first = [DEMO_FIRST[1], DEMO_FIRST[0], DEMO_FIRST[2]]

    assert routed(small(routing=DEMO_FIRST, **parts).send(**bad)) == ("demo", "sales")
    assert routed(small(routing=out_first, **parts).send(**bad)) == ("out", "no")


def test_an_unknown_gate_stops_nobody_and_is_an_uncertainty() -> None:
    """Rule A61."""
    routing = [DEMO_FIRST[1], DEMO_FIRST[0], DEMO_FIRST[2]]
    files = small(intent="demo_request", routing=routing, disqualifiers=BAD)
    found = files.send()

    assert found["disqualifiers"][0]["result"] == "unknown"
    assert routed(found) == ("demo", "sales")
    assert [each["result"] for each in found["route"]["trace"]] == ["unknown", "true", "true"]
    about = [each["about"] for each in found["record"]["uncertainties"]]
    assert "goal" in about


def test_a_rule_that_may_be_true_does_not_decide() -> None:
    """Format, section 6: a route is taken on true only."""
    routing = [{"id": "x", "when": {"goal": "a"}, "to": "sales"}, {"id": "rest", "to": "nurture"}]
    files = small(routing=routing)
    assert routed(files.send()) == ("rest", "nurture")
    assert routed(files.send(known={"goal": "a"})) == ("x", "sales")


@pytest.mark.parametrize(
    "routing",
    [
        [{"id": "all", "to": "no"}, {"id": "rest", "to": "nurture"}],
        [{"id": "only", "when": {"goal": "a"}, "to": "no"}],
    ],
    ids=["none before the last", "one at the end"],
)
def test_only_the_last_rule_is_without_a_condition(routing: list[dict[str, Any]]) -> None:
    """Rule A62."""
    assert small(routing=routing).refusal


def test_the_last_rule_is_true_in_every_trace() -> None:
    """Rule A62."""
    routing = [{"id": "x", "when": {"goal": "a"}, "to": "sales"}, {"id": "rest", "to": "nurture"}]
    trace = small(routing=routing).send(known={"goal": "a"})["route"]["trace"]
    assert trace == [{"rule": "x", "result": "true"}, {"rule": "rest", "result": "true"}]


def test_a_route_says_why() -> None:
    """Format, section 6. In its author's words, else as a sentence, else that nothing applied."""
    routing = [
        {"id": "said", "when": {"goal": "a"}, "to": "sales", "because": "They asked"},
        {"id": "composed", "when": {"goal": "b"}, "to": "sales"},
        {"id": "rest", "to": "nurture"},
    ]
    files = small(routing=routing)
    said = {goal: files.send(known={"goal": goal})["route"]["because"] for goal in "abc"}
    assert said == {"a": "They asked", "b": "Goal is B", "c": "No earlier rule applied"}


def test_there_is_a_route_at_every_moment() -> None:
    """Rule A63. Of somebody still typing, and of somebody who left early."""
    files = small(
        questions=[ask("goal"), ask("plan"), ask("note")],
        fit=[{"id": "g", "property": "goal", "points": {"a": 60}}],
        icp=[{"id": "i", "when": {"goal": "a"}}],
        disqualifiers=BAD,
        routing=[
            {"id": "warm", "when": {"tier": "warm"}, "to": "sales"},
            {"id": "rest", "to": "no"},
        ],
        finish_when=[{"id": "leave", "when": {"plan": "low"}}],
    )
    waiting = files.send(answers={"goal": "a"})
    assert (waiting["ended"], waiting["score"]["total"]) == ("waiting", 60)
    assert (waiting["icp"], waiting["disqualifiers"][0]["result"]) == ("yes", "clear")
    assert routed(waiting) == ("warm", "sales")

    left = files.send(answers={"goal": "a", "plan": "low"})
    assert left["ended"] == "finished"
    assert routed(left) == ("warm", "sales")


def test_leaving_early_without_a_destination_is_routed_as_always() -> None:
    """Rule H64. Even to sales, which is for the proof to refuse."""
    files = small(
        intent="demo_request",
        questions=[ask("goal"), ask("email")],
        routing=DEMO_FIRST,
        finish_when=[{"id": "student", "when": {"goal": "c"}}],
    )
    found = files.send(answers={"goal": "c"})
    assert (found["ended"], found["asked"]) == ("finished", ["goal"])
    assert routed(found) == ("demo", "sales")


ROUTES = [{"id": "good", "when": {"goal": "a"}, "to": "sales"}, {"id": "rest", "to": "nurture"}]
SCORED = small(
    questions=[ask("goal"), ask("plan"), ask("note", required=False)],
    routing=ROUTES,
    fit=[{"id": "g", "property": "goal", "points": {"a": 30}}],
    intent_rules=[{"id": "p", "property": "plan", "points": {"low": 4}}],
)
ANSWERS = {"goal": "a", "plan": "low"}


@pytest.mark.parametrize(
    "expect",
    [
        {"route": "sales"},
        {"rule": "good"},
        {"score": 34},
        {"score": {"at_least": 34, "at_most": 34}},
        {"score": {"at_least": 10}},
        {"score": {"total": 34, "fit": 30, "intent": 4, "known": 34, "inferred": 0}},
        {"score": {"low": {"at_least": 34}, "high": {"at_most": 34}}},
        {"tier": "cold", "tier_settled": True, "ended": "complete"},
        {"asked": ["goal", "note"]},
        {"asked": ["goal", "plan", "note"]},
        {"asked_exactly": ["goal", "plan", "note"]},
        {"skipped": ["note"], "set_aside": []},
    ],
    ids=str,
)
def test_what_a_case_may_expect(expect: dict[str, Any]) -> None:
    """Rule A65, and the note on `asked`: in that order, others may lie between."""
    assert SCORED.misses(expect, answers=ANSWERS) == []


@pytest.mark.parametrize(
    "expect",
    [
        {"route": "nurture"},
        {"rule": "rest"},
        {"score": 33},
        {"score": {"at_least": 35}},
        {"score": {"at_most": 33}},
        {"score": {"fit": 34}},
        {"score": {"low": {"at_least": 35}}},
        {"tier": "hot"},
        {"tier_settled": False},
        {"ended": "finished"},
        {"asked": ["plan", "goal"]},
        {"asked_exactly": ["goal", "note"]},
        {"asked_exactly": ["goal", "note", "plan"]},
        {"skipped": []},
        {"set_aside": ["goal"]},
    ],
    ids=str,
)
def test_a_case_that_comes_out_otherwise_is_missed(expect: dict[str, Any]) -> None:
    """Rule A65."""
    assert len(SCORED.misses(expect, answers=ANSWERS)) == 1


def test_a_route_is_a_destination_and_a_rule_is_a_rule() -> None:
    """Rule A65."""
    assert "good" in SCORED.case_refusal(expect={"route": "good"})
    assert "sales" in SCORED.case_refusal(expect={"rule": "sales"})
