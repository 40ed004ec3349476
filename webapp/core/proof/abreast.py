"""Every path through two versions of a flow at once: one visitor walks both with the same answers.

What neither version asks for again, and no early end of either can tell apart, is one node.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from webapp.core.proof.classes import fits_in
from webapp.core.proof.moments import Tick
from webapp.core.proof.moves import NO_CHOICE, Choice
from webapp.core.proof.pair import STUCK, Pair
from webapp.core.proof.paths import Edge, Layer
from webapp.core.proof.sights import Sights, Visits
from webapp.core.proof.turns import SIDES, Both, Turn, Turns


class Stand(NamedTuple):
    """Where a visitor is in one version. ``over`` is one more than the rule that ended it early,
    or ``STUCK``, else 0; the rest is as in a ``Node``."""

    over: int
    budget: int
    asked: int


class Footing(NamedTuple):
    """Where a visitor stands in both."""

    sides: tuple[Stand, Stand]
    slots: tuple[int, ...]

    @property
    def over(self) -> Both:
        return self.sides[0].over > 0, self.sides[1].over > 0


class Abreast:
    """All paths of both versions. ``fresh`` leaves out whatever could be known beforehand."""

    def __init__(self, ledgers: Pair, *, fresh: bool, tick: Tick) -> None:
        self.ledger = ledgers
        self.universe = ledgers.everybody
        self.formulas = ledgers.formulas
        self.fresh = fresh
        self.tick = tick
        self.turns = Turns(ledgers)
        self.events: Sequence[Turn] = self.turns.every
        self._bits = [self._repeated(side) for side in SIDES]
        self._left = [self._questions_left(side) for side in SIDES]
        self._begun: dict[tuple[int, object], list[tuple[int, int, int]]] = {}
        self.layers: list[Layer[Footing]] = []
        self._build()

    @property
    def chosen(self) -> set[int]:
        """The variables that are chosen on the way."""
        return {turn.variable for turn in self.events if turn.variable >= 0}

    def starts(self, variable: int) -> Sequence[int]:
        """What a variable may be before the conversation."""
        return self.universe[variable].starts(fresh=self.fresh)

    def _repeated(self, side: int) -> dict[str, int]:
        properties = [q.property for q in self.turns.courses[side].flow.questions]
        twice = dict.fromkeys(p for p in properties if properties.count(p) > 1)
        return {p: 1 << n for n, p in enumerate(twice)}

    def _questions_left(self, side: int) -> list[int]:
        left = [0]
        for turn in reversed(self.events):
            question = turn.questions[side]
            left.append(left[-1] + (question is not None and not question.always))
        return left[::-1]

    def _build(self) -> None:
        stands = []
        for side in SIDES:
            most = self.turns.courses[side].flow.ask_at_most
            stands.append(Stand(0, -1 if most is None else min(most, self._left[side][0]), 0))
        self.layers.append(Layer((), [Footing((stands[0], stands[1]), ())]))
        for place, turn in enumerate(self.events):
            here, there = self.layers[-1], Layer[Footing](self.turns.live(place + 1))
            known: dict[Footing, int] = {}
            for node in here.nodes:
                self.tick()
                here.edges.append(self._edges(place, turn, here, node, there, known))
            self.layers.append(there)

    def _edges(
        self,
        place: int,
        turn: Turn,
        here: Layer[Footing],
        node: Footing,
        there: Layer[Footing],
        known: dict[Footing, int],
    ) -> list[Edge]:
        env = dict(zip(here.live, node.slots, strict=True))
        merged: dict[tuple[int, int, bool, bool, int], Edge] = {}
        for option, sides, changed, count, choice in self._steps(place, turn, node, env):
            env[turn.variable] = option
            ended = [
                self._ended(place, side, sides[side], env, changed=changed[side]) for side in SIDES
            ]
            over = (ended[0].over > 0, ended[1].over > 0)
            if all(over) and any(self.turns.refuses(v, env[v]) for v in there.live):
                continue  # nobody is left to let them keep it back
            slots = [self.turns.like(place + 1, v, env[v], over) for v in there.live]
            after = Footing((ended[0], ended[1]), tuple(slots))
            target = known.setdefault(after, len(there.nodes))
            if target == len(there.nodes):
                there.nodes.append(after)
            settled = self.ledger.final(turn.variable, option) if turn.last else -1
            mark = (target, settled, True, choice.answer is not None, self._code(node, after))
            held = merged.get(mark)
            more = held.classes if held else 0
            first = held.choice if held else choice
            merged[mark] = Edge(*mark, more + count, first)
        return list(merged.values())

    def _code(self, before: Footing, after: Footing) -> int:
        """The early ends of this step, as the ledgers read them."""
        new = [
            b.over if b.over != a.over else 0
            for a, b in zip(before.sides, after.sides, strict=True)
        ]
        return self.ledger.code(new[0], new[1]) if any(new) else -1

    def _ended(
        self, place: int, side: int, stand: Stand, env: dict[int, int], *, changed: bool
    ) -> Stand:
        """Where they stand after a turn: over, where an early end has come true."""
        turn = self.events[place]
        if changed and not stand.over and self.turns.checks(turn, side):
            rule = self.turns.courses[side].ended(env)
            if rule >= 0:
                return Stand(rule + 1, 0, 0)
        left = self._left[side][place + 1]
        return stand._replace(budget=left) if stand.budget > left else stand

    def _steps(
        self, place: int, turn: Turn, node: Footing, env: dict[int, int]
    ) -> Iterator[tuple[int, tuple[Stand, Stand], Both, int, Choice]]:
        """What visitors on a node may do: the option after it, where they stand then, and for whom
        something has changed; with how many do the same."""
        if turn.variable < 0:
            yield -1, node.sides, (True, True), 1, NO_CHOICE
            return
        for start, begun, count in self._starts(place, turn, env):
            chosen = start if turn.first else None
            env[turn.variable] = begun
            due = self._due(turn, begun, node, env)
            if not any(due):
                if self.turns.ends_in_refusal(place, begun):
                    continue
                yield begun, node.sides, due, count, Choice(chosen)
                continue
            for each in self.turns.outcomes(place, begun, due):
                stands = [
                    self._asked(turn, side, stand, due=due[side], stuck=each.stuck[side])
                    for side, stand in enumerate(node.sides)
                ]
                choice = Choice(chosen, each.answer)
                yield each.option, (stands[0], stands[1]), due, count, choice

    def _due(self, turn: Turn, option: int, node: Footing, env: dict[int, int]) -> Both:
        if turn.question is None:
            return False, False
        may = list(self.turns.due(turn, option, node.over))
        for side, question in enumerate(turn.questions):
            if may[side] and question is not None:
                stand = node.sides[side]
                barred = stand.asked & self._bits[side].get(question.property, 0)
                left = question.always or stand.budget != 0
                holds = self.turns.courses[side].holds(turn.whens[side], env)
                may[side] = not barred and left and holds
        return may[0], may[1]

    def _asked(self, turn: Turn, side: int, stand: Stand, *, due: bool, stuck: bool) -> Stand:
        question = turn.questions[side]
        if not due or question is None:
            return stand
        if stuck:
            return Stand(STUCK, 0, 0)
        bit = self._bits[side].get(question.property, 0)
        spent = stand.budget > 0 and not question.always
        return Stand(0, stand.budget - spent, stand.asked | bit)

    def _starts(self, place: int, turn: Turn, env: dict[int, int]) -> list[tuple[int, int, int]]:
        """The options to begin with, as the family and as the turn counts them, one of a class."""
        if not turn.first:
            return [(-1, env[turn.variable], 1)]
        reach = self._reach(turn.variable, env)
        key = (place, reach)
        found = self._begun.get(key)
        if found is None:
            counted: dict[int, tuple[int, int, int]] = {}
            twofold = self.turns.twofold.get(turn.variable)
            for start in self._open(turn.variable, reach):
                self.tick()
                begun = twofold.begun(start) if twofold else start
                like = self.turns.like(place, turn.variable, begun, (False, False))
                first, option, count = counted.get(like, (start, begun, 0))
                counted[like] = (first, option, count + 1)
            found = self._begun[key] = list(counted.values())
        return found

    def _reach(self, variable: int, env: dict[int, int]) -> timedelta | None:
        visits = self.universe.visits
        if visits is None or variable not in self.universe.seen or visits not in env:
            return None
        held = self.universe[visits]
        assert isinstance(held, Visits)
        return held.options[env[visits]].reach

    def _open(self, variable: int, reach: timedelta | None) -> Iterator[int]:
        """The options that go together with the visits chosen."""
        held = self.universe[variable]
        for option in self.starts(variable):
            if reach is None or (
                isinstance(held, Sights) and fits_in(held.options[option].needs, reach)
            ):
                yield option
