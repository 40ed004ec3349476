"""Point 6: no condition reads a question that is asked only later, without handling unknown."""

from collections.abc import Iterator

from webapp.core.conditions import All, Any, Compare, Condition, Known, Nothing
from webapp.core.flow import Flow, Question
from webapp.core.playbook import Playbook
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.partition import BUILT_IN_FROM_EMAIL
from webapp.core.proof.points.reached import not_asked, shown_asked
from webapp.core.proof.report import Finding

POINT = 6


def check(inquiry: Inquiry) -> Iterator[Finding]:
    for flow in inquiry.release.flows.values():
        for place, question in enumerate(flow.questions):
            for compare, later in _too_early(inquiry.release.playbook, flow, place):
                yield _finding(inquiry, flow, question, compare, later)


def _too_early(playbook: Playbook, flow: Flow, place: int) -> Iterator[tuple[Compare, Question]]:
    """Comparisons of a question's condition that only a later question could decide."""
    for compare in _unguarded(flow.questions[place].when):
        if compare.subject.kind != "property":
            continue
        sources = _sources(playbook, compare.subject.name)
        asking = [n for n, q in enumerate(flow.questions) if q.property in sources]
        if asking and min(asking) >= place:
            yield compare, flow.questions[min(asking)]


def _unguarded(condition: Condition | None) -> Iterator[Compare]:
    """Comparisons that are unknown with their subject, where nothing beside them asks for that."""
    match condition:
        case None:
            return
        case Compare():
            if not any(isinstance(test, Known) for test in condition.tests):
                yield condition
        case All(parts) | Any(parts) | Nothing(parts):
            asked = {
                part.subject
                for part in parts
                if isinstance(part, Compare) and any(isinstance(t, Known) for t in part.tests)
            }
            for part in parts:
                yield from (each for each in _unguarded(part) if each.subject not in asked)


def _sources(playbook: Playbook, property_id: str) -> set[str]:
    """The property and all it may follow from."""
    found = {property_id}
    while (derive := playbook.properties[property_id].derive) is not None:
        property_id = derive.source
        found.add(property_id)
    if property_id in BUILT_IN_FROM_EMAIL and playbook.email_property:
        found.add(playbook.email_property.id)
        if property_id == "first_name":
            found.add("name")
    return found


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
    if shown is None:
        return Finding(POINT, "not proved", compare.where, what, flow.id)
    return Finding(POINT, "refuted", compare.where, what, flow.id, shown.visitor)
