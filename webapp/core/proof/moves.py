"""What a visitor may do at each event of a flow: come with something, answer, skip, or pass by."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from webapp.core.flow import Question
from webapp.core.proof.classes import Classes, fits_in
from webapp.core.proof.course import Event
from webapp.core.proof.sights import Sights, Visits
from webapp.core.values import CONTACT, Type


class Node(NamedTuple):
    """Where visitors stand. ``finished`` is one more than the rule that ended it early, else 0.

    ``budget`` is what ``ask_at_most`` leaves (-1: no limit), never more than there are questions
    to come; ``asked`` is a bit for each property that several questions ask for, ``slots`` are the
    classes of the variables still needed.
    """

    finished: int
    budget: int
    asked: int
    settled: bool
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor does at an event: comes with ``start`` and gives ``answer``.

    Both are None where there is nothing to choose; ``answer`` counts the property's values,
    -1 is a skip.
    """

    start: int | None = None
    answer: int | None = None


NO_CHOICE = Choice()


class Move(NamedTuple):
    """One thing a visitor may do at an event, whatever else is true of them.

    ``state`` is the option of the event's variable afterwards, ``like`` its class.
    """

    state: int
    like: int
    option: int
    when: bool
    asked: bool
    settled: bool
    changed: bool
    classes: int
    choice: Choice


BEGIN = Move(
    state=-1,
    like=-1,
    option=-1,
    when=True,
    asked=False,
    settled=False,
    changed=True,
    classes=1,
    choice=NO_CHOICE,
)


class Moves:
    """The moves of all visitors of a flow. They depend on little of a visitor, so they are kept.

    ``starts`` are the options of a variable there may be beforehand; ``settling`` follows both
    that the route is settled before a question and that it is not.
    """

    def __init__(
        self, classes: Classes, starts: Callable[[int], Sequence[int]], *, settling: bool
    ) -> None:
        self.classes = classes
        self.course = classes.course
        self.universe = classes.universe
        self.starts = starts
        self.settling = settling
        properties = [question.property for question in self.course.flow.questions]
        repeated = dict.fromkeys(p for p in properties if properties.count(p) > 1)
        self._bits = {p: 1 << n for n, p in enumerate(repeated)}
        self._kept: dict[object, Sequence[Move]] = {}
        self._begun: dict[object, list[tuple[int, int]]] = {}

    def bit(self, question: Question) -> int:
        """A bit for a property that is asked for more than once."""
        return self._bits.get(question.property, 0)

    def settles(self, question: Question) -> bool:
        """Whether a settled route lets the question drop: not where it asks how to reach them."""
        type_ = self.universe.playbook.properties[question.property].type
        return self.settling and type_ not in CONTACT and type_ is not Type.CONSENT

    def at(self, place: int, event: Event, node: Node, env: dict[int, int]) -> Sequence[Move]:
        """What a visitor on a node may do at an event: one move for all that are alike."""
        if event.variable < 0:
            return (BEGIN,)
        start = env.get(event.variable, -1)
        reach = self._reach(event, env)
        if event.question is None or node.finished:
            key: object = (place, start, bool(node.finished), reach, node.settled)
        else:
            barred = bool(node.asked & self.bit(event.question))
            key = (place, start, self._when(event, env), node.budget != 0, barred, node.settled)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._merged(place, event, node, env)
        return found

    def _when(self, event: Event, env: dict[int, int]) -> object:
        """Whether the question's condition is true; if it reads what is asked, what decides it."""
        formulas = self.course.formulas
        if not event.first or not formulas.reads[event.when] >> event.variable & 1:
            return self.course.holds(event.when, env)
        reads = formulas.variables(event.when)
        return tuple([env[variable] for variable in reads if variable != event.variable])

    def _reach(self, event: Event, env: dict[int, int]) -> object:
        """How old events may be, for a variable of what was seen."""
        visits = self.universe.visits
        if visits is None or event.variable not in self.universe.seen or visits not in env:
            return None
        held = self.universe[visits]
        assert isinstance(held, Visits)
        return held.options[env[visits]].reach

    def _merged(self, place: int, event: Event, node: Node, env: dict[int, int]) -> list[Move]:
        merged: dict[object, Move] = {}
        for move in self._every(place, event, node, env):
            seen = self.classes.checked(event.variable, move.state) if event.checks else None
            mark = (move.like, move.option, move.when, move.asked, move.settled, seen)
            held = merged.get(mark)
            merged[mark] = held._replace(classes=held.classes + move.classes) if held else move
        return list(merged.values())

    def _every(self, place: int, event: Event, node: Node, env: dict[int, int]) -> Iterator[Move]:
        for start, count in self._starts(place, event, env):
            chosen = start if event.first and not event.glimpse else None
            made = _Made(self.classes, place, event, node, start, chosen, count)
            if event.question is None or node.finished:
                yield made.passing()
            else:
                when = self.course.holds(event.when, {**env, event.variable: start})
                yield from self._asked(event.question, node, made, when=when)

    def _asked(
        self, question: Question, node: Node, made: "_Made", *, when: bool
    ) -> Iterator[Move]:
        family = self.universe.family(made.event.variable)
        assert family is not None
        due = when and not node.asked & self.bit(question)
        if due and not question.always:
            due = node.budget != 0 and not family.surely(made.start, question.property)
        if not due:
            yield made.passing(when=when)
            return
        offered = self.classes.offered(made.event.variable, question)
        if self.settles(question):
            # Whether the route is settled depends on everything at once, so both are followed.
            # Dropped or not, the visitor has an answer ready.
            yield made.dropped(offered[0] if offered else None)
            if node.settled:
                return
        for value in offered:
            yield made.answering(family.answered(made.start, question.property, value), value)
        if not question.required:
            yield made.answering(made.start, -1, changed=False)

    def _starts(self, place: int, event: Event, env: dict[int, int]) -> list[tuple[int, int]]:
        """The options to begin with, one of each class, and how many are in it."""
        before = env.get(event.variable, -1)
        if not event.first:
            return [(before, 1)]
        key = (place, before, self._reach(event, env))
        found = self._begun.get(key)
        if found is None:
            found = self._begun[key] = list(self._counted(place, event, env).items())
        return found

    def _counted(self, place: int, event: Event, env: dict[int, int]) -> dict[int, int]:
        variable, glimpse = event.variable, self.classes.glimpse
        options = self.starts(variable)
        if event.glimpse:
            return dict.fromkeys((glimpse(variable, option) for option in options), 1)
        if variable in env:
            options = [n for n in options if glimpse(variable, n) == env[variable]]
        visits = self.universe.visits
        if variable in self.universe.seen and visits is not None and visits in env:
            held, seen = self.universe[visits], self.universe[variable]
            assert isinstance(held, Visits)
            assert isinstance(seen, Sights)
            reach = held.options[env[visits]].reach
            options = [n for n in options if fits_in(seen.options[n].needs, reach)]
        counted: dict[int, int] = {}
        for option in options:
            like = self.classes.alike(place, variable, option, finished=False)
            counted[like] = counted.get(like, 0) + 1
        return counted


class _Made:
    """Makes the moves of visitors who come to an event with one option of its variable."""

    def __init__(
        self,
        classes: Classes,
        place: int,
        event: Event,
        node: Node,
        start: int,
        chosen: int | None,
        count: int,
    ) -> None:
        self.classes, self.place, self.event, self.node = classes, place, event, node
        self.start, self.chosen, self.count = start, chosen, count
        self.live = event.variable in classes.live(place + 1)

    def passing(self, *, when: bool = True) -> Move:
        """Nothing is asked here."""
        return self._move(self.start, None, when=when)

    def dropped(self, ready: int | None) -> Move:
        """The question is left out, since the route is settled."""
        return self._move(self.start, ready, settled=True)

    def answering(self, state: int, answer: int, *, changed: bool = True) -> Move:
        """The question is put, and answered or skipped."""
        return self._move(state, answer, asked=True, changed=changed)

    def _move(
        self,
        state: int,
        answer: int | None,
        *,
        when: bool = True,
        asked: bool = False,
        settled: bool | None = None,
        changed: bool = False,
    ) -> Move:
        variable, node = self.event.variable, self.node
        like = -1
        if self.live:
            finished = bool(node.finished)
            like = self.classes.like(self.place + 1, variable, state, finished=finished)
        return Move(
            state=state,
            like=like,
            option=self.classes.final(variable, state) if self.event.last else -1,
            when=when,
            asked=asked,
            settled=node.settled if settled is None else settled,
            changed=changed,
            classes=self.count,
            choice=Choice(self.chosen, answer),
        )
