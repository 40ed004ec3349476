"""What another release would change for whom: the same visitors in both."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.core.case import Case
from webapp.core.crowd.people import crowd
from webapp.core.crowd.visitor import Visitor
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.path import fits
from webapp.core.simulate import decide_case

CROWD = 200


@dataclass
class Change:
    """What changes in one flow. Pairs are (before, after); examples show one visitor of each."""

    flow: str
    tried: int = 0
    destinations: Counter[tuple[str, str]] = field(default_factory=Counter)
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], Visitor] = field(default_factory=dict)


def compare(old: Release, new: Release, *, size: int = CROWD) -> Iterator[Change]:
    """For every flow of both releases, who of a crowd would end elsewhere."""
    for flow_id in old.flows.keys() & new.flows.keys():
        change = Change(flow_id)
        for release in (old, new):
            for visitor in crowd(release, release.flows[flow_id], size):
                _count(old, new, visitor, change)
        yield change


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
