"""A test that was none: whoever was sent its link by mistake is the lead they would have been."""

from datetime import datetime
from types import SimpleNamespace

from webapp.services import audit
from webapp.services.prospects import completion
from webapp.services.prospects.standing import standing_of
from webapp.services.receivers import outbox
from webapp.services.sales import assignment, deadlines, handoffs, meetings
from webapp.services.sales.handoff_access import (
    NotYours,
    find,
    hold_case,
    may_act,
    readable_for_update,
)
from webapp.store import conversations, leads, records
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

UNTOUCHED = ("waiting", "assigned", "rejected", "suppressed")
"""Statuses of a test that nobody is at. Sent back it is, too, by who thought that it was one."""


def take(handoff_id: str, actor: StaffRow, *, now: datetime) -> HandoffRow:
    """Say that somebody meant what was recorded as a test. From now on they count, and everybody is
    told who would have been; the deadline begins now.

    They are given to whoever they would have been given to; who is at it already, or has agreed on
    a call with them, keeps them. A second click changes nothing.

    Raises: NoSuchHandoff, NotYours.
    """
    with one_commit("in_earnest.take"):
        said_in = hold_case(find(handoff_id, actor))
        row = readable_for_update(handoff_id, actor)
        if not row.test:
            return row
        if not may_act(row, actor):
            raise NotYours(row.owner_email or row.team)
        if row.contacted_at is None:
            row.created_at = now
        kept = row.status not in UNTOUCHED or meetings.agreed(row, now) is not None
        if kept:
            row.test = False
        for id in said_in:
            _counts(id, actor, now)
        if kept or row.test:
            row.test = False
            _stays(row, now)
        handoffs.note_event(row, actor, "made_real", now)
        audit.append("handoff.made_real", row.id, actor=actor.id, now=now)
    return row


def _counts(conversation_id: str, actor: StaffRow, now: datetime) -> None:
    """The conversation counts, and its record is written anew, as of when it was held; what leads
    to sales is handed over with it, where it still is a test. A call that goes on has no record
    yet."""
    row = conversations.plain(conversation_id, lock=True)
    assert row is not None, "a handoff has its conversation"
    changes: dict[str, object] = {"test": False}
    if records.newest_of(row.id) is not None:
        standing = standing_of(SimpleNamespace(**{**vars(row), **changes}))
        decision = standing.decide(standing.last_heard_at)
        changes |= completion.write_down(standing, decision, by=actor.email, quietly=True, now=now)
    conversations.update(row, changes)


def _stays(row: HandoffRow, now: datetime) -> None:
    """Whoever has it keeps it, and everybody else hears of it."""
    lead = leads.get(row.lead_id) if row.lead_id else None
    if not row.demo:
        assignment.belongs(lead, row.owner_email)
    if row.contacted_at is None and not meetings.invite(row, now=now):
        deadlines.begin(row, now=now)
    db.session.flush()
    outbox.announce("handoff.created", row, row.record, recipient=row.owner_email, now=now)
