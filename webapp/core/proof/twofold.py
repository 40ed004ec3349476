"""What visitors hold of their properties in two versions of a flow that may ask differently."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from webapp.core.conditions import Subject
from webapp.core.proof.families import Family
from webapp.core.proof.universe import Universe
from webapp.core.proof.variables import Variable
from webapp.core.values import Value

NONE, REFUSED = -1, -2
"""No answer: where that is allowed, and where it is not and another question may yet allow it."""

Ready = tuple[tuple[str, int], ...]
"""What one version has heard and may be asked for again: a value's number, or no answer."""


class Held(NamedTuple):
    """The family's option in each version, and the answers the visitor will repeat."""

    sides: tuple[int, int]
    ready: Ready


class Twofold:
    """A family of properties in both versions at once; options are numbers of what is ``Held``."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self._held: list[Held] = []
        self._numbers: dict[Held, int] = {}

    def __getitem__(self, option: int) -> Held:
        return self._held[option]

    def begun(self, option: int) -> int:
        """Both versions begin with the same."""
        return self.number(Held((option, option), ()))

    def number(self, held: Held) -> int:
        found = self._numbers.setdefault(held, len(self._held))
        if found == len(self._held):
            self._held.append(held)
        return found

    def surely(self, option: int, member: str, side: int) -> bool:
        return self.family.surely(self._held[option].sides[side], member)


class Side:
    """A twofold family as one of the versions reads it."""

    def __init__(self, twofold: Twofold, side: int) -> None:
        self.name = twofold.family.name
        self.twofold, self.side = twofold, side

    def starts(self, *, fresh: bool) -> Sequence[int]:
        return [self.twofold.begun(each) for each in self.twofold.family.starts(fresh=fresh)]

    def read(self, option: int, subject: Subject) -> Value | None:
        return self.twofold.family.read(self.twofold[option].sides[self.side], subject)


def twofold(everybody: Universe, asked: Iterable[str]) -> dict[int, Twofold]:
    """The families in which these properties are, by number."""
    found: dict[int, Twofold] = {}
    for number in dict.fromkeys(everybody.of_property[each] for each in asked):
        family = everybody.family(number)
        assert family is not None
        found[number] = Twofold(family)
    return found


def as_read(everybody: Universe, both: Mapping[int, Twofold], side: int) -> Universe:
    """The same visitors as one version sees them."""
    variables: list[Variable | None] = [
        Side(both[number], side) if number in both else variable
        for number, variable in enumerate(everybody.variables)
    ]
    return replace(everybody, variables=variables)
