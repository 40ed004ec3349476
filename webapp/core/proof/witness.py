"""From a trace to a visitor who is real: the engine is asked before anything is claimed of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from webapp.core.decision import Decision
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.proof.explore import Paths, Trace
from webapp.core.proof.moments import NotConcrete
from webapp.core.proof.visitor import Visitor, visitor
from webapp.core.simulate import decide_case
from webapp.core.values import Value


@dataclass(frozen=True)
class Shown:
    """A visitor with what the engine decides of them."""

    visitor: Visitor
    decision: Decision


def decided(release: Release, found: Visitor) -> Decision:
    """What ``baton simulate`` decides of a visitor."""
    return decide_case(release, found.case())


def concrete(graph: Paths, trace: Trace) -> Visitor:
    """The visitor of a trace.

    Raises: NotConcrete.
    """
    options = dict(trace.options)
    answers: dict[str, Value | None] = {}
    for event, choice in zip(graph.events, trace.choices, strict=True):
        if choice.start is not None:
            options[event.variable] = choice.start
        if choice.answer is not None and event.question is not None:
            property_id = event.question.property
            family = graph.universe.family(event.variable)
            assert family is not None
            skipped = choice.answer < 0
            answers[property_id] = None if skipped else family.values[property_id][choice.answer]
    return visitor(graph.universe, options, answers)


def first_shown(
    release: Release,
    graph: Paths,
    traces: Iterable[Trace],
    is_so: Callable[[Decision], bool],
    *,
    tries: int = 50,
) -> Shown | None:
    """The first trace whose visitor the engine confirms, or None."""
    for tried, trace in enumerate(traces):
        if tried >= tries:
            return None
        try:
            found = concrete(graph, trace)
            decision = decided(release, found)
        except (NotConcrete, FlowError):
            continue
        if is_so(decision):
            return Shown(found, decision)
    return None


def simplest(release: Release, shown: Shown, is_so: Callable[[Decision], bool]) -> Shown:
    """The same visitor without whatever is not needed for it to be so."""
    found = shown
    for simpler in ways_to_leave_out(shown.visitor):
        candidate = simpler(found.visitor)
        try:
            decision = decided(release, candidate)
        except FlowError:
            continue
        if decision.path.ended != "waiting" and is_so(decision):
            found = Shown(candidate, decision)
    return found


def ways_to_leave_out(full: Visitor) -> Iterator[Callable[[Visitor], Visitor]]:
    """Visitors without one thing that is known of them, one thing after the other."""
    yield lambda v: replace(v, events=())
    yield lambda v: replace(v, spam=False)
    yield lambda v: replace(v, locale=None)
    for part in ("source", "known", "events", "answers"):
        yield from (partial(_without, part, thing) for thing in getattr(full, part))


def _without(part: str, thing: object, of: Visitor) -> Visitor:
    """The visitor without one entry of a mapping or one member of a tuple."""
    whole = getattr(of, part)
    left: Any = [each for each in whole if each != thing]
    left = {name: whole[name] for name in left} if isinstance(whole, Mapping) else tuple(left)
    return replace(of, **{part: left})
