"""Fit and intent, scored apart. A score is its lines: points, reasons, evidence are one thing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from webapp.core.bounds import Interval, Plan, bounds, rule_interval
from webapp.core.rules import brought, limited, rule_worth, together, worth_now
from webapp.core.situation import Situation
from webapp.core.staff_words import reason
from webapp.core.worth import Line, Worth, cap


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
        worth, sure = worth_now(self.situation), _sure(self.situation)
        if sure is worth:
            return self.total
        found = 0
        for category in (self.situation.playbook.fit, self.situation.playbook.intent):
            same = [id for id in category.ids if worth[id].points == sure[id].points]
            found += limited(category, brought(same, worth))
        return found

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
        situation = self.situation
        worth, sure = worth_now(situation), _sure(situation)
        found: list[Line] = []
        for category in (situation.playbook.fit, situation.playbook.intent):
            for id in category.ids:
                now = worth[id]
                if now.points is None:
                    span = rule_interval(now.rule, situation)
                    lines: tuple[Line, ...] = (now.open(span.low, span.high),)
                elif now.listed:
                    lines = now.known if now.points == sure[id].points else now.inferred
                else:
                    continue
                if now.rule.because and "{" in now.because:
                    lines = tuple(
                        replace(each, because=reason(each.because, situation)) for each in lines
                    )
                found += lines
            if over := together(category, worth) - brought(category.ids, worth):
                because = f"{category.id.capitalize()} counts at most {category.at_most} points"
                found.append(cap(category.id, category.id, over, because))
        return tuple(found)

    @property
    def open(self) -> Iterator[str]:
        """The rules that rest on something unknown: those of the ``open`` lines."""
        return (id for id, each in worth_now(self.situation).items() if each.points is None)

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
    playbook, worth = situation.playbook, worth_now(situation)
    fit, intent = together(playbook.fit, worth), together(playbook.intent, worth)
    return Score(total=fit + intent, fit=fit, intent=intent, situation=situation)


def _sure(situation: Situation) -> Mapping[str, Worth]:
    """What every rule is worth without the inferred facts."""
    return situation.judged("sure", _without_guesses)


def _without_guesses(situation: Situation) -> Mapping[str, Worth]:
    worth, plan, profile = worth_now(situation), Plan.of(situation.playbook), situation.profile
    guessed = plan.cells.keys() & profile.guessed
    if not guessed:
        return worth
    known = situation.known_only()
    again = {rule.id: rule_worth(rule, known, known) for rule in plan.touched_by(guessed)}
    return {**worth, **again}
