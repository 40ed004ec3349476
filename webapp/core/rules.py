"""What one scoring rule reads and brings, before the score is put together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from math import exp2

from webapp.core import values
from webapp.core.conditions import Holds, Readable, Subject, subjects
from webapp.core.keep import kept
from webapp.core.playbook import Category, Playbook, Property, ScoringRule
from webapp.core.situation import Situation
from webapp.core.values import Value

PRECISE = Context(prec=28)
MICROSECOND = timedelta(microseconds=1)
SURELY_ROUNDED = 1e6
"""Of fewer points than this, a float is wrong by less than a millionth: only halfway between two
whole numbers do decimals say to which of them it is rounded, and a power of theirs takes 0.1 ms."""

Brings = Callable[[Readable], int | None]
"""Points before any cap; None while they rest on something unknown."""


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


def points_now(situation: Situation) -> Mapping[str, int | None]:
    """Every rule's points before any cap by its id, as the situation stands, rounded once; None
    while they rest on something unknown."""
    return situation.judged("points", _points_now)


def _points_now(situation: Situation) -> Mapping[str, int | None]:
    found = {id: brings(situation) for id, brings in _unclocked(situation.playbook)}
    return {**found, **_seen(situation)}


def _seen(situation: Situation) -> Mapping[str, int]:
    """What the rules on signals bring: whatever is answered, the same until the clock moves on."""
    return kept(
        situation.sightings,
        "_points",
        lambda: {rule.id: signal_points(rule, situation) for rule in _clocked(situation.playbook)},
    )


def _unclocked(playbook: Playbook) -> Sequence[tuple[str, Brings]]:
    return kept(
        playbook,
        "_unclocked",
        lambda: [(rule.id, brings(rule, playbook)) for rule in playbook.rules if not rule.signal],
    )


def _clocked(playbook: Playbook) -> Sequence[ScoringRule]:
    return kept(playbook, "_clocked", lambda: [rule for rule in playbook.rules if rule.signal])


def brings(rule: ScoringRule, playbook: Playbook) -> Brings:
    """The points of a ``property`` or ``when`` rule as a function, as conditions are: made once."""

    def made() -> Brings:
        if rule.property:
            return _tabled(rule, playbook.properties[rule.property])
        assert rule.when is not None
        return _judged(rule.when.closure, rule.points)

    return kept(rule, "_brings", made)


def _tabled(rule: ScoringRule, property: Property) -> Brings:
    property_id = property.id
    if property.type in values.EXACT:
        table, otherwise = rule.table, rule.otherwise or 0

        def looked_up(readable: Readable) -> int | None:
            value = readable.values.get(property_id)
            return None if value is None else table.get(value, otherwise)

        return looked_up

    def tabled(readable: Readable) -> int | None:
        value = readable.values.get(property_id)
        return None if value is None else table_points(rule, property, value) or 0

    return tabled


def _judged(holds: Holds, points: int) -> Brings:
    def judged(readable: Readable) -> int | None:
        truth = holds(readable)
        return None if truth is None else (points if truth else 0)

    return judged


def signal_points(rule: ScoringRule, situation: Situation) -> int:
    """Points once if seen at all (the newest occurrence decays), or for each occurrence."""
    assert rule.signal is not None
    times = situation.sightings.times(rule.signal, rule.within)
    if not times:
        return 0
    counted = times if rule.each else times[-1:]
    if rule.half_life is None:
        return rule.points * len(counted)
    now, half_life = situation.sightings.now, rule.half_life
    near = rule.points * sum(exp2((at - now) / half_life) for at in counted)
    if abs(near) < SURELY_ROUNDED and abs(near % 1 - 0.5) > 1 / SURELY_ROUNDED:
        return round(near)
    total = sum((_decayed(rule.points, half_life, now, at) for at in counted), start=Decimal(0))
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


def lists(rule: ScoringRule, property: Property, value: Value) -> bool:
    """Whether the table names the value, or one of those chosen."""
    if isinstance(value, tuple):
        return any(choice in rule.table for choice in value)
    return values.key(property.type, value) in _keyed(rule, property)


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
    return capped(rule, brings(rule, situation.playbook)(readable) or 0)


def totals(playbook: Playbook, readable: Readable, situation: Situation) -> dict[str, int]:
    """Fit, intent and total after all caps, without lines; facts as ``readable`` sees them."""
    brought = {rule.id: rule_points(rule, readable, situation) for rule in playbook.rules}
    fit, intent = together(playbook.fit, brought), together(playbook.intent, brought)
    return {"fit": fit, "intent": intent, "total": fit + intent}
