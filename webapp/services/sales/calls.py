"""A rep on the phone: the script is gone through in any order, and each answer is kept at once.

A call is a conversation of its own about somebody's handoff. While it goes on nothing about the
handoff changes; ending it puts a deeper record in the place of the one that stood. Each function
that writes is one commit.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from webapp.core import values, wording
from webapp.core.call import script
from webapp.core.clocks import span
from webapp.core.decision import Decision
from webapp.core.errors import BatonError
from webapp.core.flow import Question
from webapp.core.staff_words import staff_text
from webapp.services.flows import releases
from webapp.services.people import suppression
from webapp.services.prospects import answering, completion, known
from webapp.services.prospects.conversations import Arrival, fresh, token_hash
from webapp.services.prospects.hearing import Heard, hear
from webapp.services.prospects.standing import Standing, columns, events_around, standing_of
from webapp.services.sales import handoffs
from webapp.services.sales.handoff_access import (
    Incomplete,
    NotYours,
    TooLate,
    find,
    hold_case,
    may_act,
    own,
    what_happened,
)
from webapp.store import calls as rows
from webapp.store import conversations, staff
from webapp.store.calls import CallRow
from webapp.store.database import db, one_commit
from webapp.store.handoffs import CLOSED, HandoffRow
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow

Json = dict[str, Any]

GOES_ON: Json = {"ended": "waiting", "finished_at": None}
"""A call ends when the rep ends it, and not with the last question."""


class NoCall(BatonError):
    """Nobody is on the phone with them, or the call was ended meanwhile."""

    def __init__(self) -> None:
        super().__init__("This call has ended.")


class WrittenMeanwhile(BatonError):
    """A colleague wrote something else in the same place. ``theirs`` is in words."""

    def __init__(self, who: str, when: str, theirs: str) -> None:
        super().__init__(f"{who} wrote “{theirs}” here {when}. Save again to replace it.")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is going on, as it stands. ``caller`` began it."""

    row: CallRow
    handoff: HandoffRow
    standing: Standing
    decision: Decision
    caller: StaffRow

    @property
    def answers(self) -> dict[str, Json]:
        """What was written down so far, by property."""
        return {each["property"]: each for each in self.standing.row.answers}


def can_start() -> bool:
    """Whether there is anything to ask: a live flow for calls."""
    return script(releases.live()[1]) is not None


def begun_by(handoff_id: str) -> StaffRow | None:
    """Who is on the phone about this handoff; None if nobody is."""
    row = rows.going_on(handoff_id)
    conversation = conversations.get(row.conversation_id) if row else None
    return staff.by_id(conversation.staff_id) if conversation and conversation.staff_id else None


def start(handoff_id: str, actor: StaffRow, *, now: datetime) -> None:
    """Pick up the phone: a lead not yet accepted is, and the script begins with all that is known.

    Starting again goes on with the call there is.

    Raises: NoSuchHandoff, NotYours, TooLate (also where a colleague is on the phone with them).
    """
    with one_commit("calls.start"):
        handoff = own(handoff_id, actor)
        going_on = rows.going_on(handoff.id)
        if going_on is not None:
            _only_again(going_on, actor, now)
            return
        if handoff.status in CLOSED:
            raise TooLate(what_happened(handoff, now))
        release_id, release = releases.live()
        flow = script(release)
        if flow is None:
            raise TooLate("There is no call script any more.")
        if handoff.status in ("waiting", "assigned"):
            handoffs.take_on(handoff, actor, now=now)
        about = conversations.get(handoff.conversation_id)
        assert about is not None, "a handoff has its conversation"
        arrival = Arrival(
            site=db.session.get_one(SiteRow, about.site_id),
            skin="call",
            locale=about.locale,
            source=about.source,
            lead_id=handoff.lead_id,
            staff_id=actor.id,
            test=handoff.test,
            demo=handoff.demo,
        )
        row = fresh(flow.id, release_id, arrival, now=now) | {
            "token_hash": token_hash(secrets.token_urlsafe()),  # nobody opens it by its address
            "came_back": about.came_back,
            "known_before": known.facts_of_case(handoff.lead_id, about.id, release.playbook),
        }
        standing = Standing(SimpleNamespace(**row), release, events_around(about))
        conversations.add(row | columns(standing.decide(now)) | GOES_ON)
        call = CallRow(conversation_id=row["id"], handoff_id=handoff.id, notes="", notes_revision=0)
        db.session.add(call)
        handoffs.note_event(handoff, actor, "calling", now)


def opened(handoff_id: str, actor: StaffRow, *, now: datetime) -> Call:
    """The call as it stands. Raises: NoSuchHandoff, NotYours, NoCall."""
    handoff = find(handoff_id, actor)
    if not may_act(handoff, actor):
        raise NotYours(handoff.owner_email or handoff.team)
    return _call(handoff, now)


def answer(
    handoff_id: str, actor: StaffRow, *, question: str, value: object, seen: int, now: datetime
) -> Call:
    """Write down one answer, or with an empty ``value`` that there is none after all.

    ``seen`` is the revision of the answer that the rep had before their eyes, 0 for none.

    Raises: NoSuchHandoff, NotYours, NoCall, Incomplete, AnswerRefused, WrittenMeanwhile.
    """
    with one_commit("calls.answer"):
        call = _held(handoff_id, actor, now)
        standing = call.standing
        put = call.decision.flow.question(question)
        if put is None:
            raise Incomplete("question", "This question is not in the call script.")
        found = _heard(standing, put, value, now)
        stood = call.answers.get(put.property)
        if (stood["value"] if stood else None) == found.written:
            return call
        if stood and stood["by"] != actor.email and stood["order"] != seen:
            raise _written_meanwhile(call, put, stood, now)
        standing, decision = _written_down(standing, put, found, actor, now)
    return replace(call, standing=standing, decision=decision)


def note(handoff_id: str, actor: StaffRow, *, text: str, seen: int, now: datetime) -> Call:
    """Keep the notes of a call as they are now, whole.

    Raises: NoSuchHandoff, NotYours, NoCall, WrittenMeanwhile.
    """
    with one_commit("calls.note"):
        call = _held(handoff_id, actor, now)
        row, notes = call.row, values.clean(text)[: values.MAX_TEXT].strip()
        if row.notes == notes:
            return call
        if row.notes_by not in (None, actor.email) and row.notes_revision != seen:
            raise WrittenMeanwhile(_named(row.notes_by or ""), "meanwhile", row.notes)
        row.notes, row.notes_by = notes, actor.email
        row.notes_revision += 1
    return call


def finish(
    handoff_id: str,
    actor: StaffRow,
    *,
    next_step: str = "",
    next_step_at: datetime | None = None,
    reason: str = "",
    now: datetime,
) -> HandoffRow:
    """Hang up: the deeper record, the contact, and what happens next, in one commit.

    A lead worth pursuing needs a next step and its time. One that is not needs that too, or a
    ``reason`` why nothing will come of it; a lead closed so goes back to the track that the call
    led to, where it led to one.

    Raises: NoSuchHandoff, NotYours, NoCall, TooLate, Incomplete.
    """
    with one_commit("calls.finish"):
        call = _held(handoff_id, actor, now)
        handoff, standing = call.handoff, _rest_skipped(call, actor, now)
        decision = standing.decide(now)
        if handoff.status in CLOSED:
            raise TooLate(what_happened(handoff, now))
        waiting = decision.path.next
        if waiting is not None:
            asks = staff_text(str(waiting.ask), decision.situation, rep=actor.name or None)
            raise Incomplete(waiting.id, f"This needs an answer first: {asks}")
        to = decision.destination
        if to.kind == "sales" or not reason:
            _needs_next_step(next_step, next_step_at)
        elif reason not in handoffs.DISQUALIFICATION_REASONS:
            raise Incomplete("reason", "Select why this lead is closed.")
        changes = columns(decision)
        changes |= completion.complete(standing, decision, by=actor.email, now=now)
        conversations.update(standing.row, changes)
        _log(handoff, actor, decision, now)
        if to.kind == "sales" or not reason:
            handoff.next_step, handoff.next_step_at = next_step.strip(), next_step_at
        else:
            handoffs.close(handoff, actor, reason=reason, now=now)
            if to.kind == "nurture" and suppression.of_lead(handoff.lead_id) is None:
                handoffs.back_to_nurture(handoff, actor, to.track, now=now)
    return handoff


def _only_again(row: CallRow, actor: StaffRow, now: datetime) -> None:
    call = conversations.get(row.conversation_id)
    assert call is not None, "a call has its conversation"
    if call.staff_id and call.staff_id != actor.id:
        who = staff.by_id(call.staff_id)
        raise TooLate(f"{who.name or who.email} began a call {span(now - call.started_at)} ago.")


def _held(handoff_id: str, actor: StaffRow, now: datetime) -> Call:
    """The call that is going on, nobody else's to write in until the commit."""
    hold_case(find(handoff_id, actor))
    return _call(own(handoff_id, actor), now, lock=True)


def _call(handoff: HandoffRow, now: datetime, *, lock: bool = False) -> Call:
    row = rows.going_on(handoff.id)
    conversation = conversations.plain(row.conversation_id, lock=lock) if row else None
    if row is None or conversation is None or conversation.finished_at is not None:
        raise NoCall
    standing = standing_of(conversation)
    caller = staff.by_id(conversation.staff_id)
    return Call(row, handoff, standing, standing.decide(now), caller)


def _heard(standing: Standing, put: Question, value: object, now: datetime) -> Heard:
    if value in (None, "", []):
        return Heard(None, None, [])
    return hear(standing, put, value=value, text=None, skip=False, now=now)


def _written_down(
    standing: Standing, put: Question, found: Heard, actor: StaffRow, now: datetime
) -> tuple[Standing, Decision]:
    """Keep one answer; returns how things stand with it."""
    given = answering.answered(standing, put, found, by=actor.email, now=now)
    decision = standing.decide(now, answers=given.answers, heard=given.heard)
    changes = columns(decision) | answering.keep(standing, given, decision, flags=[]) | GOES_ON
    conversations.update(standing.row, changes)
    row = SimpleNamespace(**{**vars(standing.row), **changes})
    return replace(standing, row=row), decision


def _rest_skipped(call: Call, actor: StaffRow, now: datetime) -> Standing:
    """What did not come up counts as skipped, as far as the script allows that."""
    standing = call.standing
    waiting = call.decision.path.next
    while waiting is not None and not waiting.required:
        standing, decision = _written_down(standing, waiting, Heard(None, None, []), actor, now)
        waiting = decision.path.next
    return standing


def _log(handoff: HandoffRow, actor: StaffRow, decision: Decision, now: datetime) -> None:
    handoff.accepted_at = handoff.accepted_at or now
    handoff.contacted_at = handoff.contacted_at or now
    if handoff.status != "opportunity":
        handoff.status = "contacted"
    detail = {"result": "reached", "because": decision.route.because, "to": decision.route.to}
    handoffs.note_event(handoff, actor, "called", now, note=decision.route.because, detail=detail)


def _needs_next_step(what: str, at: datetime | None) -> None:
    if not what.strip():
        raise Incomplete("next_step", "Enter what happens next.")
    if at is None:
        raise Incomplete("next_step_at", "Select when.")


def _written_meanwhile(call: Call, put: Question, stood: Json, now: datetime) -> WrittenMeanwhile:
    playbook = call.decision.playbook
    property = playbook.properties[put.property]
    value = values.read(property, stood["value"]) if stood["value"] is not None else None
    theirs = wording.label(property, value, playbook.locale) if value is not None else "nothing"
    when = f"{span(now - datetime.fromisoformat(stood['at']))} ago"
    return WrittenMeanwhile(_named(stood["by"]), when, theirs)


def _named(email: str) -> str:
    person = staff.by_email(email)
    return person.name if person and person.name else email
