"""A small set of cases that covers every rule, gate, route and tier, for those who have none yet.

Which few visitors cover everything is a set cover: the one who covers most of what is left is
taken, again and again, which comes near the fewest and is not always the fewest.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from webapp.core.case import Case
from webapp.core.crowd.people import crowd
from webapp.core.decision import Decision
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.proof.goals import Goal, goals
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.moments import OutOfTime, Tick, forever
from webapp.core.proof.told import TIME_IS_UP
from webapp.core.proof.visitor import Known, Visitor
from webapp.core.proof.witness import Shown, decided, simplest

CROWD = 150
"""Mixed visitors of each flow to choose from, beside those the proof has met."""


@dataclass(frozen=True)
class Suggested:
    """One case: a visitor as simple as can be, and what only they are there for."""

    visitor: Visitor
    decision: Decision
    covers: tuple[Goal, ...]

    def document(self) -> dict[str, Any]:
        """The case file, with what has to come out."""
        decision = self.decision
        tripped = {g.id: "tripped" for g in decision.disqualifiers if g.result == "tripped"}
        expect: dict[str, Any] = {
            "route": decision.route.to,
            "rule": decision.route.rule,
            "tier": decision.tier.id,
            "score": decision.score.total,
            "asked_exactly": [question.id for question in decision.path.asked],
            "disqualifiers": tripped,
        }
        if not tripped:
            del expect["disqualifiers"]
        return {**self.visitor.document(), "expect": expect}


@dataclass(frozen=True)
class Uncovered:
    """Something no case covers, and why."""

    goal: Goal
    why: str


@dataclass(frozen=True)
class Suggestion:
    """``fewest`` is a number of cases that no set can go below."""

    cases: tuple[Suggested, ...]
    uncovered: tuple[Uncovered, ...]
    fewest: int


def suggest(release: Release, tick: Tick = forever) -> Suggestion:
    """Cases for everything there is to cover. What ``tick`` leaves no time for is said."""
    inquiry, wanted = Inquiry(release, tick), list(goals(release))
    pool = _Pool(wanted)
    uncovered: list[Uncovered] = []
    with suppress(OutOfTime):  # said below of each goal that is still open
        _gather(inquiry, pool)
    for goal in wanted:
        if not pool.has(goal):
            why = _searched(inquiry, pool, goal)
            if not pool.has(goal):
                uncovered.append(Uncovered(goal, why))
    chosen = _chosen(pool, [goal for goal in wanted if pool.has(goal)])
    cases = tuple(_simplified(release, shown, mine) for shown, mine in chosen)
    return Suggestion(cases, tuple(uncovered), _fewest(pool))


class _Pool:
    """Visitors to choose from, with what each covers."""

    def __init__(self, wanted: Sequence[Goal]) -> None:
        self.wanted = wanted
        self.visitors: list[tuple[Shown, frozenset[int]]] = []
        self._covered: set[int] = set()
        self._known: set[int] = set()

    def add(self, shown: Shown) -> None:
        if id(shown) in self._known or shown.decision.path.ended == "waiting":
            return
        self._known.add(id(shown))
        covers = frozenset(n for n, goal in enumerate(self.wanted) if goal.covers(shown.decision))
        self.visitors.append((shown, covers))
        self._covered |= covers

    def has(self, goal: Goal) -> bool:
        return self.wanted.index(goal) in self._covered

    def add_met(self, inquiry: Inquiry) -> None:
        for met in inquiry.met.values():
            for shown in met:
                self.add(shown)


def _gather(inquiry: Inquiry, pool: _Pool) -> None:
    """The crowd first, which needs no proof; then somebody for each way to end."""
    release = inquiry.release
    for flow in release.flows.values():
        for case in crowd(release, flow, CROWD):
            inquiry.tick()
            try:
                visitor = _visitor(case)
                pool.add(Shown(visitor, decided(release, visitor)))
            except FlowError:
                continue  # an answer that this question does not offer
    for fresh in (True, False):
        for survey in inquiry.surveys(fresh=fresh):
            for outcome in survey.outcomes:
                inquiry.shown(survey, outcome)
    pool.add_met(inquiry)


def _visitor(case: Case) -> Visitor:
    return Visitor(
        flow=case.flow,
        at=case.at,
        known=tuple(Known(fact.property, fact.value, fact.certainty) for fact in case.facts),
        events=case.events,
        answers=case.answers,
        source=case.source,
        locale=case.locale,
        spam=case.spam,
    )


def _searched(inquiry: Inquiry, pool: _Pool, goal: Goal) -> str:
    try:
        why = goal.search(inquiry)
    except OutOfTime:
        why = TIME_IS_UP.rstrip(".").lower()
    pool.add_met(inquiry)
    gaps = " ".join(f"{flow}: {gap}" for flow, gap in inquiry.unsurveyed.items())
    return f"{why} ({gaps})" if gaps else why


def _chosen(pool: _Pool, wanted: Sequence[Goal]) -> list[tuple[Shown, tuple[Goal, ...]]]:
    """Visitors who cover everything together, each with what nobody before covers."""
    left = {pool.wanted.index(goal) for goal in wanted}
    taken: list[tuple[Shown, frozenset[int]]] = []
    simple = sorted(pool.visitors, key=lambda each: each[0].visitor.size)
    while left:
        best = max(simple, key=lambda each: len(each[1] & left))
        taken.append(best)
        left -= best[1]
    needed = list(taken)
    for each in reversed(taken):
        others = frozenset[int]().union(*(covers for s, covers in needed if s is not each[0]))
        if each[1] & {pool.wanted.index(goal) for goal in wanted} <= others:
            needed.remove(each)
    found, seen = [], set[int]()
    for shown, covers in needed:
        mine = tuple(pool.wanted[n] for n in sorted(covers - seen))
        seen |= covers
        found.append((shown, mine))
    return found


def _simplified(release: Release, shown: Shown, mine: tuple[Goal, ...]) -> Suggested:
    least = simplest(release, shown, lambda d: all(goal.covers(d) for goal in mine))
    return Suggested(least.visitor, least.decision, mine)


def _fewest(pool: _Pool) -> int:
    """Nobody has two tiers or is decided by two rules, so there are at least as many cases."""
    groups = Counter(group for goal in pool.wanted if pool.has(goal) for group in goal.groups)
    return max(groups.values(), default=0)
