"""A call: a rep fills a flow while on the phone, in any order, and what they write down counts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from webapp.core.decision import Decision, decide
from webapp.core.facts import Fact
from webapp.core.flow import Flow, Release
from webapp.core.path import Answer, Path, answer_fact
from webapp.core.situation import Visit

Json = dict[str, Any]

CALL_SCRIPT = "discovery_call"
"""The intent of flows that a rep fills while on the phone: their questions are not for visitors."""


def script(release: Release) -> Flow | None:
    """The flow for calls; None where the release has none."""
    return next((flow for flow in release.flows.values() if flow.intent == CALL_SCRIPT), None)


def decide_call(
    release: Release, flow_id: str, visit: Visit, answers: Mapping[str, Answer]
) -> Decision:
    """Decide a call as it stands.

    A script is asked from top to bottom, and leaves out what is known. People on the phone do
    neither: what was written down off the path is no answer of the script's, and a fact all the
    same.
    """
    decision = decide(release, flow_id, visit, answers)
    beside = tuple(_off_the_path(decision.path, decision.flow, answers))
    if not beside:
        return decision
    return decide(release, flow_id, replace(visit, since=(*visit.since, *beside)), answers)


def _off_the_path(path: Path, flow: Flow, answers: Mapping[str, Answer]) -> Iterator[Fact]:
    for property_id in path.set_aside:
        for question in flow.by_property.get(property_id, ())[:1]:
            fact = answer_fact(property_id, question, answers[property_id])
            if fact is not None:
                yield fact


def deepened(
    record: Mapping[str, Any],
    before: Mapping[str, Any],
    *,
    notes: str,
    by: str,
    started_at: datetime,
    ended_at: datetime,
) -> Json:
    """The record of a call, with what only a call brings: notes, objections, timing, and why it is
    serious. What was said before the call (in the record ``before``) stays in it, word for word;
    of the rep's own writing only how it stood in the end.
    """
    began = started_at.isoformat()
    last = {each["property"]: each for each in record["answers"]}
    on_call = [
        {**each, "set_aside": False, "edited": False, "on_call": began}
        for each in last.values()
        if not each["skipped"]
    ]
    earlier = [each for each in before["answers"] if each.get("on_call") != began]
    return {
        **record,
        "answers": [*on_call, *earlier],
        "call": {
            "by": by,
            "started_at": began,
            "ended_at": ended_at.isoformat(),
            "notes": notes,
            "objections": _written(record, "objections"),
            "timing": _timing(record),
            "why_serious": _written(record, "why_serious"),
        },
    }


def unanswered(before: Mapping[str, Any]) -> set[str]:
    """What the visitor was asked for before the call (in the record ``before``) and skipped. What
    was left out of the script is not among it: a rep asks what comes up."""
    return {
        each["property"]
        for each in before["answers"]
        if each["skipped"] and not each["set_aside"] and "on_call" not in each
    }


def _written(record: Mapping[str, Any], property_id: str) -> Json | None:
    for id, each in record["evidence"].items():
        if each["property"] == property_id:
            return {"value": each["value"], "label": each["label"], "evidence": [id]}
    return None


def _timing(record: Mapping[str, Any]) -> Json | None:
    """Whatever the playbook calls the timeline of BANT."""
    slot = record["frameworks"]["bant"].get("timeline")
    if slot is None or slot["status"] == "unknown":
        return None
    return {name: slot[name] for name in ("value", "label", "evidence")}
