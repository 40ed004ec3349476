"""The finite partition of a property's values into the cells that conditions can tell apart.

One representative stands for each cell: two values of one cell answer every test alike and bring
the same points from every table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, pairwise

from webapp.core import values
from webapp.core.conditions import (
    AtLeast,
    AtMost,
    Condition,
    Includes,
    Is,
    IsNot,
    Known,
    Mentions,
    Subject,
    Test,
    comparisons,
    test_of,
)
from webapp.core.playbook import Property, ScoringRule
from webapp.core.rules import table_points
from webapp.core.values import Money, Type, Value

MOST = 4096

Readings = Mapping[str, Sequence[tuple[Subject, Test]]]


class TooMany(Exception):
    """A property has more cells than can be listed."""


def readings(conditions: Iterable[Condition | None]) -> dict[str, list[tuple[Subject, Test]]]:
    """For each property, the tests these conditions put to it."""
    found: dict[str, list[tuple[Subject, Test]]] = {}
    for condition in conditions:
        for compare in comparisons(condition):
            if compare.subject.kind == "property":
                tests = found.setdefault(compare.subject.name, [])
                for test in compare.tests:
                    if (compare.subject, test) not in tests:
                        tests.append((compare.subject, test))
    return found


def cells(
    property: Property,
    tests: Sequence[tuple[Subject, Test]],
    tables: Sequence[ScoringRule] = (),
    *,
    follows: Callable[[Value], object] | None = None,
    hints: Sequence[Test] = (),
    more: Iterable[Value] = (),
) -> tuple[Value, ...]:
    """One value for each cell of the property under these tests and tables (never unknown).

    ``follows`` tells apart what other properties make of a value; ``hints`` are the tests that
    decide it, and ``more`` are values worth a try that no test names.

    Raises: TooMany, beyond 4,096 candidates.
    """
    asked = [test_of(subject, test) for subject, test in tests if not isinstance(test, Known)]
    found: dict[object, Value] = {}
    named = [test for _, test in tests] + list(hints)
    for count, value in enumerate(chain(more, _candidates(property, named, tables))):
        if count >= MOST:
            raise TooMany(property.id)
        signature = (
            tuple(test(value) for test in asked),
            tuple(table_points(rule, property, value) for rule in tables),
            follows(value) if follows else None,
        )
        found.setdefault(signature, value)
    return tuple(found.values())


def _candidates(
    property: Property, tests: Sequence[Test], tables: Sequence[ScoringRule]
) -> Iterator[Value]:
    named = [value for test in tests for value in _named(test)]
    named += [value for rule in tables for value in rule.table]
    match property.type:
        case Type.CHOICE:
            yield from property.choices
        case Type.YES_NO | Type.CONSENT:
            yield from ("yes", "no")
        case Type.CHOICES:
            yield from _selections(property, tests, tables)
        case Type.COUNTRY:
            codes = {str(value).upper() for value in named}
            yield from sorted(codes)
            yield next(code for code in values.countries() if code not in codes)
        case Type.NUMBER:
            yield from _around([v for v in named if isinstance(v, Decimal)])
        case Type.MONEY:
            yield from _amounts([v for v in named if isinstance(v, Money)])
        case Type.DATE:
            yield from _days([v for v in named if isinstance(v, date)])
        case _:
            mentioned = [test for test in tests if isinstance(test, Mentions)]
            yield from _texts(property.type, [str(value) for value in named], mentioned)


def _named(test: Test) -> Iterable[Value]:
    match test:
        case Is(wanted) | IsNot(wanted):
            return wanted
        case AtLeast(bound) | AtMost(bound):
            return (bound,)
        case _:
            return ()


_Picked = tuple[tuple[int, ...], tuple[str, ...], tuple[int | None, ...]]
"""Of a selection: the tests it holds a choice of, what it picks of others, its points."""


def _selections(
    property: Property, tests: Sequence[Test], tables: Sequence[ScoringRule]
) -> Iterator[Value]:
    """One selection for each combination of answers and points, built up choice by choice."""
    wanted = [frozenset(test.values) for test in tests if isinstance(test, Is | IsNot)]
    needed = frozenset(
        choice for test in tests if isinstance(test, Includes) for choice in test.values
    )
    nothing: _Picked = ((), (), (None,) * len(tables))
    found: dict[_Picked, tuple[str, ...]] = {nothing: ()}
    for choice in property.choices:
        brought = [rule.table.get(choice, rule.otherwise) for rule in tables]
        for (held, picked, points), chosen in list(found.items()):
            now_held = tuple(sorted({*held, *(n for n, w in enumerate(wanted) if choice in w)}))
            now_picked = (*picked, choice) if choice in needed else picked
            total = tuple(
                a if b is None else (a or 0) + b for a, b in zip(points, brought, strict=True)
            )
            found.setdefault((now_held, now_picked, total), (*chosen, choice))
        if len(found) > MOST:
            raise TooMany(property.id)
    # A selection that tells nothing apart is none of the above, and still a selection.
    yield from ((choice,) for choice in property.choices)
    yield from (chosen for chosen in found.values() if chosen)


def _around(bounds: Iterable[Decimal]) -> Iterator[Decimal]:
    """Each bound, a value between any two, one below all and one above."""
    marks = sorted(set(bounds))
    yield from marks
    yield from ((a + b) / 2 for a, b in pairwise(marks))
    yield (marks[0] if marks else Decimal(1)) - 1
    if marks:
        yield marks[-1] + 1


def _amounts(amounts: Sequence[Money]) -> Iterator[Money]:
    currencies = sorted({each.currency for each in amounts})
    for currency in currencies:
        for amount in _around(each.amount for each in amounts if each.currency == currency):
            if amount >= 0:
                yield Money(amount, currency)
        smallest = min(each.amount for each in amounts if each.currency == currency)
        if 0 < smallest < 1:
            yield Money(smallest / 2, currency)
    yield Money(Decimal(1), next(c for c in ("EUR", "USD", "GBP", "JPY") if c not in currencies))


def _days(days: Iterable[date]) -> Iterator[date]:
    marks = sorted(set(days))
    if not marks:
        yield date(2000, 1, 1)
    for day in marks:
        yield from (day, day + timedelta(days=1), day - timedelta(days=1))


def _texts(type_: Type, equal: Sequence[str], mentioned: Sequence[Mentions]) -> Iterator[str]:
    """A text for each set of tests that can be met at once: phrases side by side add up."""
    yield from _PLAIN.get(type_, ())
    yield _spelled(type_, ())
    yield from equal
    phrases = dict.fromkeys(phrase for test in mentioned for phrase in test.phrases)
    met: dict[frozenset[int], tuple[str, ...]] = {frozenset(): ()}
    for phrase in phrases:
        alone = _spelled(type_, (phrase,))
        adds = frozenset(
            n
            for n, test in enumerate(mentioned)
            if any(values.mentions(alone, other) for other in test.phrases)
        )
        for held, some in list(met.items()):
            if held | adds not in met:
                met[held | adds] = (*some, phrase)
                yield _spelled(type_, met[held | adds])


_PLAIN = {
    Type.TEXT: ("something else",),
    Type.LONG_TEXT: ("Something else.",),
    Type.COMPANY: ("Nordwind",),
    Type.EMAIL: ("lee@nordwind.example",),
    Type.PHONE: ("+44 808 157 0192",),
    Type.URL: ("www.nordwind.example",),
}
"""What people might write, tried before anything odd."""


def _spelled(type_: Type, phrases: Sequence[str]) -> str:
    """A value of the type that mentions these phrases and nothing else anybody looks for.

    It is longer than any of them, for a text may mention a phrase without being equal to it.
    """
    pieces = [" ".join(values.words(phrase)) for phrase in phrases]
    text = " qqx ".join([*pieces, ""]).strip() or "qqx"
    match type_:
        case Type.EMAIL:
            return text.replace(" ", ".") + "@qqx.qqx"
        case Type.URL:
            return "qqx.qqx/" + text.replace(" ", "-")
        case Type.PHONE:
            return "+1 555 0100 " + text
        case _:
            return text
