"""What a program wishes to have chosen beforehand: offered with its question, never taken for an
answer."""

from typing import Any

from tests.fixtures.answers import DEMO
from tests.web.api.programs import Program


def begun(program: Program, site_key: str, prefill: Any) -> Any:
    body = {"flow": "demo-request", "site": site_key, "prefill": prefill}
    started = program.call("POST", "/conversations", body).json
    program.bearer = started["token"]
    return started


def answered(program: Program, started: Any, **answer: Any) -> Any:
    path = f"/conversations/{started['conversation']}/answers"
    return program.call("POST", path, answer).json["state"]


def test_every_question_comes_with_what_was_wished_for_it_and_asks_all_the_same(
    program: Program, site_key: str
) -> None:
    started = begun(program, site_key, DEMO)
    state, seen, sent = started["state"], {}, set()
    while question := state.get("question"):
        id, seen[question["id"]] = question["id"], question["suggested"]
        assert program.call("GET", f"/conversations/{started['conversation']}").json == state
        if question["required"]:
            sent.add(id)
            state = answered(program, started, question=id, value=question["suggested"])
        else:
            state = answered(program, started, question=id, skip=True)
    assert len(DEMO.keys() & seen) > 3
    assert {id: seen[id] for id in DEMO.keys() & seen} == {
        id: DEMO[id] for id in DEMO.keys() & seen
    }
    assert {each["question"] for each in state["transcript"] if each["value"]} == sent != {*seen}


def test_a_wish_that_is_no_answer_is_left_out(program: Program, site_key: str) -> None:
    odd = ["everything", "", None, 7, True, {"a": 1}, ["grow", "save"], "\x00", "x" * 20_000]
    for goal in odd:
        wished = {"goal": goal, "nothing": "x", "email": "no address"}
        assert begun(program, site_key, wished)["state"]["question"]["suggested"] is None


def test_a_program_that_wishes_nothing_is_suggested_nothing(
    program: Program, site_key: str
) -> None:
    body = {"flow": "demo-request", "site": site_key}
    started = program.call("POST", "/conversations", body).json
    assert started["state"]["question"]["suggested"] is None
