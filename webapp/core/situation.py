"""Everything conditions may read about one visitor at one instant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

from webapp.core.conditions import Readable, Subject, Truth
from webapp.core.facts import Fact, Profile
from webapp.core.flow import Flow
from webapp.core.playbook import Disqualifier, Playbook
from webapp.core.signals import Event, Sightings
from webapp.core.values import Value

GateResult = Literal["clear", "tripped", "unknown"]
IcpMatch = Literal["yes", "partial", "no"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """What is given before and beside the answers of one conversation.

    ``now`` is the instant everything is judged at. ``facts`` were known before the conversation
    or came from elsewhere since. ``put_at`` says when each question (by id) was first put: its
    signals and clock stay those of that moment, so that a replay never drops an answer because
    time went by. ``source`` holds ``utm_source utm_medium utm_campaign referrer_host``. ``since``
    are facts learnt after the conversation, and ``seen_since`` what the same person turned out to
    have done at another browser: they count for score, route and record, and change nothing about
    what was asked. ``ended_at`` is for deciding about a conversation after its end: what was not
    put by then is judged as of then, so that time going by opens no question again.
    """

    now: datetime
    facts: tuple[Fact, ...] = ()
    events: tuple[Event, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None
    returning: bool = False
    spam: bool = False
    put_at: Mapping[str, datetime] = field(default_factory=dict)
    since: tuple[Fact, ...] = ()
    seen_since: tuple[Event, ...] = ()
    ended_at: datetime | None = None


class Situation:
    """A visitor in a flow, readable by conditions.

    Score, tier and checklist are there only once ``decided``; conditions that run earlier cannot
    name them.
    """

    def __init__(self, playbook: Playbook, flow: Flow | None, visit: Visit) -> None:
        self.playbook = playbook
        self.flow = flow
        self.visit = visit
        self.profile = Profile(playbook, visit.facts, visit.now)
        self.values: Mapping[str, Value | None] = self.profile.values
        self.profile.values.update(_beside(playbook, flow, visit))
        self._sightings = Sightings(playbook, visit.events, visit.now)
        self._judged: dict[str, Any] = {}

    def add(self, fact: Fact) -> None:
        """Know what an answer of the running conversation states."""
        self.profile.add(fact)
        self._judged.clear()

    def move_to(self, now: datetime) -> None:
        if now != self.profile.now:
            self.profile.move_to(now)
            self._judged.clear()

    def learn(self) -> None:
        """From here on know what was learnt after the conversation."""
        for fact in self.visit.since:
            self.add(fact)
        if self.visit.seen_since:
            seen = (*self.visit.events, *self.visit.seen_since)
            self._sightings = Sightings(self.playbook, seen, self.profile.now)
            self._judged.clear()

    @property
    def sightings(self) -> Sightings:
        """What was seen of them by now."""
        if self._sightings.now != self.profile.now:
            self._sightings = self._sightings.at(self.profile.now)
        return self._sightings

    def decided(self, score: Mapping[str, int], tier: str, icp: IcpMatch) -> None:
        """From here on let conditions read what was decided."""
        self.profile.values.update({f"score.{part}": Decimal(n) for part, n in score.items()})
        self.profile.values.update(tier=tier, icp=icp)

    def known_only(self) -> "Situation":
        """The same visitor with every inferred fact taken away."""
        other = Situation.__new__(Situation)
        other.__dict__.update(self.__dict__)
        other.profile = self.profile.known_only()
        other.values = other.profile.values
        other.profile.values.update(_beside(self.playbook, self.flow, self.visit))
        other._judged = {}
        return other

    def judged(self, what: str, judge: Callable[["Situation"], T]) -> T:
        """``judge(self)``, once for as long as nothing changes: rules, bounds and uncertainties
        ask the same again and again."""
        try:
            found: T = self._judged[what]
        except KeyError:
            found = self._judged[what] = judge(self)
        return found

    def disqualified(self) -> Truth:
        """Whether a hard gate is tripped."""
        return self.judged("disqualified", _disqualified)

    def read(self, subject: Subject) -> Value | None:
        if subject.kind == "signal":
            return Decimal(self.sightings.count(subject.name, subject.within))
        if subject.kind == "disqualified":
            return _yes_or_no(self.disqualified())
        if subject.kind == "disqualifier":
            return gate_result(self.playbook.gates[subject.name], self)
        return self.values.get(subject.key)


def _beside(playbook: Playbook, flow: Flow | None, visit: Visit) -> dict[str, Value | None]:
    """What conditions read of the flow and of how somebody came."""
    return {
        "flow.id": flow.id if flow else None,
        "flow.intent": flow.intent if flow else None,
        "locale": visit.locale or playbook.locale,
        "returning": "yes" if visit.returning else "no",
        "spam": "yes" if visit.spam else "no",
        **{f"source.{name}": value for name, value in visit.source.items()},
    }


def _yes_or_no(truth: Truth) -> str | None:
    return None if truth is None else ("yes" if truth else "no")


def gate_result(gate: Disqualifier, readable: Readable) -> GateResult:
    truth = gate.when.closure(readable)
    return "unknown" if truth is None else ("tripped" if truth else "clear")


def _disqualified(situation: Situation) -> Truth:
    return disqualified(situation.playbook, situation)


def disqualified(playbook: Playbook, readable: Readable) -> Truth:
    """True if a hard gate is tripped, else unknown if one is unknown, else false."""
    result: Truth = False
    for gate in playbook.disqualifiers:
        if gate.gate == "hard":
            truth = gate.when.closure(readable)
            if truth is True:
                return True
            if truth is None:
                result = None
    return result


def icp_match(playbook: Playbook, readable: Readable) -> IcpMatch:
    """How well somebody fits the checklist of ideal customers."""
    criteria = [criterion.when.closure(readable) for criterion in playbook.icp]
    return matched(criteria, disqualified(playbook, readable))


def matched(criteria: Sequence[Truth], disqualified: Truth) -> IcpMatch:
    """``no`` when a hard gate is tripped or every criterion is false, ``yes`` when all are true."""
    if disqualified:
        return "no"
    found = set(criteria)
    if found <= {True}:
        return "yes"
    return "no" if found == {False} else "partial"


class Supposing:
    """A situation in which some properties are supposed to have other values (None: unknown)."""

    __slots__ = ("situation", "supposed", "values")

    def __init__(self, situation: Situation, supposed: Mapping[str, Value | None]) -> None:
        self.situation = situation
        self.supposed = supposed
        self.values: Mapping[str, Value | None] = {**situation.values, **supposed}

    def supposing(self, more: Mapping[str, Value | None]) -> "Supposing":
        return Supposing(self.situation, {**self.supposed, **more})

    def read(self, subject: Subject) -> Value | None:
        if subject.kind == "disqualified":
            return _yes_or_no(disqualified(self.situation.playbook, self))
        if subject.kind == "disqualifier":
            return gate_result(self.situation.playbook.gates[subject.name], self)
        return self.situation.read(subject)
