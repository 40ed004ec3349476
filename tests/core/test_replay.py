"""What another playbook would have done, how sure a share is, and what outcomes suggest."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from webapp.core.calibration import suggestions
from webapp.core.inputs import write_inputs
from webapp.core.path import Answer
from webapp.core.playbook import Tier
from webapp.core.proportions import quantile, share
from webapp.core.replay import Before, decide_again, replay
from webapp.core.simulate import decide_case
from webapp.core.tally import Tally
from webapp.flow_files import load_release, read_case

FLOWS = Path(__file__).parents[2] / "question_flows"
RELEASE = load_release(FLOWS)
CASES = sorted((FLOWS / "cases").glob("*.yaml"))


def pasts() -> list[tuple[Before, Mapping[str, Any]]]:
    found = []
    for path in CASES:
        decision = decide_case(RELEASE, read_case(path, RELEASE))
        skips = {name: Answer(None, decision.visit.now) for name in decision.path.skipped}
        answers = {**decision.answers, **skips}
        inputs = write_inputs(decision.flow.id, decision.visit, answers)
        before = Before(path.stem, decision.score.total, decision.tier.id, decision.route.to)
        found.append((before, inputs))
    return found


def test_under_the_same_playbook_nobody_moves() -> None:
    found = replay(pasts(), RELEASE)

    assert found.conversations == len(CASES) > 20
    assert [each.before.id for each in found.moved] == []


def test_nobody_is_decided_otherwise_because_of_who_came_before() -> None:
    for _, inputs in pasts():
        unseen = replace(RELEASE, playbook=replace(RELEASE.playbook))  # it remembers nobody

        here, there = (decide_again(inputs, each) for each in (RELEASE, unseen))

        assert here
        assert there
        assert (here.path.asked, here.path.ended) == (there.path.asked, there.path.ended)
        assert (here.score.figures(), here.score.lines) == (
            there.score.figures(),
            there.score.lines,
        )
        assert here.route.trace == there.route.trace


def test_lowering_the_bar_moves_those_who_reach_it_and_says_who() -> None:
    lower = tuple(
        Tier(t.id, 10 if t.least == 80 else (5 if t.least else None))
        for t in RELEASE.playbook.tiers
    )
    changed = replace(RELEASE, playbook=replace(RELEASE.playbook, tiers=lower))

    found = replay(pasts(), changed)

    assert found.moved
    assert all(
        each.tier != each.before.tier or each.destination != each.before.destination
        for each in found.moved
    )
    assert sum(found.tiers.values()) == len(CASES)


def test_a_choice_that_is_gone_counts_as_never_given() -> None:
    _, inputs = pasts()[0]
    asked = next(a for a in inputs["answers"] if isinstance(a["value"], str))
    broken = {**inputs, "answers": [{**asked, "value": "a-choice-of-long-ago", "earlier": []}]}

    property = RELEASE.playbook.properties[asked["property"]]
    decision = decide_again(broken, RELEASE)

    assert decision is not None
    if property.choices:
        assert decision.situation.profile.value(asked["property"]) is None


def test_a_conversation_of_a_flow_that_is_gone_is_left_out_and_counted() -> None:
    before, inputs = pasts()[0]

    assert replay([(before, {**inputs, "flow": "long-gone"})], RELEASE).left_out == 1


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (50, 100, 0.404, 0.596)],
)
def test_a_share_has_the_interval_of_wilson(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)

    assert (found.low, found.high) == (
        pytest.approx(low, abs=0.001),
        pytest.approx(high, abs=0.001),
    )


def test_those_not_answered_yet_make_the_median_later() -> None:
    assert quantile({3: 1, 1: 1, inf: 2, 2: 1}, 0.5) == 3
    assert quantile({1: 1, inf: 2}, 0.5) is None
    assert quantile({}, 0.5) is None


def test_points_are_suggested_only_where_there_is_enough_to_go_by() -> None:
    def past(won: int, lost: int, won_with: int, lost_with: int) -> Tally:
        """Leads that ended, and how many of them had told their budget, for 10 points."""
        return Counter(
            {
                ("ended", "direct", "won"): won,
                ("ended", "direct", "lost"): lost,
                ("fired", "budget", "10", "won"): won_with,
                ("fired", "budget", "10", "lost"): lost_with,
            }
        )

    [found] = suggestions(past(30, 30, won_with=20, lost_with=10))
    [little] = suggestions(past(12, 0, won_with=12, lost_with=0))

    assert found.points == 20  # odds ratio 4: two doublings
    assert found.low is not None
    assert found.low < 20 < (found.high or 0)
    assert little.points is None
