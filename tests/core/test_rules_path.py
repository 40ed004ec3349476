"""Which questions are asked, in which order, what is set aside, and how a conversation ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.core.small import AT, Bare, ago, ask, choice, small, yaml
from webapp.core.decision import decide
from webapp.core.errors import FlowError
from webapp.core.path import Answer
from webapp.core.signals import Event
from webapp.core.situation import Visit
from webapp.flow_files import load_case

ABC = [ask("goal"), ask("plan"), ask("keen")]
FULL = {"goal": "a", "plan": "low", "keen": "yes"}
GOAL_SCORED = [{"id": "g", "property": "goal", "points": {"a": 5, "b": 7}}]


def test_an_earlier_question_never_waits_for_a_later_answer() -> None:
    """Rule A66. One pass: when its turn came, the goal was unknown."""
    files = small(questions=[ask("title", when={"goal": "a"}), ask("goal")])
    found = files.send(answers={"goal": "a", "title": "CEO"})
    assert (found["asked"], found["set_aside"]) == (["goal"], ["title"])
    assert files.send(known={"goal": "a"}, answers={"title": "CEO"})["asked"] == ["title"]


def test_a_later_answer_never_takes_a_question_back() -> None:
    """Rule A66."""
    files = small(questions=[ask("title", when={"goal": {"known": False}}), ask("goal")])
    found = files.send(answers={"goal": "a", "title": "CEO"})
    assert (found["asked"], found["set_aside"]) == (["title", "goal"], [])


def test_a_condition_sees_the_answers_before_it() -> None:
    """Rule A66."""
    files = small(questions=[ask("goal"), ask("title", when={"goal": "a"})])
    assert files.send(answers={"goal": "a", "title": "CEO"})["asked"] == ["goal", "title"]
    assert files.send(answers={"goal": "b", "title": "CEO"})["set_aside"] == ["title"]


def test_leaving_is_considered_before_anything_else() -> None:
    """Rule A67. The second question would be asked, and the third is known: all the same."""
    files = small(questions=ABC, finish_when=[{"id": "out", "when": {"goal": "c"}}])
    found = files.send(known={"keen": "yes"}, answers={"goal": "c", "plan": "low"})
    assert (found["asked"], found["ended"], found["set_aside"]) == (["goal"], "finished", ["plan"])


@pytest.mark.parametrize(
    ("first", "known"),
    [(ask("goal", when={"plan": "high"}), {}), (ask("goal"), {"goal": "b"})],
    ids=["its condition is not true", "it is known"],
)
def test_what_is_not_asked_costs_no_budget(first: dict[str, Any], known: dict[str, str]) -> None:
    """Rule A67: condition, then known, then budget."""
    files = small(questions=[first, ask("plan"), ask("keen")], ask_at_most=1)
    given = {"known": known} if known else {}
    assert files.send(answers=FULL, **given)["asked"] == ["plan"]


def test_always_asks_what_is_known_but_only_where_its_condition_is_true() -> None:
    """Rule A67."""
    files = small(
        questions=[ask("goal", always=True), ask("plan", always=True, when={"goal": "b"})],
        ask_at_most=0,
    )
    known = {"goal": "c", "plan": "mid"}
    assert files.send(known=known, answers={"goal": "a"})["asked"] == ["goal"]
    assert files.send(known=known, answers={"goal": "b", "plan": "low"})["asked"] == [
        "goal",
        "plan",
    ]


def test_whatever_is_asked_costs_budget_unless_it_is_always() -> None:
    """Rule A68. A skip, a confirmation and what is asked again cost as much as an answer."""
    files = small(
        properties={"keen": {"type": "yes_no", "expires": "1d"}},
        questions=[
            ask("note", always=True),
            ask("title", required=False),
            ask("goal", confirm="{goal}, right?"),
            ask("keen"),
            ask("plan"),
            ask("email", always=True),
        ],
        ask_at_most=3,
    )
    found = files.send(
        inferred={"goal": "b"},
        known={"keen": {"value": "no", "at": ago(days=2)}},
        answers={**FULL, "note": "x", "email": "ana@acme.example"},
    )
    assert found["asked"] == ["note", "title", "goal", "keen", "email"]
    assert (found["skipped"], found["set_aside"]) == (["title"], ["plan"])


def test_what_is_over_budget_is_neither_skipped_nor_waited_for() -> None:
    """Rule A68. Also where it is required."""
    found = small(questions=ABC, ask_at_most=1).send(answers={"goal": "a"})
    assert (found["asked"], found["skipped"], found["ended"]) == (["goal"], [], "complete")
    assert "waiting_for" not in found


@pytest.mark.parametrize(("budget", "asked"), [(0, []), (1, ["goal"]), (2, ["goal", "plan"])])
def test_the_budget_is_a_number_of_questions(budget: int, asked: list[str]) -> None:
    """Rule A68."""
    assert small(questions=ABC, ask_at_most=budget).send(answers=FULL)["asked"] == asked


def test_always_without_an_answer_waits_or_leaves_the_old_value() -> None:
    """Rule A69."""
    known = {"goal": "a"}
    required = small(questions=[ask("goal", always=True)], fit=GOAL_SCORED).send(known=known)
    assert (required["ended"], required["waiting_for"]) == ("waiting", "goal")

    optional = small(questions=[ask("goal", always=True, required=False)], fit=GOAL_SCORED)
    found = optional.send(known=known)
    assert (found["ended"], found["asked"], found["skipped"]) == ("complete", ["goal"], ["goal"])
    assert found["score"]["total"] == 5


LEAVE = [{"id": "leave", "when": {"goal": "c"}, "to": "no"}]


def test_leaving_is_possible_before_the_first_question() -> None:
    """Rule A70."""
    found = small(questions=[ask("email", always=True)], finish_when=LEAVE).send(
        known={"goal": "c"}
    )
    assert (found["ended"], found["asked"]) == ("finished", [])


def test_leaving_is_considered_once_more_after_the_last_question() -> None:
    """Rule A70."""
    found = small(questions=[ask("plan"), ask("goal")], finish_when=LEAVE).send(
        answers={"plan": "low", "goal": "c"}
    )
    assert (found["ended"], found["asked"]) == ("finished", ["plan", "goal"])
    assert found["route"]["to"] == "no"


def test_who_leaves_is_asked_nothing_more_not_even_for_an_address() -> None:
    """Rule A70."""
    files = small(
        questions=[ask("goal"), ask("email", always=True), ask("news")],
        finish_when=LEAVE,
        stop_when_settled=True,
    )
    assert files.send(answers={"goal": "c"})["asked"] == ["goal"]


def test_a_destination_of_its_own_goes_ahead_of_the_rules_whose_trace_is_kept() -> None:
    """Rule A70."""
    routing = [{"id": "c", "when": {"goal": "c"}, "to": "sales"}, {"id": "rest", "to": "nurture"}]
    found = small(questions=ABC, finish_when=LEAVE, routing=routing).send(answers={"goal": "c"})
    assert (found["route"]["rule"], found["route"]["to"]) == ("leave", "no")
    assert found["route"]["trace"] == [
        {"rule": "c", "result": "true"},
        {"rule": "rest", "result": "true"},
    ]


def test_the_first_reason_to_leave_decides() -> None:
    """Rule A70."""
    rules = [
        {"id": "never", "when": {"goal": "b"}, "to": "sales"},
        {"id": "one", "when": {"goal": "c"}, "to": "nurture"},
        {"id": "two", "when": {"goal": {"known": True}}, "to": "no"},
    ]
    files = small(questions=ABC, finish_when=rules)
    assert files.send(answers={"goal": "c"})["route"]["rule"] == "one"
    assert files.send(answers={"goal": "a"})["route"]["rule"] == "two"


def test_an_unknown_reason_is_no_reason() -> None:
    """Format, section 3."""
    assert small(questions=ABC, finish_when=LEAVE).send()["ended"] == "waiting"


SETTLING: dict[str, Any] = {
    "questions": [ask("goal"), ask("plan"), ask("email"), ask("note", required=False), ask("news")],
    "routing": [
        {"id": "chosen", "when": {"goal": "a"}, "to": "sales"},
        {"id": "soon", "when": {"plan": "low"}, "to": "sales"},
        {"id": "rest", "to": "nurture"},
    ],
}


def test_how_a_conversation_ends() -> None:
    """Rule A71."""
    answers = {"goal": "a", "plan": "mid", "email": "ana@acme.example", "news": "no"}
    settled = small(**SETTLING, stop_when_settled=True)
    assert small(**SETTLING).send(answers=answers)["ended"] == "complete"
    assert settled.send(answers=answers)["ended"] == "settled"
    assert small(**SETTLING).send(answers={"goal": "a"})["ended"] == "waiting"
    leaving = small(**SETTLING, finish_when=[{"id": "x", "when": {"goal": "a"}}])
    assert leaving.send(answers=answers)["ended"] == "finished"


def test_once_settled_only_open_contact_questions_are_asked() -> None:
    """Format, section 7."""
    settled = small(**SETTLING, stop_when_settled=True)
    contact = {"email": "ana@acme.example", "news": "no"}

    found = settled.send(answers={"goal": "a", "plan": "low", **contact})
    assert (found["asked"], found["set_aside"]) == (["goal", "email", "news"], ["plan"])

    still_open = settled.send(answers={"goal": "b", "plan": "mid", **contact})
    assert still_open["asked"] == ["goal", "plan", "email", "news"]

    known = settled.send(known={"news": "yes"}, answers={"goal": "a", **contact})
    assert known["asked"] == ["goal", "email"]


def test_what_could_still_change_the_route_is_asked() -> None:
    """Format, section 7. Points, gates and the checklist count as much as conditions."""
    parts: dict[str, Any] = {
        "questions": [ask("goal"), ask("plan"), ask("email")],
        "stop_when_settled": True,
        "fit": [
            {"id": "g", "property": "goal", "points": {"a": 45, "b": 60, "c": 5}},
            {"id": "p", "property": "plan", "points": {"low": 5}},
        ],
        "routing": [
            {"id": "warm", "when": {"tier": "warm"}, "to": "sales"},
            {"id": "rest", "to": "no"},
        ],
    }
    answers = {"plan": "low", "email": "ana@acme.example"}
    asked = {
        goal: small(**parts).send(answers={"goal": goal, **answers})["asked"] for goal in "abc"
    }
    assert asked == {"a": ["goal", "plan", "email"], "b": ["goal", "email"], "c": ["goal", "email"]}

    gated = {
        **parts,
        "disqualifiers": [{"id": "bad", "when": {"plan": "high"}, "gate": "hard"}],
        "routing": [{"id": "out", "when": {"disqualified": True}, "to": "no"}, *parts["routing"]],
    }
    assert small(**gated).send(answers={"goal": "b", **answers})["asked"] == [
        "goal",
        "plan",
        "email",
    ]


def test_whoever_may_still_leave_for_elsewhere_is_not_settled() -> None:
    """Format, section 7. The last answer decides between leaving and staying."""
    parts: dict[str, Any] = {"questions": [ask("plan"), ask("goal")], "stop_when_settled": True}
    found = small(**parts, finish_when=LEAVE).send(answers={"plan": "low", "goal": "c"})
    assert (found["asked"], found["route"]["rule"]) == (["plan", "goal"], "leave")

    routed_as_always = [{"id": "leave", "when": {"goal": "c"}}]
    assert small(**parts, finish_when=routed_as_always).send()["ended"] == "settled"


def test_what_the_budget_leaves_no_room_for_keeps_nothing_open() -> None:
    """Format, section 7. The plan would decide, but it cannot be asked any more."""
    parts: dict[str, Any] = {
        "questions": [ask("keen"), ask("plan")],
        "routing": [
            {"id": "low", "when": {"plan": "low"}, "to": "no"},
            {"id": "rest", "to": "sales"},
        ],
        "stop_when_settled": True,
    }
    assert small(**parts, ask_at_most=2).send(answers={"plan": "low", "keen": "no"})["asked"] == [
        "keen",
        "plan",
    ]
    assert small(**parts, ask_at_most=1).send()["asked"] == []


def test_asked_is_everything_put_to_the_visitor() -> None:
    """Rule A72. Skipped questions and the one waiting too."""
    files = small(questions=[ask("note", required=False), ask("goal"), ask("plan")])
    found = files.send(answers={"goal": "a"})
    assert found["asked"] == ["note", "goal", "plan"]
    assert found["skipped"] == ["note"]


def test_every_answer_whose_question_was_not_asked_is_set_aside() -> None:
    """Rule A73. In the flow's order, then the others."""
    files = small(
        questions=[
            ask("goal"),
            ask("plan", when={"goal": "b"}),
            ask("keen"),
            ask("seats"),
            ask("email", always=True),
        ],
        ask_at_most=1,
    )
    found = files.send(
        known={"keen": "no"},
        answers={
            "team": ["red"],
            "email": "ana@acme.example",
            "seats": 5,
            "keen": "yes",
            "plan": "low",
            "goal": "a",
        },
    )
    assert found["asked"] == ["goal", "email"]
    assert found["set_aside"] == ["plan", "keen", "seats", "team"]


def test_answers_after_the_end_or_the_waiting_point_are_set_aside() -> None:
    """Rule A73."""
    waiting = small(questions=ABC).send(answers={"goal": "a", "keen": "yes"})
    assert (waiting["waiting_for"], waiting["set_aside"]) == ("plan", ["keen"])
    finished = small(questions=ABC, finish_when=LEAVE).send(answers={**FULL, "goal": "c"})
    assert finished["set_aside"] == ["plan", "keen"]


def test_an_answer_to_a_property_nobody_knows_is_an_error() -> None:
    """Rule A73."""
    assert "colour" in small(questions=ABC).case_refusal(answers={"colour": "red"})
    assert small(questions=ABC).send(answers={**FULL, "team": "red"})["set_aside"] == ["team"]


def test_what_is_known_stays_whatever_a_case_answers() -> None:
    """Rule A74."""
    found = small(questions=ABC, fit=GOAL_SCORED).send(
        known={"goal": "a"}, answers={**FULL, "goal": "b"}
    )
    assert (found["asked"], found["set_aside"]) == (["plan", "keen"], ["goal"])
    assert found["score"]["total"] == 5


def test_the_order_of_the_answers_does_not_matter() -> None:
    """Rule A75."""
    files = small(questions=ABC, fit=GOAL_SCORED)
    results = [
        {**files.send(answers=dict(order)), "record": None} for order in permutations(FULL.items())
    ]
    assert all(result == results[0] for result in results)
    assert results[0]["asked"] == ["goal", "plan", "keen"]


TWICE = [
    ask("plan"),
    ask("goal", when={"plan": "low"}, required=False),
    ask("goal", id="goal-again", when={"plan": ["low", "mid"]}, always=True, required=False),
]


def test_an_answer_or_a_skip_counts_for_the_property() -> None:
    """Rule A76. Not even `always` asks a second time."""
    files = small(questions=TWICE)
    assert files.send(answers={"plan": "low", "goal": "a"})["asked"] == ["plan", "goal"]
    assert files.send(answers={"plan": "low"})["asked"] == ["plan", "goal"]
    assert files.send(answers={"plan": "mid", "goal": "a"})["asked"] == ["plan", "goal-again"]


def test_two_questions_under_one_condition_are_an_error() -> None:
    """Rule A76."""
    assert "goal" in small(questions=[ask("goal"), ask("goal", id="again")]).refusal
    when = {"plan": "low"}
    same = [ask("goal", when=when), ask("goal", id="again", when=when)]
    assert "goal" in small(questions=same).refusal


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("red", ["red"]),
        (["red"], ["red"]),
        (["blue", "red"], ["red", "blue"]),
        (["blue", "red", "blue"], ["red", "blue"]),
    ],
    ids=str,
)
def test_several_choices_are_a_set_in_the_propertys_order(answer: Any, kept: list[str]) -> None:
    """Rule A77."""
    (recorded,) = small(questions=[ask("team")]).send(answers={"team": answer})["record"]["answers"]
    assert recorded["value"] == kept


@pytest.mark.parametrize(
    "answers", [{"goal": "z"}, {"team": ["red", "z"]}, {"plan": "LOW"}], ids=str
)
def test_an_answer_outside_the_propertys_choices_is_an_error(answers: dict[str, Any]) -> None:
    """Rule A78."""
    assert next(iter(answers)) in small(questions=[*ABC, ask("team")]).case_refusal(answers=answers)


NARROW = [ask("keen"), ask("goal", choices=["a", "b"], when={"keen": "yes"})]


def test_an_answer_outside_a_questions_own_choices_is_an_error_where_it_is_asked() -> None:
    """Rule A78."""
    files = small(questions=NARROW)
    assert "goal" in files.case_refusal(answers={"keen": "yes", "goal": "c"})
    assert files.send(answers={"keen": "no", "goal": "c"})["set_aside"] == ["goal"]
    assert files.send(answers={"keen": "yes", "goal": "b"})["ended"] == "complete"


def test_every_one_of_several_choices_must_be_offered() -> None:
    """Rule A78."""
    files = small(questions=[ask("team", choices=["red", "green"])])
    assert "team" in files.case_refusal(answers={"team": ["red", "blue"]})
    assert files.send(answers={"team": ["green", "red"]})["ended"] == "complete"


def test_a_fact_from_before_may_hold_any_choice() -> None:
    """Rule A78."""
    found = small(questions=NARROW).send(known={"goal": "c"}, answers={"keen": "yes"})
    assert (found["asked"], found["ended"]) == (["keen"], "complete")


def test_a_skip_leaves_the_guess_in_place() -> None:
    """Rule A79."""
    found = small(questions=[ask("goal", required=False)], fit=GOAL_SCORED).send(
        inferred={"goal": "b"}
    )
    assert (found["skipped"], found["score"]["total"]) == (["goal"], 7)


def test_a_replay_keeps_the_clock_and_the_signals_of_each_question() -> None:
    """Rule A80. Both conditions were true when the questions were put, and are not any more."""
    now = datetime.fromisoformat(AT)
    put = now - timedelta(hours=2)
    files = small(
        properties={"plan": choice("low", expires="1d")},
        signals={"pricing": {"page": "/pricing"}},
        questions=[ask("goal", when={"signals.pricing": 0}), ask("keen", when={"plan": "low"})],
    )
    release = files.release
    fact = replace(
        files.case(known={"plan": {"value": "low", "at": ago(hours=25)}}).facts[0], source="before"
    )
    later = Visit(
        now=now,
        facts=(fact,),
        events=(Event(at=now - timedelta(hours=1), page="/pricing"),),
        put_at={"goal": put, "keen": put},
    )
    answers = {"goal": Answer("a", put), "keen": Answer("yes", put)}

    replayed = decide(release, "small", later, answers).path
    assert [question.id for question in replayed.asked] == ["goal", "keen"]
    assert replayed.set_aside == ()

    afresh = decide(release, "small", replace(later, put_at={}), answers).path
    assert afresh.set_aside == ("goal", "keen")


def test_each_question_has_a_clock_of_its_own() -> None:
    """Rule A80. The plan was fresh for the first question and had lapsed for the second."""
    now = datetime.fromisoformat(AT)
    files = small(
        properties={"plan": choice("low", expires="1d")},
        questions=[
            ask("goal", when={"plan": "low"}),
            ask("keen", when={"plan": {"known": False}}),
            ask("title", when={"plan": {"known": True}}),
        ],
    )
    facts = files.case(known={"plan": {"value": "low", "at": ago(hours=25)}}).facts
    put_at = {"goal": now - timedelta(hours=2), "keen": now}
    answers = {"goal": Answer("a", now), "keen": Answer("yes", now)}
    path = decide(files.release, "small", Visit(now, facts, put_at=put_at), answers).path
    assert [question.id for question in path.asked] == ["goal", "keen"]


def test_a_case_is_walked_at_one_instant() -> None:
    """Rule A80."""
    files = small(
        signals={"pricing": {"page": "/pricing"}},
        questions=[ask("goal", when={"signals.pricing": {"at_least": 1}})],
    )
    seen = [{"page": "/pricing", "at": AT}]
    assert files.send(events=seen, answers={"goal": "a"})["asked"] == ["goal"]
    assert files.send(answers={"goal": "a"})["asked"] == []


def test_an_answer_set_aside_is_no_fact_and_what_was_there_counts_again() -> None:
    """Rule A81."""
    files = small(questions=[ask("plan"), ask("goal", when={"plan": "low"})], fit=GOAL_SCORED)
    given: dict[str, Any] = {"inferred": {"goal": "a"}}
    on_path = files.send(answers={"plan": "low", "goal": "b"}, **given)
    off_path = files.send(answers={"plan": "high", "goal": "b"}, **given)
    nothing = files.send(answers={"plan": "high", "goal": "b"})

    assert on_path["score"]["total"] == 7
    assert (off_path["score"]["total"], off_path["set_aside"]) == (5, ["goal"])
    assert nothing["score"]["total"] == 0


def test_an_answer_set_aside_stays_out_of_what_follows() -> None:
    """Rule A81."""
    files = small(
        questions=[
            ask("plan"),
            ask("goal", when={"plan": "low"}),
            ask("title", when={"goal": "b"}),
        ],
        disqualifiers=[{"id": "bad", "when": {"goal": "b"}, "gate": "hard"}],
    )
    found = files.send(answers={"plan": "high", "goal": "b", "title": "CEO"})
    assert found["asked"] == ["plan"]
    assert found["disqualifiers"][0]["result"] == "unknown"


def test_a_flow_needs_no_intent() -> None:
    """Rule A82."""
    routing = [
        {"id": "x", "when": {"flow.intent": ["contact", "demo_request"]}, "to": "sales"},
        {"id": "rest", "to": "nurture"},
    ]
    plain = small(intent=None, routing=routing)
    assert plain.send()["route"]["rule"] == "rest"


@pytest.mark.parametrize("missing", ["flow", "at"])
def test_a_case_names_its_flow_and_its_instant(missing: str) -> None:
    """Rule A83."""
    keys = {"flow": "small", "at": AT}
    del keys[missing]
    with pytest.raises(FlowError, match=missing):
        load_case(yaml(keys), "case.yaml", small().release)


def test_everything_else_in_a_case_is_optional() -> None:
    """Rule A83."""
    assert small().send()["ended"] == "complete"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"nown": {"goal": "a"}}, "known"),
        ({"expect": {"rout": "sales"}}, "route"),
        ({"source": {"utm_term": "x"}}, "utm"),
        ({"events": [{"page": "/x", "at": AT, "when": AT}]}, "when"),
        ({"known": {"goal": {"value": "a", "on": AT}}}, "on"),
    ],
    ids=str,
)
def test_an_unknown_key_of_a_case_is_an_error(given: dict[str, Any], name: str) -> None:
    """Rule A83."""
    assert name in small().case_refusal(**given)


def test_a_source_takes_four_names() -> None:
    """Rule A83."""
    source = dict.fromkeys(["utm_source", "utm_medium", "utm_campaign", "referrer_host"], "x")
    assert small().send(source=source)["ended"] == "complete"


def test_waiting_names_the_property() -> None:
    """Rule A84."""
    files = small(questions=[ask("goal", id="what-for")])
    found = files.send()
    assert (found["asked"], found["waiting_for"]) == (["what-for"], "goal")


def test_a_bare_flow_of_one_question_is_complete_with_its_answer() -> None:
    """Format, section 7."""
    assert small(questions=[ask("seats")]).send(answers={"seats": Bare("5")})["ended"] == "complete"
