"""Fit and intent, scored apart. A score is its lines: points, reasons, evidence are one thing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from webapp.core import wording
from webapp.core.bounds import Interval, Plan, bounds, rule_interval
from webapp.core.evidence import Evidence, evidence
from webapp.core.keep import kept
from webapp.core.playbook import Category, ScoringRule
from webapp.core.rules import (
    brings,
    brought_now,
    capped,
    lists,
    points_now,
    rule_subjects,
    together,
)
from webapp.core.sentences import sentence
from webapp.core.situation import Situation

Status = Literal["known", "inferred", "open", "cap"]


@dataclass(frozen=True, slots=True)
class Line:
    """One reason in a score.

    ``points`` are whole and may be negative. ``low`` and ``high`` differ from them only in an
    ``open`` line: 0 points now, and what it could still bring. A ``cap`` line takes away what is
    above a limit; its rule is the capped rule's id, or the category's name.
    """

    rule: str
    category: Literal["fit", "intent"]
    points: int
    because: str
    status: Status
    low: int
    high: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Score:
    """What a lead is worth, in whole points, with the lines that add up to it exactly.

    ``known`` leaves out every line that rests on an inferred fact; ``inferred`` is the rest.
    ``low`` and ``high`` bound every total that facts still unknown could lead to, signals and the
    clock held still. Comparable within one release only; not a probability.
    """

    total: int
    fit: int
    intent: int
    situation: Situation = field(repr=False, compare=False)

    @cached_property
    def known(self) -> int:
        situation, sure = self.situation, _sure(self.situation)
        points, brought = points_now(situation), brought_now(situation)
        if sure is points:
            return self.total
        same = {id: each if sure[id] == points[id] else 0 for id, each in brought.items()}
        playbook = situation.playbook
        return together(playbook.fit, same) + together(playbook.intent, same)

    @property
    def inferred(self) -> int:
        return self.total - self.known

    @cached_property
    def _bounds(self) -> Interval:
        return bounds(self.situation)

    @property
    def low(self) -> int:
        return self._bounds.low

    @property
    def high(self) -> int:
        return self._bounds.high

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The reasons, in the author's order; put into words only where somebody reads them."""
        playbook = self.situation.playbook
        return (*_of_category(playbook.fit, self), *_of_category(playbook.intent, self))

    @property
    def open(self) -> Iterator[str]:
        """The rules that rest on something unknown: those of the ``open`` lines."""
        return (id for id, points in points_now(self.situation).items() if points is None)

    def figures(self) -> dict[str, int]:
        """The numbers without their lines, by name, as records, rows and documents hold them."""
        return {
            "total": self.total,
            "fit": self.fit,
            "intent": self.intent,
            "known": self.known,
            "inferred": self.inferred,
            "low": self.low,
            "high": self.high,
        }


def score(situation: Situation) -> Score:
    """Score a visitor as known at this instant. Same situation, same score, to the digit."""
    playbook, brought = situation.playbook, brought_now(situation)
    fit, intent = together(playbook.fit, brought), together(playbook.intent, brought)
    return Score(total=fit + intent, fit=fit, intent=intent, situation=situation)


def _sure(situation: Situation) -> Mapping[str, int | None]:
    """Every rule's points without the inferred facts."""

    def found(situation: Situation) -> Mapping[str, int | None]:
        points, plan = points_now(situation), Plan.of(situation.playbook)
        guessed = [p for p in plan.cells if situation.profile.has_inferred(p)]
        if not guessed:
            return points
        known, playbook = situation.known_only(), situation.playbook
        again = {rule.id: brings(rule, playbook)(known) for rule in plan.touched_by(guessed)}
        return {**points, **again}

    return situation.judged("sure", found)


def _of_category(category: Category, score: Score) -> list[Line]:
    points, sure = points_now(score.situation), _sure(score.situation)
    lines = [
        line
        for rule in category.rules
        for line in _lines(rule, points[rule.id], sure[rule.id], score.situation)
    ]
    total = sum(line.points for line in lines)
    if category.at_most is not None and total > category.at_most:
        over = category.at_most - total
        because = f"{category.id.capitalize()} counts at most {category.at_most} points"
        lines.append(Line(category.id, category.id, over, because, "cap", over, over))
    return lines


def _lines(
    rule: ScoringRule, points: int | None, sure: int | None, situation: Situation
) -> list[Line]:
    if points is None:
        span = rule_interval(rule, situation)
        return [_line(rule, 0, "open", situation, span)]
    if points == 0 and not _listed_zero(rule, situation):
        return []
    lines = [_line(rule, points, "known" if sure == points else "inferred", situation)]
    over = capped(rule, points) - points
    if over:
        because = f"{reason(rule, situation)}: at most {rule.at_most} points"
        lines.append(Line(rule.id, rule.category, over, because, "cap", over, over))
    return lines


def _line(
    rule: ScoringRule,
    points: int,
    status: Status,
    situation: Situation,
    span: Interval | None = None,
) -> Line:
    return Line(
        rule=rule.id,
        category=rule.category,
        points=points,
        because=reason(rule, situation),
        status=status,
        low=span.low if span else points,
        high=span.high if span else points,
        evidence=evidence(rule_subjects(rule), situation),
    )


def _listed_zero(rule: ScoringRule, situation: Situation) -> bool:
    """A table that lists the value with 0 points gets its line all the same."""
    if not rule.property:
        return False
    value = situation.profile.value(rule.property)
    if value is None:
        return False
    return lists(rule, situation.playbook.properties[rule.property], value)


def reason(rule: ScoringRule, situation: Situation) -> str:
    """The author's words, or composed ones: "Seniority is VP or director"."""
    playbook = situation.playbook
    if rule.because:
        return str(rule.because)
    if rule.property:
        property = playbook.properties[rule.property]
        value = situation.profile.value(rule.property)
        if value is None:
            return f"{property.label} is not known yet"
        return f"{property.label} is {wording.label(property, value, playbook.locale)}"
    if rule.signal:
        signal = playbook.signals[rule.signal]
        name = str(signal.label or rule.signal.replace("_", " ").capitalize())
        times = situation.sightings.count(rule.signal, rule.within)
        return f"{name} seen {'once' if times == 1 else f'{times} times'}"
    return kept(rule, "_sentence", lambda: sentence(rule.when, playbook, playbook.locale))
