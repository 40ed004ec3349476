"""What answers still to come could change: how many questions are left, and whether the route
is settled.

A set of truths is what a condition may become while some properties are free to take any value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from webapp.core.bounds import bounds
from webapp.core.cells import Readings, TooMany, cells, readings
from webapp.core.conditions import (
    All,
    Any,
    Compare,
    Condition,
    Nothing,
    Readable,
    Truth,
    subjects,
)
from webapp.core.flow import Flow, Question
from webapp.core.keep import kept
from webapp.core.playbook import Playbook, RoutingRule
from webapp.core.rules import rule_subjects, totals
from webapp.core.situation import Situation, Supposing, icp_match
from webapp.core.values import Value

Truths = frozenset[Truth]

ALL_TRUTHS: Truths = frozenset({True, False, None})
MOST_WORLDS = 2048


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions answered or skipped, and the fewest and most to come, the current one too."""

    answered: int
    least_left: int
    most_left: int


def truths(condition: Condition | None, world: "World") -> Truths:
    """What a condition may become in this world; never too narrow."""
    if condition is None:
        return _SURE[True]
    if world.fixes(condition):
        return _SURE[condition.closure(world.readable)]
    match condition:
        case Compare():
            return world.compare(condition)
        case All(parts):
            return _all(truths(part, world) for part in parts)
        case Any(parts):
            return _negated(_all(_negated(truths(part, world)) for part in parts))
        case Nothing(parts):
            return _all(_negated(truths(part, world)) for part in parts)


_SURE: Mapping[Truth, Truths] = {truth: frozenset({truth}) for truth in ALL_TRUTHS}


# There are seven sets of truths and so few answers to either question: each is worked out once.
@cache
def _negated(found: Truths) -> Truths:
    return frozenset(None if truth is None else not truth for truth in found)


@cache
def _both(these: Truths, those: Truths) -> Truths:
    return frozenset(_and(a, b) for a in these for b in those)


def _all(parts: Iterable[Truths]) -> Truths:
    result: Truths = _SURE[True]
    for part in parts:
        result = _both(result, part)
    return result


def _and(a: Truth, b: Truth) -> Truth:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition reads: properties, and whether gates, or the score or checklist, too."""

    properties: frozenset[str]
    gates: bool
    decided: bool

    @staticmethod
    def of(condition: Condition) -> "Reads":
        """Asked for so often that ``kept`` is spelt out."""
        try:
            found: Reads = condition.__dict__["_reads"]
        except KeyError:
            return kept(condition, "_reads", lambda: Reads.found_in(condition))
        return found

    @staticmethod
    def found_in(condition: Condition) -> "Reads":
        read = list(subjects(condition))
        return Reads(
            properties=frozenset(s.name for s in read if s.kind == "property"),
            gates=any(s.kind in ("disqualified", "disqualifier") for s in read),
            decided=any(s.kind in ("tier", "score", "icp") for s in read),
        )


def _gated(playbook: Playbook) -> frozenset[str]:
    """The properties that any disqualifier reads."""
    return kept(
        playbook,
        "_gated",
        lambda: frozenset().union(*(Reads.of(g.when).properties for g in playbook.disqualifiers)),
    )


class World:
    """A situation in which some properties are free and others are supposed to be something."""

    def __init__(
        self,
        situation: Situation,
        free: Collection[str],
        supposed: Mapping[str, Value | None] | None = None,
    ) -> None:
        self.situation = situation
        self.free = frozenset(free)
        self.supposed = dict(supposed or {})
        self.readable: Readable = (
            Supposing(situation, self.supposed) if self.supposed else situation
        )
        self._span: tuple[int, int] | None = None

    def split(self, property_id: str) -> Iterator["World"]:
        """One world for each cell of a free property, unknown included.

        Raises: TooMany.
        """
        for value in (None, *_domain(self.situation.playbook, self.situation.flow, property_id)):
            yield World(
                self.situation, self.free - {property_id}, {**self.supposed, property_id: value}
            )

    def fixes(self, condition: Condition) -> bool:
        """Whether nothing that is free can change the condition's truth."""
        reads = Reads.of(condition)
        if reads.decided or not self.free.isdisjoint(reads.properties):
            return False
        return not reads.gates or self.free.isdisjoint(_gated(self.situation.playbook))

    def compare(self, compare: Compare) -> Truths:
        subject = compare.subject
        if subject.kind == "property" and subject.name in self.free:
            return _cell_truths(self.situation, compare)
        if subject.kind in ("tier", "score", "icp", "disqualified", "disqualifier"):
            return self._decided(compare)
        return frozenset({compare.closure(self.readable)})

    def _decided(self, compare: Compare) -> Truths:
        playbook = self.situation.playbook
        match compare.subject.kind:
            case "disqualified":
                hard = [g for g in playbook.disqualifiers if g.gate == "hard"]
                may = _negated(_all(_negated(truths(g.when, self)) for g in hard))
                return frozenset(
                    _judge(compare, None if t is None else ("yes" if t else "no")) for t in may
                )
            case "disqualifier":
                gate = next(g for g in playbook.disqualifiers if g.id == compare.subject.name)
                names = {True: "tripped", False: "clear", None: "unknown"}
                return frozenset(_judge(compare, names[t]) for t in truths(gate.when, self))
            case "tier":
                return frozenset(_judge(compare, tier) for tier in self._tiers())
            case "icp" if self._fixed(
                [*(c.when for c in playbook.icp), *(g.when for g in playbook.disqualifiers)]
            ):
                return frozenset({_judge(compare, icp_match(playbook, self.readable))})
            case "icp":
                return frozenset(_judge(compare, match) for match in ("yes", "partial", "no"))
            case _:
                return ALL_TRUTHS if self._scored() else self._exact_score(compare)

    def _fixed(self, conditions: Iterable[Condition]) -> bool:
        return not any(
            s.kind == "property" and s.name in self.free for c in conditions for s in subjects(c)
        )

    def _scored(self) -> bool:
        """Whether any free property touches the score."""
        return any(
            s.kind == "property" and s.name in self.free
            for rule in self.situation.playbook.rules
            for s in rule_subjects(rule)
        )

    def _exact_score(self, compare: Compare) -> Truths:
        points = totals(self.situation.playbook, self.readable, self.situation)
        return frozenset({_judge(compare, Decimal(points[compare.subject.name]))})

    def _tiers(self) -> Iterator[str]:
        if self._span is None:
            span = bounds(self.situation, self.free, self.supposed)
            self._span = (span.low, span.high)
        low, high = self._span
        tiers = [tier.id for tier in self.situation.playbook.tiers]
        top = tiers.index(self.situation.playbook.tier_of(high).id)
        bottom = tiers.index(self.situation.playbook.tier_of(low).id)
        yield from tiers[top : bottom + 1]

    def touching(self, condition: Condition | None) -> Iterator[str]:
        """The free properties a condition depends on, through gates, checklist and score too."""
        playbook = self.situation.playbook
        for subject in subjects(condition):
            if subject.kind == "property":
                read = [subject.name]
            elif subject.kind in ("disqualified", "disqualifier", "icp"):
                parts = [*(g.when for g in playbook.disqualifiers)]
                if subject.kind == "icp":
                    parts += [c.when for c in playbook.icp]
                read = [s.name for c in parts for s in subjects(c) if s.kind == "property"]
            elif subject.kind in ("tier", "score"):
                read = [s.name for r in playbook.rules for s in rule_subjects(r)]
            else:
                continue
            yield from (name for name in read if name in self.free)


class _Value:
    __slots__ = ("value",)

    def __init__(self, value: Value | None) -> None:
        self.value = value

    def read(self, subject: object) -> Value | None:
        return self.value


def _judge(compare: Compare, value: Value | None) -> Truth:
    return compare.closure(_Value(value))


def _cell_truths(situation: Situation, compare: Compare) -> Truths:
    def judged() -> Truths:
        try:
            found = cells(
                situation.playbook.properties[compare.subject.name],
                [(compare.subject, test) for test in compare.tests],
            )
        except TooMany:
            return ALL_TRUTHS
        return frozenset(_judge(compare, value) for value in (None, *found))

    return kept(compare, "_cell_truths", judged)


def _domain(playbook: Playbook, flow: Flow | None, property_id: str) -> tuple[Value, ...]:
    """The cells of a property under everything that can decide a route."""

    def tests() -> Readings:
        conditions: list[Condition | None] = [rule.when for rule in playbook.rules]
        conditions += [gate.when for gate in playbook.disqualifiers]
        conditions += [criterion.when for criterion in playbook.icp]
        conditions += [rule.when for rule in playbook.routing]
        return readings(conditions)

    found = kept(playbook, "_deciding_tests", tests)
    tables = [rule for rule in playbook.rules if rule.property == property_id]
    return kept(
        playbook,
        f"_domain_{property_id}",
        lambda: cells(playbook.properties[property_id], found.get(property_id, ()), tables),
    )


def questions_left(
    situation: Situation,
    waiting: Question,
    later: Sequence[Question],
    asked: Collection[str],
    budget: int | None,
) -> tuple[int, int]:
    """The fewest and the most questions still to answer, the waiting one included. While it waits
    no finish rule holds, so only one that answers can still change may end it later."""
    free = freed(situation.playbook, waiting.property)
    seen = set(asked)
    least = most = 1
    least_stands = True
    sure_budget = most_budget = budget
    finishes = situation.flow.finish_when if situation.flow else ()
    for question in later:
        world = World(situation, free)
        if least_stands:
            # Later worlds are freer: an end that is sure is sure in the first one.
            ends = [truths(rule.when, world) for rule in finishes if not world.fixes(rule.when)]
            if {True} in ends:
                return least, most
            least_stands = not any(True in found for found in ends)
        if question.property in seen:
            continue
        if not question.always and situation.profile.is_known(question.property):
            continue
        may = truths(question.when, world)
        if True not in may:
            continue
        sure = may == {True} and least_stands
        if question.always:
            least, most = least + sure, most + 1
        else:
            if most_budget == 0:
                continue
            most += 1
            most_budget = None if most_budget is None else most_budget - 1
            if sure and sure_budget != 0:
                least += 1
                sure_budget = None if sure_budget is None else sure_budget - 1
        if may == {True}:
            seen.add(question.property)
        free |= freed(situation.playbook, question.property)
    return least, most


def freed(playbook: Playbook, property_id: str) -> set[str]:
    """A property and all that follow from it: what an answer about it could change."""
    return {property_id, *playbook.dependents.get(property_id, ())}


def is_settled(
    situation: Situation, remaining: Sequence[Question], asked: Collection[str], budget: int | None
) -> bool:
    """Whether no answer still to come can change the rule that decides the route.

    Where that cannot be told within a bounded search it is not settled: better one question too
    many than a wrong route.
    """
    free: set[str] = set()
    leaving = [rule for rule in (situation.flow.finish_when if situation.flow else ()) if rule.to]
    for question in (*remaining, None):
        world = World(situation, free)
        if any(True in truths(rule.when, world) for rule in leaving):
            return False
        if question is None:
            break
        may = truths(question.when, world)
        if question.property in asked or True not in may:
            continue
        if not question.always:
            if budget == 0 or situation.profile.is_known(question.property):
                continue
            if budget and may == {True} and question.property not in free:
                budget -= 1
        free |= freed(situation.playbook, question.property)
    search = Search(situation.playbook)
    try:
        return len(search.deciding(World(situation, free))) == 1
    except (TooMany, TooFar):
        return False


class TooFar(Exception):
    """The search for other routes met its bound."""


class Search:
    """Every routing rule that may decide, by splitting free properties until each world is sure."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.worlds = 0

    def deciding(self, world: World, *, all_of_them: bool = False) -> set[str]:
        """The ids of the rules that may decide; two are enough unless all are asked for.

        Raises: TooFar, TooMany.
        """
        self.worlds += 1
        if self.worlds > MOST_WORLDS:
            raise TooFar
        for rule in self.playbook.routing:
            found = truths(rule.when, world)
            if found == {True}:
                return {rule.id}
            if True in found:
                return self._split(rule, world, all_of_them)
        raise AssertionError("the last routing rule has no condition")

    def _split(self, rule: RoutingRule, world: World, all_of_them: bool) -> set[str]:
        touched = next(iter(world.touching(rule.when)), None)
        if touched is None:
            raise TooFar
        found: set[str] = set()
        for part in world.split(touched):
            found |= self.deciding(part, all_of_them=all_of_them)
            if len(found) > 1 and not all_of_them:
                break
        return found
