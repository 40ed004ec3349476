"""What a change does to every class of visitors is counted exactly, and shown by somebody real."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from random import Random

import pytest

from tests.core.proof.random_releases import Made, visitor
from tests.flow_files.small import flow, playbook
from webapp.core.case import Case
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.proof.families import TooWide
from webapp.core.proof.moments import OutOfTime, forever, steps
from webapp.core.proof.moved import Compared, by_classes, differences
from webapp.core.proof.pair import Incomparable
from webapp.core.proof.visitor import Visitor
from webapp.core.signals import Event
from webapp.core.simulate import decide_case
from webapp.flow_files import load_texts

SEEDS = 12
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
SIZES = "points: {s: 1, m: 4, l: 7}"
SCORING = (
    "{fit: {rules: [{id: role, property: role, points: {chief: 10, lead: 5, other: 1}}, "
    f"{{id: size, property: size, {SIZES}}}]}}, "
    "intent: {rules: [{id: prices, signal: pricing, points: 3}]}}"
)
ASKS = (
    "[{property: role, ask: Role?}, "
    "{property: size, ask: Size?, when: {role: [chief, lead]}, required: false}, "
    "{property: email, ask: E?}]"
)


def small(asks: str = ASKS, **book: str) -> Release:
    text = playbook(**{"scoring": SCORING, "disqualifiers": None, **book})
    return load_texts({"playbook.yaml": text, "demo.yaml": flow(questions=asks)})


def compared(old: Release, new: Release) -> Compared:
    [found] = differences(old, new, forever)
    return found


def everybody() -> Iterator[Case]:
    """Every class of new visitors of the small flow, one by one."""
    for seen in (False, True):
        events = (Event(AT, page="/pricing"),) if seen else ()
        for role, size in product(("chief", "lead", "other"), ("s", "m", "l", None)):
            if role == "other" and size:
                continue
            answers = {"role": role, "email": "a@b.example", **({"size": size} if size else {})}
            yield Case("demo", AT, events=events, answers=answers)


@pytest.mark.parametrize(
    "book",
    [
        {"tiers": "[{id: hot, from: 12}, {id: cold}]"},
        {"scoring": SCORING.replace("chief: 10", "chief: 6")},
        {"scoring": SCORING.replace("fit: {", "fit: {at_most: 9, ")},
        {"scoring": SCORING.replace("points: 3", "points: -4")},
        {"routing": "[{id: m, when: {size: m}, to: sales}, {id: rest, to: later}]"},
        {"routing": "[{id: seen, when: {signals.pricing: 0}, to: later}, {id: rest, to: sales}]"},
    ],
)
def test_every_class_is_counted_once(book: dict[str, str]) -> None:
    old, new = small(), small(**book)
    moved, tiers = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for case in everybody():
        before, after = decide_case(old, case), decide_case(new, case)
        moved[before.route.to, after.route.to] += 1
        tiers[before.tier.id, after.tier.id] += 1

    found = compared(old, new)

    assert found.sampled is None
    assert found.change.tried == 18
    assert found.change.destinations == {m: n for m, n in moved.items() if m[0] != m[1]}
    assert found.change.tiers == {m: n for m, n in tiers.items() if m[0] != m[1]}
    for move, example in found.change.examples.items():
        assert isinstance(example, Visitor)
        ends = decide_case(old, example.case()).route.to, decide_case(new, example.case()).route.to
        assert ends == move
    assert found.change.examples.keys() == found.change.destinations.keys()


def test_the_same_flows_change_nothing_for_anybody() -> None:
    found = compared(small(), small())
    assert (found.change.tried, found.change.destinations, found.change.tiers) == (18, {}, {})
    assert (found.from_before, found.unlooked) == ({}, None)


def test_a_change_only_people_known_before_can_notice_is_shown_with_one_of_them() -> None:
    """The country is asked nowhere."""
    routing = "[{id: near, when: {country: DE}, to: sales}, {id: hot, when: {tier: hot}, to: sales}"
    found = compared(small(), small(routing=routing + ", {id: rest, to: later}]"))

    assert not found.change.destinations
    [(move, example)] = found.from_before.items()
    assert move == ("later", "sales")
    assert isinstance(example, Visitor)
    assert [known.property for known in example.known] == ["country"]


@pytest.mark.parametrize(
    ("asks", "book", "why"),
    [
        (ASKS.replace("Role?}", "Role?, required: false}"), {}, "from “Role?” on the questions"),
        (ASKS.replace("[chief, lead]", "chief"), {}, "from “Size?” on the questions"),
        (ASKS[:-1] + ", {property: seats, ask: N?}]", {}, "the questions are others"),
    ],
)
def test_flows_that_ask_otherwise_are_tried_with_a_crowd_and_say_why(asks, book, why) -> None:
    found = compared(small(), small(asks, **book))
    assert found.sampled is not None
    assert why in found.sampled
    assert found.change.tried > 100


def test_other_values_of_what_is_asked_are_tried_with_a_crowd() -> None:
    text = playbook(scoring=SCORING, disqualifiers=None).replace("other: Other", "else: Else")
    text = text.replace("other: 1", "else: 1")
    new = load_texts({"playbook.yaml": text, "demo.yaml": flow(questions=ASKS)})
    assert compared(small(), new).sampled == "“Role” takes other values now"


def test_without_time_a_crowd_is_tried() -> None:
    [found] = differences(small(), small(), steps(0))
    assert found.sampled == "the time given ran out"


def test_no_visitor_moves_where_nobody_is_said_to_move() -> None:
    """Random flows, each with the playbook of another."""
    tried = releases = 0
    for seed in range(SEEDS):
        old = Made(seed).release()
        new = Release(Made(seed + 1000).playbook(), old.flows, {})
        try:
            found = by_classes(old, new, "flow", steps(1_500))
        except (Incomparable, TooWide, OutOfTime):
            continue
        if found.unlooked:
            continue
        releases += 1
        random = Random(seed)
        for fresh in (True, False) * 15:
            case = visitor(random, fresh=fresh)
            try:
                before, after = decide_case(old, case), decide_case(new, case)
            except FlowError:
                continue
            if "waiting" in (before.path.ended, after.path.ended):
                continue
            tried += 1
            move = before.route.to, after.route.to
            said = {*found.change.destinations, *(() if fresh else found.from_before)}
            assert move[0] == move[1] or move in said, f"seed {seed}: {case}"
    assert releases > SEEDS // 4
    assert tried > 8 * releases
