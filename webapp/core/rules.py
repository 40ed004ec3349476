"""What one scoring rule reads and brings, before the score is put together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from math import exp2

from webapp.core import values, wording
from webapp.core.conditions import Condition, Readable, Subject, Truth, subjects
from webapp.core.keep import kept
from webapp.core.playbook import Category, Playbook, Property, ScoringRule
from webapp.core.sentences import sentence
from webapp.core.situation import Situation
from webapp.core.values import Value
from webapp.core.worth import Worth

PRECISE = Context(prec=28)
MICROSECOND = timedelta(microseconds=1)
SURELY_ROUNDED = 1e6
"""Of fewer points than this, a float is wrong by less than a millionth: only halfway between two
whole numbers do decimals say to which of them it is rounded, and a power of theirs takes 0.1 ms."""


Judge = Callable[[Readable], Worth]


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


def worth_now(situation: Situation) -> Mapping[str, Worth]:
    """What every rule is worth by its id, as the situation stands."""
    return situation.judged("worth", _worth_now)


def _worth_now(situation: Situation) -> Mapping[str, Worth]:
    found = {id: judge(situation) for id, judge in judges(situation.playbook).items()}
    found.update(seen_worth(situation))
    return found


def seen_worth(situation: Situation) -> Mapping[str, Worth]:
    """What the rules on signals are worth: whatever is answered, the same until the clock moves."""

    def judged() -> Mapping[str, Worth]:
        unseen = _unseen(situation.playbook)
        if not situation.sightings.events:
            return unseen
        return {id: _sighted(each, situation) for id, each in unseen.items()}

    return kept(situation.sightings, "_worth", judged)


def judges(playbook: Playbook) -> Mapping[str, Judge]:
    """The worth of each ``property`` and ``when`` rule as a function, as conditions are: made once,
    with the words for it."""

    def made(rule: ScoringRule) -> Judge:
        if rule.property:
            return _tabled(rule, playbook.properties[rule.property], playbook.locale)
        assert rule.when is not None
        return _conditional(rule, rule.when, playbook)

    return kept(
        playbook, "_judges", lambda: {r.id: made(r) for r in playbook.rules if not r.signal}
    )


def _unseen(playbook: Playbook) -> Mapping[str, Worth]:
    """The rules on signals, as for somebody who did nothing of the kind."""
    return kept(
        playbook,
        "_unseen",
        lambda: {r.id: _counted(r, playbook, 0, 0) for r in playbook.rules if r.signal},
    )


def _tabled(rule: ScoringRule, property: Property, locale: str) -> Judge:
    property_id, judged = property.id, _ByValue(rule, property, locale)
    if property.type in values.EXACT:
        return lambda readable: judged[readable.values.get(property_id)]
    return lambda readable: judged.of(readable.values.get(property_id))


class _ByValue(dict[Value | None, Worth]):
    """A table's worth by value: where there are few values, each is judged once."""

    def __init__(self, rule: ScoringRule, property: Property, locale: str) -> None:
        self.rule, self.property, self.locale = rule, property, locale

    def __missing__(self, value: Value | None) -> Worth:
        found = self[value] = self.of(value)
        return found

    def of(self, value: Value | None) -> Worth:
        rule, property = self.rule, self.property
        if value is None:
            return _worth(rule, None, lambda: f"{property.label} is not known yet")
        points = table_points(rule, property, value) or 0
        return _worth(
            rule,
            points,
            lambda: f"{property.label} is {wording.label(property, value, self.locale)}",
            listed=points != 0 or _names(rule, property, value),
        )


def _conditional(rule: ScoringRule, when: Condition, playbook: Playbook) -> Judge:
    def words() -> str:
        return sentence(when, playbook, playbook.locale)

    holds = when.closure
    judged: Mapping[Truth, Worth] = {
        None: _worth(rule, None, words),
        True: _worth(rule, rule.points, words),
        False: _worth(rule, 0, words),
    }
    return lambda readable: judged[holds(readable)]


def _sighted(unseen: Worth, situation: Situation) -> Worth:
    rule, sightings = unseen.rule, situation.sightings
    assert rule.signal is not None
    times = sightings.times(rule.signal, rule.within)
    if not times:
        return unseen
    points = signal_points(rule, times, sightings.now)
    return _counted(rule, situation.playbook, len(times), points)


def _counted(rule: ScoringRule, playbook: Playbook, times: int, points: int) -> Worth:
    signal = rule.signal or ""

    def words() -> str:
        name = str(playbook.signals[signal].label or signal.replace("_", " ").capitalize())
        return f"{name} seen {'once' if times == 1 else f'{times} times'}"

    return _worth(rule, points, words)


def _worth(
    rule: ScoringRule, points: int | None, words: Callable[[], str], *, listed: bool | None = None
) -> Worth:
    shown = points != 0 if listed is None else listed
    return Worth(rule, points, capped(rule, points or 0), shown, rule_subjects(rule), words)


def signal_points(rule: ScoringRule, times: Sequence[datetime], now: datetime) -> int:
    """Points once if seen at all (the newest occurrence decays), or for each occurrence."""
    counted = times if rule.each else times[-1:]
    half_life = rule.half_life
    if half_life is None:
        return rule.points * len(counted)
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


def _names(rule: ScoringRule, property: Property, value: Value) -> bool:
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


def together(category: Category, worth: Mapping[str, Worth]) -> int:
    """What the rules of a category bring, after its cap."""
    return limited(category, brought(category.ids, worth))


def brought(ids: Iterable[str], worth: Mapping[str, Worth]) -> int:
    """What these rules bring, each after its own cap."""
    total = 0
    for id in ids:
        total += worth[id].brought
    return total


def limited(category: Category, points: int) -> int:
    """Points after a category's cap."""
    return points if category.at_most is None else min(points, category.at_most)


def rule_worth(rule: ScoringRule, readable: Readable, situation: Situation) -> Worth:
    """What a rule is worth with facts as ``readable`` sees them."""
    if rule.signal:
        return seen_worth(situation)[rule.id]
    return judges(situation.playbook)[rule.id](readable)


def totals(playbook: Playbook, readable: Readable, situation: Situation) -> dict[str, int]:
    """Fit, intent and total after all caps, without lines; facts as ``readable`` sees them."""
    worth = {rule.id: rule_worth(rule, readable, situation) for rule in playbook.rules}
    fit, intent = together(playbook.fit, worth), together(playbook.intent, worth)
    return {"fit": fit, "intent": intent, "total": fit + intent}
