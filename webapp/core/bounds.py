"""The least and greatest total that facts still unknown could lead to.

Always safe, and exact as long as the unknown properties that share rules fall into groups of at
most 4,096 joint values (staying unknown is one of them).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from webapp.core.cells import MOST, TooMany, cells, readings
from webapp.core.keep import kept
from webapp.core.playbook import Playbook, ScoringRule
from webapp.core.rules import (
    brought,
    capped,
    read_properties,
    rule_subjects,
    rule_worth,
    worth_now,
)
from webapp.core.situation import Situation, Supposing
from webapp.core.values import Value
from webapp.core.worth import Worth

Pair = tuple[int, int]
"""Points of fit and of intent, before the categories' caps."""

MOST_REACHES = 1024
"""How many sets of varied properties a process keeps in mind for a playbook."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: int
    high: int


def bounds(
    situation: Situation,
    vary: Collection[str] | None = None,
    supposed: Mapping[str, Value | None] | None = None,
) -> Interval:
    """Bound the total over every joint value of the varied properties.

    ``vary`` defaults to the unknown ones; other unknown properties stay unknown. ``supposed``
    holds values to take for granted instead of the situation's own.
    """
    playbook = situation.playbook
    plan = Plan.of(playbook)
    if vary is None:
        vary = plan.cells.keys() - situation.values.keys()
    base = Supposing(situation, supposed or {})
    reach = plan.reach(frozenset(vary), base)
    worth = _worth(base, plan) if supposed else worth_now(situation)
    fixed = brought(reach.fit, worth), brought(reach.intent, worth)
    least, most = reach.least, reach.most
    for group in reach.open:
        lows, highs = _span(group, base, plan, vary)
        least, most = _lower(least, lows), _higher(most, highs)
    total = _Total(playbook, fixed)
    return Interval(min(map(total, least)), max(map(total, most)))


def _worth(base: Supposing, plan: "Plan") -> Mapping[str, Worth]:
    situation = base.situation
    worth = dict(worth_now(situation))
    for rule in plan.touched_by(base.supposed):
        worth[rule.id] = rule_worth(rule, base, situation)
    return worth


def rule_interval(rule: ScoringRule, situation: Situation) -> Interval:
    """What one open rule could still bring; 0 is always possible, it may stay unknown."""
    plan = Plan.of(situation.playbook)
    vary = {p for p in plan.reads[rule.id] if situation.profile.fact(p) is None}
    lows, highs = _span([rule], Supposing(situation, {}), plan, vary)
    return Interval(min(0, *(sum(p) for p in lows)), max(0, *(sum(p) for p in highs)))


@dataclass(frozen=True, slots=True)
class Reach:
    """What some varied properties can change. ``fit`` and ``intent`` are the rules beyond it, by
    id; ``least`` and ``most`` what those rules bring together that read nothing else; the rest
    stands in the groups of ``open``."""

    fit: tuple[str, ...]
    intent: tuple[str, ...]
    least: list[Pair]
    most: list[Pair]
    open: list[list[ScoringRule]]


class Plan:
    """What follows from the playbook alone: who reads what, and each property's cells."""

    def __init__(self, playbook: Playbook) -> None:
        tests = readings(rule.when for rule in playbook.rules)
        self.reads: dict[str, frozenset[str]] = {}
        self.readers: dict[str, list[str]] = {}
        self.closed: set[str] = set()
        self.spans: dict[object, tuple[list[Pair], list[Pair]]] = {}
        self.reached: dict[frozenset[str], Reach] = {}
        self.rules = {rule.id: rule for rule in playbook.rules}
        self.gated: list[str] = []
        for rule in playbook.rules:
            read = rule_subjects(rule)
            self.reads[rule.id] = frozenset(s.name for s in read if s.kind == "property")
            for property_id in self.reads[rule.id]:
                self.readers.setdefault(property_id, []).append(rule.id)
            if all(s.kind == "property" for s in read):
                self.closed.add(rule.id)
            if any(s.kind in ("disqualified", "disqualifier") for s in read):
                self.gated.append(rule.id)
        self.cells: dict[str, tuple[Value, ...] | None] = {}
        for property_id in read_properties(playbook):
            tables = [rule for rule in playbook.rules if rule.property == property_id]
            property = playbook.properties[property_id]
            try:
                self.cells[property_id] = cells(property, tests.get(property_id, []), tables)
            except TooMany:
                self.cells[property_id] = None

    @staticmethod
    def of(playbook: Playbook) -> "Plan":
        return kept(playbook, "_bounds_plan", lambda: Plan(playbook))

    def touched_by(self, supposed: Iterable[str]) -> Iterator[ScoringRule]:
        """The rules that may bring something else where these properties are supposed to have other
        values, themselves or through gates."""
        ids = {id for p in supposed for id in self.readers.get(p, ())}.union(self.gated)
        return (self.rules[id] for id in ids)

    def is_static(self, group: Iterable[ScoringRule], vary: Collection[str]) -> bool:
        """Whether nothing counts for these rules but the varied properties."""
        return all(r.id in self.closed and self.reads[r.id].issubset(vary) for r in group)

    def reach(self, vary: frozenset[str], base: Supposing) -> Reach:
        """Worked out once for each set of properties: people at one question lack the same ones."""
        found = self.reached.get(vary)
        if found is None:
            if len(self.reached) >= MOST_REACHES:
                self.reached.clear()
            found = self.reached[vary] = _reach(self, vary, base)
        return found


def _reach(plan: Plan, vary: frozenset[str], base: Supposing) -> Reach:
    playbook = base.situation.playbook
    touched = {id for p in vary for id in plan.readers.get(p, ())}
    rules = [rule for rule in playbook.rules if rule.id in touched]
    least, most, open = [(0, 0)], [(0, 0)], []
    for group in _groups(rules, plan, vary):
        if plan.is_static(group, vary):
            lows, highs = _span(group, base, plan, vary)
            least, most = _lower(least, lows), _higher(most, highs)
        else:
            open.append(group)
    fit, intent = (
        tuple(rule.id for rule in category.rules if rule.id not in touched)
        for category in (playbook.fit, playbook.intent)
    )
    return Reach(fit, intent, least, most, open)


def _groups(
    rules: Iterable[ScoringRule], plan: Plan, vary: Collection[str]
) -> list[list[ScoringRule]]:
    """Rules that share a varied property belong together, directly or through others."""
    groups: list[tuple[set[str], list[ScoringRule]]] = []
    for rule in rules:
        shared = {p for p in plan.reads[rule.id] if p in vary}
        members = [rule]
        apart = []
        for properties, others in groups:
            if properties.isdisjoint(shared):
                apart.append((properties, others))
            else:
                shared |= properties
                members = others + members
        groups = [*apart, (shared, members)]
    return [members for _, members in groups]


def _span(
    group: Sequence[ScoringRule], base: Supposing, plan: Plan, vary: Collection[str]
) -> tuple[list[Pair], list[Pair]]:
    """The least and the greatest pairs a group of rules can bring together."""
    shared = sorted({p for rule in group for p in plan.reads[rule.id] if p in vary})
    static = plan.is_static(group, vary)
    mark = (tuple(rule.id for rule in group), tuple(shared))
    if static and mark in plan.spans:
        return plan.spans[mark]
    domains = [plan.cells[p] for p in shared]
    listed = [(None, *domain) for domain in domains if domain is not None]
    if len(listed) == len(domains) and prod(map(len, listed)) <= MOST:
        pairs = set(_pairs(group, base, shared, listed))
        span = _lowest(pairs), _highest(pairs)
    elif len(group) > 1:
        # Too many joint values: bound rule by rule, which is wider but never wrong.
        lows, highs = [(0, 0)], [(0, 0)]
        for rule in group:
            low, high = _span([rule], base, plan, vary)
            lows = [_plus(a, b) for a in lows for b in low]
            highs = [_plus(a, b) for a in highs for b in high]
        span = lows, highs
    else:
        span = _widest(group[0], base.situation.playbook)
    if static:
        plan.spans[mark] = span
    return span


def _pairs(
    group: Sequence[ScoringRule],
    base: Supposing,
    shared: Sequence[str],
    listed: Sequence[Sequence[Value | None]],
) -> Iterator[Pair]:
    for joint in product(*listed):
        supposing = base.supposing(dict(zip(shared, joint, strict=True)))
        total: Pair = (0, 0)
        for rule in group:
            worth = rule_worth(rule, supposing, base.situation)
            total = _plus(total, _placed(rule, worth.brought))
        yield total


def _widest(rule: ScoringRule, playbook: Playbook) -> tuple[list[Pair], list[Pair]]:
    """Bounds of one rule over a domain too large to list."""
    if rule.property:
        choices = playbook.properties[rule.property].choices
        brought = [rule.table.get(choice, rule.otherwise or 0) for choice in choices]
        brought += [*rule.table.values(), rule.otherwise or 0]
        low, high = sum(p for p in brought if p < 0), sum(p for p in brought if p > 0)
    else:
        low, high = min(0, rule.points), max(0, rule.points)
    low, high = capped(rule, low), capped(rule, high)
    return [_placed(rule, low)], [_placed(rule, high)]


def _placed(rule: ScoringRule, brought: int) -> Pair:
    return (brought, 0) if rule.category == "fit" else (0, brought)


def _plus(a: Pair, b: Pair) -> Pair:
    return a[0] + b[0], a[1] + b[1]


def _lower(these: Sequence[Pair], those: Sequence[Pair]) -> list[Pair]:
    return _lowest(_plus(a, b) for a in these for b in those)


def _higher(these: Sequence[Pair], those: Sequence[Pair]) -> list[Pair]:
    return _highest(_plus(a, b) for a in these for b in those)


def _lowest(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs that none is below in both categories: caps can only bite on sums of these."""
    kept_pairs: list[Pair] = []
    for pair in sorted(set(pairs)):
        if not kept_pairs or pair[1] < kept_pairs[-1][1]:
            kept_pairs.append(pair)
    return kept_pairs


def _highest(pairs: Iterable[Pair]) -> list[Pair]:
    return [(-a, -b) for a, b in _lowest((-a, -b) for a, b in pairs)]


class _Total:
    """The total of a pair beside what is fixed, after both categories' caps."""

    def __init__(self, playbook: Playbook, fixed: Pair) -> None:
        self.caps, self.fixed = (playbook.fit.at_most, playbook.intent.at_most), fixed

    def __call__(self, pair: Pair) -> int:
        fit, intent = _plus(self.fixed, pair)
        most_fit, most_intent = self.caps
        if most_fit is not None and fit > most_fit:
            fit = most_fit
        if most_intent is not None and intent > most_intent:
            intent = most_intent
        return fit + intent
