"""One conversation decided: path, score, gates, checklist, tier, route and guidance, in one go."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from webapp.core.conditions import Truth, holds, subjects
from webapp.core.evidence import Evidence, evidence
from webapp.core.flow import Flow, Release
from webapp.core.path import Answer, Path, walk
from webapp.core.playbook import Advice, Criterion, Destination, Disqualifier, Playbook, Tier
from webapp.core.routing import Route, route
from webapp.core.scoring import Score, score
from webapp.core.sentences import sentence
from webapp.core.situation import GateResult, IcpMatch, Situation, Visit, gate_result, matched
from webapp.core.staff_words import reason, staff_text


@dataclass(frozen=True, slots=True)
class Icp:
    """The ideal-customer checklist, each criterion by id, with its sentence."""

    match: IcpMatch
    met: tuple[Criterion, ...]
    missed: tuple[Criterion, ...]
    unknown: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    id: str
    gate: Literal["hard", "flag"]
    result: GateResult
    because: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the rep with what it rests on."""

    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Guided:
    next_action: Said | None
    talking_points: tuple[Said, ...]
    red_flags: tuple[Said, ...]


@dataclass(frozen=True)
class Decision:
    """What is decided of one visitor at one instant, from the release and the inputs alone."""

    release: Release
    flow: Flow
    visit: Visit
    answers: Mapping[str, Answer]
    path: Path
    situation: Situation
    score: Score
    tier: Tier
    icp: Icp
    route: Route

    @property
    def playbook(self) -> Playbook:
        return self.release.playbook

    @property
    def tier_settled(self) -> bool:
        """Whether nothing still unknown could bring another tier."""
        tier_of = self.playbook.tier_of
        return tier_of(self.score.low) is tier_of(self.score.high)

    @property
    def disqualified(self) -> Truth:
        return self.situation.disqualified()

    @cached_property
    def disqualifiers(self) -> tuple[Gate, ...]:
        """Every gate with what came of it; put into words only where somebody reads it."""
        return tuple(_gate(rule, self.situation) for rule in self.playbook.disqualifiers)

    @property
    def destination(self) -> Destination:
        return self.playbook.destinations[self.route.to]

    @cached_property
    def guidance(self) -> Guided:
        """What the rep is told; worked out only where somebody reads it."""
        return _guidance(self.situation, self.route)


def decide(
    release: Release,
    flow_id: str,
    visit: Visit,
    answers: Mapping[str, Answer],
    *,
    skip_missing: bool = False,
) -> Decision:
    """Replay the answers and decide. Same inputs, same decision, on any machine.

    ``answers`` holds the latest answer for each property; see ``path.walk`` for ``skip_missing``.
    Raises: KeyError for a flow the release does not hold.
    """
    playbook, flow = release.playbook, release.flows[flow_id]
    path = walk(playbook, flow, visit, answers, skip_missing=skip_missing)
    situation = path.situation
    situation.learn()
    scored = score(situation)
    tier = playbook.tier_of(scored.total)
    checklist = _checklist(playbook, situation)
    parts = {"total": scored.total, "fit": scored.fit, "intent": scored.intent}
    situation.decided(parts, tier.id, checklist.match)
    return Decision(
        release=release,
        flow=flow,
        visit=visit,
        answers=answers,
        path=path,
        situation=situation,
        score=scored,
        tier=tier,
        icp=checklist,
        route=route(situation, path.finish),
    )


def by_what_was_said(decision: Decision) -> Decision:
    """The same without what was learnt elsewhere, for whoever answered."""
    visit = decision.visit
    if not (visit.since or visit.seen_since):
        return decision
    visit = replace(visit, since=(), seen_since=())
    return decide(decision.release, decision.flow.id, visit, decision.answers)


def because(rule: Criterion | Disqualifier, situation: Situation) -> str:
    """Why a check is there: in the author's words, or composed ones."""
    if rule.because:
        return reason(str(rule.because), situation)
    return sentence(rule.when, situation.playbook)


def _gate(rule: Disqualifier, situation: Situation) -> Gate:
    return Gate(
        id=rule.id,
        gate=rule.gate,
        result=gate_result(rule, situation),
        because=because(rule, situation),
        evidence=evidence(subjects(rule.when), situation),
    )


def _checklist(playbook: Playbook, situation: Situation) -> Icp:
    truths = [criterion.when.closure(situation) for criterion in playbook.icp]
    found: dict[Truth, list[Criterion]] = {True: [], False: [], None: []}
    for criterion, truth in zip(playbook.icp, truths, strict=True):
        found[truth].append(criterion)
    match = matched(truths, situation.disqualified())
    return Icp(match, tuple(found[True]), tuple(found[False]), tuple(found[None]))


def _guidance(situation: Situation, routed: Route) -> Guided:
    advice = situation.playbook.guidance

    def true_ones(all_advice: tuple[Advice, ...]) -> tuple[Said, ...]:
        return tuple(
            Said(
                staff_text(str(each.say), situation, to=routed.to),
                evidence(subjects(each.when), situation),
            )
            for each in all_advice
            if holds(each.when, situation) is True
        )

    actions = true_ones(advice.next_action)
    return Guided(
        next_action=actions[0] if actions else None,
        talking_points=true_ones(advice.talking_points),
        red_flags=true_ones(advice.red_flags),
    )
