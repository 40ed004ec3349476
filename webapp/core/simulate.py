"""One case through the whole core, without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from webapp.core.case import Case
from webapp.core.decision import Decision, decide
from webapp.core.errors import FlowError, Problem
from webapp.core.flow import Release
from webapp.core.handoff import record, trace
from webapp.core.path import Answer, fits
from webapp.core.situation import Visit

LATER_THAN_FACTS = 1_000_000
MOMENT = timedelta(microseconds=1)


def decide_case(release: Release, case: Case) -> Decision:
    """Decide a case; a missing answer to an optional question is a skip.

    Raises: FlowError where an answer is not among the choices of the question asked.
    """
    visit = Visit(
        now=case.at,
        # As fresh as the case and yet older than any answer: what follows from an answer counts.
        facts=tuple(replace(f, at=f.at - MOMENT) if f.at == case.at else f for f in case.facts),
        events=case.events,
        source=case.source,
        locale=release.flows[case.flow].language_for(case.locale),
        returning=case.returning,
        spam=case.spam,
    )
    answers = {
        property_id: Answer(value=value, at=case.at, order=LATER_THAN_FACTS + place)
        for place, (property_id, value) in enumerate(case.answers.items())
    }
    decision = decide(release, case.flow, visit, answers, skip_missing=True)
    for question in decision.path.asked:
        value = case.answers.get(question.property)
        if value is not None and not fits(question, value):
            offered = ", ".join(f"`{choice}`" for choice in question.choices)
            raise FlowError(
                [
                    Problem(
                        case.answered_at.get(question.property, case.where),
                        f"`{question.property}` is asked with fewer choices, and this is none "
                        "of them.",
                        f"Use one of {offered}.",
                    )
                ]
            )
    return decision


def simulate(release: Release, case: Case) -> dict[str, Any]:
    """What would happen to this visitor: path, score, gates, route, guidance and record."""
    decision = decide_case(release, case)
    path, score = decision.path, decision.score
    guidance = decision.guidance
    ids = {question.property: question.id for question in path.asked}
    document = record(decision, id=None, created_at=case.at)
    result: dict[str, Any] = {
        "asked": [question.id for question in path.asked],
        "skipped": [ids[property_id] for property_id in path.skipped],
        "set_aside": list(path.set_aside),
        "ended": path.ended,
        "score": {
            **score.figures(),
            "lines": document["score_lines"],
        },
        "tier": decision.tier.id,
        "tier_settled": decision.tier_settled,
        "icp": decision.icp.match,
        "checklist": document["verdict"]["icp"],
        "disqualifiers": [
            {"id": g.id, "gate": g.gate, "result": g.result, "because": g.because}
            for g in decision.disqualifiers
        ],
        "route": {
            "rule": decision.route.rule,
            "to": decision.route.to,
            "because": decision.route.because,
            "trace": trace(decision),
        },
        "guidance": {
            "next_action": guidance.next_action.text if guidance.next_action else None,
            "talking_points": [each.text for each in guidance.talking_points],
            "red_flags": [each.text for each in guidance.red_flags],
        },
        "record": document,
    }
    if path.next is not None:
        result["waiting_for"] = path.next.property
    return result
