"""Point 1: every question can be reached."""

from collections.abc import Callable, Iterator
from itertools import chain, islice

from webapp.core.decision import Decision
from webapp.core.flow import Question
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.paths import Edge
from webapp.core.proof.report import Finding
from webapp.core.proof.survey import Survey, place_of
from webapp.core.proof.undecided import undecided
from webapp.core.proof.witness import Shown
from webapp.core.sentences import sentence

POINT = 1
TRIES = 15


def check(inquiry: Inquiry) -> Iterator[Finding]:
    for survey in inquiry.surveys(fresh=False):
        fresh = inquiry.survey(survey.flow, fresh=True)
        # The last first: whoever is asked so late has mostly been asked what stands before.
        for question in reversed(survey.flow.questions):
            if not survey.is_asked(question):
                yield _never(inquiry, survey, question)
                continue
            if survey.graph.settling and shown_asked(inquiry, survey, question) is None:
                yield _unsure(survey, question)
            if fresh is not None and not fresh.is_asked(question):
                yield _only_known(inquiry, survey, question)


def shown_asked(inquiry: Inquiry, survey: Survey, question: Question) -> Shown | None:
    """A visitor who is asked the question."""

    def is_asked(decision: Decision) -> bool:
        return question in decision.path.asked

    met = inquiry.anybody_met(is_asked, survey.flow.id)
    if met is not None and (met.visitor.fresh or not survey.fresh):
        return met
    if survey.graph.moves.settles(question):
        until = survey.until(question)
        traces = undecided(until, place_of(until.graph, question))
        found = inquiry.confirm(until.graph, traces, is_asked)
        if found is not None:
            return found
    traces = survey.traces_through(survey.place_of(question), lambda edge: edge.asked)
    return inquiry.confirm(survey.asking_on.graph, traces, is_asked)


def _never(inquiry: Inquiry, survey: Survey, question: Question) -> Finding:
    shown = not_asked(inquiry, survey, question)
    what = f"Nobody is ever asked “{question.ask}”: {_why(survey, question)}"
    if shown is None:
        return Finding(POINT, "not proved", question.where, what, survey.flow.id)
    visitor = shown.visitor
    return Finding(POINT, "refuted", question.where, what, survey.flow.id, visitor, "remove")


def not_asked(inquiry: Inquiry, survey: Survey, question: Question) -> Shown | None:
    """A visitor who is not asked, if possible one who meets the question's condition."""
    place = survey.place_of(question)
    wanted: tuple[Callable[[Edge], bool], ...] = (lambda edge: edge.when, lambda _: True)
    traces = chain.from_iterable(
        islice(survey.traces_through(place, each), TRIES) for each in wanted
    )
    graph = survey.asking_on.graph

    def is_not(decision: Decision) -> bool:
        return decision.path.ended != "waiting" and question not in decision.path.asked

    return inquiry.confirm(graph, traces, is_not)


def _why(survey: Survey, question: Question) -> str:
    graph, place = survey.graph, survey.place_of(question)
    layer = graph.layers[place]
    arriving = [n for n, node in enumerate(layer.nodes) if not node.finished]
    if not arriving:
        return "every conversation ends before its turn comes."
    due = [layer.nodes[n] for n in arriving if any(edge.when for edge in layer.edges[n])]
    if not due:
        asks = sentence(question.when, survey.release.playbook)
        return f"when its turn comes, “{asks}” is never true."
    if graph.moves.bit(question) and not question.always:
        return "the same was asked before, or is known."
    if not question.always and all(node.budget == 0 for node in due):
        return f"`ask_at_most: {survey.flow.ask_at_most}` is always used up before."
    return "whoever meets its condition has answered it before, or may be asked nothing more."


def _unsure(survey: Survey, question: Question) -> Finding:
    return Finding(
        POINT,
        "not proved",
        question.where,
        f"No visitor was found who is asked “{question.ask}”: the route may always be settled "
        f"before its turn comes.",
        survey.flow.id,
    )


def _only_known(inquiry: Inquiry, survey: Survey, question: Question) -> Finding:
    shown = shown_asked(inquiry, survey, question)
    return Finding(
        POINT,
        "note",
        question.where,
        f"Nobody who comes for the first time is asked “{question.ask}”, only people about whom "
        f"something is known already.",
        survey.flow.id,
        inquiry.simplest(shown, lambda d: question in d.path.asked).visitor if shown else None,
    )
