"""Properties that follow from one another, as one variable: what is known of each, how surely.

Options are made as they are needed and judged by the same ``Profile`` that judges visitors.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from webapp.core.conditions import Subject
from webapp.core.facts import Certainty, Fact, Profile
from webapp.core.flow import Flow
from webapp.core.playbook import Playbook
from webapp.core.proof.moments import AT, MOMENT
from webapp.core.proof.partition import Partition
from webapp.core.values import Value

MOST_OPTIONS = 20_000

EARLIER, BEFORE, LATER, NOW = -3 * MOMENT, -2 * MOMENT, -MOMENT, timedelta(0)
"""When a fact was learnt: before what its property follows from, with it, after it; just now."""


class TooWide(Exception):
    """Properties that follow from one another have too many joint values to list."""


@dataclass(frozen=True, slots=True)
class Direct:
    """A fact of a property's own: which of its values, how surely, and when."""

    value: int
    certainty: Certainty
    at: timedelta


Key = tuple[Direct | None, ...]


class Family:
    """The properties ``members``, each after what it follows from."""

    def __init__(self, partition: Partition, members: Sequence[str], flows: Sequence[Flow]) -> None:
        self.name = members[0]
        self.members = tuple(members)
        self.playbook: Playbook = partition.playbook
        self.values: Mapping[str, tuple[Value, ...]] = {
            m: () if self.playbook.properties[m].built_in else partition.values(m) for m in members
        }
        self._place = {member: n for n, member in enumerate(members)}
        self._certainties = {m: _certainties(partition, m, members, flows) for m in members}
        self._follows = {m for m in members if partition.source(m)}
        self._keys: list[Key] = []
        self._options: dict[Key, int] = {}
        self._profiles: dict[int, Profile] = {}
        self.nothing = self._option((None,) * len(members))

    def starts(self, *, fresh: bool) -> Sequence[int]:
        if fresh:
            return (self.nothing,)
        beforehand = [[None, *self._direct(member)] for member in self.members]
        size = 1
        for each in beforehand:
            size *= len(each)
        if size > MOST_OPTIONS:
            raise TooWide(", ".join(self.members))
        return [self._option(key) for key in product(*beforehand)]

    def read(self, option: int, subject: Subject) -> Value | None:
        return self._profile(option).value(subject.name)

    def surely(self, option: int, member: str) -> bool:
        """Known, not merely inferred."""
        return self._profile(option).is_known(member)

    def answered(self, option: int, member: str, value: int) -> int:
        """The option after an answer; only what a person confirmed is surer than that."""
        key, place = self._keys[option], self._place[member]
        held = key[place]
        if held is not None and held.certainty > Certainty.stated:
            return option
        answer = Direct(value, Certainty.stated, NOW)
        return self._option((*key[:place], answer, *key[place + 1 :]))

    def facts(self, option: int) -> Iterator[tuple[str, Value, Direct]]:
        """What an option is made of."""
        for member, direct in zip(self.members, self._keys[option], strict=True):
            if direct is not None:
                yield member, self.values[member][direct.value], direct

    def _direct(self, member: str) -> Iterator[Direct]:
        """What may be known of a property by itself, the plainest first."""
        times = (LATER, EARLIER) if member in self._follows else (BEFORE,)
        for at in times:
            for certainty in self._certainties[member]:
                for value in range(len(self.values[member])):
                    yield Direct(value, certainty, at)

    def _option(self, key: Key) -> int:
        found = self._options.get(key)
        if found is None:
            found = self._options[key] = len(self._keys)
            self._keys.append(key)
        return found

    def _profile(self, option: int) -> Profile:
        """What the engine makes of an option, as far as anybody asks."""
        found = self._profiles.get(option)
        if found is None:
            facts = [
                Fact(member, value, direct.certainty, "proof", AT + direct.at)
                for member, value, direct in self.facts(option)
            ]
            found = self._profiles[option] = Profile(self.playbook, facts, AT)
        return found


def families(partition: Partition, flows: Sequence[Flow]) -> list[Family]:
    """Every property that matters, together with what it follows from."""
    groups: list[set[str]] = []
    for property_id in partition.relevant:
        linked = {property_id, *partition.source(property_id)}
        apart = [group for group in groups if group.isdisjoint(linked)]
        for group in groups:
            if not group.isdisjoint(linked):
                linked |= group
        groups = [*apart, linked]
    return [Family(partition, _in_order(partition, group), flows) for group in groups]


def _in_order(partition: Partition, group: Collection[str]) -> list[str]:
    """Each member after all it follows from."""
    ordered: list[str] = []
    waiting = [each for each in partition.relevant if each in group]
    while waiting:
        ready = [each for each in waiting if set(partition.source(each)) <= set(ordered)]
        ordered += ready
        waiting = [each for each in waiting if each not in ready]
    return ordered


def _certainties(
    partition: Partition, member: str, members: Sequence[str], flows: Sequence[Flow]
) -> tuple[Certainty, ...]:
    """The certainties whose difference somebody could notice.

    Stated stands for observed too. Confirmed outlives an answer, and enriched what is guessed
    from words; where nothing can be answered or guessed they are like their neighbours.
    """
    asked = {q.property: q for flow in flows for q in flow.questions}
    always = any(q.always and q.property in members for flow in flows for q in flow.questions)
    follows = bool(partition.source(member))
    found = [Certainty.stated, Certainty.inferred]
    derive = partition.playbook.properties[member].derive
    if follows and derive and derive.words:
        found.append(Certainty.enriched)
    if always or (follows and any(each in asked for each in members)):
        found.append(Certainty.confirmed)
    return tuple(found)
