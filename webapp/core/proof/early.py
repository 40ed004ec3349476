"""What a question's condition reads that is asked only later, and how far down that puts it."""

from collections.abc import Iterator
from dataclasses import replace

from webapp.core.conditions import All, Any, Compare, Condition, Known, Nothing
from webapp.core.flow import Flow, Question
from webapp.core.playbook import Playbook
from webapp.core.proof.partition import BUILT_IN_FROM_EMAIL


def places_down(playbook: Playbook, flow: Flow, question_id: str) -> int:
    """How far down a question must go for all that its condition reads to be asked before it; 0
    where no move would settle it, or another question would then be asked too early."""
    place = next((n for n, each in enumerate(flow.questions) if each.id == question_id), 0)
    question = flow.questions[place]
    later = [each for _, each in too_early(playbook, flow, place)]
    if not later or question in later:
        return 0
    to = max(flow.questions.index(each) for each in later)
    order = [*flow.questions[:place], *flow.questions[place + 1 : to + 1], question]
    moved = replace(flow, questions=(*order, *flow.questions[to + 1 :]))
    upset = any(
        len(list(too_early(playbook, moved, n))) > len(list(too_early(playbook, flow, n + 1)))
        for n in range(place, to)
    )
    return 0 if upset else to - place


def too_early(playbook: Playbook, flow: Flow, place: int) -> Iterator[tuple[Compare, Question]]:
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
