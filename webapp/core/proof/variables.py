"""What a visitor is made of: each variable is a list of options, readable by conditions."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from webapp.core.conditions import Compare, Subject, Truth
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


def judge(compare: Compare, variable: Variable) -> Judge:
    """What a comparison is for each option, worked out once."""
    known: dict[int, Truth] = {}

    def judged(option: int) -> Truth:
        if option not in known:
            known[option] = compare.judge(variable.read(option, compare.subject))
        return known[option]

    return judged


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
