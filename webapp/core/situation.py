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

    ``score``, ``tier`` and ``icp`` are known only once decided (see ``decision``); conditions
    that run earlier cannot name them.
    """

    def __init__(self, playbook: Playbook, flow: Flow | None, visit: Visit) -> None:
        self.playbook = playbook
        self.flow = flow
        self.visit = visit
        self.profile = Profile(playbook, visit.facts, visit.now)
        self.sightings = Sightings(playbook, visit.events, visit.now)
        self.score: Mapping[str, int] = {}
        self.tier: str | None = None
        self.icp: str | None = None
        self._state: object = None
        self._judged: dict[str, Any] = {}

    def move_to(self, now: datetime) -> None:
        self.profile.move_to(now)
        if now != self.sightings.now:
            self.sightings = Sightings(self.playbook, self.visit.events, now)

    def learn(self) -> None:
        """From here on know what was learnt after the conversation."""
        for fact in self.visit.since:
            self.profile.add(fact)
        if self.visit.seen_since:
            seen = (*self.visit.events, *self.visit.seen_since)
            self.sightings = Sightings(self.playbook, seen, self.sightings.now)
            self._state = None

    def known_only(self) -> "Situation":
        """The same visitor with every inferred fact taken away."""
        other = Situation.__new__(Situation)
        other.__dict__.update(self.__dict__)
        other.profile = self.profile.known_only()
        other._state = None
        return other

    def judged(self, what: str, judge: Callable[["Situation"], T]) -> T:
        """``judge(self)``, once for as long as nothing changes: rules, bounds and uncertainties
        ask the same again and again."""
        state = self.profile.changes, self.profile.now
        if self._state != state:
            self._state, self._judged = state, {}
        if what not in self._judged:
            self._judged[what] = judge(self)
        found: T = self._judged[what]
        return found

    def disqualified(self) -> Truth:
        """Whether a hard gate is tripped."""
        return self.judged("disqualified", _disqualified)

    def read(self, subject: Subject) -> Value | None:
        kind = subject.kind
        if kind == "property":
            fact = self.profile.fact(subject.name)
            return None if fact is None else fact.value
        if kind == "signal":
            return Decimal(self.sightings.count(subject.name, subject.within))
        return read_around(self, self, subject)


def read_around(situation: Situation, readable: Readable, subject: Subject) -> Value | None:
    """Read what is neither property nor signal; gates are judged through ``readable``."""
    match subject.kind:
        case "flow":
            if situation.flow is None:
                return None
            return situation.flow.id if subject.name == "id" else situation.flow.intent
        case "source":
            return situation.visit.source.get(subject.name)
        case "locale":
            return situation.visit.locale or situation.playbook.locale
        case "returning":
            return "yes" if situation.visit.returning else "no"
        case "spam":
            return "yes" if situation.visit.spam else "no"
        case "disqualified":
            if readable is situation:
                truth = situation.disqualified()
            else:
                truth = disqualified(situation.playbook, readable)
            return None if truth is None else ("yes" if truth else "no")
        case "disqualifier":
            gates = situation.playbook.disqualifiers
            return gate_result(next(g for g in gates if g.id == subject.name), readable)
        case "score":
            return Decimal(situation.score[subject.name])
        case "tier":
            return situation.tier
        case "icp":
            return situation.icp
    raise AssertionError(subject)


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

    __slots__ = ("situation", "supposed")

    def __init__(self, situation: Situation, supposed: Mapping[str, Value | None]) -> None:
        self.situation = situation
        self.supposed = supposed

    def supposing(self, more: Mapping[str, Value | None]) -> "Supposing":
        return Supposing(self.situation, {**self.supposed, **more})

    def read(self, subject: Subject) -> Value | None:
        if subject.kind == "property":
            if subject.name in self.supposed:
                return self.supposed[subject.name]
            return self.situation.profile.value(subject.name)
        if subject.kind == "signal":
            return self.situation.read(subject)
        return read_around(self.situation, self, subject)
