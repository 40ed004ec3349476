"""Taking one answer: what it amounts to, and what is kept of it. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from webapp.core.decision import Decision
from webapp.core.errors import AnswerRefused, BatonError
from webapp.core.flow import Question
from webapp.core.handoff import in_words
from webapp.core.inputs import fits
from webapp.core.values import Value
from webapp.services.flows import releases
from webapp.services.prospects import answering, completion, identities, known, suspicion
from webapp.services.prospects.hearing import hear
from webapp.services.prospects.standing import Standing, columns
from webapp.services.prospects.states import State
from webapp.services.prospects.visible import state_now
from webapp.store import conversations as rows
from webapp.store.database import db
from webapp.store.visitors import VisitorRow

Json = dict[str, Any]


class NotThisQuestion(BatonError):
    """The question is not put to this visitor. ``state`` says what is, ``was_put`` whether it was
    once, before another answer led elsewhere."""

    def __init__(self, question: str, state: State, *, was_put: bool = False) -> None:
        super().__init__(f"The question {question!r} is not being asked.")
        self.question = question
        self.state = state
        self.was_put = was_put


class TurnAnswered(BatonError):
    """This turn was answered before, with something else. ``state`` is how things stand."""

    def __init__(self, state: State) -> None:
        super().__init__("This question was already answered with something else.")
        self.state = state


class Taken(NamedTuple):
    """An answer and all that it decides, before anything of it is kept. ``words`` are those of the
    record, where it is the last."""

    standing: Standing
    decision: Decision
    columns: Json
    given: answering.Answered
    spam: list[str]
    words: Json | None


def take(
    standing: Standing,
    *,
    question: str,
    value: object,
    text: str | None,
    skip: bool,
    turn: str | None,
    spam_because: Sequence[str],
    now: datetime,
) -> Taken | State:
    """What an answer amounts to or, where it changes nothing, how the conversation stands."""
    row = standing.row
    body = answering.body_hash(value, text, skip=skip)
    kept = answering.of_turn(standing, turn) if turn else None
    if kept is not None:
        state = state_now(standing, standing.decide(now), kept)
        if kept["body"] != body:
            raise TurnAnswered(state)
        return state
    put = standing.release.flows[row.flow].question(question)
    if put is None:
        raise NotThisQuestion(question, state_now(standing, standing.decide(now)))
    guess = partial(_to_confirm, standing, put, now) if put.confirm else None
    found = hear(standing, put, value=value, text=text, skip=skip, now=now, guess=guess)
    if same := answering.same_standing(standing, put, found):
        return state_now(standing, standing.decide(now), same)

    given = answering.answered(standing, put, found, turn=turn, body=body, now=now)
    answering.keep_changes_few(given)
    spam = suspicion.standing(row, given, standing.release.playbook, found=spam_because)
    decision = standing.decide(now, answers=given.answers, heard=given.heard, spam=bool(spam))
    if put not in decision.path.asked:
        state = state_now(standing, standing.decide(now))
        raise NotThisQuestion(question, state, was_put=question in row.put)
    person = as_who_they_say(standing, put, found.written)
    if person.row.known_before != row.known_before:
        standing = person
        decision = standing.decide(now, answers=given.answers, heard=given.heard, spam=bool(spam))
    standing, decision = _moved_on(standing, decision, given, now)
    words = None if decision.path.next else in_words(decision)
    return Taken(standing, decision, columns(decision), given, spam, words)


def keep(row: Any, taken: Taken, flags: Sequence[str]) -> None:
    """Keep an answer and what follows from it; ``row`` is what stands so far."""
    standing, decision, decided, given, spam, words = taken
    now = decision.visit.now
    late = ["late"] if now > row.expires_at else []
    changes = decided | answering.keep(standing, given, decision, flags=[*flags, *late])
    if row.moves_to_id is not None:
        changes |= {"release_id": standing.row.release_id, "moves_to_id": None}
    if spam != row.spam_because:
        changes |= {"spam": bool(spam), "spam_because": spam}
    if standing.row.known_before is not row.known_before:
        changes |= {"known_before": standing.row.known_before}
    if decision.path.next is None:
        changes |= completion.complete(standing, decision, words=words, now=now)
    rows.update(row, changes)


def as_who_they_say(standing: Standing, put: Question, written: object) -> Standing:
    """Once an address was given, what somebody with another one said in this browser is not known
    any more: whatever was left out because of it is asked after all."""
    row, playbook = standing.row, standing.release.playbook
    asked = playbook.email_property
    if (
        row.skin == "call"
        or not asked
        or put.property != asked.id
        or not written
        or not row.visitor_id
    ):
        return standing
    visitor = db.session.get(VisitorRow, row.visitor_id)
    facts = known.facts_before(visitor, playbook, running=row.id, email=str(written))
    facts += identities.vouched_before(row.known_before)
    return replace(standing, row=_with(row, known_before=facts))


def _moved_on(
    standing: Standing, decision: Decision, given: answering.Answered, now: datetime
) -> tuple[Standing, Decision]:
    """The conversation on the release it is to go on with. One that lacks the flow, or a place for
    something said already, leaves it where it is: what was said counts for more."""
    to = standing.row.moves_to_id
    if to is None:
        return standing, decision
    moved = Standing(_with(standing.row, release_id=to), releases.get(to), standing.events)
    said = [*given.answers, *standing.row.known_before]
    said += [fact for found in given.heard.values() for fact in found]
    if not all(fits(each, moved.release.playbook) for each in said):
        return standing, decision
    try:
        new = moved.decide(now, answers=given.answers, heard=given.heard, spam=decision.visit.spam)
    except (LookupError, AnswerRefused):
        return standing, decision
    return moved, new


def _with(row: Any, **columns: object) -> SimpleNamespace:
    """The row with other columns, whether it was read or made."""
    return SimpleNamespace(**{**vars(row), **columns})


def _to_confirm(standing: Standing, put: Question, now: datetime) -> Value | None:
    """The guess that this question is put with, as its visitor sees it."""
    state = state_now(standing, standing.decide(now))
    return state.guess if state.question == put else None
