"""One person under two addresses: suggested, merged by somebody who knows, and separated again.

A merge moves nothing. Two leads point at each other, what is known of one counts for the other, and
the open cases of both are decided again, as records that supersede those before. Each function that
writes is one commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.core.likeness import Known, likeness
from webapp.services import audit
from webapp.services.people.leads import MERGING, hold_all_about
from webapp.services.prospects import completion
from webapp.services.prospects.standing import columns, standing_of
from webapp.services.receivers import outbox
from webapp.services.sales import handoffs
from webapp.services.sales.handoff_access import NotYours, TooLate, find, may_read, own
from webapp.store import conversations, leads
from webapp.store import handoffs as handoff_rows
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow, ToldApartRow
from webapp.store.locks import exclusive
from webapp.store.staff import StaffRow


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person, and why it looks like that."""

    lead: LeadRow
    because: tuple[str, ...]


class NotAlike(TooLate):
    def __init__(self) -> None:
        super().__init__("These two no longer look like one person. Reload the page.")


def suggestions(lead: LeadRow) -> list[Suggestion]:
    """Who may be the same person as this lead, and was not told apart from them."""
    person = leads.family(lead)
    found: dict[str, Suggestion] = {}
    for mine in person:
        for other in leads.perhaps_the_same(mine):
            because = likeness(_known(mine), _known(other))
            stands = leads.surviving(other)
            if because and stands not in person:
                found.setdefault(stands.id, Suggestion(stands, because))
    return list(found.values())


def merge(handoff_id: str, actor: StaffRow, *, other: str, now: datetime) -> HandoffRow:
    """Say that the person of a handoff and another lead are the same. The older lead stands for
    both. Who comes second finds it done.

    Raises: NoSuchHandoff, NotYours, TooLate.
    """
    with one_commit("merging.merge"):
        row, mine, others = _two_people(handoff_id, actor, other)
        if others[0] in mine:
            return row
        if others[0].id not in {each.lead.id for each in suggestions(mine[0])}:
            raise NotAlike
        _may_be_told_of(others, actor)
        older, newer = sorted((mine[0], others[0]), key=lambda each: (each.created_at, each.id))
        newer.merged_into_id = older.id
        db.session.flush()
        detail = {"lead": older.id, "other": newer.id}
        for each in _decided_again(leads.family(older), now):
            handoffs.note_event(each, actor, "merged", now, detail=detail)
            outbox.announce("lead.updated", each, each.record, detail=detail, now=now)
        audit.append("lead.merged", older.id, actor=actor.id, now=now, detail={"other": newer.id})
    return row


def unmerge(handoff_id: str, actor: StaffRow, *, other: str, now: datetime) -> HandoffRow:
    """Separate two leads that were merged: each is what it would be had they never been.

    Raises: NoSuchHandoff, NotYours, TooLate.
    """
    with one_commit("merging.unmerge"):
        row, mine, _ = _two_people(handoff_id, actor, other)
        cut = _branch(mine, str(row.lead_id), other)
        if cut is None:
            return row
        kept, cut.merged_into_id = str(cut.merged_into_id), None
        db.session.flush()
        detail = {"lead": kept, "other": cut.id}
        for each in _decided_again([*leads.family(mine[0]), *leads.family(cut)], now):
            handoffs.note_event(each, actor, "separated", now, detail=detail)
            outbox.announce("lead.updated", each, each.record, detail=detail, now=now)
        audit.append("lead.unmerged", kept, actor=actor.id, now=now, detail={"other": cut.id})
    return row


def tell_apart(handoff_id: str, actor: StaffRow, *, other: str, now: datetime) -> HandoffRow:
    """Say that two leads are two people, however alike they look: it is not suggested again.

    Raises: NoSuchHandoff, NotYours, TooLate.
    """
    with one_commit("merging.tell_apart"):
        row, mine, others = _two_people(handoff_id, actor, other)
        if others[0] in mine:
            raise TooLate("Somebody has just said that they are the same person.")
        for first, second in (sorted((a.id, b.id)) for a in mine for b in others):
            if db.session.get(ToldApartRow, (first, second)) is None:
                db.session.add(ToldApartRow(lead_id=first, other_id=second, by=actor.email, at=now))
        detail = {"other": others[0].id}
        audit.append("lead.told_apart", mine[0].id, actor=actor.id, now=now, detail=detail)
    return row


def _two_people(
    handoff_id: str, actor: StaffRow, other_id: str
) -> tuple[HandoffRow, list[LeadRow], list[LeadRow]]:
    """The handoff, its person and the other one, as they are now and nobody else's to merge."""
    exclusive(MERGING)
    known = [leads.get(each) for each in (find(handoff_id, actor).lead_id or "", other_id)]
    families = [each for lead in known if lead for each in leads.family(lead)]
    ids = [each.id for each in families]
    hold_all_about(ids, (each.email for each in families if each.email))
    row = own(handoff_id, actor)
    found = {each.id: each for each in leads.for_merging(ids)}
    mine = str(row.lead_id)
    if mine not in found or other_id not in found or mine == other_id:
        raise NotAlike
    return row, leads.family(found[mine]), leads.family(found[other_id])


def _may_be_told_of(person: Sequence[LeadRow], actor: StaffRow) -> None:
    """A merge shows what is known of both: whose case somebody may not read, they merge with
    nobody. Raises: NotYours."""
    for each in handoff_rows.newest_of([lead.id for lead in person]).values():
        if not may_read(each, actor):
            raise NotYours(each.owner_email or each.team)


def _branch(person: Sequence[LeadRow], mine: str, other: str) -> LeadRow | None:
    """The lead whose tie must be cut for these two to be two people again; None where they are."""
    by_id = {each.id: each for each in person}
    if other not in by_id:
        return None
    at = by_id[mine]
    while at.merged_into_id is not None:
        if at.merged_into_id == other:
            return at
        at = by_id[at.merged_into_id]
    return by_id[other]


def _decided_again(person: Sequence[LeadRow], now: datetime) -> list[HandoffRow]:
    """The open handoffs of these leads, each with a record of what is known of them now."""
    found = []
    for row in handoff_rows.open_of([each.id for each in person]):
        conversation = conversations.plain(row.record.conversation_id, lock=True)
        if conversation is None or conversation.finished_at is None:
            continue
        standing = standing_of(conversation)
        decision = standing.decide(now)
        changes = columns(decision) | completion.write_down(standing, decision, now=now)
        conversations.update(conversation, changes)
        found.append(row)
    return found


def _known(lead: LeadRow) -> Known:
    return Known(lead.name, lead.email, lead.phone, lead.company, lead.account_id)
