"""People and companies that must not be contacted: whoever fills a form is kept, and left alone.

Each function that writes is one commit. Entries are found by a keyed hash, so that an erased person
can be left alone without being remembered.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email
from flask import current_app

from webapp.core import builtins
from webapp.core.errors import BatonError
from webapp.core.likeness import mailbox_key
from webapp.services import audit
from webapp.services.people.leads import email_key
from webapp.services.sales import invitations
from webapp.store import deliveries, handoffs, leads, meetings, staff
from webapp.store import suppressions as rows
from webapp.store.database import db, new_id, one_commit, reading
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.locks import exclusive, shared
from webapp.store.staff import StaffRow
from webapp.store.suppressions import SuppressionRow

REASONS = {
    "asked": "They asked not to be contacted",
    "legal": "A legal dispute or order",
    "customer": "A customer with an agreement of their own",
    "competitor": "A competitor",
    "partner": "A partner that others look after",
    "other": "Another reason",
}
_REGISTRY = re.compile(r"(ac|co|com|edu|gov|net|or|org)\.[a-z]{2}")
"""Below these a country's companies register: ``co.uk``."""

WITHDRAWN = "Withdrawn: they came onto the do-not-contact list before this was sent."


class CannotSuppress(BatonError):
    """``field`` names what was wrong of what was filled in."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def of_person(person: Iterable[LeadRow]) -> SuppressionRow | None:
    """The entry by which a person is not to be contacted, at any address they have here."""
    return of_addresses(lead.email for lead in person if lead.email)


def of_lead(lead_id: str | None) -> SuppressionRow | None:
    """The same, for whichever of a person's leads is known; nobody is on the list unnamed."""
    lead = leads.get(lead_id) if lead_id else None
    return of_person(leads.family(lead)) if lead is not None else None


def of_addresses(emails: Iterable[str]) -> SuppressionRow | None:
    """The same by addresses. The list stays as it is until whoever asks commits: what they write
    because nobody is on it must not pass by somebody who is being added."""
    hashes = [each for email in emails for each in _hashes(email)]
    if not hashes:
        return None
    shared("suppressions")
    return rows.any_of(hashes)


def add(entry: str, actor: StaffRow, *, reason: str, note: str = "", now: datetime) -> int:
    """Have an address, or a domain with all below it, left alone from now on; returns how many
    open leads that nobody has been in touch with were put aside by it. What was not sent yet about
    these people, or to them, is withdrawn.

    Raises: CannotSuppress.
    """
    entry = entry.strip().casefold()
    kind = "address" if "@" in entry.removeprefix("@") else "domain"
    entry = _checked(kind, entry.removeprefix("@"))
    if reason not in REASONS:
        raise CannotSuppress("reason", "Select why they must not be contacted.")
    with one_commit("suppression.add"):
        exclusive("suppressions")
        key = hashed(entry if kind == "domain" else _mailbox(entry))
        if rows.any_of([key]) is not None:
            raise CannotSuppress("entry", "This is on the list already.")
        row = SuppressionRow(
            id=new_id(now),
            hash=key,
            kind=kind,
            entry=entry,
            reason=reason,
            note=note.strip()[:500] or None,
            by=actor.email,
            created_at=now,
        )
        db.session.add(row)
        db.session.flush()
        concerned = _those_concerned(row)
        found = [each for each in handoffs.before_contact() if concerned(each.lead_id)]
        _withdraw(row, concerned)
        for each in found:
            put_aside(each, row, by=actor.email, now=now)
            _call_off(each, now)
        audit.append(
            "suppression.added", row.id, actor=actor.id, now=now, detail={"reason": reason}
        )
    return len(found)


def leave_alone(email: str, *, by: str, now: datetime) -> None:
    """Have an address that nobody here has left alone, should somebody come with it. It is kept as
    that of somebody erased is: as no more than a keyed hash.

    Raises: CannotSuppress.
    """
    address = _checked("address", email.strip())
    with one_commit("suppression.leave_alone"):
        exclusive("suppressions")
        keep_erased([address], asked=True, by=by, now=now)
        row = rows.any_of([hashed(_mailbox(address))])
        if row is not None:
            audit.append("suppression.added", row.id, actor=by, now=now, detail={"reason": "asked"})


def remove(id: str, actor: StaffRow, *, now: datetime) -> bool:
    """Allow contact again, from the next request on; says whether there ever was this entry. A
    second time changes nothing."""
    with one_commit("suppression.remove"):
        row = rows.get(id)
        if row is not None and row.removed_at is None:
            row.removed_at = now
            audit.append("suppression.removed", id, actor=actor.id, now=now)
    return row is not None


def put_aside(row: HandoffRow, entry: SuppressionRow, *, by: str, now: datetime) -> None:
    """Take a handoff out of everybody's hands: no deadline, no reminder, nobody is told. Commits
    nothing."""
    row.status, row.closed_at, row.updated_at = "suppressed", now, now
    row.respond_by = row.remind_at = None
    detail = {"entry": entry.id}
    handoffs.add_event(row, "suppressed", at=now, by=by, reason=entry.reason, detail=detail)


def keep_erased(emails: Iterable[str], *, asked: bool, by: str, now: datetime) -> None:
    """Of people who are being erased keep no more than the hash of who is on the list; ``asked``
    puts them there. Commits nothing."""
    for email in emails:
        key = hashed(_mailbox(email))
        rows.forget_removed(key)
        row = rows.any_of([key])
        if row is None and asked:
            row = SuppressionRow(
                id=new_id(now), hash=key, kind="address", reason="asked", by=by, created_at=now
            )
            db.session.add(row)
            db.session.flush()
        if row is not None:
            row.entry = row.note = None


def under_this_key() -> tuple[int, int]:
    """Have the list found by the secret key in force, where it was kept under another: how many
    entries were not found by it, and how many people who were erased cannot be any more."""
    with reading():  # at every start, half a second for 20,000 entries: nobody has to wait for it
        if not _unfound():
            return 0, 0
    with one_commit("suppression.under_this_key"):
        exclusive("suppressions")
        unfound = _unfound()
        taken = rows.hashes()
        for row in unfound:
            free = (each for each in _keys(row) if row.removed_at or each not in taken)
            row.hash = next(free, row.hash)
            if not row.removed_at:
                taken.add(row.hash)
        return len(unfound), rows.unreadable() if unfound else 0


def _unfound() -> list[SuppressionRow]:
    return [each for each in rows.readable() if each.hash not in _keys(each)]


def _keys(row: SuppressionRow) -> list[str]:
    """What an entry is found by, and was in the first release."""
    entry = str(row.entry)
    return [
        hashed(each) for each in ((entry,) if row.kind == "domain" else (_mailbox(entry), entry))
    ]


def hashed(key: str) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, b"suppressed " + key.encode(), sha256).hexdigest()


def _hashes(email: str) -> Iterator[str]:
    """Of an address: its mailbox, the address itself (so entries of the first release were kept),
    and every domain it lies in."""
    for key in {_mailbox(email), email_key(email)}:
        yield hashed(key)
    parts = (builtins.email_domain(email) or "").split(".")
    for start in range(len(parts) - 1):
        yield hashed(".".join(parts[start:]))


def _mailbox(email: str) -> str:
    """What all spellings of an address have in common: who asks to be left alone means none of
    them, whichever they were known by."""
    key = email_key(email)
    return mailbox_key(key) or key


def _those_concerned(entry: SuppressionRow) -> Callable[[str | None], bool]:
    """Whether a lead's person is one of those an entry stands for, looked up once for each."""

    @cache
    def concerned(lead_id: str | None) -> bool:
        lead = leads.get(lead_id) if lead_id else None
        people = leads.family(lead) if lead is not None else []
        return any(entry.hash in _hashes(each.email) for each in people if each.email)

    return concerned


def _call_off(handoff: HandoffRow, now: datetime) -> None:
    """Take a call that was agreed out of its rep's calendar; the prospect is not written to."""
    meeting = meetings.of_handoff(handoff.id)
    if meeting is None or meeting.cancelled_at is not None:
        return
    meeting.cancelled_at, meeting.sequence = now, meeting.sequence + 1
    rep = staff.by_email(meeting.rep_email)
    if rep is not None:
        invitations.take_back(handoff, rep, rep, meeting, now=now)


def _withdraw(entry: SuppressionRow, concerned: Callable[[str | None], bool]) -> None:
    theirs = [
        each.id
        for each in deliveries.outstanding()
        if (
            concerned(each.lead_id) if each.lead_id else entry.hash in _hashes(each.recipient or "")
        )
    ]
    deliveries.withdraw(theirs, WITHDRAWN)


def _checked(kind: str, entry: str) -> str:
    """The entry as addresses are kept: a domain in its own letters, not those of the wire.

    Raises: CannotSuppress.
    """
    try:
        address = entry if kind == "address" else f"someone@{entry}"
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        found = None
    if found is None or "." not in found.ascii_domain:
        raise CannotSuppress(
            "entry", "Enter an address like ana@example.com or a domain like example.com."
        )
    if kind == "address":
        return found.normalized.casefold()
    domain = found.domain.casefold()
    if builtins.email_kind(address) == "free" or _REGISTRY.fullmatch(domain):
        raise CannotSuppress(
            "entry", "Half the world has a mailbox there. Enter the person's address instead."
        )
    return domain
