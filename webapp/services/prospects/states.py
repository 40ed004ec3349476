"""What the web may know of a conversation: what to ask, what was said, how far it is, how it
ended. Never what it is worth: nothing here holds a score, a rule or a tier."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from webapp.core import values, wording
from webapp.core.agreed_call import without
from webapp.core.assignment import back_at
from webapp.core.decision import Decision, by_what_was_said
from webapp.core.errors import AnswerRefused
from webapp.core.flow import Flow, Question
from webapp.core.path import Answer, fits
from webapp.core.playbook import Playbook, Property, Text
from webapp.core.possible import Progress
from webapp.core.values import Value
from webapp.core.visitor_words import said_here, visitor_text


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as the person gave it. ``value`` None and ``label`` empty for a skip; ``before`` is
    what it replaced, in the same words, None where it is the first."""

    question: Question
    asked_as: str
    value: Value | None
    label: str
    said: str | None
    at: datetime
    before: str | None
    set_aside: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """What a prospect may be told: who will be in touch, if they are named, and whether anybody
    will. ``meeting`` opens the times of whoever will be; ``call_at`` is the one agreed on, with
    ``caller`` and chosen on the clock of ``timezone``. Whoever tries the demo is there
    ``at_any_hour``."""

    rep_name: str | None = None
    kept: bool = True
    meeting: str | None = None
    call_at: datetime | None = None
    timezone: str | None = None
    caller: str | None = None
    at_any_hour: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """``text`` is None where the flow has no words for this ending; without a time for the call
    once one was agreed on, which is in the ``promise``. ``back_in`` is how long until those who
    will be in touch work again, None while they do."""

    kind: Literal["sales", "nurture", "decline", "review"]
    text: str | None
    promise: Promise = field(default_factory=Promise)
    back_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One conversation as its visitor sees it. Exactly one of ``question`` and ``ending`` is set.

    ``recognised`` says that something is left out because somebody said it before in this browser.
    ``test`` says that nobody will be told of it. ``version`` tells one wording of the flow from the
    next, ``variant`` which side of an A/B test this is.
    ``transcript`` is every answer that stands, in the order of the flow, then those set aside.
    ``say`` words a text with what was said in this conversation, and nothing from elsewhere.
    ``guess`` is what to confirm while ``confirming``; it follows from what was said here.
    ``receipt`` is the proof of the answer that has just been taken (``services.receipts``).
    ``suggested`` may be chosen beforehand, and is never taken for an answer.
    """

    id: str
    site_id: str
    flow: Flow
    version: str
    variant: str | None
    test: bool
    playbook: Playbook
    locale: str | None
    skin: str
    question: Question | None
    confirming: bool
    guess: Value | None
    suggested: Value | None
    transcript: tuple[Given, ...]
    progress: Progress
    ending: Ending | None
    receipt: str | None
    human_asked_at: datetime | None
    team_told: bool
    recognised: bool
    say: Callable[[Text], str] = field(repr=False)

    @property
    def property(self) -> Property | None:
        """The property the question is about."""
        return self.playbook.properties[self.question.property] if self.question else None

    def answer_to(self, question_id: str) -> Given | None:
        return next((each for each in self.transcript if each.question.id == question_id), None)


def state_of(
    decision: Decision,
    *,
    id: str,
    site_id: str,
    skin: str,
    variant: str | None = None,
    test: bool = False,
    receipt: str | None = None,
    human_asked_at: datetime | None = None,
    team_told: bool = False,
    promise: Promise | None = None,
    since: datetime | None = None,
    prefill: Mapping[str, Any] | None = None,
) -> State:
    """How a decided conversation looks from outside. ``promise`` is what may be promised, once it
    has ended. What was said before ``since`` is not shown: somebody else may be looking. Nor does
    anything follow from what was learnt elsewhere: whoever types somebody's address must not see
    by how it ends what is known of them."""
    decision = by_what_was_said(decision)
    path, locale = decision.path, decision.visit.locale
    if promise is None or decision.destination.kind != "sales":
        promise = Promise()

    def say(text: Text) -> str:
        words = text.to(locale)
        if "{" not in words:
            return words
        offered = _offered(decision, promise.rep_name, words)
        return visitor_text(text, decision.situation, locale, offered, since=since)

    confirming = path.confirming and not (since and _guessed_before(decision, since))

    guess = _guess(decision) if confirming else None
    wished = suggestion(decision.playbook, path.next, (prefill or {}) if since is None else {})

    return State(
        id=id,
        site_id=site_id,
        flow=decision.flow,
        version=decision.release.version(decision.flow.id),
        variant=variant,
        test=test,
        playbook=decision.playbook,
        locale=locale,
        skin=skin,
        question=path.next,
        confirming=confirming,
        guess=guess,
        suggested=wished if guess is None else guess,
        transcript=_transcript(decision, say, since),
        progress=path.progress,
        ending=None if path.next else _ending(decision, say, promise),
        receipt=receipt,
        human_asked_at=human_asked_at,
        team_told=team_told,
        recognised=since is not None
        or any((fact.ref or "").startswith("fact:") for fact in decision.visit.facts),
        say=say,
    )


def suggestion(
    playbook: Playbook, put: Question | None, prefill: Mapping[str, object]
) -> Value | None:
    """What to choose beforehand for a question; None where the wish is no answer to it."""
    if put is None or put.id not in prefill:
        return None
    try:
        wished = values.read(playbook.properties[put.property], prefill[put.id])
    except AnswerRefused:
        return None
    return wished if wished is not None and fits(put, wished) else None


def _offered(decision: Decision, rep_name: str | None, words: str) -> dict[str, str]:
    locale = decision.visit.locale
    offered = {"rep_name": rep_name or wording.our_team(words, locale)}
    span = decision.destination.respond_within
    if span:
        offered["respond_within"] = wording.duration(span, locale)
    return offered


def _transcript(
    decision: Decision, say: Callable[[Text], str], since: datetime | None
) -> tuple[Given, ...]:
    path, answers = decision.path, decision.answers
    standing = [
        (question, answers[question.property], False)
        for question in path.asked
        if question.property in answers and question.property not in path.set_aside
    ]
    aside = [
        (questions[0], answers[property_id], True)
        for property_id in path.set_aside
        if (questions := decision.flow.by_property.get(property_id))
    ]

    def given(question: Question, answer: Answer, set_aside: object) -> Given:
        property = decision.playbook.properties[question.property]
        return Given(
            question=question,
            # The words as they were put may repeat what must not be shown.
            asked_as=(None if since else answer.asked_as) or say(question.ask),
            value=answer.value,
            label=wording.label(property, answer.value, decision.visit.locale),
            said=answer.said,
            at=answer.at,
            before=_replaced(property, answer, decision.visit.locale, since),
            set_aside=bool(set_aside),
        )

    return tuple(given(*each) for each in standing + aside if since is None or each[1].at > since)


def _replaced(
    property: Property, answer: Answer, locale: str | None, since: datetime | None
) -> str | None:
    old = answer.earlier[-1] if answer.earlier else None
    if old is None or (since and old.at <= since):
        return None
    return old.said or wording.label(property, old.value, locale)


def _guess(decision: Decision) -> Value | None:
    path = decision.path
    if path.next is None or not path.confirming:
        return None
    return decision.situation.profile.value(path.next.property)


def _guessed_before(decision: Decision, since: datetime | None) -> bool:
    put = decision.path.next
    return put is None or not said_here(decision.situation.profile.fact(put.property), since)


def _ending(decision: Decision, say: Callable[[Text], str], promise: Promise) -> Ending:
    if not promise.kept:
        # As for whatever a person looks at first: no word of a list, and no call announced.
        text = decision.flow.endings.get("review")
        return Ending("review", say(text) if text else None)
    to = decision.destination
    text = decision.flow.endings.get(to.id) or decision.flow.endings.get(to.kind)
    words = say(text) if text else None
    if words and promise.call_at and to.respond_within:
        words = without(wording.duration(to.respond_within, decision.visit.locale), words)
    awaited = to.kind == "sales" and not promise.call_at and not promise.at_any_hour
    now = decision.visit.now
    opens = back_at(decision.playbook, decision.situation, now) if awaited else None
    return Ending(to.kind, words, promise, opens - now if opens else None)
