"""Where a lead goes: the first rule that holds decides. Why, and how every rule was judged, is
there for whoever asks."""

from dataclasses import dataclass, field
from functools import cached_property

from webapp.core.conditions import Truth, holds, subjects
from webapp.core.evidence import Evidence, evidence
from webapp.core.flow import FinishRule
from webapp.core.playbook import RoutingRule
from webapp.core.sentences import sentence
from webapp.core.situation import Situation
from webapp.core.staff_words import reason

OTHERWISE = "No earlier rule applied"


@dataclass(frozen=True)
class Route:
    """The destination, by its id, and the rule that named it."""

    to: str
    decided_by: RoutingRule | FinishRule
    situation: Situation = field(repr=False, compare=False)

    @property
    def rule(self) -> str:
        return self.decided_by.id

    @property
    def because(self) -> str:
        rule = self.decided_by
        if rule.because:
            return reason(str(rule.because), self.situation, to=self.to)
        if rule.when is None:
            return OTHERWISE
        return sentence(rule.when, self.situation.playbook)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return evidence(subjects(self.decided_by.when), self.situation)

    @cached_property
    def trace(self) -> tuple[tuple[str, Truth], ...]:
        """Every rule's truth, in order."""
        rules = self.situation.playbook.routing
        return tuple((rule.id, holds(rule.when, self.situation)) for rule in rules)


def route(situation: Situation, finish: FinishRule | None = None) -> Route:
    """Route a decided situation. A finish rule that names a destination goes ahead of all rules."""
    if finish is not None and finish.to is not None:
        return Route(finish.to, finish, situation)
    rule = next(each for each in situation.playbook.routing if holds(each.when, situation))
    return Route(rule.to, rule, situation)
