"""Everybody who may come to some flows: the variables a visitor is made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil

from webapp.core.cells import cells
from webapp.core.conditions import (
    AtLeast,
    AtMost,
    Compare,
    Is,
    IsNot,
    Subject,
    SubjectKind,
    Test,
    comparisons,
)
from webapp.core.flow import Flow
from webapp.core.playbook import Playbook, Property, Text
from webapp.core.proof.families import Family, families
from webapp.core.proof.partition import Partition, conditions
from webapp.core.proof.patterns import kinds
from webapp.core.proof.sights import Interest, Sights, grouped, interest, sights, visits
from webapp.core.proof.variables import Listed, Variable
from webapp.core.values import Type, Value

LOCALES = ("en", "de", "fr", "zu")


@dataclass(frozen=True)
class Universe:
    """The variables of one flow's visitors, by number. Number 0 is kept for the points."""

    playbook: Playbook
    flow: Flow
    variables: Sequence[Variable | None]
    of_property: dict[str, int]
    of_signal: dict[str, int]
    of_word: dict[tuple[SubjectKind, str], int]

    def variable(self, subject: Subject) -> int:
        """The number of what a comparison reads."""
        match subject.kind:
            case "property":
                return self.of_property[subject.name]
            case "signal":
                return self.of_signal[subject.name]
            case kind:
                return self.of_word[kind, subject.name]

    def __getitem__(self, number: int) -> Variable:
        found = self.variables[number]
        assert found is not None
        return found

    def family(self, number: int) -> Family | None:
        found = self.variables[number]
        return found if isinstance(found, Family) else None

    @cached_property
    def visits(self) -> int | None:
        """The number of the variable of visits, where anybody asks about them."""
        return self.of_word.get(("returning", ""))

    @property
    def spam(self) -> int | None:
        """The number of the intake's verdict, where anybody asks for it."""
        return self.of_word.get(("spam", ""))

    @cached_property
    def seen(self) -> frozenset[int]:
        """The variables whose events need a visit to have begun before them."""
        found = {n for n, v in enumerate(self.variables) if isinstance(v, Sights)}
        return frozenset(found - {self.visits}) if self.visits is not None else frozenset()


def universe(playbook: Playbook, flow: Flow, flows: Sequence[Flow] | None = None) -> Universe:
    """Everybody who may come to a flow, told apart by what any of ``flows`` asks.

    Raises: TooMany, TooWide or TooManyPages, where something has too many sides to be listed.
    """
    apart = [flow] if flows is None else flows
    partition = Partition(playbook, apart)
    read = [c for each in apart for when in conditions(playbook, each) for c in comparisons(when)]
    variables: list[Variable | None] = [None]

    def add(variable: Variable) -> int:
        variables.append(variable)
        return len(variables) - 1

    of_property = {
        member: number
        for family in families(partition, apart)
        for number in (add(family),)
        for member in family.members
    }
    of_signal: dict[str, int] = {}
    of_word: dict[tuple[SubjectKind, str], int] = {}
    asked, enough = interest(playbook, read), enough_points(playbook, read)
    told = any(compare.subject.kind == "returning" for compare in read)
    counted = [name for name in asked.about() if playbook.signals[name].visit]
    if told or counted:
        number = add(visits(playbook, asked.of(counted), enough, told=told))
        of_signal |= dict.fromkeys(counted, number)
        of_word["returning", ""] = number
    _add_signals(playbook, asked, enough, of_signal, add)
    for subject, values in _words(playbook, flow, read):
        of_word[subject.kind, subject.name] = add(
            Listed(f"{subject.kind} {subject.name}".strip(), values)
        )
    return Universe(playbook, flow, variables, of_property, of_signal, of_word)


def _add_signals(
    playbook: Playbook,
    asked: Interest,
    enough: int,
    of_signal: dict[str, int],
    add: Callable[[Variable], int],
) -> None:
    wanted = [s for s in playbook.signals.values() if s.id in asked.about() and not s.visit]
    found = kinds(wanted)
    for group in grouped(playbook, asked, found):
        ids = {signal.id for signal in group}
        mine = [kind for kind in found if kind.signals & ids]
        number = add(sights(playbook, group[0].id, mine, asked.of(ids), enough))
        of_signal |= dict.fromkeys(ids, number)


def enough_points(playbook: Playbook, read: Sequence[Compare]) -> int:
    """So many points that no comparison with a score can come out otherwise with more."""
    marks = [0, *(abs(tier.least) for tier in playbook.tiers if tier.least is not None)]
    for compare in read:
        if compare.subject.kind == "score":
            bounds = [Decimal(str(value)) for test in compare.tests for value in _numbers(test)]
            marks += [ceil(abs(bound)) for bound in bounds]
    caps = [category.at_most or 0 for category in (playbook.fit, playbook.intent)]
    others = sum(
        max((abs(points) for points in (*rule.table.values(), rule.otherwise or 0)), default=0)
        * max(1, len(playbook.properties[rule.property].choices) if rule.property else 1)
        if rule.property
        else abs(rule.points)
        for rule in playbook.rules
    )
    return max(marks) + sum(caps) + others + 1


def _numbers(test: Test) -> Iterator[Value]:
    match test:
        case AtLeast(bound) | AtMost(bound):
            yield bound
        case Is(wanted) | IsNot(wanted):
            yield from wanted
        case _:
            return


def _words(
    playbook: Playbook, flow: Flow, read: Sequence[Compare]
) -> Iterator[tuple[Subject, Sequence[Value | None]]]:
    """The campaign, the language and the intake's verdict, where somebody asks."""
    tests: dict[Subject, list[tuple[Subject, Test]]] = {}
    for compare in read:
        if compare.subject.kind in ("source", "locale", "spam"):
            tests.setdefault(compare.subject, []).extend(
                (compare.subject, t) for t in compare.tests
            )
    for subject, asked in tests.items():
        text = Property(subject.name, Text({"en": ""}, "en"), Type.TEXT)
        match subject.kind:
            case "spam":
                yield subject, ("no", "yes")
            case "source":
                yield subject, (None, *cells(text, asked))
            case _:
                yield subject, _locales(playbook, flow, asked)


def _locales(playbook: Playbook, flow: Flow, asked: Sequence[tuple[Subject, Test]]) -> list[Value]:
    """Those a condition names, as somebody is spoken to who asks for them, and one more."""
    named = [str(flow.language_for(str(value))) for _, test in asked for value in _numbers(test)]
    known = {each.casefold() for each in (playbook.locale, *named)}
    other = next(locale for locale in (*LOCALES, "xx") if locale not in known)
    return list(dict.fromkeys((playbook.locale, *named, other)))
