"""What is not sure about a lead, why it matters, and what to ask."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from webapp.core import wording
from webapp.core.bounds import Interval, bounds
from webapp.core.cells import TooMany
from webapp.core.conditions import subjects
from webapp.core.decision import Decision
from webapp.core.keep import kept
from webapp.core.playbook import Playbook
from webapp.core.possible import Reads, World, freed
from webapp.core.rules import read_properties
from webapp.core.settling import Search, TooFar
from webapp.core.staff_words import reason

Kind = Literal["unknown", "inferred", "conflict", "expired", "skipped"]


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """One property nobody can be sure of.

    ``low`` and ``high`` are the totals it alone could lead to; ``destination`` another place the
    lead would go to, if there is one.
    """

    property: str
    kind: Kind
    why_it_matters: str
    low: int
    high: int
    destination: str | None
    ask: str


def uncertainties(
    decision: Decision, unanswered: Collection[str] | None = None
) -> tuple[Uncertainty, ...]:
    """Everything unsure that makes a difference here, most consequential first.

    What is merely unknown and changes nothing is left out: a gap nobody need ask about.
    ``unanswered`` is what was asked for and not answered; what the path skipped, unless given.
    """
    skipped = decision.path.skipped if unanswered is None else unanswered
    unsure = _unsure(decision, skipped)
    described = (_described(decision, each, kind) for each, kind in unsure.items())
    found = [each for each in described if each.kind != "unknown" or each.why_it_matters]
    return tuple(sorted(found, key=lambda each: (each.destination is None, each.low - each.high)))


def _unsure(decision: Decision, skipped: Collection[str]) -> dict[str, Kind]:
    profile = decision.situation.profile
    found: dict[str, Kind] = {name: "conflict" for name, _ in profile.conflicts()}
    for name in (*_read(decision.playbook), *skipped):
        if name in found:
            continue
        fact = profile.fact(name)
        if fact is not None:
            if not fact.certainty.known and not decision.playbook.properties[name].built_in:
                found[name] = "inferred"
        elif name in skipped:
            found[name] = "skipped"
        elif profile.expired(name):
            found[name] = "expired"
        elif not decision.playbook.properties[name].built_in:
            found[name] = "unknown"
    return found


def _read(playbook: Playbook) -> tuple[str, ...]:
    """Every property that scoring, gates, checklist, routing or a sales framework reads."""

    def listed() -> Iterator[str]:
        yield from read_properties(playbook)
        conditions = [*(g.when for g in playbook.disqualifiers), *(c.when for c in playbook.icp)]
        for condition in [*conditions, *(rule.when for rule in playbook.routing)]:
            yield from (s.name for s in subjects(condition) if s.kind == "property")
        yield from (p.id for p in playbook.properties.values() if p.frameworks)

    return kept(playbook, "_read_by_anything", lambda: tuple(dict.fromkeys(listed())))


def _described(decision: Decision, name: str, kind: Kind) -> Uncertainty:
    span = bounds(decision.situation, {name, *freed(decision.playbook, name)})
    elsewhere = _elsewhere(decision, name)
    return Uncertainty(
        property=name,
        kind=kind,
        why_it_matters=_why(decision, name, kind, span, elsewhere),
        low=span.low,
        high=span.high,
        destination=elsewhere,
        ask=_ask(decision, name),
    )


def _elsewhere(decision: Decision, name: str) -> str | None:
    """Another destination, were this property something else; None if there is none."""
    if decision.path.finish is not None and decision.path.finish.to is not None:
        return None
    world = World(decision.situation, freed(decision.playbook, name))
    try:
        rules = Search(decision.playbook).deciding(world, all_of_them=True)
    except (TooMany, TooFar):
        return None
    goes_to = {rule.id: rule.to for rule in decision.playbook.routing}
    return next((goes_to[r] for r in sorted(rules) if goes_to[r] != decision.route.to), None)


def _why(decision: Decision, name: str, kind: Kind, span: Interval, elsewhere: str | None) -> str:
    """Why it matters, in a sentence; empty where a mere gap makes no difference."""
    playbook, total = decision.playbook, decision.score.total
    label = str(playbook.properties[name].label)
    reasons = {
        "unknown": f"{label} is not known",
        "inferred": f"{label} is a guess",
        "conflict": f"{label} was answered in two ways",
        "expired": f"What was known of {label} is too old",
        "skipped": f"{label} was asked and not answered",
    }
    matters = []
    if (span.low, span.high) != (total, total):
        matters.append(f"the score could be {span.low} to {span.high} instead of {total}")
    matters += [
        f"the check “{gate.because}” rests on it"
        for gate, rule in zip(decision.disqualifiers, playbook.disqualifiers, strict=True)
        if name in Reads.of(rule.when).properties and gate.result != "tripped"
    ]
    if any(name in Reads.of(criterion.when).properties for criterion in playbook.icp):
        matters.append("the ideal-customer match rests on it")
    if not matters and elsewhere:
        destination = playbook.destinations[elsewhere]
        matters.append(f"it could lead to {destination.label or elsewhere.replace('_', ' ')}")
    frameworks = playbook.properties[name].frameworks
    if not matters and frameworks:
        matters.append(f"it is part of {wording.listed([f.upper() for f in frameworks], 'en')}")
    if not matters:
        return "" if kind == "unknown" else f"{reasons[kind]}."
    return f"{reasons[kind]}: {'; '.join(matters)}."


def _ask(decision: Decision, name: str) -> str:
    """How a flow of this release, this one first, asks for it or for what it follows from."""
    property = decision.playbook.properties[name]
    asked = [name, property.derive.source] if property.derive else [name]
    flows = [decision.flow, *decision.release.flows.values()]
    for each in asked:
        for flow in flows:
            for question in flow.by_property.get(each, ()):
                return reason(str(question.ask), decision.situation, to=decision.route.to)
    label = wording.in_sentence(str(property.label), None)
    return f"What can you tell us about this: {label}?"
