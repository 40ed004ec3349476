"""What a change does to every class of visitors is counted exactly, and shown by somebody real."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from tests.core.proof.soundness import run_versions
from tests.flow_files.small import flow, playbook
from webapp.core.case import Case
from webapp.core.flow import Release
from webapp.core.path import Answer, Path, walk
from webapp.core.proof.ledger import STOPPED
from webapp.core.proof.moments import forever, steps
from webapp.core.proof.moved import Compared, differences
from webapp.core.proof.visitor import Visitor
from webapp.core.signals import Event
from webapp.core.simulate import decide_case
from webapp.core.situation import Visit
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


ROLE, SIZE, EMAIL = (
    "{property: role, ask: Role?}",
    "{property: size, ask: S?}",
    "{property: email, ask: E?}",
)
SIZE_OF_SOME = "{property: size, ask: S?, when: {role: [chief, lead]}, required: false}"
FEW = "{property: size, ask: S?, when: {role: [chief, lead]}, choices: [s, m]}"
SEATS = "{property: seats, ask: N?, required: false}"
MANY = "{id: many, when: {seats: {at_least: 5}}, points: 6}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([ROLE, SIZE, EMAIL], {"questions": [ROLE, EMAIL]}),
        ([ROLE, EMAIL], {"questions": [ROLE, SEATS, EMAIL]}),
        ([ROLE, SIZE_OF_SOME, EMAIL], {"questions": [ROLE, SIZE, EMAIL]}),
        ([ROLE, SIZE_OF_SOME, EMAIL], {"questions": [ROLE, FEW, EMAIL]}),
        ([ROLE, SIZE, SEATS, EMAIL], {"questions": [SEATS, SIZE, ROLE, EMAIL]}),
        ([SIZE, ROLE, EMAIL], {"questions": [ROLE, SIZE_OF_SOME, SEATS, EMAIL]}),
        ([ROLE, SIZE, SEATS, EMAIL], {"questions": [ROLE, SEATS, SIZE, EMAIL], "ask_at_most": "2"}),
        (
            [ROLE, SIZE, SEATS, EMAIL],
            {
                "questions": [
                    SEATS,
                    SIZE_OF_SOME.replace("role: [chief, lead]", "seats: {at_least: 5}"),
                    EMAIL,
                ],
                "finish_when": "[{id: small, when: {size: s}, to: later}]",
            },
        ),
        (
            [ROLE, SIZE_OF_SOME.replace("false}", "false, always: true}"), SIZE, EMAIL],
            {"questions": [SIZE, ROLE, EMAIL], "finish_when": "[{id: c, when: {role: chief}}]"},
        ),
    ],
)
def test_classes_are_counted_where_both_versions_ask_otherwise(old, new) -> None:
    scoring = SCORING.replace("]}, intent", f", {MANY}]}}, intent")
    assert MANY in scoring
    before = small(f"[{', '.join(old)}]", scoring=scoring)
    asks = {**new, "questions": f"[{', '.join(new['questions'])}]"}
    text = playbook(scoring=scoring, disqualifiers=None)
    after = load_texts({"playbook.yaml": text, "demo.yaml": flow(**asks)})

    found = compared(before, after)

    moved = one_by_one(before, after)
    assert found.sampled is None
    assert found.change.tried == moved.total()
    assert found.change.destinations == {m: n for m, n in moved.items() if m[0] != m[1]}
    assert found.change.examples.keys() == found.change.destinations.keys()


def one_by_one(before: Release, after: Release) -> Counter[tuple[str, str]]:
    """Where every class of new visitors ends: what neither version asks tells none apart."""
    found: dict[object, tuple[str, str]] = {}
    possible = {
        "role": ("chief", "lead", "other", None),
        "size": ("s", "m", "l", None),
        "seats": (Decimal(5), Decimal(4), None),
        "email": ("a@b.example", None),
    }
    for seen, *said in product((False, True), *possible.values()):
        events = (Event(AT, page="/pricing"),) if seen else ()
        answers = {p: a for p, a in zip(possible, said, strict=True) if a is not None}
        case = Case("demo", AT, events=events, answers=answers)
        ends, asked = [], []
        for release in (before, after):
            path = path_of(release, case)
            stopped = path.ended == "waiting"
            ends.append(STOPPED if stopped else route_of(release, case))
            asked += path.asked
        if any(
            answers.get(q.property) is None
            and all(each.required for each in asked if each.property == q.property)
            for q in asked
        ):
            continue  # nobody keeps back what all who ask for it insist on
        told = frozenset((q.property, answers.get(q.property)) for q in asked)
        found[seen, told] = (ends[0], ends[1])
    return Counter(found.values())


def path_of(release: Release, case: Case) -> Path:
    answers = {p: Answer(value, AT, order=n) for n, (p, value) in enumerate(case.answers.items())}
    visit = Visit(now=AT, events=case.events)
    return walk(release.playbook, release.flows["demo"], visit, answers, skip_missing=True)


def route_of(release: Release, case: Case) -> str:
    return decide_case(release, case).route.to


def test_whoever_keeps_back_what_is_insisted_on_now_is_said_to_stop() -> None:
    optional = f"[{ROLE}, {SIZE_OF_SOME}, {EMAIL}]"
    found = compared(small(optional), small(f"[{ROLE}, {SIZE}, {EMAIL}]"))
    assert found.change.destinations["sales", STOPPED] == 2
    example = found.change.examples["sales", STOPPED]
    assert isinstance(example, Visitor)
    assert "size" not in example.answers


def test_other_values_of_what_is_asked_are_tried_with_a_crowd() -> None:
    text = playbook(scoring=SCORING, disqualifiers=None).replace("other: Other", "else: Else")
    text = text.replace("other: 1", "else: 1")
    new = load_texts({"playbook.yaml": text, "demo.yaml": flow(questions=ASKS)})
    assert compared(small(), new).sampled == "“Role” takes other values now"


def test_without_time_a_crowd_is_tried() -> None:
    [found] = differences(small(), small(), steps(0))
    assert found.sampled == "the time given ran out"


def test_no_visitor_moves_where_nobody_is_said_to_move() -> None:
    """Random flows, each with the playbook of another, or with all of another."""
    tally = run_versions(0, seeds=SEEDS, visitors=30, most=3_000)

    assert tally.wrong == []
    assert tally.releases > SEEDS // 4
    assert tally.visitors > 8 * tally.releases
