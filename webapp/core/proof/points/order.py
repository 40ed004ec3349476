"""Point 6: no condition reads a question that is asked only later, without handling unknown."""

from collections.abc import Iterator

from webapp.core.conditions import Compare
from webapp.core.flow import Flow, Question
from webapp.core.proof.early import places_down, too_early
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.points.reached import not_asked, shown_asked
from webapp.core.proof.report import Finding
from webapp.core.proof.told import Remedy

POINT = 6


def check(inquiry: Inquiry) -> Iterator[Finding]:
    for flow in inquiry.release.flows.values():
        for place, question in enumerate(flow.questions):
            for compare, later in too_early(inquiry.release.playbook, flow, place):
                yield _finding(inquiry, flow, question, compare, later)


def _finding(
    inquiry: Inquiry, flow: Flow, question: Question, compare: Compare, later: Question
) -> Finding:
    label = inquiry.release.playbook.properties[compare.subject.name].label
    when = "in this very question" if later is question else f"later, in “{later.ask}”"
    what = (
        f"The condition of “{question.ask}” reads “{label}”, which is asked only {when}: until "
        f"then it is unknown, and the question is passed over. Ask before, or say what shall "
        f"happen while it is not known (`known: false`)."
    )
    survey = inquiry.survey(flow, fresh=True)
    shown = None
    if survey is not None:
        shown = not_asked(inquiry, survey, question) or shown_asked(inquiry, survey, question)
    down = places_down(inquiry.release.playbook, flow, question.id)
    remedy: Remedy | None = "below" if down else None
    if shown is None:
        return Finding(POINT, "not proved", compare.where, what, flow.id, remedy=remedy)
    return Finding(POINT, "refuted", compare.where, what, flow.id, shown.visitor, remedy)
