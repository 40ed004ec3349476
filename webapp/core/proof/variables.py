"""What a visitor is made of: each variable is a list of options, readable by conditions."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from webapp.core.conditions import Compare, Readable, Subject, Truth
from webapp.core.proof.formulas import Judge
from webapp.core.values import Value


class Variable(Protocol):
    """Something about a visitor that does not depend on anything else.

    Options are numbers; what they stand for is the variable's own business.
    """

    name: str

    def starts(self, *, fresh: bool) -> Sequence[int]:
        """The options there may be before the conversation, the plainest first."""
        ...

    def read(self, option: int, subject: Subject) -> Value | None: ...


class Seen:
    """One option of a variable as conditions read it."""

    __slots__ = ("option", "variable")

    def __init__(self, variable: Variable, option: int) -> None:
        self.variable = variable
        self.option = option

    def read(self, subject: Subject) -> Value | None:
        return self.variable.read(self.option, subject)


def judge(compare: Compare, variable: Variable) -> Judge:
    """What a comparison is for each option, worked out once."""
    holds = compare.closure
    known: dict[int, Truth] = {}

    def judged(option: int) -> Truth:
        if option not in known:
            known[option] = holds(Seen(variable, option))
        return known[option]

    return judged


class Fixed:
    """One value for every subject; for comparisons whose value is worked out elsewhere."""

    __slots__ = ("value",)

    def __init__(self, value: Value | None) -> None:
        self.value = value

    def read(self, subject: Subject) -> Value | None:
        return self.value


def truth_of(compare: Compare, value: Value | None) -> Truth:
    readable: Readable = Fixed(value)
    return compare.closure(readable)


class Listed:
    """A variable whose options are simply the values of one subject."""

    def __init__(self, name: str, values: Sequence[Value | None]) -> None:
        self.name = name
        self.values = values

    def starts(self, *, fresh: bool) -> Sequence[int]:
        return range(len(self.values))

    def read(self, option: int, subject: Subject) -> Value | None:
        return self.values[option]


Options = Mapping[int, int]
"""For each variable, by number, the option a visitor has."""
