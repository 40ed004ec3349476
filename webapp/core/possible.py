"""What answers still to come could change, and how many questions are left.

A set of truths is what a condition may become while some properties are free to take any value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from webapp.core.bounds import bounds
from webapp.core.cells import TooMany, cells, readings
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
from webapp.core.playbook import Playbook
from webapp.core.rules import read_properties, totals
from webapp.core.situation import Situation, Supposing, icp_match
from webapp.core.values import Value

Truths = frozenset[Truth]

ALL_TRUTHS: Truths = frozenset({True, False, None})


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions answered or skipped, and the fewest and most to come, the current one too."""

    answered: int
    least_left: int
    most_left: int


May = Callable[["World"], Truths]
"""What a condition may become in a world, as a function made once; never too narrow."""

_SURE: Mapping[Truth, Truths] = {truth: frozenset({truth}) for truth in ALL_TRUTHS}


def truths(condition: Condition | None, world: "World") -> Truths:
    """What a condition may become in this world; never too narrow."""
    if condition is None:
        return _SURE[True]
    try:  # asked for so often that ``kept`` is spelt out
        may: May = condition.__dict__["_may"]
    except KeyError:
        may = kept(condition, "_may", lambda: _may(condition))
    return may(world)


def _may(condition: Condition) -> May:
    reads, closure, wide = Reads.of(condition), condition.closure, _wide(condition)
    if reads.decided:
        return wide
    properties, gates = reads.properties, reads.gates

    def may(world: World) -> Truths:
        if world.free.isdisjoint(properties) and not (gates and world.frees_gates):
            return _SURE[closure(world.readable)]
        return wide(world)

    return may


def _wide(condition: Condition) -> May:
    """The same where something that the condition reads is free."""
    match condition:
        case Compare(subject) if subject.kind == "property":
            return lambda world: _cell_truths(world.situation.playbook, condition)
        case Compare():
            return lambda world: world.decided(condition)
        case All(parts):
            all_of = [_may(part) for part in parts]
            return lambda world: _all(part(world) for part in all_of)
        case Any(parts):
            any_of = [_may(part) for part in parts]
            return lambda world: _negated(_all(_negated(part(world)) for part in any_of))
        case Nothing(parts):
            none_of = [_may(part) for part in parts]
            return lambda world: _all(_negated(part(world)) for part in none_of)


def _all(parts: Iterable[Truths]) -> Truths:
    result = _SURE[True]
    for part in parts:
        result = _both(result, part)
        if result == _SURE[False]:
            break
    return result


# There are seven sets of truths and so few answers to either question: each is worked out once.
@cache
def _negated(found: Truths) -> Truths:
    return frozenset(None if truth is None else not truth for truth in found)


@cache
def _both(these: Truths, those: Truths) -> Truths:
    return frozenset(_and(a, b) for a in these for b in those)


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
        return kept(condition, "_reads", lambda: Reads.found_in(condition))

    @staticmethod
    def found_in(condition: Condition) -> "Reads":
        read = list(subjects(condition))
        return Reads(
            properties=frozenset(s.name for s in read if s.kind == "property"),
            gates=any(s.kind in ("disqualified", "disqualifier") for s in read),
            decided=any(s.kind in ("tier", "score", "icp") for s in read),
        )


def _gated(playbook: Playbook) -> Sequence[str]:
    """The properties that any disqualifier reads."""
    return kept(playbook, "_gated", lambda: _properties(g.when for g in playbook.disqualifiers))


def _checked(playbook: Playbook) -> Sequence[str]:
    """The properties that the match with the checklist rests on."""

    def read() -> Sequence[str]:
        gates = [gate.when for gate in playbook.disqualifiers]
        return _properties([*gates, *(criterion.when for criterion in playbook.icp)])

    return kept(playbook, "_checked", read)


def _properties(conditions: Iterable[Condition]) -> Sequence[str]:
    read = (subject for each in conditions for subject in subjects(each))
    return tuple(dict.fromkeys(each.name for each in read if each.kind == "property"))


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
        self._tiers: Sequence[str] | None = None
        self._standing: frozenset[str] | None = None

    def split(self, property_id: str) -> Iterator["World"]:
        """One world for each cell of a free property, unknown included where it may be that.

        Raises: TooMany.
        """
        unknown = () if property_id in self.standing else (None,)
        domain = _domain(self.situation.playbook, self.situation.flow, property_id)
        for value in (*unknown, *domain):
            part = World(
                self.situation, self.free - {property_id}, {**self.supposed, property_id: value}
            )
            part._standing = self.standing
            yield part

    @property
    def standing(self) -> frozenset[str]:
        """The free properties with a value that no answer takes away: they follow from nothing that
        is free, and whoever skips a question leaves what it is about as it is."""
        if self._standing is None:
            follow = self.situation.playbook.dependents
            following = [each for free in self.free for each in follow.get(free, ())]
            self._standing = self.free.intersection(self.situation.values).difference(following)
        return self._standing

    @property
    def frees_gates(self) -> bool:
        return not self.free.isdisjoint(_gated(self.situation.playbook))

    def decided(self, compare: Compare) -> Truths:
        """What may become of a comparison with what is decided: a gate, the checklist, score or
        tier."""
        playbook = self.situation.playbook
        match compare.subject.kind:
            case "disqualified":
                hard = [g for g in playbook.disqualifiers if g.gate == "hard"]
                may = _negated(_all(_negated(truths(g.when, self)) for g in hard))
                return frozenset(
                    compare.judge(None if t is None else ("yes" if t else "no")) for t in may
                )
            case "disqualifier":
                gate = next(g for g in playbook.disqualifiers if g.id == compare.subject.name)
                names = {True: "tripped", False: "clear", None: "unknown"}
                return frozenset(compare.judge(names[t]) for t in truths(gate.when, self))
            case "tier":
                return frozenset(compare.judge(tier) for tier in self.tiers)
            case "icp" if self.free.isdisjoint(_checked(playbook)):
                return frozenset({compare.judge(icp_match(playbook, self.readable))})
            case "icp":
                return frozenset(compare.judge(match) for match in ("yes", "partial", "no"))
            case _:
                scored = not self.free.isdisjoint(read_properties(playbook))
                return ALL_TRUTHS if scored else self._exact_score(compare)

    def _exact_score(self, compare: Compare) -> Truths:
        points = totals(self.situation.playbook, self.readable, self.situation)
        return frozenset({compare.judge(Decimal(points[compare.subject.name]))})

    @property
    def tiers(self) -> Sequence[str]:
        """Those the score may fall in, the highest first."""
        if self._tiers is None:
            self._tiers = self._reached()
        return self._tiers

    def _reached(self) -> Sequence[str]:
        playbook = self.situation.playbook
        span = bounds(self.situation, self.free, self.supposed)
        top, bottom = playbook.tier_of(span.high), playbook.tier_of(span.low)
        tiers = playbook.tiers[playbook.tiers.index(top) : playbook.tiers.index(bottom) + 1]
        return [tier.id for tier in tiers]

    def touching(self, condition: Condition | None) -> Iterator[str]:
        """The free properties a condition depends on, through gates, checklist and score too."""
        playbook = self.situation.playbook
        for subject in subjects(condition):
            read: Iterable[str] = ()
            if subject.kind == "property":
                read = (subject.name,)
            elif subject.kind in ("disqualified", "disqualifier"):
                read = _gated(playbook)
            elif subject.kind == "icp":
                read = _checked(playbook)
            elif subject.kind in ("tier", "score"):
                read = read_properties(playbook)
            yield from (name for name in read if name in self.free)


def _cell_truths(playbook: Playbook, compare: Compare) -> Truths:
    def judged() -> Truths:
        try:
            found = cells(
                playbook.properties[compare.subject.name],
                [(compare.subject, test) for test in compare.tests],
            )
        except TooMany:
            return ALL_TRUTHS
        return frozenset(compare.judge(value) for value in (None, *found))

    return kept(compare, "_cell_truths", judged)


def deciding(playbook: Playbook) -> list[Condition]:
    """Every condition that can decide a route, through points, gates and checklist too."""
    found: list[Condition | None] = [rule.when for rule in playbook.rules]
    found += [gate.when for gate in playbook.disqualifiers]
    found += [criterion.when for criterion in playbook.icp]
    found += [rule.when for rule in playbook.routing]
    return [condition for condition in found if condition is not None]


def _domain(playbook: Playbook, flow: Flow | None, property_id: str) -> tuple[Value, ...]:
    """The cells of a property under everything that can decide a route."""

    found = kept(playbook, "_deciding_tests", lambda: readings(deciding(playbook)))
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
            ends = [truths(rule.when, world) for rule in finishes]
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
