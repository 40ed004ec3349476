"""Whose a lead is: who may read it, who may act on it, and what somebody hears who comes too late.

Nothing here commits but ``read``, which notes who read.
"""

from datetime import datetime

from webapp.core.clocks import span
from webapp.core.errors import BatonError
from webapp.services import audit
from webapp.services.flows import releases
from webapp.services.people.leads import hold
from webapp.store import calls, conversations, handoffs, leads, staff
from webapp.store.conversations import ConversationRow
from webapp.store.database import one_commit, writing
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

_QUIET = ("note", "next_step")
EVENT_WORDS = {
    "accepted": "accepted it",
    "rejected": "sent it back",
    "contacted": "logged a contact",
    "calling": "began a call",
    "called": "wrote down the call",
    "outcome": "recorded the outcome",
    "disqualified": "closed it",
    "reassigned": "gave it to a colleague",
    "snoozed": "snoozed it",
    "woken": "took it up again",
    "next_step": "planned the next step",
    "note": "noted",
    "recycled": "returned it to nurture",
    "meeting_booked": "chose a time for the call",
    "meeting_moved": "chose another time for the call",
    "meeting_cancelled": "called the call off",
    "meeting_followed": "handed on the call that was agreed",
    "suppressed": "put it aside: on the do-not-contact list",
    "superseded": "received a changed answer",
    "continued": "received more: the visitor came back",
    "corrected": "corrected a fact",
    "learnt": "learnt more about their company",
    "credited": "gave the turn back",
    "merged": "said that this is one person under two addresses",
    "separated": "said that these are two people after all",
    "made_real": "said that this was no test",
}


class NoSuchHandoff(BatonError):
    """There is none, or it is nothing this person may know of: the two look the same."""

    def __init__(self) -> None:
        super().__init__("There is no such lead here.")


class NotYours(BatonError):
    def __init__(self, owner: str) -> None:
        super().__init__(f"This lead is with {owner}. They or a manager can do that.")


class TooLate(BatonError):
    """Somebody did something first, or the handoff has moved on."""


class Incomplete(BatonError):
    """Something needed was left out; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def sees_everything(actor: StaffRow) -> bool:
    return actor.role in ("admin", "manager")


def teams_of(actor: StaffRow) -> tuple[str, ...]:
    """The teams a person works or leads in, as they are now."""
    _, release = releases.live()
    return tuple(
        team.id
        for team in release.playbook.teams
        if actor.email == team.lead or any(rep.email == actor.email for rep in team.reps)
    )


def find(id: str, actor: StaffRow) -> HandoffRow:
    """The handoff, for somebody who may read it. Raises: NoSuchHandoff."""
    row = handoffs.get(id)
    if row is None or not may_read(row, actor):
        raise NoSuchHandoff
    return row


def read(id: str, actor: StaffRow, *, now: datetime) -> HandoffRow:
    """The handoff, and a line in the audit log that this person read it. Raises: NoSuchHandoff."""
    find(id, actor)
    with writing(), one_commit("handoffs.read"):
        audit.append("handoff.read", id, actor=actor.id, now=now)
    return find(id, actor)


def may_read(row: HandoffRow, actor: StaffRow) -> bool:
    """Managers read every lead, a rep their own and their teams', a marketer none."""
    if sees_everything(actor):
        return True
    if actor.role != "rep":
        return False
    return row.owner_email == actor.email or row.team in teams_of(actor)


def hold_case(row: HandoffRow) -> list[str]:
    """Let nobody else say anything about a handoff until the commit, before it itself is held;
    returns the ids of all conversations about it, the visitor's own first."""
    said_in = [row.conversation_id, *calls.about(row.id)]
    conversations.hold(ConversationRow.id.in_(said_in))
    lead = leads.get(row.lead_id) if row.lead_id else None
    if lead is not None and lead.email_key is not None:
        hold(lead.email_key)
    return said_in


def readable_for_update(id: str, actor: StaffRow) -> HandoffRow:
    """The handoff as it is now, nobody else's to change until the commit. Raises: NoSuchHandoff."""
    row = handoffs.get_for_update(id)
    if row is None or not may_read(row, actor):
        raise NoSuchHandoff
    return row


def own(id: str, actor: StaffRow) -> HandoffRow:
    """The same, for its owner, a manager, or anybody who reads it while nobody owns it.

    Raises: NoSuchHandoff, NotYours.
    """
    row = readable_for_update(id, actor)
    if not may_act(row, actor):
        raise NotYours(row.owner_email or row.team)
    return row


def may_act(row: HandoffRow, actor: StaffRow) -> bool:
    """Its owner and managers do what there is to do, and with nobody's lead whoever reads it."""
    return row.owner_email in (None, actor.email) or sees_everything(actor)


def what_happened(row: HandoffRow, now: datetime) -> str:
    """ "Sam accepted it 4 s ago." """
    told = [e for e in handoffs.events(row.id) if e.by != "baton" and e.what not in _QUIET]
    last = told[-1] if told else None
    if last is None:
        return f"This lead is {row.status} already."
    person = staff.by_email(last.by)
    who = person.name if person and person.name else last.by
    words = EVENT_WORDS.get(last.what, last.what.replace("_", " "))
    return f"{who} {words} {span(now - last.at)} ago."
