"""Is there anybody for whom a condition comes out so? Somebody real, nobody, or not known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from webapp.core.conditions import Condition
from webapp.core.decision import Decision
from webapp.core.errors import FlowError
from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.proof.explore import Exploration, Trace
from webapp.core.proof.families import Family
from webapp.core.proof.formulas import FALSE, SCORE, Accepted
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.ledger import Ledger
from webapp.core.proof.moments import NotConcrete
from webapp.core.proof.paths import Graph
from webapp.core.proof.survey import Ground, spread
from webapp.core.proof.visitor import Visitor, visitor
from webapp.core.proof.witness import Shown, decided
from webapp.core.values import Value

TRIES = 40


@dataclass(frozen=True)
class Answer:
    """``shown`` is somebody for whom it is so; ``nobody`` says that there can be none."""

    shown: Shown | None = None
    nobody: bool = False


def somebody(inquiry: Inquiry, condition: Condition, accepted: Accepted) -> Answer:
    """Look for a visitor of any flow for whom, at the end, the truth is among those accepted."""

    def is_so(decision: Decision) -> bool:
        return condition.closure(decision.situation) in accepted

    met = inquiry.anybody_met(is_so)
    if met is not None:
        return Answer(met)
    open_: list[Ground] = []
    for flow in inquiry.release.flows.values():
        ground = inquiry.ground(flow)
        if ground is None:
            continue
        formula = ground.translator.of(condition, accepted)
        ends = _loose_ends(inquiry, ground, formula)
        if ends is None:
            continue
        open_.append(ground)
        for found in islice(_known_beforehand(ground, ends), TRIES):
            inquiry.tick()
            shown = _real(inquiry, found)
            if shown is not None and is_so(shown.decision):
                inquiry.meet(shown)
                return Answer(shown)
    possible = False
    for ground in open_:
        exact = _exact(inquiry, ground, ground.translator.of(condition, accepted))
        possible = possible or bool(exact[1])
        shown = inquiry.confirm(exact[0].graph, exact[1], is_so)
        if shown is not None:
            return Answer(shown)
    return Answer(nobody=not possible and inquiry.complete)


def _loose_ends(inquiry: Inquiry, ground: Ground, formula: int) -> list[Trace] | None:
    """Visitors for whom the formula holds if nothing is asked; None where there are none."""
    if formula == FALSE:
        return None
    loose = ground.loosened()
    exploration = _explored(inquiry, loose, formula)
    found = list(islice(_holding(exploration), TRIES))
    return found or None


def _exact(inquiry: Inquiry, ground: Ground, formula: int) -> tuple[Exploration, list[Trace]]:
    exploration = _explored(inquiry, ground, formula)
    return exploration, list(islice(_holding(exploration), TRIES))


def _explored(inquiry: Inquiry, ground: Ground, formula: int) -> Exploration:
    reads = ground.translator.formulas.reads[formula]
    scored = bool(reads >> SCORE & 1)
    ledger = Ledger(ground.translator, routed=False, scored=scored, watched=[formula])
    return Exploration(Graph(ledger, fresh=False, tick=inquiry.tick), inquiry.tick)


def _holding(exploration: Exploration) -> Iterator[Trace]:
    for (_, page), held in exploration.ends.items():
        taken = held & exploration.mask(exploration.ledger[page].watched[0])
        if taken:
            for place in spread(exploration, taken):
                yield exploration.trace(page, place)


def _known_beforehand(ground: Ground, traces: Iterable[Trace]) -> Iterator[Visitor]:
    """The same people in the real flow: what it asks of them they answer as they are known.

    What is not known they answer one way or another: the first thing offered, then the last.
    """
    for trace, pick in product(traces, (0, -1)):
        try:
            answers = _answers(ground, trace.options, pick)
            yield visitor(ground.universe, trace.options, answers)
        except NotConcrete:
            continue


def _answers(ground: Ground, options: Mapping[int, int], pick: int) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for question in ground.flow.questions:
        number = ground.universe.of_property[question.property]
        family = ground.universe[number]
        assert isinstance(family, Family)
        held = {p: value for p, value, _ in family.facts(options.get(number, family.nothing))}
        value = held.get(question.property)
        if value is not None and fits(question, value):
            found[question.property] = value
        elif question.required:
            found.setdefault(question.property, _any_value(family, question, pick))
    return found


def _any_value(family: Family, question: Question, pick: int) -> Value | None:
    offered = [v for v in family.values[question.property] if fits(question, v)]
    return offered[pick] if offered else None


def _real(inquiry: Inquiry, found: Visitor) -> Shown | None:
    try:
        decision = decided(inquiry.release, found)
    except FlowError:
        return None
    return Shown(found, decision) if decision.path.ended != "waiting" else None
