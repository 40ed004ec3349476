"""BANT, CHAMP and MEDDIC, filled from the same facts."""

from collections.abc import Callable, Iterable
from typing import Any

from webapp.core import values, wording
from webapp.core.decision import Decision
from webapp.core.evidence import Evidence
from webapp.core.keep import kept
from webapp.core.playbook import Playbook

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


def _filed_under(playbook: Playbook, framework: str, slot: str) -> tuple[str, ...]:
    properties = playbook.properties.values()
    return kept(
        playbook,
        f"_filed_under_{framework}_{slot}",
        lambda: tuple(p.id for p in properties if p.frameworks.get(framework) == slot),
    )


def _slot(decision: Decision, framework: str, slot: str, cite: Cite) -> dict[str, Any]:
    """Several properties may be filed under one slot: the surest says its status."""
    filed = _filed_under(decision.playbook, framework, slot)
    facts = [fact for id in filed if (fact := decision.situation.profile.fact(id)) is not None]
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
