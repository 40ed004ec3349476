"""What one scoring rule amounts to for what it read: points, and the lines that say so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from webapp.core.conditions import Subject
from webapp.core.playbook import ScoringRule

Status = Literal["known", "inferred", "open", "cap"]
CategoryId = Literal["fit", "intent"]


@dataclass(frozen=True, slots=True)
class Line:
    """One reason in a score.

    ``points`` are whole and may be negative. ``low`` and ``high`` differ from them only in an
    ``open`` line: 0 points now, and what it could still bring. A ``cap`` line takes away what is
    above a limit; its rule is the capped rule's id, or the category's name. ``reads`` is what it
    rests on, for ``evidence`` to look up.
    """

    rule: str
    category: CategoryId
    points: int
    because: str
    status: Status
    low: int
    high: int
    reads: tuple[Subject, ...] = ()


@dataclass(frozen=True, eq=False)
class Worth:
    """What a rule amounts to for what it read: a value, a truth, a number of sightings.

    ``points`` are whole, rounded once and before the rule's own cap; None while they rest on
    something unknown. ``brought`` is after the cap, and 0 while open. ``listed`` says that there
    are lines: it brings something, or a table names the value with 0 points.

    Of each choice and each truth there is one, whoever is scored: its lines are written once.
    """

    rule: ScoringRule
    points: int | None
    brought: int
    listed: bool
    reads: tuple[Subject, ...]
    words: Callable[[], str]

    @cached_property
    def because(self) -> str:
        """The author's words, or composed ones: "Seniority is VP or director"."""
        return str(self.rule.because or " ".join(self.words().split()))

    @cached_property
    def known(self) -> tuple[Line, ...]:
        """Its lines where it would bring as much without any inferred fact."""
        return tuple(self._lines("known"))

    @cached_property
    def inferred(self) -> tuple[Line, ...]:
        return tuple(self._lines("inferred"))

    def open(self, low: int, high: int) -> Line:
        """Its line while it rests on something unknown."""
        return self._line(0, "open", low, high)

    def _lines(self, status: Status) -> Iterator[Line]:
        points = self.points or 0
        yield self._line(points, status, points, points)
        if over := self.brought - points:
            because = f"{self.because}: at most {self.rule.at_most} points"
            yield cap(self.rule.id, self.rule.category, over, because)

    def _line(self, points: int, status: Status, low: int, high: int) -> Line:
        rule = self.rule
        return Line(rule.id, rule.category, points, self.because, status, low, high, self.reads)


def cap(id: str, category: CategoryId, over: int, because: str) -> Line:
    """The line of a limit that bites."""
    return Line(id, category, over, because, "cap", over, over)
