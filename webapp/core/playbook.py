"""The playbook: what the whole organisation shares. Frozen values, made by ``flow_files``.

The language and its fine print are described in docs/flow-reference.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from webapp.core.conditions import Condition
from webapp.core.errors import NOWHERE, Where
from webapp.core.values import Type, Value


@dataclass(frozen=True)
class Text:
    """Words for people in one or more locales; always holds ``locale``.

    A plain string in a file is a text with the one entry of the playbook's locale, and serves all;
    ``{en: ..}`` serves English.
    """

    by_locale: Mapping[str, str]
    locale: str
    plain: bool = field(default=True, compare=False)

    def to(self, locale: str | None) -> str:
        """The words for a locale: exact, then its language (``de`` for ``de-AT``), then ours."""
        words = self.by_locale
        if locale and locale not in words:
            locale = locale.replace("_", "-").split("-")[0]
        return words.get(locale or self.locale, words[self.locale])

    def __str__(self) -> str:
        return self.by_locale[self.locale]


@dataclass(frozen=True)
class Choice:
    id: str
    label: Text
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derive:
    """How a property follows from another. ``words`` guesses, ``values`` defines.

    Levels stand in the author's order; the first that matches wins.
    """

    source: str
    words: Mapping[str, tuple[str, ...]] | None = None
    values: Mapping[str, tuple[Value, ...]] | None = None
    otherwise: str | None = None


@dataclass(frozen=True)
class Property:
    """A thing worth knowing about a lead. ``expires`` is the age after which a fact lapses."""

    id: str
    label: Text
    type: Type
    choices: Mapping[str, Choice] = field(default_factory=dict)
    ordered: bool = False
    frameworks: Mapping[str, str] = field(default_factory=dict)
    expires: timedelta | None = None
    sensitive: bool = False
    derive: Derive | None = None
    built_in: bool = False
    where: Where = NOWHERE


@dataclass(frozen=True)
class Signal:
    """Something the visitor did, recognised by pattern.

    ``visit`` is ``"every"`` or ``"return"`` for signals that count visits, else None. ``pages``
    are patterns; empty means any page. ``utm`` holds the source fields that must match.
    """

    id: str
    event: str | None = None
    pages: tuple[str, ...] = ()
    visit: Literal["every", "return"] | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    label: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Criterion:
    """One line of the ideal-customer checklist."""

    id: str
    when: Condition
    because: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Disqualifier:
    id: str
    when: Condition
    gate: Literal["hard", "flag"]
    because: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class ScoringRule:
    """One of: ``property`` with ``table``; ``when`` with ``points``; ``signal`` with ``points``.

    Table keys are values of the property (``values.key`` form decides equality).
    """

    id: str
    category: Literal["fit", "intent"]
    property: str | None = None
    table: Mapping[Value, int] = field(default_factory=dict)
    otherwise: int | None = None
    when: Condition | None = None
    signal: str | None = None
    points: int = 0
    each: bool = False
    within: timedelta | None = None
    half_life: timedelta | None = None
    at_most: int | None = None
    because: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Category:
    """``fit`` or ``intent``: its rules in the author's order and its cap, if any."""

    id: Literal["fit", "intent"]
    rules: tuple[ScoringRule, ...] = ()
    at_most: int | None = None

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(rule.id for rule in self.rules)


@dataclass(frozen=True)
class Tier:
    """A band of the total score, from ``least`` up; the last one has no ``least``."""

    id: str
    least: int | None
    label: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class RoutingRule:
    id: str
    to: str
    when: Condition | None = None
    because: Text | None = None
    label: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Destination:
    id: str
    kind: Literal["sales", "nurture", "decline", "review"]
    respond_within: timedelta | None = None
    track: str | None = None
    label: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Hours:
    """Working hours: for each weekday (Monday is 0) spans of minutes since midnight.

    A span that ends at or before its start runs past midnight into the next day.
    """

    timezone: str
    week: Mapping[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class Rep:
    email: str
    weight: int = 1
    capacity: int | None = None


@dataclass(frozen=True)
class Team:
    id: str
    reps: tuple[Rep, ...]
    covers: Condition | None = None
    hours: Hours | None = None
    holidays: tuple[date, ...] = ()
    lead: str | None = None
    label: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Advice:
    """A sentence for the rep, said when its condition is true (always, without one)."""

    say: Text
    when: Condition | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Guidance:
    next_action: tuple[Advice, ...] = ()
    talking_points: tuple[Advice, ...] = ()
    red_flags: tuple[Advice, ...] = ()


@dataclass(frozen=True)
class Playbook:
    """Everything the flows share. ``properties`` and ``signals`` include the built-in ones."""

    name: Text
    locale: str
    timezone: str
    properties: Mapping[str, Property]
    signals: Mapping[str, Signal]
    icp: tuple[Criterion, ...]
    disqualifiers: tuple[Disqualifier, ...]
    fit: Category
    intent: Category
    tiers: tuple[Tier, ...]
    routing: tuple[RoutingRule, ...]
    destinations: Mapping[str, Destination]
    teams: tuple[Team, ...]
    guidance: Guidance

    @cached_property
    def rules(self) -> tuple[ScoringRule, ...]:
        return self.fit.rules + self.intent.rules

    @cached_property
    def gates(self) -> Mapping[str, Disqualifier]:
        return {gate.id: gate for gate in self.disqualifiers}

    @cached_property
    def expiring(self) -> tuple[str, ...]:
        """The properties whose facts lapse."""
        return tuple(p.id for p in self.properties.values() if p.expires)

    @cached_property
    def email_property(self) -> Property | None:
        """Where the built-in e-mail facts come from: ``email``, else the first of its type."""
        found = [p for p in self.properties.values() if p.type is Type.EMAIL]
        return next((p for p in found if p.id == "email"), found[0] if found else None)

    def team(self, id: str | None) -> Team | None:
        """The team of this name; None where there is none (any more)."""
        return next((each for each in self.teams if each.id == id), None)

    def clock_of(self, team: Team | None) -> str:
        """The time zone a team works in; ours where it has no hours."""
        return team.hours.timezone if team and team.hours else self.timezone

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """For each property, those derived from it, directly or not (built-ins too)."""
        direct: dict[str, list[str]] = {}
        for each in self.properties.values():
            if each.derive:
                direct.setdefault(each.derive.source, []).append(each.id)
        if self.email_property:
            direct.setdefault(self.email_property.id, []).extend(
                ("email_domain", "email_kind", "first_name")
            )
        if "name" in self.properties:
            direct.setdefault("name", []).append("first_name")

        def reach(start: str, seen: dict[str, None]) -> dict[str, None]:
            for each in direct.get(start, ()):
                if each not in seen:
                    seen[each] = None
                    reach(each, seen)
            return seen

        return {p: tuple(reach(p, {})) for p in self.properties}

    def tier_of(self, total: int) -> Tier:
        return next(t for t in self.tiers if t.least is None or total >= t.least)
