"""Other versions of flows and playbook, one edit away; not each of them may be published."""

from typing import Any

from hypothesis import strategies as st


def _drops_a_question(document: Any, data: st.DataObject) -> None:
    questions = document["questions"]
    questions.pop(data.draw(st.integers(0, len(questions) - 1)))


def _swaps_questions(document: Any, data: st.DataObject) -> None:
    questions = document["questions"]
    at = data.draw(st.integers(0, len(questions) - 1))
    questions.insert(0, questions.pop(at))


def _asks_something_new(document: Any, data: st.DataObject) -> None:
    new = data.draw(st.sampled_from(["industry", "role_level", "committee", "phone", "goal"]))
    at = data.draw(st.integers(0, len(document["questions"])))
    document["questions"].insert(at, {"property": new, "ask": "And?", "required": at % 2 == 0})


def _asks_fewer(document: Any, data: st.DataObject) -> None:
    document["ask_at_most"] = data.draw(st.integers(1, 4))
    document["stop_when_settled"] = data.draw(st.booleans())


def _offers_less(document: Any, data: st.DataObject) -> None:
    goal = document["properties"]["goal"]["choices"]
    goal.pop(data.draw(st.sampled_from(sorted(goal))))


def _gives_other_points(document: Any, data: st.DataObject) -> None:
    rules = document["scoring"]["fit"]["rules"]
    rules.pop(data.draw(st.integers(0, len(rules) - 1)))


def _routes_otherwise(document: Any, data: st.DataObject) -> None:
    rules = document["routing"]
    rules.pop(data.draw(st.integers(0, len(rules) - 2)))


def _has_other_teams(document: Any, data: st.DataObject) -> None:
    teams = document["teams"]
    if len(teams) > 1:
        teams.pop(0)
    teams[0]["reps"][0]["capacity"] = data.draw(st.integers(1, 2))


FLOW_EDITS = [_drops_a_question, _swaps_questions, _asks_something_new, _asks_fewer]
PLAYBOOK_EDITS = [_offers_less, _gives_other_points, _routes_otherwise, _has_other_teams]
