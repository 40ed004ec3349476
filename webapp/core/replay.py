"""Past conversations under another playbook: who would have been scored or sent elsewhere.

What nobody was asked at the time stays unknown: it is never guessed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.core.decision import Decision, decide
from webapp.core.flow import Release
from webapp.core.inputs import read_inputs


@dataclass(frozen=True, slots=True)
class Before:
    """What a conversation came to at the time. ``outcome`` is ``won``, ``lost`` or None."""

    id: str
    total: int
    tier: str
    destination: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    before: Before
    total: int
    tier: str
    destination: str


@dataclass
class Replayed:
    """The sum of a replay. ``tiers`` and ``destinations`` count ``(before, after)`` pairs;
    ``lacking`` counts, for each property the new points read, who was never asked about it."""

    conversations: int = 0
    left_out: int = 0
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)
    destinations: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    moved: list[Moved] = field(default_factory=list)


def replay(pasts: Iterable[tuple[Before, Mapping[str, Any]]], release: Release) -> Replayed:
    """Decide every conversation's inputs again, under the release. Streams; keeps who moved.

    A conversation whose flow is gone is counted as left out.
    """
    found = Replayed()
    for before, inputs in pasts:
        decision = decide_again(inputs, release)
        if decision is None:
            found.left_out += 1
            continue
        after = Moved(before, decision.score.total, decision.tier.id, decision.route.to)
        found.conversations += 1
        found.tiers[before.tier, after.tier] += 1
        found.destinations[before.destination, after.destination] += 1
        if before.outcome:
            found.outcomes[after.tier, before.outcome] += 1
        found.lacking.update(decision.score.open)
        if (before.tier, before.destination) != (after.tier, after.destination):
            found.moved.append(after)
    found.moved.sort(key=lambda each: -abs(each.total - each.before.total))
    return found


def decide_again(inputs: Mapping[str, Any], release: Release) -> Decision | None:
    """The decision on kept inputs under another release; None where the flow is gone.

    Facts and answers that the playbook cannot hold any more are left out, as if never given.
    """
    if inputs["flow"] not in release.flows:
        return None
    visit, answers = read_inputs(inputs, release.playbook, fitting=True)
    return decide(release, inputs["flow"], visit, answers)
