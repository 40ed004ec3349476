"""The finite partition of a property's values into the cells that conditions can tell apart.

One representative stands for each cell: two values of one cell answer every test alike and bring
the same points from every table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise, product

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
    property: Property, tests: Sequence[tuple[Subject, Test]], tables: Sequence[ScoringRule] = ()
) -> tuple[Value, ...]:
    """One value for each cell of the property under these tests and tables (never unknown).

    Raises: TooMany, beyond 4,096 candidates.
    """
    asked = [test_of(subject, test) for subject, test in tests if not isinstance(test, Known)]
    found: dict[object, Value] = {}
    for count, value in enumerate(_candidates(property, [test for _, test in tests], tables)):
        if count >= MOST:
            raise TooMany(property.id)
        signature = (
            tuple(test(value) for test in asked),
            tuple(table_points(rule, property, value) for rule in tables),
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
            phrases = [p for test in tests if isinstance(test, Mentions) for p in test.phrases]
            yield from _texts(property.type, [str(value) for value in named], phrases)


def _named(test: Test) -> Iterable[Value]:
    match test:
        case Is(wanted) | IsNot(wanted):
            return wanted
        case AtLeast(bound) | AtMost(bound):
            return (bound,)
        case _:
            return ()


def _selections(
    property: Property, tests: Sequence[Test], tables: Sequence[ScoringRule]
) -> Iterator[Value]:
    """Choices that no test or table tells apart are interchangeable: only how many counts."""
    alike: dict[object, list[str]] = {}
    for choice in property.choices:
        role = (
            tuple(
                choice in test.values for test in tests if isinstance(test, Is | IsNot | Includes)
            ),
            tuple(rule.table.get(choice, rule.otherwise) for rule in tables),
        )
        alike.setdefault(role, []).append(choice)
    counts = [range(len(members) + 1) for members in alike.values()]
    for chosen in product(*counts):
        picked = {c for n, members in zip(chosen, alike.values(), strict=True) for c in members[:n]}
        if picked:
            yield tuple(choice for choice in property.choices if choice in picked)


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


def _texts(type_: Type, equal: Sequence[str], phrases: Sequence[str]) -> Iterator[str]:
    yield _spelled(type_, ())
    yield from equal
    unique = list(dict.fromkeys(phrases))
    for size in range(1, len(unique) + 1):
        for some in combinations(unique, size):
            yield _spelled(type_, some)


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
