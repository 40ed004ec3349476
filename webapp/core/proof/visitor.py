"""A concrete visitor: a case that anybody can simulate, made from the options of a trace."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from webapp.core import values
from webapp.core.case import Case
from webapp.core.cells import cells
from webapp.core.facts import Certainty, Fact
from webapp.core.playbook import Playbook
from webapp.core.proof.families import EARLIER, Direct, Family
from webapp.core.proof.moments import AT, NotConcrete
from webapp.core.proof.sights import Visits
from webapp.core.proof.timeline import timeline
from webapp.core.proof.universe import Universe
from webapp.core.proof.variables import Listed
from webapp.core.signals import Event
from webapp.core.values import Value

A_WHILE = timedelta(hours=1)


@dataclass(frozen=True)
class Known:
    """A fact from before. ``at`` None is as fresh as the case; ``certainty`` None is as stated."""

    property: str
    value: Value
    certainty: Certainty
    at: datetime | None = None


@dataclass(frozen=True)
class Visitor:
    """Everything a case file says about a visitor."""

    flow: str
    at: datetime
    known: tuple[Known, ...] = ()
    events: tuple[Event, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None
    spam: bool = False

    def case(self) -> Case:
        """The case ``baton simulate`` runs."""
        facts = tuple(
            Fact(k.property, k.value, k.certainty, "case", k.at or self.at, order)
            for order, k in enumerate(self._in_file_order())
        )
        return Case(
            flow=self.flow,
            at=self.at,
            facts=facts,
            dated_known=any(k.at for k in self.known if k.certainty is not Certainty.inferred),
            events=self.events,
            answers=self.answers,
            source=self.source,
            spam=self.spam,
            locale=self.locale,
        )

    def document(self) -> dict[str, Any]:
        """The case file as a document, with nothing in it that goes without saying."""
        known = {k.property: _fact(k) for k in self.known if k.certainty is not Certainty.inferred}
        guessed = {k.property: _fact(k) for k in self.known if k.certainty is Certainty.inferred}
        found: dict[str, Any] = {
            "flow": self.flow,
            "at": _instant(self.at),
            "known": known,
            "inferred": guessed,
            "events": [_event(event) for event in self.events],
            "source": dict(self.source),
            "locale": self.locale,
            "spam": self.spam,
            "answers": {p: values.write(value) for p, value in self.answers.items()},
        }
        return {key: value for key, value in found.items() if value}

    @property
    def fresh(self) -> bool:
        """Nothing was known about them beforehand."""
        return not self.known

    @property
    def size(self) -> int:
        """How much there is to read about them."""
        parts = (self.known, self.events, self.answers, self.source)
        return sum(map(len, parts)) + self.spam + (self.locale is not None)

    def _in_file_order(self) -> list[Known]:
        return sorted(self.known, key=lambda k: k.certainty is Certainty.inferred)


def _fact(known: Known) -> Any:
    value = values.write(known.value)
    more: dict[str, Any] = {}
    if known.at:
        more["at"] = _instant(known.at)
    if known.certainty not in (Certainty.stated, Certainty.inferred):
        more["certainty"] = known.certainty.name
    return {"value": value, **more} if more else value


def _event(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {"at": _instant(event.at)}
    if event.event != "page_view":
        found["event"] = event.event
    names = ("id", "page", "utm_source", "utm_medium", "utm_campaign", "referrer_host")
    return {**found, **{name: getattr(event, name) for name in names if getattr(event, name)}}


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def visitor(
    universe: Universe, options: Mapping[int, int], answers: Mapping[str, Value | None]
) -> Visitor:
    """The visitor with these options (variables left out are as plain as can be).

    Raises: NotConcrete.
    """
    known: list[Known] = []
    source: dict[str, str] = {}
    locale, spam = None, False
    for number, option in options.items():
        variable = universe[number]
        if isinstance(variable, Family):
            known += [_known(universe.playbook, *fact) for fact in variable.facts(option)]
    for (kind, name), number in universe.of_word.items():
        if number not in options or kind == "returning":
            continue
        variable = universe[number]
        assert isinstance(variable, Listed)
        value = variable.values[options[number]]
        if kind == "source" and value is not None:
            source[name] = str(value)
        elif kind == "locale":
            locale = str(value) if value != universe.playbook.locale else None
        elif kind == "spam":
            spam = value == "yes"
    events = timeline(universe, options)
    found = Visitor(
        flow=universe.flow.id,
        at=AT,
        known=tuple(known),
        events=tuple(sorted(events, key=lambda event: event.at)),
        answers={p: value for p, value in answers.items() if value is not None},
        source=source,
        locale=locale,
        spam=spam,
    )
    return _returning(universe, options, found)


def _known(playbook: Playbook, property_id: str, value: Value, direct: Direct) -> Known:
    at = None
    if direct.at == EARLIER:
        expires = playbook.properties[property_id].expires
        at = AT - (min(A_WHILE, expires) if expires else A_WHILE)
    return Known(property_id, value, direct.certainty, at)


def _returning(universe: Universe, options: Mapping[int, int], found: Visitor) -> Visitor:
    """Date a fact where only that makes the visitor return."""
    number = universe.visits
    if number is None or number not in options:
        return found
    visits = universe[number]
    assert isinstance(visits, Visits)
    if not visits.by_facts(options[number]) or found.case().dated_known:
        return found
    stated = [k for k in found.known if k.certainty is not Certainty.inferred]
    if stated:
        first = stated[0]
        expires = universe.playbook.properties[first.property].expires
        dated = replace(first, at=AT - (min(A_WHILE, expires) if expires else A_WHILE))
        return replace(found, known=tuple(dated if k is first else k for k in found.known))
    for property in universe.playbook.properties.values():
        if property.id not in universe.of_property and not property.built_in:
            value = _any_value(universe.playbook, property.id)
            if value is not None:
                some = Known(property.id, value, Certainty.stated, AT - A_WHILE)
                return replace(found, known=(*found.known, some))
    raise NotConcrete("Nothing can be known of them that would not matter.")


def _any_value(playbook: Playbook, property_id: str) -> Value | None:
    return next(iter(cells(playbook.properties[property_id], ())), None)
