"""The condition tree: three-valued truth, what a condition reads, and its sentence.

A truth is True, False or None for unknown (Kleene). A comparison with an unknown value is unknown;
only ``Known`` is always decided.
"""

import operator
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal, Protocol

from webapp.core import values
from webapp.core.errors import NOWHERE, Where
from webapp.core.values import Money, Type, Value

Truth = bool | None

SubjectKind = Literal[
    "property",
    "signal",
    "flow",
    "source",
    "locale",
    "returning",
    "spam",
    "disqualified",
    "disqualifier",
    "score",
    "tier",
    "icp",
]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a comparison reads.

    ``name`` is the property, signal or disqualifier id, ``id``/``intent`` of the flow, the source
    field, or the part of the score; empty where the kind says it all. ``type`` is the property's
    type (for the others None). ``within`` narrows a signal's count.
    """

    kind: SubjectKind
    name: str = ""
    type: Type | None = None
    within: timedelta | None = None

    @property
    def key(self) -> str:
        """What ``values`` of a situation hold it under."""
        if self.kind == "property":
            return self.name
        return f"{self.kind}.{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Is:
    """Equal to any of the values; for a multi-choice property: holds any of them."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNot:
    """Equal to none of the values; for a multi-choice property: holds none of them."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """``order`` lists the choices of an ordered choice property, least first; else empty."""

    value: Value
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtMost:
    value: Value
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    known: bool


@dataclass(frozen=True, slots=True)
class Includes:
    """A multi-choice property holds all of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Free text holds any of these phrases as whole words, in any case."""

    phrases: tuple[str, ...]


Test = Is | IsNot | AtLeast | AtMost | Known | Includes | Mentions


class Readable(Protocol):
    """Where conditions read from: signals and gates by ``read``, everything else from ``values`` by
    its subject's ``key``. What is None or missing there is unknown."""

    values: Mapping[str, Value | None]

    def read(self, subject: Subject) -> Value | None: ...


Judge = Callable[[Value | None], Truth]
Holds = Callable[[Readable], Truth]
"""A condition as a function. It costs a fifth of walking the tree; made once, kept on the tree."""


@dataclass(frozen=True)
class Compare:
    """One subject against one or more tests, all of which must hold.

    For ``disqualified``, ``returning`` and ``spam`` the values are ``yes``/``no``; for counts and
    scores they are ``Decimal``; for ``disqualifier`` they are ``clear``, ``tripped``, ``unknown``.
    """

    subject: Subject
    tests: tuple[Test, ...]
    where: Where = field(default=NOWHERE, compare=False)

    @cached_property
    def judge(self) -> Judge:
        """What becomes of the comparison where its subject has a value."""
        return _judge(self)

    @cached_property
    def table(self) -> "Table | None":
        """The comparison as a table, where its subject has few values and is no signal or gate."""
        subject = self.subject
        listed = subject.type in values.EXACT or subject.kind in TABLED
        return (subject.key, _Judged(self.judge)) if listed else None

    @cached_property
    def closure(self) -> Holds:
        return _compare(self)


@dataclass(frozen=True)
class All:
    parts: tuple["Condition", ...]

    @cached_property
    def closure(self) -> Holds:
        return _joined(self.parts, decisive=False)


@dataclass(frozen=True)
class Any:
    parts: tuple["Condition", ...]

    @cached_property
    def closure(self) -> Holds:
        return _joined(self.parts, decisive=True)


@dataclass(frozen=True)
class Nothing:
    """``none:`` in the files: NOT(any)."""

    parts: tuple["Condition", ...]

    @cached_property
    def closure(self) -> Holds:
        return _not(_joined(self.parts, decisive=True))


Condition = Compare | All | Any | Nothing


def holds(condition: Condition | None, situation: Readable) -> Truth:
    """Judge a condition once. No condition is always true."""
    return True if condition is None else condition.closure(situation)


def conj(truths: Iterator[Truth]) -> Truth:
    """AND: false if one is false, else unknown if one is unknown, else true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def _joined(parts: tuple["Condition", ...], *, decisive: bool) -> Holds:
    """AND and OR: what decides them is one part that is false, or true; else one unknown makes
    them unknown. A table is looked up on the spot, for a quarter of what a call costs."""
    if len(parts) == 1:
        return parts[0].closure
    tables, others = _tabled(parts)

    def joined(situation: Readable) -> Truth:
        result: Truth = not decisive
        held = situation.values
        for key, truths in tables:
            truth = truths[held.get(key)]
            if truth is decisive:
                return decisive
            if truth is None:
                result = None
        for part in others:
            truth = part(situation)
            if truth is decisive:
                return decisive
            if truth is None:
                result = None
        return result

    return joined


def _tabled(parts: tuple["Condition", ...]) -> tuple[tuple["Table", ...], tuple[Holds, ...]]:
    """The parts that are tables, and the others as functions."""
    tables = [part.table if isinstance(part, Compare) else None for part in parts]
    others = [part.closure for part, table in zip(parts, tables, strict=True) if table is None]
    return tuple(table for table in tables if table is not None), tuple(others)


def _not(part: Holds) -> Holds:
    def none(situation: Readable) -> Truth:
        truth = part(situation)
        return None if truth is None else not truth

    return none


def _compare(compare: Compare) -> Holds:
    subject, judge = compare.subject, compare.judge
    key = subject.key
    if subject.kind == "signal":
        return lambda situation: judge(situation.read(subject))
    if subject.kind in ("disqualified", "disqualifier"):
        truths = _Judged(judge)
        return lambda situation: truths[situation.read(subject)]
    if compare.table is not None:
        _, found = compare.table
        return lambda situation: found[situation.values.get(key)]
    return lambda situation: judge(situation.values.get(key))


class _Judged(dict[Value | None, Truth]):
    """What becomes of a comparison where there are few values: each is judged once."""

    __slots__ = ("judge",)

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def __missing__(self, value: Value | None) -> Truth:
        truth = self[value] = self.judge(value)
        return truth


Table = tuple[str, _Judged]
"""What ``values`` hold a subject under, and what becomes of each value."""

TABLED = frozenset({"flow", "returning", "spam", "tier", "icp"})


def _judge(compare: Compare) -> Judge:
    checks = tuple(test_of(compare.subject, test) for test in compare.tests)
    when_absent = _when_absent(compare)
    if len(checks) == 1:
        only = checks[0]
        return lambda value: when_absent if value is None else only(value)
    return lambda value: when_absent if value is None else conj(check(value) for check in checks)


def _when_absent(compare: Compare) -> Truth:
    """What becomes of a comparison whose subject has no value."""
    asks_known = [test.known for test in compare.tests if isinstance(test, Known)]
    if compare.subject.kind in ("source", "flow"):
        # What did not come with the visit equals nothing: `is` false, `not` true (never unknown).
        return not any(asks_known) and all(
            isinstance(test, Known | IsNot) for test in compare.tests
        )
    if True in asks_known:
        return False
    return True if len(asks_known) == len(compare.tests) else None


def test_of(subject: Subject, test: Test) -> Callable[[Value], Truth]:
    """The test as a function of a known value. Money in another currency is unknown."""
    type_ = _compared_as(subject)
    match test:
        case Known(known):
            return lambda _: known
        case Includes(wanted):
            needed = frozenset(wanted)
            return lambda value: needed <= set(value)  # type: ignore[arg-type]
        case Mentions(phrases):
            return lambda value: values.mentions_any(str(value), phrases)
        case AtLeast(bound, order):
            return _ordered(bound, order, operator.ge)
        case AtMost(bound, order):
            return _ordered(bound, order, operator.le)
        case Is(wanted_values):
            return _one_of(type_, wanted_values)
        case IsNot(refused):
            found = _one_of(type_, refused)

            def is_not(value: Value) -> Truth:
                truth = found(value)
                return None if truth is None else not truth

            return is_not


def _compared_as(subject: Subject) -> Type | None:
    """What is no property and came from nobody's keyboard or browser is a word or number of ours,
    always spelt alike."""
    ours = subject.type is None and subject.kind not in ("flow", "source", "locale")
    return Type.CHOICE if ours else subject.type


def _one_of(type_: Type | None, wanted: tuple[Value, ...]) -> Callable[[Value], Truth]:
    if type_ is Type.CHOICES:
        ids = frozenset(wanted)
        return lambda value: not ids.isdisjoint(value)  # type: ignore[arg-type]
    if any(isinstance(each, Money) for each in wanted):
        amounts = [each for each in wanted if isinstance(each, Money)]

        def one_of_amounts(value: Value) -> Truth:
            assert isinstance(value, Money)
            if value in amounts:
                return True
            return False if all(a.currency == value.currency for a in amounts) else None

        return one_of_amounts
    key_type = type_ or Type.TEXT
    keys = frozenset(values.key(key_type, each) for each in wanted)
    if key_type in values.EXACT:
        return lambda value: value in keys
    return lambda value: values.key(key_type, value) in keys


def _ordered(
    bound: Value, order: tuple[str, ...], compare: Callable[[typing.Any, typing.Any], bool]
) -> Callable[[Value], Truth]:
    if order:
        rank = {choice: place for place, choice in enumerate(order)}
        limit = rank[str(bound)]
        return lambda value: compare(rank[str(value)], limit)
    if isinstance(bound, Money):
        currency, amount = bound.currency, bound.amount

        def within_currency(value: Value) -> Truth:
            assert isinstance(value, Money)
            return compare(value.amount, amount) if value.currency == currency else None

        return within_currency
    return lambda value: compare(value, bound)


def subjects(condition: Condition | None) -> Iterator[Subject]:
    """Everything the condition reads, in order, with repeats."""
    for each in comparisons(condition):
        yield each.subject


def comparisons(condition: Condition | None) -> Iterator[Compare]:
    """Every comparison in the condition, in order."""
    match condition:
        case None:
            return
        case Compare():
            yield condition
        case All(parts) | Any(parts) | Nothing(parts):
            for part in parts:
                yield from comparisons(part)


def count(number: int) -> Decimal:
    """A signal count or a score as the value conditions compare."""
    return Decimal(number)
