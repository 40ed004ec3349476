"""Conditions as two-valued formulas that shrink as the visitor becomes known.

A rule fires only when its condition is true, and unknown is never true. So each question about a
condition ("is it true?", "is it not false?") is a plain AND/OR formula over literals, where a
literal asks the same of one comparison. Equal formulas are one number: two visitors who leave the
same formulas open are the same visitor from then on.
"""

from collections.abc import Callable, Iterable, Iterator

from webapp.core.conditions import Truth

FALSE, TRUE = 0, 1

Judge = Callable[[int], Truth]
"""What a comparison is for one option of its variable."""

Accepted = frozenset[Truth]

IS_TRUE: Accepted = frozenset({True})
IS_FALSE: Accepted = frozenset({False})
NOT_TRUE: Accepted = frozenset({False, None})
NOT_FALSE: Accepted = frozenset({True, None})

SCORE = 0
"""The variable of literals about points; they stay open until the points are added up."""


class Formulas:
    """Every formula of one proof, each kept once. Formulas are numbers; 0 is false, 1 is true."""

    def __init__(self) -> None:
        self._kinds: list[str] = ["", ""]
        self._parts: list[tuple[int, ...]] = [(), ()]
        self._numbers: dict[object, int] = {}
        self._literals: dict[int, tuple[int, object, Judge, Accepted]] = {}
        self._variables: dict[int, tuple[int, ...]] = {}
        self._asked: dict[int, frozenset[tuple[int, object]]] = {}
        self._under: dict[tuple[int, int, int], int] = {}
        self.reads: list[int] = [0, 0]
        """For each formula, a bit for each variable it still depends on."""
        self.judges: dict[int, dict[object, Judge]] = {}
        """For each variable, what its literals ask of an option."""

    def literal(self, variable: int, about: object, judge: Judge, accepted: Accepted) -> int:
        """A literal: the judge's truth is among those accepted. ``about`` tells judges apart."""
        found = self._made(("literal", variable, about, accepted), "literal", (), 1 << variable)
        self._literals.setdefault(found, (variable, about, judge, accepted))
        self.judges.setdefault(variable, {}).setdefault(about, judge)
        return found

    def judge_of(self, literal: int) -> tuple[Judge, Accepted]:
        _, _, judge, accepted = self._literals[literal]
        return judge, accepted

    def literals(self, formula: int) -> frozenset[tuple[int, object]]:
        """The variables a formula depends on, with what it asks of them."""
        found = self._asked.get(formula)
        if found is None:
            if formula in self._literals:
                variable, about, _, _ = self._literals[formula]
                found = frozenset({(variable, about)})
            else:
                found = frozenset().union(*(self.literals(p) for p in self._parts[formula]))
            self._asked[formula] = found
        return found

    def every(self, parts: Iterable[int]) -> int:
        return self._joined("and", parts, zero=FALSE, one=TRUE)

    def some(self, parts: Iterable[int]) -> int:
        return self._joined("or", parts, zero=TRUE, one=FALSE)

    def kind(self, formula: int) -> str:
        return self._kinds[formula]

    def parts(self, formula: int) -> tuple[int, ...]:
        return self._parts[formula]

    def variables(self, formula: int) -> tuple[int, ...]:
        found = self._variables.get(formula)
        if found is None:
            found = self._variables[formula] = tuple(bits(self.reads[formula]))
        return found

    def under(self, formula: int, variable: int, option: int) -> int:
        """What is left of a formula once a variable is known."""
        if not self.reads[formula] >> variable & 1:
            return formula
        key = (formula, variable, option)
        found = self._under.get(key)
        if found is None:
            found = self._under[key] = self._reduced(formula, variable, option)
        return found

    def _reduced(self, formula: int, variable: int, option: int) -> int:
        kind = self._kinds[formula]
        if kind == "literal":
            _, _, judge, accepted = self._literals[formula]
            return TRUE if judge(option) in accepted else FALSE
        parts = (self.under(part, variable, option) for part in self._parts[formula])
        return self.every(parts) if kind == "and" else self.some(parts)

    def _joined(self, kind: str, parts: Iterable[int], *, zero: int, one: int) -> int:
        found: set[int] = set()
        for part in parts:
            if part == zero:
                return zero
            if self._kinds[part] == kind:
                found.update(self._parts[part])
            elif part != one:
                found.add(part)
        if len(found) < 2:
            return found.pop() if found else one
        ordered = tuple(sorted(found))
        reads = 0
        for part in ordered:
            reads |= self.reads[part]
        return self._made((kind, ordered), kind, ordered, reads)

    def _made(self, key: object, kind: str, parts: tuple[int, ...], reads: int) -> int:
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._kinds)
            self._kinds.append(kind)
            self._parts.append(parts)
            self.reads.append(reads)
        return found


def bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low
