"""Holds the proof to what the engine does: nobody may do what the proof says nobody does.

``python -m tests.core.proof.soundness --seeds 2000`` is the long run.
"""

import argparse
import sys
from dataclasses import dataclass, field
from random import Random

from tests.core.proof.random_releases import Made, visitor
from webapp.core.cells import TooMany
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.proof.families import TooWide
from webapp.core.proof.moments import OutOfTime, steps
from webapp.core.proof.moved import by_classes
from webapp.core.proof.pair import Incomparable
from webapp.core.proof.survey import Ground, Outcome, Survey, is_early, reached
from webapp.core.simulate import decide_case


@dataclass
class Tally:
    """What a run found. ``wrong`` holds contradictions, each with the seed that shows it."""

    releases: int = 0
    visitors: int = 0
    outcomes: int = 0
    shown: int = 0
    given_up: int = 0
    wrong: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)


def check(seed: int, tally: Tally, *, visitors: int = 60, settling: bool = False) -> None:
    """Survey one random release, and compare with what random visitors do."""
    made = Made(seed)
    release = made.release(settling=settling)
    random = Random(seed + 1)
    tally.releases += 1
    try:
        ground = Ground.of(release, release.flows["flow"])
    except (TooWide, TooMany, OutOfTime):
        tally.given_up += 2
        return
    for fresh in (True, False):
        try:
            survey = Survey(ground, fresh=fresh, tick=steps(200_000))
        except (TooWide, TooMany, OutOfTime):
            tally.given_up += 1
            continue
        totals = _totals(survey)
        for _ in range(visitors):
            case = visitor(random, fresh=fresh)
            try:
                decision = decide_case(release, case)
            except FlowError:
                continue
            if decision.path.ended == "waiting":
                continue
            tally.visitors += 1
            route = decision.route
            outcome = Outcome(route.rule, route.to, is_early(decision), reached(decision))
            if outcome not in survey.outcomes:
                tally.wrong.append(f"seed {seed}: {case} ends as {outcome}")
            elif decision.score.total not in totals:
                tally.wrong.append(f"seed {seed}: {case} has {decision.score.total} points")
        for outcome in survey.outcomes:
            tally.outcomes += 1
            if survey.shown(outcome):
                tally.shown += 1
            else:
                tally.unshown.append(f"seed {seed} fresh={fresh}: {outcome}")


def check_moves(
    seed: int, tally: Tally, *, visitors: int = 30, most: int = 20_000, other_flow: bool = True
) -> None:
    """Compare two random releases by classes, and with what random visitors do in both."""
    old, second = Made(seed).release(), Made(seed + 1_000_000).release()
    new = Release(second.playbook, second.flows if other_flow else old.flows, {})
    try:
        found = by_classes(old, new, "flow", steps(most))
    except (Incomparable, TooWide, TooMany, OutOfTime):
        tally.given_up += 1
        return
    tally.releases += 1
    random = Random(seed)
    moves = {*found.change.destinations, *found.from_before}
    tally.outcomes += len(moves)
    shown = {**found.from_before, **found.change.examples}
    tally.shown += sum(shown.get(move) is not None for move in moves)
    for fresh in (True, False)[: 1 if found.unlooked else 2]:
        said = {*found.change.destinations, *(() if fresh else found.from_before)}
        for _ in range(visitors):
            case = visitor(random, fresh=fresh)
            try:
                before, after = decide_case(old, case), decide_case(new, case)
            except FlowError:
                continue
            if "waiting" in (before.path.ended, after.path.ended):
                continue
            tally.visitors += 1
            move = before.route.to, after.route.to
            if move[0] != move[1] and move not in said:
                tally.wrong.append(f"seed {seed}: {case} moves as {move}")


def _totals(survey: Survey) -> set[int]:
    grid = survey.exploration.grid
    everything = 0
    for held in survey.exploration.ends.values():
        everything |= held
    return {sum(grid.capped(grid.points(place))) for place in grid.places(everything)}


def run(first: int, seeds: int, visitors: int, *, settling: bool = False) -> Tally:
    tally = Tally()
    for seed in range(first, first + seeds):
        check(seed, tally, visitors=visitors, settling=settling)
    return tally


def run_versions(first: int, seeds: int, visitors: int, *, most: int = 20_000) -> Tally:
    """Every other pair asks the same of everybody, and only scores and routes otherwise."""
    tally = Tally()
    for seed in range(first, first + seeds):
        check_moves(seed, tally, visitors=visitors, most=most, other_flow=seed % 2 == 0)
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--settling", action="store_true", help="flows that stop when settled")
    parser.add_argument("--versions", action="store_true", help="compare two versions instead")
    given = parser.parse_args()
    if given.versions:
        tally = run_versions(given.first, given.seeds, given.visitors)
    else:
        tally = run(given.first, given.seeds, given.visitors, settling=given.settling)
    print(
        f"{tally.releases} releases, {tally.visitors} visitors, {tally.outcomes} outcomes, "
        f"{tally.shown} shown, {tally.given_up} given up, {len(tally.wrong)} contradictions"
    )
    for each in (*tally.wrong[:5], *tally.unshown[:20]):
        print(each)
    sys.exit(bool(tally.wrong))
