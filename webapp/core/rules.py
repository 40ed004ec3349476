"""What one scoring rule reads and brings, before the score is put together."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from webapp.core import values
from webapp.core.conditions import Readable, Subject, subjects
from webapp.core.keep import kept
from webapp.core.playbook import Category, Playbook, Property, ScoringRule
from webapp.core.situation import Situation
from webapp.core.values import Value

PRECISE = Context(prec=28)
MICROSECOND = timedelta(microseconds=1)


def rule_subjects(rule: ScoringRule) -> tuple[Subject, ...]:
    """What a scoring rule reads."""

    def listed() -> tuple[Subject, ...]:
        if rule.property:
            return (Subject("property", rule.property),)
        if rule.signal:
            return (Subject("signal", rule.signal, within=rule.within),)
        return tuple(subjects(rule.when))

    return kept(rule, "_subjects", listed)


def read_properties(playbook: Playbook) -> tuple[str, ...]:
    """Every property some scoring rule reads."""
    return kept(
        playbook,
        "_scored_properties",
        lambda: tuple(
            dict.fromkeys(
                subject.name
                for rule in playbook.rules
                for subject in rule_subjects(rule)
                if subject.kind == "property"
            )
        ),
    )


def raw_points(rule: ScoringRule, situation: Situation) -> int | None:
    """A rule's points before any cap, rounded once; None while it rests on something unknown."""
    if rule.signal:
        return signal_points(rule, situation)
    return unclocked_points(rule, situation, situation.playbook)


def points_now(situation: Situation) -> Mapping[str, int | None]:
    """``raw_points`` of every rule by its id, as the situation stands."""
    return situation.judged("points", _points_now)


def _points_now(situation: Situation) -> Mapping[str, int | None]:
    return {rule.id: raw_points(rule, situation) for rule in situation.playbook.rules}


def unclocked_points(rule: ScoringRule, readable: Readable, playbook: Playbook) -> int | None:
    """The points of a ``property`` or ``when`` rule, as any readable sees them."""
    if rule.property:
        value = readable.read(rule_subjects(rule)[0])
        if value is None:
            return None
        return table_points(rule, playbook.properties[rule.property], value) or 0
    assert rule.when is not None
    truth = rule.when.closure(readable)
    return None if truth is None else (rule.points if truth else 0)


def signal_points(rule: ScoringRule, situation: Situation) -> int:
    """Points once if seen at all (the newest occurrence decays), or for each occurrence."""
    assert rule.signal is not None
    times = situation.sightings.times(rule.signal, rule.within)
    if not times:
        return 0
    counted = times if rule.each else times[-1:]
    if rule.half_life is None:
        return rule.points * len(counted)
    now = situation.sightings.now
    total = sum(
        (_decayed(rule.points, rule.half_life, now, at) for at in counted), start=Decimal(0)
    )
    return int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _decayed(points: int, half_life: timedelta, now: datetime, at: datetime) -> Decimal:
    """points x 2^(-age/half-life), continuously, in 28-digit decimals."""
    age = PRECISE.divide(Decimal((now - at) // MICROSECOND), Decimal(half_life // MICROSECOND))
    return PRECISE.multiply(Decimal(points), PRECISE.power(Decimal(2), -age))


def table_points(rule: ScoringRule, property: Property, value: Value) -> int | None:
    """What a rule's table brings for a known value; None where it has nothing to say.

    Over a multi-choice property each chosen value counts, with ``otherwise`` for those unlisted.
    """
    if isinstance(value, tuple):
        found = [rule.table.get(choice, rule.otherwise) for choice in value]
        said = [points for points in found if points is not None]
        return sum(said) if said else None
    return _keyed(rule, property).get(values.key(property.type, value), rule.otherwise)


def _keyed(rule: ScoringRule, property: Property) -> dict[object, int]:
    return kept(
        rule, "_keyed", lambda: {values.key(property.type, v): n for v, n in rule.table.items()}
    )


def capped(rule: ScoringRule, points: int) -> int:
    """A rule's points after its own cap, which limits from above only."""
    return points if rule.at_most is None else min(points, rule.at_most)


def brought_now(situation: Situation) -> Mapping[str, int]:
    """What every rule brings after its own cap, by its id; 0 while it is open."""
    return situation.judged("brought", _brought_now)


def _brought_now(situation: Situation) -> Mapping[str, int]:
    points = points_now(situation)
    return {rule.id: capped(rule, points[rule.id] or 0) for rule in situation.playbook.rules}


def together(category: Category, brought: Mapping[str, int]) -> int:
    """What the rules of a category bring, after its cap."""
    total = 0
    for rule in category.rules:
        total += brought[rule.id]
    return total if category.at_most is None else min(total, category.at_most)


def rule_points(rule: ScoringRule, readable: Readable, situation: Situation) -> int:
    """A rule's points after its own cap, 0 while open; facts as ``readable`` sees them."""
    if rule.signal:
        return capped(rule, signal_points(rule, situation))
    return capped(rule, unclocked_points(rule, readable, situation.playbook) or 0)


def totals(playbook: Playbook, readable: Readable, situation: Situation) -> dict[str, int]:
    """Fit, intent and total after all caps, without lines; facts as ``readable`` sees them."""
    brought = {rule.id: rule_points(rule, readable, situation) for rule in playbook.rules}
    fit, intent = together(playbook.fit, brought), together(playbook.intent, brought)
    return {"fit": fit, "intent": intent, "total": fit + intent}
