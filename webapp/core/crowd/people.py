"""Visitors to try flows on: every value that some condition or table can tell apart, the
circumstances conditions read, and a seeded crowd of mixtures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice, product
from typing import Any, TypeVar

from webapp.core import values
from webapp.core.case import Case
from webapp.core.cells import Readings, TooMany, cells, readings
from webapp.core.conditions import (
    AtLeast,
    Compare,
    Condition,
    Is,
    Mentions,
    comparisons,
    subjects,
)
from webapp.core.facts import Certainty, Fact
from webapp.core.flow import Flow, Release
from webapp.core.keep import kept
from webapp.core.mailboxes import DISPOSABLE
from webapp.core.path import fits
from webapp.core.playbook import Playbook, Property, Signal
from webapp.core.rules import totals
from webapp.core.signals import Event
from webapp.core.situation import Situation, Visit
from webapp.core.values import Type, Value

T = TypeVar("T")

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
MOST_SEEN = 12
MOST_JOINT = 24


class Dice:
    """Numbers that look thrown and are the same for everybody: a mixed crowd needs no chance."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, bound: int) -> int:
        # Knuth's multiplier for 64 bits; the low bits of such a sequence are poor, so none is used.
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % bound

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What conditions may read beside facts."""

    events: tuple[Event, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)
    spam: bool = False
    locale: str | None = None


def all_conditions(release: Release) -> list[Condition]:
    """Every condition of the playbook and all flows."""
    playbook = release.playbook
    found: list[Condition | None] = [rule.when for rule in playbook.rules]
    found += [each.when for each in playbook.icp]
    found += [each.when for each in playbook.disqualifiers]
    found += [each.when for each in playbook.routing]
    guidance = playbook.guidance
    found += [
        each.when for each in (*guidance.next_action, *guidance.talking_points, *guidance.red_flags)
    ]
    found += [team.covers for team in playbook.teams]
    for flow in release.flows.values():
        found += [question.when for question in flow.questions]
        found += [rule.when for rule in flow.finish_when]
    return [each for each in found if each is not None]


def candidates(release: Release) -> Mapping[str, tuple[Value, ...]]:
    """For each property that people can state: values that stand for all others."""
    return kept(release.playbook, "_people_candidates", lambda: _candidates(release))


def _candidates(release: Release) -> dict[str, tuple[Value, ...]]:
    playbook = release.playbook
    tests = readings(all_conditions(release))
    found: dict[str, list[Value]] = {}
    for property in playbook.properties.values():
        if property.built_in:
            continue
        tables = [rule for rule in playbook.rules if rule.property == property.id]
        try:
            listed = list(cells(property, tests.get(property.id, ()), tables))
        except TooMany:
            listed = [(choice,) for choice in property.choices] or ["some words"]
        if property.type is Type.CHOICE:
            listed = list(property.choices)
        found[property.id] = listed
    for property in playbook.properties.values():
        if property.derive is not None and property.derive.source in found:
            found[property.derive.source] += _sources(property, playbook)
    if playbook.email_property is not None:
        found[playbook.email_property.id] = list(_addresses(playbook, tests))
    return {name: tuple(dict.fromkeys(each)) for name, each in found.items()}


def _sources(property: Property, playbook: Playbook) -> list[Value]:
    """Values of a property's source that bring about each of its levels."""
    derive = property.derive
    assert derive is not None
    if derive.words is not None:
        return [*(phrases[0] for phrases in derive.words.values()), "qqx"]
    members = list((derive.values or {}).values())
    return [each[0] for each in members if each]


def _addresses(playbook: Playbook, tests: Readings) -> Sequence[Value]:
    found: list[str] = ["ana@firm.example", "ana@gmail.com", "info@firm.example"]
    found.append(f"ana@{sorted(DISPOSABLE)[0]}")
    for _, test in tests.get("email_domain", ()):
        if isinstance(test, Mentions):
            found += [f"ana@firm.{'-'.join(values.words(p))}" for p in test.phrases]
        elif isinstance(test, Is):
            found += [f"ana@{value}" for value in test.values]
    return [address for address in found if "." in address.partition("@")[2]]


def circumstances(release: Release) -> list[Circumstances]:
    """No history; each signal seen as often as any condition asks; all of them; each source that
    is named; spam."""
    playbook = release.playbook
    seen: dict[str, tuple[Event, ...]] = {}
    sources: list[Mapping[str, str]] = []
    for condition in all_conditions(release):
        for compare in comparisons(condition):
            subject = compare.subject
            if subject.kind == "signal":
                times = max((_least(compare), 1))
                seen[subject.name] = _events(playbook.signals[subject.name], times)
            elif subject.kind == "source":
                sources += [
                    {subject.name: str(value)}
                    for test in compare.tests
                    if isinstance(test, Is)
                    for value in test.values
                ]
    for rule in playbook.rules:
        if rule.signal and rule.signal not in seen:
            seen[rule.signal] = _events(playbook.signals[rule.signal], 6 if rule.each else 1)
    scored = {rule.signal for rule in playbook.rules if rule.signal}
    everything = tuple(event for events in seen.values() for event in events)
    worth = tuple(event for name, events in seen.items() if name in scored for event in events)
    found = [Circumstances(), Circumstances(worth), Circumstances(everything)]
    found.append(Circumstances(spam=True))
    found += [Circumstances(events) for events in seen.values()]
    return found + [Circumstances(source=source) for source in sources]


def _least(compare: Compare) -> int:
    wanted = [1]
    for test in compare.tests:
        if isinstance(test, AtLeast) and isinstance(test.value, Decimal):
            wanted.append(int(test.value))
        elif isinstance(test, Is):
            wanted += [int(value) for value in test.values if isinstance(value, Decimal)]
    return min(max(wanted), MOST_SEEN)


def _events(signal: Signal, times: int) -> tuple[Event, ...]:
    page = signal.pages[0].replace("*", "x") if signal.pages else "/"
    extra = 1 if signal.visit == "return" else 0
    apart = timedelta(hours=1) if signal.visit else timedelta(minutes=1)
    return tuple(
        Event(
            at=AT - timedelta(minutes=5) - apart * n,
            event=signal.event or "page_view",
            page=page,
            **dict[str, Any](signal.utm),
        )
        for n in range(times + extra)
    )


def case(
    flow: Flow | str,
    answers: Mapping[str, Value],
    about: Circumstances | None = None,
    known: Mapping[str, Value] | None = None,
) -> Case:
    about = about or Circumstances()
    facts = tuple(
        Fact(name, value, Certainty.stated, "known", AT, order)
        for order, (name, value) in enumerate((known or {}).items())
    )
    return Case(
        flow=flow if isinstance(flow, str) else flow.id,
        at=AT,
        facts=facts,
        events=about.events,
        answers=dict(answers),
        source=about.source,
        spam=about.spam,
        locale=about.locale,
    )


def crowd(release: Release, flow: Flow, size: int, *, seed: int = 7) -> Iterator[Case]:
    """Visitors of one flow: the best and the worst in all circumstances, those who leave one answer
    out, those that each condition is about, and a seeded mixture, of some of whom something is
    known beforehand."""
    options = _askable(release, flow)
    scenes = circumstances(release)
    best, worst = (_extreme(release, options, sign) for sign in (1, -1))
    for scene in scenes:
        for answers in ({}, best, worst):
            yield case(flow, answers, scene)
    for left_out in options:
        for scene in scenes[:2]:
            yield case(flow, {p: v for p, v in best.items() if p != left_out}, scene)
    yield from _about_conditions(release, flow, options, best)
    dice = Dice(seed)
    for place in range(len(flow.questions)):
        before = dict.fromkeys(q.property for q in flow.questions[:place])
        for answers in (best, worst, {p: dice.pick(found) for p, found in options.items()}):
            yield case(flow, answers, scenes[0], {p: answers[p] for p in before if p in answers})
    everything = candidates(release)
    for n in range(size):
        answers = {p: dice.pick(found) for p, found in options.items() if dice.below(100) < 97}
        known = {
            p: dice.pick(found)
            for p, found in everything.items()
            if n % 3 == 2 and dice.below(10) < 3
        }
        yield case(flow, answers, dice.pick(scenes), known)


def _askable(release: Release, flow: Flow) -> dict[str, tuple[Value, ...]]:
    """The values that this flow's questions take."""
    found = {}
    for question in flow.questions:
        offered = candidates(release).get(question.property, ())
        fitting = tuple(value for value in offered if fits(question, value))
        found[question.property] = fitting or tuple(question.choices) or offered
    return found


def _extreme(
    release: Release, options: Mapping[str, tuple[Value, ...]], sign: int
) -> dict[str, Value]:
    """For each property, looked at alone, the value that brings most (or, for -1, least)."""
    playbook = release.playbook

    def worth(name: str, value: Value) -> int:
        situation = Situation(playbook, None, Visit(now=AT))
        situation.add(Fact(name, value, Certainty.stated, "tried", AT))
        return sign * totals(playbook, situation, situation)["total"]

    return {name: max(found, key=lambda v: worth(name, v)) for name, found in options.items()}


def _about_conditions(
    release: Release,
    flow: Flow,
    options: Mapping[str, tuple[Value, ...]],
    base: Mapping[str, Value],
) -> Iterator[Case]:
    """For every condition, the joint values of what it reads, the rest as in ``base``; with all
    signals and with none."""
    playbook = release.playbook
    sources = {
        name: each.derive.source for name, each in playbook.properties.items() if each.derive
    }
    if playbook.email_property:
        email = playbook.email_property.id
        sources |= {"email_domain": email, "email_kind": email, "first_name": email}
    scenes = circumstances(release)[:2]
    for condition in all_conditions(release):
        read = {s.name for s in subjects(condition) if s.kind == "property"}
        asked = sorted({name if name in options else sources.get(name, name) for name in read})
        asked = [name for name in asked if name in options]
        for joint in islice(product(*(options[name] for name in asked)), MOST_JOINT):
            answers = {**base, **dict(zip(asked, joint, strict=True))}
            for scene in scenes:
                yield case(flow, answers, scene)
