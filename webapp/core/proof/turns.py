"""Two versions of a flow side by side: whose turn comes when, and which visitors are alike there.

Questions about the same thing have their turn together where the order of both versions allows it.
Elsewhere the visitor's answer is kept until the other version may ask for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.proof.course import Course
from webapp.core.proof.formulas import TRUE, Judge, bits
from webapp.core.proof.pair import Pair
from webapp.core.proof.sights import Visits
from webapp.core.proof.twofold import NONE, REFUSED, Held

SIDES = (0, 1)

Both = tuple[bool, bool]
"""Something that is so, or not, in the old version and in the new one."""


@dataclass
class Turn:
    """A variable is chosen, or questions about it have their turn in either version or both.

    ``variable`` -1: it all begins. ``first`` and ``last`` are as for an ``Event``.
    """

    variable: int
    questions: tuple[Question | None, Question | None] = (None, None)
    whens: tuple[int, int] = (TRUE, TRUE)
    first: bool = False
    last: bool = False

    @property
    def question(self) -> Question | None:
        """A question that is put here by either."""
        return self.questions[0] or self.questions[1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer (-1: none), the option after it, and who cannot go on without another."""

    answer: int
    option: int
    stuck: Both


class Turns:
    """The turns of two versions. Positions count turns, as in ``Classes``."""

    def __init__(self, ledgers: Pair) -> None:
        self.ledgers = ledgers
        self.universe = ledgers.everybody
        self.twofold = ledgers.twofold
        self.courses = (Course(ledgers.old.translator), Course(ledgers.new.translator))
        self.every = list(self._in_order())
        last = {turn.variable: turn for turn in self.every if turn.variable >= 0}
        for turn in last.values():
            turn.last = True
        self._settled = {turn.variable: n for n, turn in enumerate(self.every) if turn.last}
        self._read, self._asks = self._ahead()
        self._lives = list(self._needed())
        self._known: dict[tuple[int, int, int, Both], int] = {}
        self._alike: dict[tuple[int, int, Both], dict[object, int]] = {}
        self._outcomes: dict[tuple[int, int, Both], list[Outcome]] = {}

    def live(self, position: int) -> tuple[int, ...]:
        """The variables that have been chosen and are still needed."""
        return self._lives[position]

    def due(self, turn: Turn, option: int, over: Both) -> Both:
        """Who may ask visitors with this option, if the condition holds and asking is left."""
        found = []
        for side, question in enumerate(turn.questions):
            may = question is not None and not over[side]
            if may and question is not None and not question.always:
                held = self.twofold[turn.variable]
                may = not held.surely(option, question.property, side)
            found.append(may)
        return found[0], found[1]

    def outcomes(self, place: int, option: int, due: Both) -> list[Outcome]:
        """What visitors may do where at least one version asks them."""
        key = (place, option, due)
        found = self._outcomes.get(key)
        if found is None:
            found = self._outcomes[key] = list(self._answered(place, option, due))
        return found

    def like(self, position: int, variable: int, option: int, over: Both) -> int:
        """The first option met of which the same will be noticed."""
        key = (position, variable, option, over)
        found = self._known.get(key)
        if found is None:
            mark = self._mark(position, variable, option, over)
            alike = self._alike.setdefault((position, variable, over), {})
            found = self._known[key] = alike.setdefault(mark, option)
        return found

    def _in_order(self) -> Iterator[Turn]:
        finish_reads = self.courses[0].finish_reads | self.courses[1].finish_reads
        path_reads = finish_reads
        for course in self.courses:
            for formula in course.whens:
                path_reads |= course.formulas.reads[formula]
        chosen = dict.fromkeys(bits(finish_reads))
        visits = self.universe.visits
        if visits is not None and not self.universe.seen.isdisjoint(bits(path_reads)):
            chosen = dict.fromkeys((visits, *chosen))
        yield from (Turn(variable, first=True) for variable in chosen)
        yield Turn(-1)
        for old, new in self._side_by_side():
            asked = self._turn(old, new)
            for side in SIDES:
                for variable in self.courses[side].formulas.variables(asked.whens[side]):
                    if variable != asked.variable and variable not in chosen:
                        chosen[variable] = None
                        yield Turn(variable, first=True)
            asked.first = asked.variable not in chosen
            chosen[asked.variable] = None
            yield asked

    def _side_by_side(self) -> Iterator[tuple[int | None, int | None]]:
        """The questions of both by number, together where the orders agree."""
        old, new = ([q.property for q in course.flow.questions] for course in self.courses)
        steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        for tag, at, to, start, stop in steps:
            if tag == "equal":
                yield from zip(range(at, to), range(start, stop), strict=True)
            else:
                yield from ((n, None) for n in range(at, to))
                yield from ((None, n) for n in range(start, stop))

    def _turn(self, *numbers: int | None) -> Turn:
        questions: list[Question | None] = [None, None]
        whens = [TRUE, TRUE]
        for side, number in enumerate(numbers):
            if number is not None:
                questions[side] = self.courses[side].flow.questions[number]
                whens[side] = self.courses[side].whens[number]
        found = Turn(-1, (questions[0], questions[1]), (whens[0], whens[1]))
        assert found.question is not None
        found.variable = self.universe.of_property[found.question.property]
        return found

    def _ahead(
        self,
    ) -> tuple[list[dict[int, list[tuple[int, Judge]]]], list[dict[int, list[int]]]]:
        """For each position and variable, what is still read of it by whom, and its turns."""
        read: dict[int, dict[tuple[int, object], Judge]] = {}
        asks: dict[int, list[int]] = {}
        reads: list[dict[int, list[tuple[int, Judge]]]] = [{}]
        turns: list[dict[int, list[int]]] = [{}]
        checked = [False, False]
        for place in range(len(self.every) - 1, -1, -1):
            turn = self.every[place]
            for side, course in enumerate(self.courses):
                formulas = [turn.whens[side]]
                if not checked[side] and self.checks(turn, side):
                    checked[side] = True
                    formulas += course.finishes
                for formula in formulas:
                    for variable, about in course.formulas.literals(formula):
                        judge = course.formulas.judges[variable][about]
                        read.setdefault(variable, {})[side, about] = judge
            if turn.question is not None:
                asks[turn.variable] = [place, *asks.get(turn.variable, [])]
            reads.append({v: [(s, j) for (s, _), j in found.items()] for v, found in read.items()})
            turns.append(dict(asks))
        return reads[::-1], turns[::-1]

    def checks(self, turn: Turn, side: int) -> bool:
        """Whether an early end of that version may come true here."""
        course = self.courses[side]
        if turn.variable < 0:
            return bool(course.finishes)
        return turn.questions[side] is not None and bool(course.finish_reads >> turn.variable & 1)

    def _needed(self) -> Iterator[tuple[int, ...]]:
        chosen: set[int] = set()
        visits = self.universe.visits
        for position, (read, asks) in enumerate(zip(self._read, self._asks, strict=True)):
            needed = {*read, *asks}
            if visits is not None and self.universe.seen - chosen:
                needed.add(visits)
            yield tuple(sorted(chosen & needed))
            if position < len(self.every):
                chosen.add(self.every[position].variable)

    def _mark(self, position: int, variable: int, option: int, over: Both) -> object:
        """Everything that will ever be noticed about an option from here on."""
        read = self._read[position].get(variable, ())
        truths = tuple([judge(option) for side, judge in read if not over[side]])
        open_ = self._settled[variable] >= position
        final = self.ledgers.final(variable, option) if open_ else None
        held = self.universe[variable]
        refuses = self.refuses(variable, option)
        if variable not in self.twofold or (all(over) and not refuses):
            return truths, final, held.options[option].reach if isinstance(held, Visits) else None
        asks = self._asks[position].get(variable)
        if not asks:
            return truths, final
        at = asks[0]
        turn = self.every[at]
        due = self.due(turn, option, over)
        ahead: list[object] = [self.like(at + 1, variable, option, over)]
        for some in {(due[0], False), (False, due[1]), due} - {(False, False)}:
            for each in self.outcomes(at, option, some):
                after = (over[0] or each.stuck[0], over[1] or each.stuck[1])
                settled = self.ledgers.final(variable, each.option) if turn.last else None
                like = self.like(at + 1, variable, each.option, after)
                ahead.append((some, each.answer, each.stuck, like, settled))
        return truths, final, due, refuses, tuple(ahead)

    def _answered(self, place: int, option: int, due: Both) -> Iterator[Outcome]:
        turn = self.every[place]
        member, twofold = self._member(turn), self.twofold[turn.variable]
        family, held = twofold.family, twofold[option]
        asking = [q if due[side] else None for side, q in enumerate(turn.questions)]
        again = self._again(place)
        for answer in self._answers(turn, asking, dict(held.ready).get(member), again):
            sides, stuck = list(held.sides), [False, False]
            for side, question in enumerate(asking):
                if question is None:
                    continue
                if answer >= 0 and fits(question, family.values[member][answer]):
                    sides[side] = family.answered(sides[side], member, answer)
                else:
                    stuck[side] = answer >= 0 or question.required
            kept = [each for each in held.ready if each[0] != member]
            if again:
                kept.append((member, answer))
            after = Held((sides[0], sides[1]), tuple(sorted(kept)))
            yield Outcome(answer, twofold.number(after), (stuck[0], stuck[1]))

    def _answers(
        self,
        turn: Turn,
        asking: Sequence[Question | None],
        ready: int | None,
        again: Sequence[Question],
    ) -> Sequence[int]:
        """What they may say. Nobody keeps back what all who ask for it insist on."""
        optional = any(q is not None and not q.required for q in asking)
        if ready == REFUSED:
            return [NONE] if optional else [REFUSED] if again else []
        if ready is not None:
            return [ready]
        values = self.twofold[turn.variable].family.values[self._member(turn)]
        answers = [n for n, v in enumerate(values) if any(q and fits(q, v) for q in asking)]
        if optional:
            return [*answers, NONE]
        return [*answers, REFUSED] if any(not q.required for q in again) else answers

    def _again(self, place: int) -> list[Question]:
        """Questions about the same property still to come in either version."""
        turn = self.every[place]
        coming = [self.every[at] for at in self._asks[place + 1].get(turn.variable, ())]
        return [
            question
            for each in coming
            for question in each.questions
            if question is not None and question.property == self._member(turn)
        ]

    def ends_in_refusal(self, place: int, option: int) -> bool:
        """Whether nobody is left who could have let them keep back what they kept back."""
        turn = self.every[place]
        if turn.question is None or self._again(place):
            return False
        return (self._member(turn), REFUSED) in self.twofold[turn.variable][option].ready

    def refuses(self, variable: int, option: int) -> bool:
        """Whether they have kept back something that nobody has let them yet."""
        held = self.twofold.get(variable)
        return held is not None and any(answer == REFUSED for _, answer in held[option].ready)

    def _member(self, turn: Turn) -> str:
        assert turn.question is not None
        return turn.question.property


__all__ = ["SIDES", "Both", "Outcome", "Turn", "Turns"]
