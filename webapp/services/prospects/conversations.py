"""A prospect's side of a conversation: begin it, answer, change an answer, ask for a person.

A conversation's token is the whole authority over it. Each function that writes is one commit.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

from webapp.core import values
from webapp.core.conditions import holds
from webapp.core.decision import Decision
from webapp.core.errors import BatonError
from webapp.core.flow import Question, Release
from webapp.services.figures import visits
from webapp.services.flows import releases, trials
from webapp.services.flows.trials import Shown
from webapp.services.prospects import answering, completion, identities, known, taking
from webapp.services.prospects.hearing import hear
from webapp.services.prospects.standing import (
    Standing,
    asking_for_a_person,
    came_back,
    columns,
    events_of,
    standing_of,
)
from webapp.services.prospects.states import Given, State, state_of, suggestion
from webapp.services.prospects.taking import NotThisQuestion
from webapp.services.prospects.visible import state_now
from webapp.services.sales import ringing
from webapp.store import conversations as rows
from webapp.store.database import hold, looking_first, new_id, one_commit
from webapp.store.locks import exclusive
from webapp.store.sites import SiteRow

Json = dict[str, Any]

KEPT = timedelta(days=30)
"""How long a conversation's address opens it. An answer that comes later is kept all the same."""


class UnknownFlow(BatonError):
    def __init__(self, flow: str) -> None:
        super().__init__(f"There is no flow called {flow!r}.")
        self.flow = flow


class UnknownConversation(BatonError):
    def __init__(self) -> None:
        super().__init__("This address belongs to no conversation.")


class ConversationExpired(BatonError):
    def __init__(self) -> None:
        super().__init__("This address has expired. What was said is kept.")


@dataclass(frozen=True, slots=True)
class Started:
    """``token`` opens the conversation and is not kept: only its SHA-256 is."""

    id: str
    token: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Who begins a conversation, and where they came from.

    ``visitor_key`` comes only with consent: what that visitor said before is not asked again, and
    never shown. ``lead_id`` and ``staff_id`` are of a call, where a rep asks about a lead.
    ``source`` holds ``utm_source utm_medium utm_campaign referrer_host page referrer``; ``prefill``
    what to choose beforehand, by question; ``identity`` is a token in which the site's server says
    what it knows of them; ``spam_because`` what the intake's checks found. ``shown`` is the page
    whose first question they are answering.
    """

    site: SiteRow
    skin: str = "form"
    locale: str | None = None
    visitor_key: str | None = None
    source: Mapping[str, str] | None = None
    prefill: Mapping[str, object] | None = None
    identity: str = ""
    spam_because: Sequence[str] = ()
    shown: Shown | None = None
    lead_id: str | None = None
    staff_id: str | None = None
    test: bool = False
    demo: bool = False


def opening(flow_id: str, arrival: Arrival, *, token: str, now: datetime) -> State:
    """How the conversation with this token would begin. Keeps nothing: people look who never
    answer.

    Raises: UnknownFlow, NothingPublished.
    """
    standing, decision, _ = _begun(flow_id, arrival, now, token=token, new_visitor=False)
    row = standing.row
    return state_of(
        decision,
        id=row.id,
        site_id=row.site_id,
        skin=row.skin,
        variant=row.variant,
        test=row.test,
    )


def start(flow_id: str, arrival: Arrival, *, token: str | None = None, now: datetime) -> Started:
    """Begin a conversation on the live release or, for who is drawn in an A/B test, its challenger.

    ``token``, when the caller made one (256 random bits), makes this safe to repeat: a second
    start with it finds the conversation that the first began.

    Raises: UnknownFlow, NothingPublished.
    """
    token = token or secrets.token_urlsafe(32)
    with one_commit("conversations.start"):
        exclusive("conversation", token_hash(token))
        begun = rows.by_token(token_hash(token))
        if begun is not None:
            standing = standing_of(begun)
            return Started(begun.id, token, state_now(standing, standing.decide(now)))
        standing, decision, row = _begun(flow_id, arrival, now, token=token, new_visitor=True)
        row["token_hash"] = token_hash(token)
        row["finished_at"] = None if decision.path.next else now
        rows.add(row)
        if decision.path.next is None:
            rows.update(standing.row, completion.complete(standing, decision, now=now))
        state = state_now(standing, decision)
    return Started(row["id"], token, state)


def show(token: str, *, now: datetime) -> State:
    """How the conversation stands. Raises: UnknownConversation, ConversationExpired."""
    standing = _standing(token)
    if now > standing.row.expires_at:
        raise ConversationExpired
    return state_now(standing, standing.decide(now))


def answer(
    token: str,
    question: str,
    *,
    value: object = None,
    text: str | None = None,
    skip: bool = False,
    turn: str | None = None,
    now: datetime,
    flags: Sequence[str] = (),
    spam_because: Sequence[str] = (),
) -> State:
    """Take one answer, to the question being put or to one answered before.

    ``value`` is what a form or a program chose and ``text`` what was typed freely; with both,
    ``text`` is kept as the words behind the value. ``turn`` names one showing of one question: the
    same turn with the same answer again changes nothing. ``flags`` note what was odd about it;
    ``spam_because``, what makes the whole conversation look like spam, sets it aside for a person.

    When nothing is left to ask, the record, and for sales the lead, its owner and the deliveries,
    are part of the same commit: nobody ever sees one without the other.

    Raises: UnknownConversation, AnswerRefused, Unsure, PersonWanted, NotThisQuestion, TurnAnswered.
    Then nothing is kept.
    """
    take = partial(
        taking.take,
        question=question,
        value=value,
        text=text,
        skip=skip,
        turn=turn,
        spam_because=spam_because,
        now=now,
    )
    with looking_first(), one_commit("conversations.answer"):
        standing = _standing(token, lock=True)
        taken = take(standing)
        if not isinstance(taken, State) and not hold():
            seen, standing = standing, _standing(token, lock=True)
            if standing != seen:
                taken = take(standing)
        if isinstance(taken, State):
            return taken
        taking.keep(standing.row, taken, flags)
        if taken.decision.path.next is None or standing.row.human_asked_at:
            # Reads what may be promised, or who was told: not in a transaction of its own.
            return state_now(taken.standing, taken.decision, taken.given.new)
    return state_now(taken.standing, taken.decision, taken.given.new)


def ask_for_person(token: str, *, now: datetime) -> State:
    """Note that the visitor would rather talk to a person. Asking again changes nothing.

    Raises: UnknownConversation.
    """
    with one_commit("conversations.ask_for_person"):
        standing = _standing(token, lock=True)
        row = standing.row
        if row.human_asked_at is not None:
            return state_now(standing, standing.decide(now))
        standing = replace(standing, events=(*standing.events, asking_for_a_person(now)))
        decision = standing.decide(now)
        changes: Json = {"human_asked_at": now, "last_at": now, "left_at": None}
        if row.finished_at is None:
            changes |= columns(decision) | {"put": answering.put_at(row.put, decision)}
            if decision.path.next is None:
                changes |= completion.complete(standing, decision, now=now)
        if not row.spam:
            ringing.ring(decision, row, now=now)
        rows.update(row, changes)
        return state_now(standing, decision, human_asked_at=now)


def preview_removal(
    token: str,
    question: str,
    *,
    value: object = None,
    text: str | None = None,
    skip: bool = False,
    now: datetime,
) -> tuple[Given, ...]:
    """Which later answers would no longer apply if this one were changed so. Keeps nothing.

    Where the address has expired none is named: its answers are shown to nobody any more.

    Raises: UnknownConversation, AnswerRefused, NotThisQuestion.
    """
    standing = _standing(token)
    row = standing.row
    if now > row.expires_at:
        return ()
    before = state_now(standing, standing.decide(now))
    put = standing.release.flows[row.flow].question(question)
    if put is None or before.answer_to(question) is None:
        raise NotThisQuestion(question, before)
    found = hear(standing, put, value=value, text=text, skip=skip, now=now)
    given = answering.answered(standing, put, found, now=now)
    standing = taking.as_who_they_say(standing, put, found.written)
    after = standing.decide(now, answers=given.answers, heard=given.heard)
    return tuple(
        each
        for each in before.transcript
        if not each.set_aside
        and each.question.property in after.path.set_aside
        and not _still_ahead(each.question, after)
    )


def _still_ahead(question: Question, decision: Decision) -> bool:
    """Whether a question lies behind the one now waiting and may well be reached again."""
    path = decision.path
    if path.next is None:
        return False
    order = decision.flow.questions
    behind = order.index(question) > order.index(path.next)
    return behind and holds(question.when, decision.situation) is not False


def _prefill(release: Release, flow_id: str, wished: Mapping[str, object]) -> Json:
    """What can be chosen beforehand in this flow of all that is wished, as JSON keeps it."""
    found = {
        each.id: suggestion(release.playbook, each, wished)
        for each in release.flows[flow_id].questions
    }
    return {id: values.write(value) for id, value in found.items() if value is not None}


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _begun(
    flow_id: str, arrival: Arrival, now: datetime, *, token: str, new_visitor: bool
) -> tuple[Standing, Decision, Json]:
    """A conversation as it begins: what decides, the decision, and its row, not yet kept."""
    if flow_id not in releases.live()[1].flows:
        raise UnknownFlow(flow_id)
    key = arrival.visitor_key
    find = visits.visitor if new_visitor else visits.known_visitor
    visitor = find(arrival.site, key, now=now) if key else None
    place = trials.place(flow_id, visitor, who=key or token, shown=arrival.shown, test=arrival.test)
    release = place.release
    events = events_of(visitor.id) if visitor else ()
    row = fresh(flow_id, place.release_id, arrival, now=now) | {
        "trial_id": place.trial_id,
        "variant": place.variant,
        "locale": release.flows[flow_id].language_for(arrival.locale),
        "visitor_id": visitor.id if visitor else None,
        "came_back": bool(visitor and (came_back(events, now) or known.has_talked(visitor))),
        "known_before": known.facts_before(visitor, release.playbook),
        "prefill": _prefill(release, flow_id, arrival.prefill or {}),
    }
    standing = Standing(SimpleNamespace(**row), release, events)
    decision = standing.decide(now)
    first = decision.path.next
    if arrival.identity and first is not None:
        # Who sends it has the first question before their eyes, and is answering it.
        vouched = identities.vouched(arrival.identity, arrival.site, release.playbook, now=now)
        row["known_before"] += [each for each in vouched if each["property"] != first.property]
        decision = Standing(SimpleNamespace(**row), release, events).decide(now)
    row |= columns(decision) | {"put": answering.put_at({}, decision)}
    return Standing(SimpleNamespace(**row), release, events), decision, row


def fresh(flow_id: str, release_id: int, arrival: Arrival, *, now: datetime) -> Json:
    """The row of a conversation in which nothing was said, known or decided yet."""
    return {
        "id": new_id(now),
        "expires_at": now + KEPT,
        "site_id": arrival.site.id,
        "flow": flow_id,
        "release_id": release_id,
        "moves_to_id": None,
        "trial_id": None,
        "variant": None,
        "skin": arrival.skin,
        "locale": arrival.locale,
        "visitor_id": None,
        "lead_id": arrival.lead_id,
        "staff_id": arrival.staff_id,
        "test": arrival.test,
        "demo": arrival.demo,
        "came_back": False,
        "spam": bool(arrival.spam_because),
        "spam_because": list(arrival.spam_because),
        "cleared_at": None,
        "source": dict(arrival.source or {}),
        "known_before": [],
        "prefill": {},
        "started_at": now,
        "last_at": now,
        "finished_at": None,
        "left_at": None,
        "resumed_at": None,
        "human_asked_at": None,
        "taken_by_id": None,
        "taken_at": None,
        "revision": 0,
        "answers": [],
        "put": {},
        "heard": {},
    }


def _standing(token: str, *, lock: bool = False) -> Standing:
    row = rows.by_token(token_hash(token), lock=lock)
    if row is None:
        raise UnknownConversation
    return standing_of(row)
