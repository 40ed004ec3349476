"""Which options of a variable are alike from some moment of a flow on: one stands for all."""

from collections.abc import Callable
from datetime import timedelta

from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.proof.course import Course
from webapp.core.proof.families import Family
from webapp.core.proof.sights import Visits


class Classes:
    """Positions count events: at position 3 the first three are over.

    ``final`` says which options the score and the route cannot tell apart.
    """

    def __init__(self, course: Course, final: Callable[[int, int], int]) -> None:
        self.course = course
        self.universe = course.universe
        self.final = final
        self._offered: dict[str, list[int]] = {}
        self._alike: dict[tuple[int, int, bool], dict[object, int]] = {}
        self._seen_alike: dict[int, dict[object, int]] = {}
        self._known: dict[tuple[int, int, int, bool], int] = {}
        self._read = self._read_ahead()
        self._asks = self._asks_ahead()
        self._settled = {
            event.variable: place for place, event in enumerate(course.events) if event.last
        }
        self._lives = self._needed()
        self._glimpsed = self._glimpsed_until()
        self._finish_abouts: dict[int, list[object]] = {}
        for formula in course.finishes:
            for number, about in course.formulas.literals(formula):
                self._finish_abouts.setdefault(number, []).append(about)

    def live(self, position: int) -> tuple[int, ...]:
        """The variables that have been chosen and are still needed."""
        return self._lives[position]

    def offered(self, variable: int, question: Question) -> list[int]:
        """The values a question can be answered with."""
        found = self._offered.get(question.id)
        if found is None:
            family = self.universe.family(variable)
            assert family is not None
            values = family.values[question.property]
            found = [n for n, value in enumerate(values) if fits(question, value)]
            self._offered[question.id] = found
        return found

    def checked(self, variable: int, option: int) -> tuple[object, ...]:
        """What the rules for an early end see of an option."""
        judges = self.course.formulas.judges.get(variable, {})
        return tuple(judges[about](option) for about in self._finish_abouts.get(variable, ()))

    def like(self, position: int, variable: int, option: int, *, finished: bool) -> int:
        """The first option met of which the same will be noticed."""
        if position <= self._glimpsed.get(variable, -1):
            return self.glimpse(variable, option)
        return self.alike(position, variable, option, finished=finished)

    def glimpse(self, variable: int, option: int) -> int:
        """The first option met of which the rules for an early end see the same."""
        alike = self._seen_alike.setdefault(variable, {})
        return alike.setdefault(self.checked(variable, option), option)

    def alike(self, position: int, variable: int, option: int, *, finished: bool) -> int:
        """The same for what has been chosen in full."""
        key = (position, variable, option, finished)
        found = self._known.get(key)
        if found is None:
            mark = self._mark(position, variable, option, finished=finished)
            alike = self._alike.setdefault((position, variable, finished), {})
            found = self._known[key] = alike.setdefault(mark, option)
        return found

    def _mark(self, position: int, variable: int, option: int, *, finished: bool) -> object:
        """Everything that will ever be noticed about an option from here on."""
        course, held = self.course, self.universe[variable]
        judges = course.formulas.judges.get(variable, {})
        abouts = () if finished else self._read[position].get(variable, ())
        truths = tuple(judges[about](option) for about in abouts)
        open_ = self._settled[variable] >= position
        final = self.final(variable, option) if open_ else None
        at = self._asks[position].get(variable)
        if at is None or finished:
            return truths, final, held.options[option].reach if isinstance(held, Visits) else None
        question = course.events[at].question
        assert question is not None
        assert isinstance(held, Family)
        known = held.surely(option, question.property)
        states = [option]
        if question.always or not known:
            values = self.offered(variable, question)
            states += [held.answered(option, question.property, value) for value in values]
        ahead = [self.like(at + 1, variable, state, finished=False) for state in states]
        # What the event settles is gone from the classes after it.
        ends = [self.final(variable, s) for s in states] if course.events[at].last else []
        return truths, final, known, tuple(ahead), tuple(ends)

    def _read_ahead(self) -> list[dict[int, list[object]]]:
        """For each position and variable, what formulas still to be evaluated ask of it."""
        course = self.course
        found: dict[int, dict[object, None]] = {}
        positions = [{variable: list(abouts) for variable, abouts in found.items()}]
        checked = False
        for event in reversed(course.events):
            formulas = [event.when]
            if event.checks and not checked:
                checked = True
                formulas += course.finishes
            for formula in formulas:
                for variable, about in course.formulas.literals(formula):
                    found.setdefault(variable, {})[about] = None
            positions.append({variable: list(abouts) for variable, abouts in found.items()})
        return positions[::-1]

    def _asks_ahead(self) -> list[dict[int, int]]:
        """For each position and variable, the event at which a question about it comes next."""
        found: dict[int, int] = {}
        positions = [dict(found)]
        for place in range(len(self.course.events) - 1, -1, -1):
            event = self.course.events[place]
            if event.question is not None:
                found[event.variable] = place
            positions.append(dict(found))
        return positions[::-1]

    def _glimpsed_until(self) -> dict[int, int]:
        """For each variable that is only glimpsed at the start, the event that chooses it."""
        events = self.course.events
        glimpsed = {event.variable for event in events if event.glimpse}
        return {
            variable: next(
                place
                for place, event in enumerate(events)
                if event.variable == variable and event.first and not event.glimpse
            )
            for variable in glimpsed
        }

    def _needed(self) -> list[tuple[int, ...]]:
        """For each position the variables that have been chosen and still matter."""
        chosen: set[int] = set()
        positions = []
        visits = self.universe.visits
        for position, (read, asks) in enumerate(zip(self._read, self._asks, strict=True)):
            needed = {*read, *asks}
            if visits is not None and self.universe.seen - chosen:
                needed.add(visits)
            positions.append(tuple(sorted(chosen & needed)))
            if position < len(self.course.events):
                chosen.add(self.course.events[position].variable)
        return positions


def fits_in(needs: timedelta | None, reach: timedelta) -> bool:
    """Whether events may be that old when the first visit began no earlier than ``reach``."""
    return needs is None or reach > needs
