"""BANT, CHAMP and MEDDIC, filled from the same facts."""

from collections.abc import Callable, Iterable
from typing import Any

from webapp.core import values, wording
from webapp.core.decision import Decision
from webapp.core.evidence import Evidence

FRAMEWORKS = {
    "bant": ("budget", "authority", "need", "timeline"),
    "champ": ("challenges", "authority", "money", "prioritization"),
    "meddic": (
        "metrics",
        "economic_buyer",
        "decision_criteria",
        "decision_process",
        "identify_pain",
        "champion",
    ),
}

Cite = Callable[[Iterable[Evidence]], list[str]]


def frameworks(decision: Decision, cite: Cite) -> dict[str, Any]:
    """Every slot of every framework: its status, value in words and evidence."""
    return {
        name: {slot: _slot(decision, name, slot, cite) for slot in slots}
        for name, slots in FRAMEWORKS.items()
    }


def _slot(decision: Decision, framework: str, slot: str, cite: Cite) -> dict[str, Any]:
    """Several properties may be filed under one slot: the surest says its status."""
    profile = decision.situation.profile
    facts = [
        fact
        for property in decision.playbook.properties.values()
        if property.frameworks.get(framework) == slot
        and (fact := profile.fact(property.id)) is not None
    ]
    if not facts:
        return {"status": "unknown", "value": None, "label": None, "evidence": []}
    facts.sort(key=lambda fact: -fact.certainty)
    labels = [
        wording.label(decision.playbook.properties[f.property], f.value, decision.playbook.locale)
        for f in facts
    ]
    return {
        "status": "known" if facts[0].certainty.known else "inferred",
        "value": values.shown(facts[0].value),
        "label": "; ".join(labels),
        "evidence": cite(facts),
    }
