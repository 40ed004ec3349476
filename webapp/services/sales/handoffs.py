"""What reps do with a handoff: take it, send it back, log the contact, say what came of it.

Each function is one commit. Whoever comes second is told who was first.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from webapp.core.errors import sentence
from webapp.core.playbook import Destination
from webapp.services.flows import releases
from webapp.services.people import suppression
from webapp.services.receivers import outbox
from webapp.services.sales import assignment, meetings
from webapp.services.sales.assignment import NotInTheTeams
from webapp.services.sales.handoff_access import (
    Incomplete,
    TooLate,
    own,
    readable_for_update,
    what_happened,
)
from webapp.store import handoffs as rows
from webapp.store.database import one_commit
from webapp.store.handoffs import BEFORE_CONTACT, CLOSED, HandoffRow
from webapp.store.staff import StaffRow

REJECTION_REASONS = {
    "misrouted": sentence("Not for my team"),
    "wrong_details": sentence("Incomplete or wrong details"),
    "outside_criteria": sentence("Outside our agreed criteria"),
    "duplicate": sentence("A duplicate"),
    "existing_customer": sentence("Already a customer"),
    "spam": sentence("Spam"),
}
DISQUALIFICATION_REASONS = {
    "no_need": sentence("No need"),
    "no_budget": sentence("No budget"),
    "no_authority": sentence("No say in it"),
    "timing": sentence("Wrong time"),
    "competitor": sentence("Chose a competitor"),
}
REASONS = REJECTION_REASONS | DISQUALIFICATION_REASONS
CONTACT_RESULTS = {
    "reached": "Reached them",
    "meeting": "Meeting agreed",
    "voicemail": "Left a voicemail",
    "no_answer": "No answer",
    "wrong_number": "Wrong number",
}
OUTCOMES = {"opportunity": "Opportunity", "won": "Won", "lost": "Lost"}
CLOCKS_DIFFER = timedelta(minutes=5)
A_DATE_ALONE = timedelta(days=1)
"""How much earlier the midnight is by which a CRM tells of a day."""


def accept(id: str, actor: StaffRow, *, now: datetime) -> HandoffRow:
    """Take a lead on. A waiting one becomes the actor's.

    Raises: NoSuchHandoff, NotYours, TooLate.
    """
    with one_commit("handoffs.accept"):
        row = readable_for_update(id, actor)
        if row.status == "accepted" and row.owner_email == actor.email:
            return row
        if row.status not in ("waiting", "assigned"):
            raise TooLate(what_happened(row, now))
        if row.status == "assigned":
            own(id, actor)
        take_on(row, actor, now=now)
    return row


def take_on(row: HandoffRow, actor: StaffRow, *, now: datetime) -> None:
    """The lead is accepted; a waiting one becomes the actor's. Commits nothing."""
    if row.status == "waiting":
        row.owner_email, row.assigned_at = actor.email, now
    row.status, row.accepted_at = "accepted", now
    note_event(row, actor, "accepted", now)
    _tell("handoff.accepted", row, now)


def reject(
    id: str,
    actor: StaffRow,
    *,
    reason: str,
    note: str = "",
    line: str | None = None,
    now: datetime,
) -> HandoffRow:
    """Send a lead back before anybody spoke with them.

    ``line`` is the scoring rule (or gate) that misled, struck for those who tune the points.
    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    if reason not in REJECTION_REASONS:
        raise Incomplete("reason", "Select why this lead goes back.")
    with one_commit("handoffs.reject"):
        row = own(id, actor)
        if row.status not in BEFORE_CONTACT:
            raise TooLate(what_happened(row, now))
        if line and line not in _lines(row):
            raise Incomplete("line", "Name a rule or a gate of this lead's record.")
        _nobodys_no_more(row, actor, now)
        row.status, row.closed_at = "rejected", now
        note_event(row, actor, "rejected", now, reason=reason, note=note, detail={"line": line})
        assignment.give_back(row, reason, now=now)
        _tell("handoff.rejected", row, now, {"reason": reason, "line": line})
    return row


def log_contact(
    id: str,
    actor: StaffRow,
    *,
    result: str,
    note: str = "",
    at: datetime | None = None,
    next_step: str = "",
    next_step_at: datetime | None = None,
    now: datetime,
) -> HandoffRow:
    """Note an attempt to reach the person. The first one stops the clock, whatever its result.

    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    if result not in CONTACT_RESULTS:
        raise Incomplete("result", "Select how it went.")
    with one_commit("handoffs.log_contact"):
        row = own(id, actor)
        if row.status in CLOSED:
            raise TooLate(what_happened(row, now))
        at = _when(row, at, now)
        _nobodys_no_more(row, actor, now)
        row.accepted_at = row.accepted_at or at
        row.contacted_at = row.contacted_at or at
        if result in ("reached", "meeting") and row.status != "opportunity":
            row.status = "contacted"
        elif row.status in ("waiting", "assigned"):
            row.status = "accepted"
        if next_step or next_step_at:
            row.next_step, row.next_step_at = next_step or row.next_step, next_step_at
        detail = {"result": result, "at": at.isoformat()}
        note_event(row, actor, "contacted", now, note=note, detail=detail)
    return row


def disqualify(
    id: str, actor: StaffRow, *, reason: str, note: str = "", now: datetime
) -> HandoffRow:
    """Close a lead after speaking with them.

    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    if reason not in DISQUALIFICATION_REASONS:
        raise Incomplete("reason", "Select why this lead is closed.")
    with one_commit("handoffs.disqualify"):
        row = own(id, actor)
        if row.status in CLOSED:
            raise TooLate(what_happened(row, now))
        close(row, actor, reason=reason, note=note, now=now)
    return row


def close(row: HandoffRow, actor: StaffRow, *, reason: str, note: str = "", now: datetime) -> None:
    """Nothing will come of it, and why. Commits nothing."""
    _nobodys_no_more(row, actor, now)
    row.status, row.closed_at = "disqualified", now
    row.contacted_at = row.contacted_at or now
    note_event(row, actor, "disqualified", now, reason=reason, note=note)
    _tell("handoff.outcome", row, now, {"stage": "disqualified", "reason": reason})


def record_outcome(
    id: str,
    actor: StaffRow,
    *,
    stage: str,
    amount: Decimal | None = None,
    currency: str | None = None,
    reason: str | None = None,
    note: str = "",
    at: datetime | None = None,
    now: datetime,
) -> HandoffRow:
    """Say what came of it: an opportunity, won with its amount, lost with its reason.

    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    if stage not in OUTCOMES:
        raise Incomplete("stage", "Select what came of it.")
    if stage == "won" and amount is None:
        raise Incomplete("amount", "Enter the amount, like 12000 EUR.")
    if stage == "lost" and not reason:
        raise Incomplete("reason", "Select why it was lost.")
    with one_commit("handoffs.record_outcome"):
        row = own(id, actor)
        if row.status in ("rejected", "recycled", "suppressed"):
            raise TooLate(what_happened(row, now))
        when = _when(row, at, now)
        _nobodys_no_more(row, actor, now)
        row.status = stage
        row.contacted_at = row.contacted_at or when
        row.closed_at = when if stage in ("won", "lost") else None
        detail = {
            "stage": stage,
            "amount": str(amount) if amount is not None else None,
            "currency": currency,
            "at": when.isoformat(),
        }
        note_event(row, actor, "outcome", now, reason=reason, note=note, detail=detail)
        _tell("handoff.outcome", row, now, {**detail, "reason": reason})
    return row


def reassign(id: str, actor: StaffRow, *, to: str, note: str = "", now: datetime) -> HandoffRow:
    """Give a lead to somebody else, and its call with it; they must take it on anew.

    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    with one_commit("handoffs.reassign"):
        row = own(id, actor)
        if row.status in CLOSED:
            raise TooLate(what_happened(row, now))
        try:
            assignment.reassign(id, to=to, by=actor.email, note=note or None, now=now)
        except NotInTheTeams as refusal:
            raise Incomplete("to", str(refusal)) from None
        if row.status in BEFORE_CONTACT:
            row.status, row.accepted_at = "assigned", None
        row.snoozed_until = None
        meetings.follow(row, by=actor.email, now=now)
        outbox.assigned(row, now=now)
    return row


def snooze(id: str, actor: StaffRow, *, until: datetime, now: datetime) -> HandoffRow:
    """Put a lead out of sight until later. Its deadline stays.

    Raises: NoSuchHandoff, NotYours, Incomplete.
    """
    if not now < until <= now + timedelta(days=90):
        raise Incomplete("until", "Select a time within the next 90 days.")
    with one_commit("handoffs.snooze"):
        row = own(id, actor)
        row.snoozed_until = until
        note_event(row, actor, "snoozed", now, detail={"until": until.isoformat()})
    return row


def wake(id: str, actor: StaffRow, *, now: datetime) -> HandoffRow:
    """Put a snoozed lead back in sight. Raises: NoSuchHandoff, NotYours."""
    with one_commit("handoffs.wake"):
        row = own(id, actor)
        if row.snoozed_until is not None:
            row.snoozed_until = None
            note_event(row, actor, "woken", now)
    return row


def plan_next_step(
    id: str, actor: StaffRow, *, what: str, at: datetime | None, now: datetime
) -> HandoffRow:
    """Say what happens next and when. Raises: NoSuchHandoff, NotYours, Incomplete."""
    if not what.strip():
        raise Incomplete("next_step", "Enter what happens next.")
    if at is None:
        raise Incomplete("next_step_at", "Select when.")
    with one_commit("handoffs.plan_next_step"):
        row = own(id, actor)
        row.next_step, row.next_step_at = what.strip(), at
        note_event(row, actor, "next_step", now, note=what.strip(), detail={"at": at.isoformat()})
    return row


def add_note(id: str, actor: StaffRow, *, note: str, now: datetime) -> HandoffRow:
    """Raises: NoSuchHandoff, Incomplete."""
    if not note.strip():
        raise Incomplete("note", "Enter your note.")
    with one_commit("handoffs.add_note"):
        row = readable_for_update(id, actor)
        note_event(row, actor, "note", now, note=note.strip())
    return row


def nurture_destinations() -> list[Destination]:
    """Where a lead can be sent back to, as the playbook is now."""
    _, release = releases.live()
    return [each for each in release.playbook.destinations.values() if each.kind == "nurture"]


def recycle(id: str, actor: StaffRow, *, to: str = "", note: str = "", now: datetime) -> HandoffRow:
    """Send a rejected or disqualified lead back to nurture, with its history and its owner.
    ``to`` names the destination whose track it joins.

    Raises: NoSuchHandoff, NotYours, TooLate, Incomplete.
    """
    with one_commit("handoffs.recycle"):
        row = own(id, actor)
        if row.status not in ("rejected", "disqualified", "lost"):
            raise TooLate("Only a lead that was sent back or closed can return to nurture.")
        if suppression.of_lead(row.lead_id) is not None:
            raise TooLate("They are on the do-not-contact list: the marketing tool must not write.")
        found = {each.id: each for each in nurture_destinations()}
        if to not in found:
            raise Incomplete("to", "Select which track they join.")
        back_to_nurture(row, actor, found[to].track, note=note, now=now)
    return row


def back_to_nurture(
    row: HandoffRow, actor: StaffRow, track: str | None, *, note: str = "", now: datetime
) -> None:
    """The marketing tool has the lead again, with its history and its owner. Commits nothing."""
    row.status = "recycled"
    note_event(row, actor, "recycled", now, note=note, detail={"track": track})
    _tell("lead.updated", row, now, {"status": "recycled"})
    outbox.entered_nurture(row.record, track, owner=row.owner_email, demo=row.demo, now=now)


def note_event(
    row: HandoffRow,
    actor: StaffRow,
    what: str,
    now: datetime,
    *,
    reason: str | None = None,
    note: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """A colleague did something with a handoff: it is another version from now on."""
    row.updated_at = now
    said = note.strip() or None
    rows.add_event(row, what, at=now, by=actor.email, reason=reason, note=said, detail=detail)


def _when(row: HandoffRow, at: datetime | None, now: datetime) -> datetime:
    """When something happened with a lead: since it came, and not only later. Else nobody's time to
    answer, or to close, would be worth reading.

    Raises: Incomplete.
    """
    if at is None:
        return now
    if at > now + CLOCKS_DIFFER:
        raise Incomplete("at", "This cannot lie in the future.")
    if at < row.created_at - A_DATE_ALONE:
        came = f"{row.created_at:%Y-%m-%d %H:%M} UTC"
        raise Incomplete("at", f"The lead came on {came}. Say when it happened since.")
    return max(at, row.created_at)


def _lines(row: HandoffRow) -> set[str]:
    """The rules and gates that a lead's record shows."""
    record = row.record.record
    return {each["rule"] for each in record["score_lines"]} | {
        each["id"] for each in record["disqualifiers"]
    }


def _nobodys_no_more(row: HandoffRow, actor: StaffRow, now: datetime) -> None:
    """Whoever worked on a lead that waited has it: it is given to nobody else any more."""
    if row.owner_email is None:
        row.owner_email, row.assigned_at = actor.email, now


def _tell(
    event: str, row: HandoffRow, now: datetime, detail: Mapping[str, Any] | None = None
) -> None:
    """Let every connection that wants to know hear of it; the actor knows."""
    outbox.announce(event, row, row.record, detail=detail, now=now)
