"""The figures of one flow: fewest and most questions, least and greatest score, shares."""

from collections.abc import Iterator
from dataclasses import replace

from webapp.core.flow import Flow
from webapp.core.proof.explore import Exploration, Trace
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.lengths import extreme_length
from webapp.core.proof.moments import OutOfTime
from webapp.core.proof.paths import Graph
from webapp.core.proof.points.uses import uses
from webapp.core.proof.report import Extreme, FlowReport, Share, Spread
from webapp.core.proof.survey import Survey


def report(inquiry: Inquiry, flow: Flow) -> FlowReport:
    """Everything about one flow. The shares, which cost most, are left out where time runs out.

    Raises: OutOfTime, where there is none for the rest.
    """
    playbook = inquiry.release.playbook
    fresh, anybody = (inquiry.survey(flow, fresh=each) for each in (True, False))
    found = FlowReport(
        flow=flow.id,
        fresh=spread(inquiry, fresh) if fresh else None,
        anybody=spread(inquiry, anybody) if anybody else None,
        uses=uses(playbook, flow),
    )
    if fresh is None:
        return found
    try:
        return replace(found, shares=tuple(_shares(inquiry, fresh)))
    except OutOfTime:
        return replace(found, uncounted=True)


def spread(inquiry: Inquiry, survey: Survey) -> Spread:
    return Spread(
        fewest=_questions(inquiry, survey, -1),
        most=_questions(inquiry, survey, 1),
        least=_score(inquiry, survey, -1),
        greatest=_score(inquiry, survey, 1),
    )


def _questions(inquiry: Inquiry, survey: Survey, sign: int) -> Extreme:
    graph = survey.asking_on.graph if sign > 0 else survey.graph
    number, choices = extreme_length(graph, sign)
    trace = Trace(choices, survey.exploration.plain_options())
    shown = inquiry.confirm(graph, [trace], lambda d: len(d.path.asked) == number)
    if shown is None:
        shown = inquiry.anybody_met(
            lambda d: len(d.path.asked) == number and (not survey.fresh or not d.visit.facts),
            survey.flow.id,
        )
    return Extreme(number, shown.visitor if shown else None)


def _score(inquiry: Inquiry, survey: Survey, sign: int) -> Extreme:
    number, shown = survey.extreme(sign)
    inquiry.meet(shown)
    return Extreme(number, shown.visitor if shown else None, _open_ended(survey, sign))


def _open_ended(survey: Survey, sign: int) -> bool:
    """Whether a rule counts without a limit, in a category without one."""
    playbook = survey.release.playbook
    return any(
        rule.each and rule.points * sign > 0 and (sign < 0 or rule.at_most is None)
        for category in (playbook.fit, playbook.intent)
        if sign < 0 or category.at_most is None
        for rule in category.rules
    )


def _shares(inquiry: Inquiry, survey: Survey) -> Iterator[Share]:
    """Classes of fresh visitors by destination; those the intake takes for spam do not count."""
    graph = survey.asking_on.graph
    if survey.universe.spam is not None:
        graph = Graph(survey.ledger, fresh=True, tick=inquiry.tick, settling=False, spam=False)
    counted = Exploration(graph, inquiry.tick, counting=True)
    found: dict[str, int] = {}
    for (_, number), held in counted.ends.items():
        for place, taken in counted.decided(survey.ledger[number], held):
            to = survey.ledger.destination(place)
            found[to] = found.get(to, 0) + counted.grid.count(taken)
    for to in survey.release.playbook.destinations:
        if to in found:
            yield Share(to, found[to])
