"""Open conversations as the team sees them: who is there, who asks for a person, and stepping in.

While a person is there the flow waits in the background; answers given stay given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from webapp.core import values
from webapp.core.decision import Decision, by_what_was_said
from webapp.core.errors import BatonError
from webapp.services import audit
from webapp.services.flows import releases
from webapp.services.operations import demo
from webapp.services.prospects.conversations import UnknownConversation, token_hash
from webapp.services.prospects.standing import standing_of
from webapp.services.sales import ringing
from webapp.services.sales.handoff_access import may_read, sees_everything, teams_of
from webapp.store import access, handoffs, messages, staff
from webapp.store import audit as log
from webapp.store import conversations as rows
from webapp.store.database import db, one_commit, writing
from webapp.store.handoffs import HandoffRow
from webapp.store.messages import MessageRow
from webapp.store.staff import StaffRow

OPEN_FOR = timedelta(minutes=30)
"""A conversation in which nothing was said for longer is not live."""
LONGEST = 2_000
MOST_MESSAGES = 500


class NoSuchConversation(BatonError):
    """There is none, or it is none this person may watch: the two look the same."""

    def __init__(self) -> None:
        super().__init__("There is no such conversation here.")


class SomebodyIsThere(BatonError):
    def __init__(self, who: str) -> None:
        super().__init__(f"{who} is talking with them already.")


class NothingSaid(BatonError):
    def __init__(self) -> None:
        super().__init__("Enter your message.")


class TalkFull(BatonError):
    def __init__(self) -> None:
        super().__init__(
            f"{MOST_MESSAGES} messages were written here, and it takes no more: "
            "yours was not sent. Call or write to them."
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """One open conversation with its live decision and what was written beside it."""

    row: Any
    decision: Decision
    messages: Sequence[MessageRow]
    person: StaffRow | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A visitor's side: the person's name while one is there, else whether the team was told and
    when somebody is back (None: now), what was written, and whether there is room for more."""

    person: str | None
    told: bool
    back_at: datetime | None
    messages: Sequence[MessageRow]
    full: bool


def open_now(actor: StaffRow, *, now: datetime) -> list[Any]:
    """Conversations the actor may watch in which somebody is there, those who ask for a person
    first."""
    return _those_for(actor, rows.open_since(now - OPEN_FOR), now)


def turned_hot(actor: StaffRow, *, now: datetime) -> int:
    """How many conversations the actor may watch are in the highest tier, with nobody of ours in
    them yet."""
    best = releases.live()[1].playbook.tiers[0].id
    return len(_those_for(actor, rows.unattended_since(now - OPEN_FOR, best), now))


def watch(id: str, actor: StaffRow, *, now: datetime) -> Watched:
    """What somebody says, as they say it. The first look of each person is noted in the audit log.

    Raises: NoSuchConversation.
    """
    row = rows.plain(id)
    if row is None or not _may_watch(row, actor, now):
        raise NoSuchConversation
    if not log.holds("conversation.read", id, actor=actor.id):
        with writing(), one_commit("live.watch"):
            audit.append("conversation.read", id, actor=actor.id, now=now)
    person = staff.by_id(row.taken_by_id) if row.taken_by_id else None
    return Watched(row, standing_of(row).decide(now), messages.of_conversation(id), person)


def step_in(id: str, actor: StaffRow, *, now: datetime) -> None:
    """Take a conversation over. Raises: NoSuchConversation, SomebodyIsThere."""
    with one_commit("live.step_in"):
        row = rows.plain(id, lock=True)
        if row is None or row.finished_at is not None or not _may_watch(row, actor, now):
            raise NoSuchConversation
        if row.taken_by_id not in (None, actor.id):
            raise SomebodyIsThere(staff.by_id(row.taken_by_id).name)
        rows.update(row, {"taken_by_id": actor.id, "taken_at": row.taken_at or now})
        audit.append("conversation.taken", id, actor=actor.id, now=now)


def hand_back(id: str, actor: StaffRow, *, now: datetime) -> None:
    """Leave the conversation to the flow again, or have a manager end a colleague's presence.

    Raises: NoSuchConversation, SomebodyIsThere.
    """
    with one_commit("live.hand_back"):
        row = rows.plain(id, lock=True)
        if row is None or not _may_watch(row, actor, now):
            raise NoSuchConversation
        if row.taken_by_id not in (None, actor.id) and not sees_everything(actor):
            raise SomebodyIsThere(staff.by_id(row.taken_by_id).name)
        rows.update(row, {"taken_by_id": None, "taken_at": None})
        audit.append("conversation.handed_back", id, actor=actor.id, now=now)


def say(id: str, actor: StaffRow, *, text: str, now: datetime) -> None:
    """Write to the visitor; stepping in first if nobody has.

    Raises: NoSuchConversation, SomebodyIsThere, NothingSaid, TalkFull.
    """
    step_in(id, actor, now=now)
    _keep(id, actor.email, text, now)


def write(token: str, *, text: str, turn: str = "", now: datetime) -> None:
    """The visitor writes. ``turn`` names one showing of the field: the same words from it again
    are no second message.

    Raises: UnknownConversation, NothingSaid, TalkFull.
    """
    row = rows.by_token(token_hash(token))
    if row is None:
        raise UnknownConversation
    _keep(row.id, None, text, now, turn=turn)


def talk(token: str, *, now: datetime) -> Talk:
    """What the visitor sees of it. Raises: UnknownConversation."""
    row = rows.by_token(token_hash(token))
    if row is None:
        raise UnknownConversation
    person = staff.by_id(row.taken_by_id).name if row.taken_by_id else None
    written = messages.of_conversation(row.id)
    full = len(written) >= MOST_MESSAGES
    if row.resumed_at is not None:
        written = [each for each in written if each.at > row.resumed_at]
    decision = by_what_was_said(standing_of(row).decide(now))
    told = ringing.rings(decision, row)
    return Talk(person, told, ringing.back_at(decision, row, now=now), written, full)


def _those_for(actor: StaffRow, found: Sequence[Any], now: datetime) -> list[Any]:
    handed = handoffs.of_conversations([row.id for row in found])
    return [row for row in found if _is_for(actor, row, handed.get(row.id), now)]


def _may_watch(row: Any, actor: StaffRow, now: datetime) -> bool:
    return _is_for(actor, row, handoffs.of_conversation(row.id), now)


def _is_for(actor: StaffRow, row: Any, handoff: HandoffRow | None, now: datetime) -> bool:
    """Managers watch every conversation, reps those they are in or that their team would get; once
    it has become a lead, whoever may read the lead."""
    if sees_everything(actor) or row.taken_by_id == actor.id:
        return True
    if row.demo and actor.email == demo.REP:
        return True
    if handoff is not None:
        return may_read(handoff, actor)
    teams = teams_of(actor) if actor.role == "rep" else ()
    if not teams:
        return False
    team = ringing.team_for(standing_of(row).decide(now))
    return team is not None and team.id in teams


def _keep(id: str, by: str | None, text: str, now: datetime, *, turn: str = "") -> None:
    said = values.clean(text).strip()[:LONGEST]
    if not said:
        raise NothingSaid
    with one_commit("live.message"):
        row = rows.plain(id, lock=True)
        if turn and not _first_time(id, turn, said, now):
            return
        if len(messages.of_conversation(id)) >= MOST_MESSAGES:
            raise TalkFull
        db.session.add(MessageRow(conversation_id=id, at=now, by=by, text=said))
        rows.update(row, {"last_at": now})


def _first_time(id: str, turn: str, said: str, now: datetime) -> bool:
    """Whether these words came from this showing for the first time; from now on they did. The row
    of the conversation is held, so of two at once one is second."""
    scope = f"talk:{id}"
    key = sha256(f"{turn}\n{said}".encode()).hexdigest()
    if access.first_answer(scope, key) is not None:
        return False
    access.keep_answer(scope, key, key, status=201, response={}, subject=id, now=now)
    return True
