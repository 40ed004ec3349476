"""All points together, over all flows."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from webapp.core.case import Case
from webapp.core.checkup import points
from webapp.core.checkup.findings import Finding, FlowFacts, Report
from webapp.core.checkup.people import crowd
from webapp.core.conditions import subjects
from webapp.core.decision import Decision
from webapp.core.flow import Flow, Release
from webapp.core.rules import rule_subjects
from webapp.core.simulate import decide_case

CROWD = 400
"""Visitors tried in each flow. What none of them shows is looked into by reasoning."""


class Tried:
    """What a crowd of visitors showed: the first of each kind is kept as witness."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], Case] = {}
        self.decided: dict[str, Case] = {}
        self.tiers: dict[str, Case] = {}
        self.truths: defaultdict[int, dict[object, Case]] = defaultdict(dict)
        self.unreachable: list[tuple[Case, Decision]] = []
        self.speechless: list[tuple[Case, Decision]] = []
        self.scores: defaultdict[str, list[int]] = defaultdict(list)
        self.lengths: defaultdict[str, list[int]] = defaultdict(list)
        self.ends_at: defaultdict[str, Counter[str]] = defaultdict(Counter)


def check(release: Release, personas: Sequence[Case] = (), *, size: int = CROWD) -> Report:
    """Check a release as a whole; saved personas are tried beside the crowd. Same release and
    personas, same report."""
    tried = Tried()
    for persona in personas:
        _try(release, release.flows[persona.flow], persona, tried)
    for flow in release.flows.values():
        for visitor in crowd(release, flow, size):
            _try(release, flow, visitor, tried)
    findings = [
        *points.questions_reached(release, tried),
        *points.conditions_tell(release, tried),
        *points.rules_decide(release, tried),
        *points.destinations_served(release),
        *points.tiers_attained(release, tried),
        *points.people_reachable(release, tried),
        *points.nothing_read_too_early(release),
    ]
    return Report(
        findings=tuple(findings),
        flows={flow.id: _facts(flow, tried) for flow in release.flows.values()},
        uses=dict(_uses(release)),
    )


def _try(release: Release, flow: Flow, visitor: Case, tried: Tried) -> None:
    decision = decide_case(release, visitor)
    for question in decision.path.asked:
        tried.asked.setdefault((flow.id, question.id), visitor)
    tried.decided.setdefault(decision.route.rule, visitor)
    tried.tiers.setdefault(decision.tier.id, visitor)
    for mark, truth in points.judged(release, flow, decision):
        tried.truths[mark].setdefault(truth, visitor)
    over = decision.path.ended != "waiting"
    if not visitor.facts:
        tried.scores[flow.id].append(decision.score.total)
        if over:
            tried.lengths[flow.id].append(len(decision.path.asked))
            tried.ends_at[flow.id][decision.route.to] += 1
    if over and release.playbook.destinations[decision.route.to].kind == "sales":
        if not points.can_be_reached(decision):
            tried.unreachable.append((visitor, decision))
        if decision.guidance.next_action is None:
            tried.speechless.append((visitor, decision))


def _facts(flow: Flow, tried: Tried) -> FlowFacts:
    lengths, scores = tried.lengths[flow.id] or [0], tried.scores[flow.id] or [0]
    return FlowFacts(
        fewest=min(lengths),
        most=max(lengths),
        least_score=min(scores),
        greatest_score=max(scores),
        ends_at=dict(tried.ends_at[flow.id].most_common()),
    )


def _uses(release: Release) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each property that is asked is used for; none of these: only the rep reads it."""
    playbook = release.playbook
    read: dict[str, set[str]] = {
        "score": {s.name for rule in playbook.rules for s in rule_subjects(rule)},
        "gate": {s.name for gate in playbook.disqualifiers for s in subjects(gate.when)},
        "ideal customer": {s.name for each in playbook.icp for s in subjects(each.when)},
        "route": {s.name for rule in playbook.routing for s in subjects(rule.when)},
        "territory": {s.name for team in playbook.teams for s in subjects(team.covers)},
        "other questions": {
            s.name
            for flow in release.flows.values()
            for question in flow.questions
            for s in subjects(question.when)
        },
        "early finish": {
            s.name
            for flow in release.flows.values()
            for rule in flow.finish_when
            for s in subjects(rule.when)
        },
    }
    asked = dict.fromkeys(q.property for flow in release.flows.values() for q in flow.questions)
    for name in asked:
        follows = {name, *playbook.dependents.get(name, ())}
        used = tuple(use for use, names in read.items() if names & follows)
        yield name, used or ("only the rep reads it",)


__all__ = ["Finding", "Tried", "check"]
