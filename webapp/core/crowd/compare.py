"""What another release would change for whom: the same visitors in both."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from webapp.core.case import Case
from webapp.core.crowd.people import crowd
from webapp.core.crowd.visitor import Visitor
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.path import fits
from webapp.core.simulate import decide_case

CROWD = 200


Move = tuple[str, str]
"""From where to where: before, after."""


class Documented(Protocol):
    """A visitor who can be written as a case file."""

    def document(self) -> Mapping[str, Any]: ...


@dataclass
class Change:
    """What changes in one flow, of all that were tried; examples show one visitor of each move."""

    flow: str
    tried: int = 0
    destinations: Counter[Move] = field(default_factory=Counter)
    tiers: Counter[Move] = field(default_factory=Counter)
    examples: dict[Move, Documented] = field(default_factory=dict)


def compare(old: Release, new: Release, flow_id: str, *, size: int = CROWD) -> Change:
    """Who of a crowd would end elsewhere in a flow that both releases have."""
    change = Change(flow_id)
    for release in (old, new):
        for visitor in crowd(release, release.flows[flow_id], size):
            _count(old, new, visitor, change)
    return change


def _count(old: Release, new: Release, visitor: Case, change: Change) -> None:
    if not (_holds(old, visitor) and _holds(new, visitor)):
        return
    try:
        before, after = decide_case(old, visitor), decide_case(new, visitor)
    except FlowError:
        return
    change.tried += 1
    moved = (before.route.to, after.route.to)
    if moved[0] != moved[1]:
        change.destinations[moved] += 1
        change.examples.setdefault(moved, Visitor(visitor))
    if before.tier.id != after.tier.id:
        change.tiers[before.tier.id, after.tier.id] += 1


def _holds(release: Release, visitor: Case) -> bool:
    """Whether a release knows everything this visitor says."""
    properties = release.playbook.properties
    for name, value in [*visitor.answers.items(), *((f.property, f.value) for f in visitor.facts)]:
        if name not in properties:
            return False
        choices = properties[name].choices
        said = value if isinstance(value, tuple) else (value,)
        if choices and not all(each in choices for each in said):
            return False
        asked = release.flows[visitor.flow].by_property.get(name, ())
        if not all(fits(question, value) for question in asked):
            return False
    return True
