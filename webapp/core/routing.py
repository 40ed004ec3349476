"""Where a lead goes: every rule judged and kept as a trace, the first true one decides."""

from dataclasses import dataclass

from webapp.core.conditions import Truth, holds, subjects
from webapp.core.evidence import Evidence, evidence
from webapp.core.flow import FinishRule
from webapp.core.playbook import RoutingRule
from webapp.core.sentences import sentence
from webapp.core.situation import Situation

OTHERWISE = "No earlier rule applied"


@dataclass(frozen=True, slots=True)
class Route:
    """The rule that decided, the destination it names, and every rule's truth in order."""

    rule: str
    to: str
    because: str
    evidence: tuple[Evidence, ...]
    trace: tuple[tuple[str, Truth], ...]


def route(situation: Situation, finish: FinishRule | None = None) -> Route:
    """Route a decided situation. A finish rule that names a destination goes ahead of all rules."""
    playbook = situation.playbook
    trace = tuple((rule.id, holds(rule.when, situation)) for rule in playbook.routing)
    rule: RoutingRule | FinishRule
    if finish is not None and finish.to is not None:
        rule, to = finish, finish.to
    else:
        rule = next(r for r, (_, truth) in zip(playbook.routing, trace, strict=True) if truth)
        to = rule.to
    because = str(rule.because or (sentence(rule.when, playbook) if rule.when else OTHERWISE))
    return Route(rule.id, to, because, evidence(subjects(rule.when), situation), trace)
