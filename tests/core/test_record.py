"""The record of every starter persona: whole, consistent, and nothing said without proof."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.core.small import ago, ask, small
from webapp.core.handoff_schema import SCHEMA
from webapp.core.simulate import simulate
from webapp.flow_files import load_release, read_case

STARTER = Path(__file__).parents[2] / "question_flows"
PERSONAS = sorted((STARTER / "cases").glob("*.yaml"))

Record = dict[str, Any]


@cache
def records() -> dict[str, Record]:
    release = load_release(STARTER)
    return {p.stem: simulate(release, read_case(p, release))["record"] for p in PERSONAS}


@pytest.fixture(params=[path.stem for path in PERSONAS])
def record(request: pytest.FixtureRequest) -> Record:
    return records()[request.param]


def cited(part: Any) -> set[str]:
    """Every evidence id named anywhere in a part of a record."""
    match part:
        case {"evidence": list(ids), **rest}:
            return set(ids) | cited(rest)
        case dict():
            return {id for value in part.values() for id in cited(value)}
        case list():
            return {id for value in part for id in cited(value)}
    return set()


def test_a_record_keeps_to_its_published_schema(record: Record) -> None:
    jsonschema.validate(record, SCHEMA, format_checker=jsonschema.FormatChecker())


def test_all_evidence_named_is_there(record: Record) -> None:
    claims = {key: part for key, part in record.items() if key != "evidence"}
    assert cited(claims) <= set(record["evidence"])


def test_no_reason_is_given_without_evidence(record: Record) -> None:
    said = [*record["why"], *record["red_flags"], *record["talking_points"]]
    unproved = [each["sentence"] for each in said if not each["evidence"]]
    assert [s for s in unproved if "nobody has checked" not in s] == []


def test_the_lines_add_up_to_the_verdict(record: Record) -> None:
    score, lines = record["verdict"]["score"], record["score_lines"]
    for category in ("fit", "intent"):
        assert sum(x["points"] for x in lines if x["category"] == category) == score[category]
    assert score["fit"] + score["intent"] == score["total"] == score["known"] + score["inferred"]
    assert score["low"] <= score["total"] <= score["high"]


def test_every_gate_that_was_checked_is_listed(record: Record) -> None:
    gates = [gate.id for gate in load_release(STARTER).playbook.disqualifiers]
    assert [each["id"] for each in record["disqualifiers"]] == gates


def test_every_uncertainty_says_why_it_matters_and_what_to_ask(record: Record) -> None:
    for each in record["uncertainties"]:
        assert each["why_it_matters"].endswith(".")
        assert each["ask"]
        assert each["could_change"]["low"] <= each["could_change"]["high"]


def test_there_is_always_something_to_do_next_in_good_english(record: Record) -> None:
    action = record["next_action"]
    for words in (action["do"], action["opening_line"]):
        assert words[0].isupper()
        assert words[-1] in ".?!"
        assert not re.search(r"\.\.|\{|\}|  | [.,?]", words), words


def test_the_frameworks_are_filled_slot_by_slot(record: Record) -> None:
    slots = {name: set(found) for name, found in record["frameworks"].items()}
    assert {name: len(found) for name, found in slots.items()} == {
        "bant": 4,
        "champ": 4,
        "meddic": 6,
    }
    for found in record["frameworks"].values():
        for slot in found.values():
            assert (slot["status"] == "unknown") is (slot["value"] is None)


def uncertain(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["about"]: each for each in found["record"]["uncertainties"]}


def test_a_gap_that_changes_nothing_is_no_uncertainty() -> None:
    routing = [
        {"id": "other", "when": {"flow.id": "elsewhere", "plan": "low"}, "to": "no"},
        {"id": "rest", "to": "nurture"},
    ]
    assert "plan" not in uncertain(small(routing=routing).send())


def test_a_gap_that_decides_the_route_is_an_uncertainty_that_says_so() -> None:
    routing = [{"id": "x", "when": {"plan": "low"}, "to": "no"}, {"id": "rest", "to": "nurture"}]
    found = uncertain(small(routing=routing).send())["plan"]
    assert found["why_it_matters"] == "Plan is not known: it could lead to no."
    assert found["could_change"]["destination"] == "no"


def test_what_follows_from_something_is_asked_by_asking_for_that() -> None:
    files = small(
        icp=[{"id": "near", "when": {"region": "europe"}}],
        questions=[ask("country", required=False)],
    )
    assert uncertain(files.send())["region"]["ask"] == "About country?"


@pytest.mark.parametrize(
    ("said", "heard"),
    [("Too slow", "Too slow."), ("Too slow.", "Too slow."), ("Why so slow?", "Why so slow?")],
)
def test_the_opening_line_ends_their_words_once(said: str, heard: str) -> None:
    note = {"type": "long_text", "frameworks": {"champ": "challenges"}}
    guidance = {"next_action": [{"say": "Call."}]}
    files = small(properties={"note": note}, guidance=guidance)
    opening = files.send(known={"note": said})["record"]["next_action"]["opening_line"]
    assert heard in opening
    assert f"{heard}." not in opening


def test_advice_that_rests_on_a_gate_shows_what_tripped_it() -> None:
    found = small(
        disqualifiers=[
            {"id": "bad", "when": {"goal": "b"}, "gate": "hard"},
            {"id": "worse", "when": {"plan": "low"}, "gate": "hard"},
        ],
        routing=[
            {"id": "out", "when": {"disqualified": True}, "to": "no", "because": "Bad"},
            {"id": "r", "to": "no"},
        ],
        guidance={"red_flags": [{"when": {"disqualifiers.bad": "tripped"}, "say": "Careful."}]},
    ).send(known={"goal": "b", "plan": "mid"})["record"]
    shown = {id: each["property"] for id, each in found["evidence"].items()}

    (flag,) = found["red_flags"]
    assert [shown[id] for id in flag["evidence"]] == ["goal"]
    reasons = {each["sentence"]: each["evidence"] for each in found["why"]}
    assert [shown[id] for id in reasons["Bad"]] == ["goal"]


def test_a_record_tells_who_said_what_and_when() -> None:
    files = small(questions=[ask("goal"), ask("note", required=False)])
    found = files.send(
        inferred={"plan": {"value": "low", "at": ago(days=1)}}, answers={"goal": "a"}
    )["record"]
    evidence = {each["property"]: each for each in found["evidence"].values()}
    assert (evidence["goal"]["kind"], evidence["goal"]["certainty"]) == ("answer", "stated")
    assert (evidence["plan"]["kind"], evidence["plan"]["certainty"]) == ("derived", "inferred")
    (answer,) = found["answers"]
    assert (answer["question"], answer["asked_as"], answer["value"]) == ("goal", "About goal?", "a")
