"""Why each question of a flow is asked, or not, of one visitor: for those who write the flow."""

from dataclasses import dataclass
from typing import Literal

from webapp.core import wording
from webapp.core.conditions import holds
from webapp.core.decision import Decision
from webapp.core.flow import Question
from webapp.core.sentences import sentence
from webapp.core.values import Value

State = Literal["answered", "skipped", "current", "later", "not_asked"]


@dataclass(frozen=True, slots=True)
class Why:
    """One question of the flow. ``because`` is a sentence; ``answer`` the value in words."""

    question: Question
    state: State
    because: str
    answer: str | None = None


def why(decision: Decision) -> list[Why]:
    """Every question of the flow, in order, with what became of it so far."""
    return [_why(decision, place) for place in range(len(decision.flow.questions))]


def _why(decision: Decision, place: int) -> Why:
    path, question = decision.path, decision.flow.questions[place]
    condition = sentence(question.when, decision.playbook)
    if question in path.asked:
        if question is path.next:
            return Why(question, "current", condition)
        if question.property in path.skipped:
            return Why(question, "skipped", condition)
        return Why(question, "answered", condition, _said(decision, question.property))
    if path.next is not None and place > decision.flow.questions.index(path.next):
        return Why(question, "later", _if_true(decision, question, condition))
    return Why(question, "not_asked", _because(decision, question, condition))


def _because(decision: Decision, question: Question, condition: str) -> str:
    path, situation = decision.path, decision.situation
    truth = holds(question.when, situation)
    if path.finish is not None and truth is not False:
        return f"The conversation ended early: {sentence(path.finish.when, decision.playbook)}"
    if truth is None:
        return f"Not known whether: {condition}"
    if truth is False:
        return f"Not so: {condition}"
    if any(each.property == question.property for each in path.asked):
        return "Asked above already"
    if situation.profile.is_known(question.property):
        return f"Known already: {_said(decision, question.property)}"
    if path.ended == "settled":
        return "No answer could change the decision any more"
    return f"At most {decision.flow.ask_at_most} questions are new to a visitor"


def _if_true(decision: Decision, question: Question, condition: str) -> str:
    situation = decision.situation
    truth = holds(question.when, situation)
    if truth is False:
        return f"Will not be asked as it stands. Not so: {condition}"
    if truth is None:
        return f"Will be asked if: {condition}"
    if situation.profile.is_known(question.property) and not question.always:
        return "Will not be asked: known already"
    return "Will be asked"


def _said(decision: Decision, property_id: str) -> str:
    value: Value | None = decision.situation.profile.value(property_id)
    if value is None:
        return "nothing"
    return wording.label(decision.playbook.properties[property_id], value, decision.playbook.locale)
