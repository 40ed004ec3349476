"""What a set of cases has to cover: each scoring rule, gate, route, early end and tier, and how the
proof finds somebody for one, or knows that there is nobody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from webapp.core.conditions import AtLeast, Compare, Condition, Is, Known, Subject
from webapp.core.decision import Decision
from webapp.core.errors import Where
from webapp.core.flow import FinishRule, Flow, Release
from webapp.core.playbook import Playbook, RoutingRule, ScoringRule, Tier
from webapp.core.proof.formulas import IS_TRUE
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.solve import somebody
from webapp.core.proof.survey import is_early

NO_POINTS = "it brings no points to anybody who was tried"
NOBODY = "nobody there can be does this, as `baton flows check` shows"
NOT_FOUND = "the proof leaves room for such a visitor, and none was found"


@dataclass(frozen=True)
class Goal:
    """``search`` adds visitors to the inquiry who may do it, and says why not if none can.

    Of the goals of one group nobody can cover two.
    """

    name: str
    where: Where
    covers: Callable[[Decision], bool]
    search: Callable[[Inquiry], str]
    groups: tuple[str, ...] = ()


def goals(release: Release) -> Iterator[Goal]:
    """Everything there is to cover, in the order of the files."""
    playbook = release.playbook
    for scoring in playbook.rules:
        yield _scoring(playbook, scoring)
    for gate in playbook.disqualifiers:
        yield Goal(f"gate `{gate.id}`", gate.where, _trips(gate.id), _meets(gate.when, NOT_FOUND))
    for tier in playbook.tiers:
        name = f"tier `{tier.id}`"
        yield Goal(name, tier.where, _attains(tier), _attaining(tier), ("tier",))
    for rule in playbook.routing:
        name = f"route `{rule.id}`"
        yield Goal(name, rule.where, _decides(rule), _deciding(rule), ("deciding",))
    for flow in release.flows.values():
        for finish in flow.finish_when:
            name = f"early end `{finish.id}` of {flow.id}"
            groups = ("early", "deciding") if finish.to else ("early",)
            covers = _leaves(flow, finish)
            yield Goal(name, finish.where, covers, _leaving(flow, finish, covers), groups)


def _scoring(playbook: Playbook, rule: ScoringRule) -> Goal:
    def brings(decision: Decision) -> bool:
        return any(
            line.rule == rule.id and line.category == rule.category and line.status != "open"
            for line in decision.score.lines
        )

    search = _meets(_earning(playbook, rule), NO_POINTS)
    return Goal(f"{rule.category} rule `{rule.id}`", rule.where, brings, search)


def _earning(playbook: Playbook, rule: ScoringRule) -> Condition:
    """What has to be true for a rule to bring points."""
    if rule.when is not None:
        return rule.when
    if rule.signal:
        subject = Subject("signal", rule.signal, within=rule.within)
        return Compare(subject, (AtLeast(Decimal(1)),))
    assert rule.property is not None
    subject = Subject("property", rule.property, playbook.properties[rule.property].type)
    worth = tuple(choice for choice, points in rule.table.items() if points)
    return Compare(subject, (Is(worth),) if worth else (Known(known=True),))


def _trips(gate_id: str) -> Callable[[Decision], bool]:
    return lambda d: any(g.id == gate_id and g.result == "tripped" for g in d.disqualifiers)


def _attains(tier: Tier) -> Callable[[Decision], bool]:
    return lambda decision: decision.tier.id == tier.id


def _decides(rule: RoutingRule) -> Callable[[Decision], bool]:
    return lambda d: not is_early(d) and d.route.rule == rule.id


def _leaves(flow: Flow, rule: FinishRule) -> Callable[[Decision], bool]:
    return lambda decision: decision.flow.id == flow.id and decision.path.finish == rule


def _meets(condition: Condition, otherwise: str) -> Callable[[Inquiry], str]:
    def search(inquiry: Inquiry) -> str:
        answer = somebody(inquiry, condition, IS_TRUE)
        if answer.nobody:
            return NOBODY
        return otherwise if answer.shown else NOT_FOUND

    return search


def _leaving(
    flow: Flow, rule: FinishRule, leaves: Callable[[Decision], bool]
) -> Callable[[Inquiry], str]:
    def search(inquiry: Inquiry) -> str:
        survey = inquiry.survey(flow, fresh=False)
        if survey is None:
            return NOT_FOUND
        if not survey.ends_early(rule):
            return NOBODY
        inquiry.confirm(survey.asking_on.graph, survey.traces_ending(rule), leaves)
        return NOT_FOUND

    return search


def _attaining(tier: Tier) -> Callable[[Inquiry], str]:
    def search(inquiry: Inquiry) -> str:
        tier_of = inquiry.release.playbook.tier_of
        possible = [
            survey
            for survey in inquiry.surveys(fresh=False)
            if survey.has_total(lambda total: tier_of(total).id == tier.id)
        ]
        for survey in possible:
            inquiry.tick()
            shown = survey.shown_points(lambda n: tier_of(n).id == tier.id, _attains(tier))
            if inquiry.meet(shown):
                break
        return NOT_FOUND if possible or not inquiry.complete else NOBODY

    return search


def _deciding(rule: RoutingRule) -> Callable[[Inquiry], str]:
    def search(inquiry: Inquiry) -> str:
        found = False
        for survey in inquiry.surveys(fresh=False):
            for outcome in survey.outcomes:
                if outcome.rule == rule.id and not outcome.early:
                    found = True
                    inquiry.shown(survey, outcome)
        return NOT_FOUND if found or not inquiry.complete else NOBODY

    return search
