"""Facts: what is known about a lead, how surely, and what follows from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import chain
from typing import TYPE_CHECKING

from webapp.core import builtins, values
from webapp.core.keep import kept
from webapp.core.values import Value

if TYPE_CHECKING:
    from webapp.core.playbook import Derive, Playbook, Property


class Certainty(IntEnum):
    """How surely a fact is known, strongest first by number. See ``known``."""

    inferred = 1
    enriched = 2
    observed = 3
    stated = 4
    confirmed = 5

    known: bool
    """Confirmed, stated and observed count as known; enriched and inferred as inferred."""

    def __init__(self, rank: int) -> None:
        self.known = rank >= 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property, with its certainty, source and instant. Never overwritten.

    ``order`` tells which of two facts of one instant was recorded later. ``derived_from`` is the
    fact this one follows from. ``quote`` holds the words it rests on. ``ref`` is where it is kept,
    for evidence (a row's id, or ``answer:<question>``).
    """

    property: str
    value: Value
    certainty: Certainty
    source: str
    at: datetime
    order: int = 0
    derived_from: "Fact | None" = None
    quote: str | None = None
    ref: str | None = None


class Profile:
    """What is known of one lead at one instant.

    A property's effective fact is its strongest unexpired one, the newest among equals; a direct
    fact beats a derived one of the same certainty and instant. Facts later than ``now`` have not
    happened yet. ``add`` takes answers of the running conversation, which always count.
    ``guessed`` are the properties whose effective fact is inferred.
    """

    def __init__(
        self,
        playbook: "Playbook",
        facts: Iterable[Fact],
        now: datetime,
        *,
        guesses: bool = True,
    ) -> None:
        self._playbook = playbook
        self._guesses = guesses
        self._facts: dict[str, list[Fact]] = {}
        self._effective: dict[str, Fact] = {}
        self.guessed: set[str] = set()
        self.values: dict[str, Value | None] = {}
        self.now = self._began = now
        # So long, counted from when it began, what has expired is what has expired now.
        self._after, self._until = timedelta.min, timedelta.max
        self._hold(fact for fact in facts if fact.at <= now)

    def _hold(self, facts: Iterable[Fact]) -> None:
        """Take them all in, and look once for each property what is effective."""
        for fact in facts:
            self._facts.setdefault(fact.property, []).append(fact)
        for property_id in self._facts:
            self._look_again(property_id)

    def fact(self, property_id: str) -> Fact | None:
        """The effective fact, or None where the property is unknown."""
        return self._effective.get(property_id)

    def value(self, property_id: str) -> Value | None:
        return self.values.get(property_id)

    def is_known(self, property_id: str) -> bool:
        """Known, not merely inferred."""
        fact = self._effective.get(property_id)
        return fact is not None and fact.certainty.known

    def add(self, fact: Fact) -> None:
        self._facts.setdefault(fact.property, []).append(fact)
        self._look_again(fact.property)

    def move_to(self, now: datetime) -> None:
        """See the same facts from another instant (what has expired may differ)."""
        self.now = now
        if not self._after < now - self._began <= self._until:
            self._after, self._until = timedelta.min, timedelta.max
            for property_id in self._playbook.expiring:
                self._look_again(property_id)

    def _look_again(self, property_id: str) -> None:
        """Find what is effective of a property now, and of those that follow from it."""
        for each in (property_id, *self._playbook.dependents.get(property_id, ())):
            fact = self._find(each)
            if fact is not None:
                self._effective[each] = fact
                self.values[each] = fact.value
                if fact.certainty.known:
                    self.guessed.discard(each)
                else:
                    self.guessed.add(each)
            elif each in self._effective:
                del self._effective[each], self.values[each]
                self.guessed.discard(each)

    def known_only(self) -> "Profile":
        """The same lead with every inferred fact taken away, derived ones too."""
        profile = Profile(self._playbook, (), self.now, guesses=False)
        each = chain.from_iterable(self._facts.values())
        profile._hold(fact for fact in each if fact.certainty.known)
        return profile

    def recorded(self, property_id: str) -> tuple[Fact, ...]:
        """Every direct fact of a property, expired and losing ones too, in order of time."""
        return tuple(sorted(self._facts.get(property_id, ()), key=lambda f: (f.at, f.order)))

    def conflicts(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """Properties about which two unexpired facts of a person's own words disagree. A confirmed
        fact settles what was said before it, and nothing that is said after."""
        for property_id in self._playbook.properties:
            if len(self._facts.get(property_id, ())) < 2:
                continue
            said = [
                fact
                for fact in self.recorded(property_id)
                if fact.certainty >= Certainty.stated and not self._expired(fact)
            ]
            confirmed = [n for n, f in enumerate(said) if f.certainty is Certainty.confirmed]
            said = said[confirmed[-1] :] if confirmed else said
            type_ = self._playbook.properties[property_id].type
            if len({values.key(type_, fact.value) for fact in said}) > 1:
                yield property_id, tuple(said)

    def expired(self, property_id: str) -> Fact | None:
        """The newest lapsed fact of a property that is unknown now."""
        if self.fact(property_id) is not None:
            return None
        return next((f for f in reversed(self.recorded(property_id)) if self._expired(f)), None)

    def _expired(self, fact: Fact) -> bool:
        expires = self._playbook.properties[fact.property].expires
        if expires is None:
            return False
        lapses = expires - (self._began - fact.at)
        if self.now - self._began > lapses:
            self._after = max(self._after, lapses)
            return True
        self._until = min(self._until, lapses)
        return False

    def _find(self, property_id: str) -> Fact | None:
        property = self._playbook.properties.get(property_id)
        if property is None:
            return None
        candidates = self._facts.get(property_id, [])
        if property.expires is not None:
            candidates = [fact for fact in candidates if not self._expired(fact)]
        if property.derive or property.built_in:
            derived = self._derived(property)
            if (
                derived
                and not self._expired(derived)
                and (self._guesses or derived.certainty.known)
            ):
                candidates = [*candidates, derived]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return max(candidates, key=lambda f: (f.certainty, f.at, f.derived_from is None, f.order))

    def _derived(self, property: "Property") -> Fact | None:
        if property.built_in:
            return self._built_in(property.id)
        if property.derive is None:
            return None
        source = self.fact(property.derive.source)
        if source is None:
            return None
        level = _level(property.derive, self._playbook.properties[source.property], source.value)
        if level is None:
            return None
        value = values.read(property, level)
        if value is None:
            return None
        certainty = Certainty.inferred if property.derive.words else source.certainty
        return _derive(property.id, value, certainty, source)

    def _built_in(self, property_id: str) -> Fact | None:
        email_property = self._playbook.email_property
        email = self.fact(email_property.id) if email_property else None
        if property_id == "first_name":
            name_property = self._playbook.properties.get("name")
            is_text = name_property is not None and name_property.type is values.Type.TEXT
            name = self.fact("name") if is_text else None
            found = builtins.first_name(
                str(name.value) if name else None, str(email.value) if email else None
            )
            source = name or email
            return _derive(property_id, found, Certainty.inferred, source) if found else None
        if email is None:
            return None
        read = builtins.email_domain if property_id == "email_domain" else builtins.email_kind
        value = read(str(email.value))
        return _derive(property_id, value, Certainty.inferred, email) if value else None


def _derive(
    property_id: str, value: Value | None, certainty: Certainty, source: Fact | None
) -> Fact | None:
    if source is None or value is None:
        return None
    return Fact(
        property=property_id,
        value=value,
        certainty=certainty,
        source=source.property,
        at=source.at,
        order=source.order,
        derived_from=source,
        quote=source.quote,
    )


def _level(derive: "Derive", source: "Property", value: Value) -> str | None:
    """The first level that holds the value, else ``otherwise``."""
    if derive.words is not None:
        text = " | ".join(value) if isinstance(value, tuple) else str(value)
        return values.first_mentioned(text, derive.words) or derive.otherwise
    if derive.values is not None:
        held = value if isinstance(value, tuple) else (value,)
        keys = {values.key(source.type, each) for each in held}
        for level, members in _level_keys(derive, source):
            if not keys.isdisjoint(members):
                return level
    return derive.otherwise


def _level_keys(derive: "Derive", source: "Property") -> list[tuple[str, frozenset[object]]]:
    return kept(
        derive,
        "_level_keys",
        lambda: [
            (level, frozenset(values.key(source.type, member) for member in members))
            for level, members in (derive.values or {}).items()
        ],
    )
