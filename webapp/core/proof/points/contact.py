"""Point 5: whoever is sent to sales can be written to or called, and the rep is told what to do."""

from collections.abc import Iterator

from webapp.core.errors import Where
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.report import Finding
from webapp.core.proof.survey import Outcome, Survey, reached
from webapp.core.proof.told import Remedy
from webapp.core.proof.witness import Shown

POINT = 5


def check(inquiry: Inquiry) -> Iterator[Finding]:
    for survey in inquiry.surveys(fresh=False):
        for outcome in survey.outcomes:
            if survey.is_sales(outcome) and not outcome.reachable:
                yield _unreachable(inquiry, survey, outcome)
        yield from _no_next_action(inquiry, survey)


def _unreachable(inquiry: Inquiry, survey: Survey, outcome: Outcome) -> Finding:
    fresh = inquiry.survey(survey.flow, fresh=True)
    shown = None
    if fresh is not None and outcome in fresh.outcomes:
        shown = inquiry.shown(fresh, outcome)
    shown = shown or inquiry.shown(survey, outcome)
    how = f"`{outcome.rule}` sends visitors to sales of whom no e-mail address or phone number is"
    if shown is None:
        what = f"{how} known, it seems, but nobody was found."
        return Finding(POINT, "not proved", survey.flow.where, what, survey.flow.id)
    shown = inquiry.simplest(
        shown,
        lambda d: d.route.to == outcome.to and d.route.rule == outcome.rule and not reached(d),
    )
    what = f"{how} known: {_why(shown)}."
    where = _where(survey, shown)
    remedy: Remedy | None = "require" if _skipped(shown) else None
    return Finding(POINT, "refuted", where, what, survey.flow.id, shown.visitor, remedy)


def _why(shown: Shown) -> str:
    """What became of the question for an address."""
    path, playbook = shown.decision.path, shown.decision.playbook
    if path.finish is not None:
        return f"`{path.finish.id}` ends the conversation before they are asked"
    if _skipped(shown):
        return "they skipped the question, which is optional"
    asks = shown.decision.flow.questions
    if not any(playbook.properties[q.property].type in ("email", "phone") for q in asks):
        return "the flow never asks for one"
    limit = shown.decision.flow.ask_at_most
    if limit is not None and len([q for q in path.asked if not q.always]) == limit:
        return f"`ask_at_most: {limit}` is used up before they are asked"
    return "the question for one is not put to them"


def _skipped(shown: Shown) -> bool:
    """Whether they were asked for an address and passed over it."""
    path, properties = shown.decision.path, shown.decision.playbook.properties
    left_out = any(properties[p].type in ("email", "phone") for p in path.skipped)
    return path.finish is None and left_out


def _where(survey: Survey, shown: Shown) -> Where:
    finish = shown.decision.path.finish
    if finish is not None:
        return finish.where
    playbook = survey.release.playbook
    asks = [
        question.where
        for question in survey.flow.questions
        if playbook.properties[question.property].type in ("email", "phone")
    ]
    return asks[0] if asks else survey.flow.where


def _no_next_action(inquiry: Inquiry, survey: Survey) -> Iterator[Finding]:
    actions = survey.release.playbook.guidance.next_action
    if any(action.when is None for action in actions):
        return
    what = "No next action is said to the rep: the last of `next_action` must fit everybody."
    for outcome in survey.outcomes:
        if survey.is_sales(outcome):
            shown = survey.shown(outcome, lambda d: d.guidance.next_action is None)
            if shown is not None:
                visitor = shown.visitor
                yield Finding(POINT, "refuted", survey.flow.where, what, survey.flow.id, visitor)
                return
            yield Finding(POINT, "not proved", survey.flow.where, what, survey.flow.id)
