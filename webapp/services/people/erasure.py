"""Forgetting a person: everything they said and did here, and word of it to whoever was told."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, or_, select

from webapp.core.errors import BatonError
from webapp.services import audit
from webapp.services.people import enrichment, leads, suppression
from webapp.services.people.leads import MERGING
from webapp.services.receivers import outbox
from webapp.store import conversations, removal
from webapp.store import leads as rows
from webapp.store.access import forget_answers_about
from webapp.store.audit import ERASED
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, forget_deleted, new_id, one_commit, reading
from webapp.store.erasures import ErasureRow
from webapp.store.facts import FactRow
from webapp.store.leads import AccountRow, LeadRow
from webapp.store.locks import exclusive
from webapp.store.visitors import VisitorRow

AT_A_TIME = 1_000


class NobodyToErase(BatonError):
    def __init__(self) -> None:
        super().__init__("There is nobody like that here.")


class NoList(BatonError):
    def __init__(self) -> None:
        super().__init__(
            "This is no list of erasures. Take one that baton leads erased has written."
        )


def erase(email: str, *, by: str, suppress: bool = False, now: datetime) -> str:
    """Erase the person with this address; returns their id. See ``erase_lead``.

    Raises: NobodyToErase.
    """
    lead = rows.by_email_key(leads.email_key(email))
    if lead is None:
        if not _left_off([email]):
            raise NobodyToErase
        # A lead for as long as it takes, so that a tombstone and the list know of them too.
        with one_commit("erasure.name"):
            lead = leads.by_email(email, now=now)
    return erase_lead(lead.id, by=by, suppress=suppress, now=now)


def erase_lead(
    lead_id: str,
    *,
    by: str,
    suppress: bool = False,
    silent_since: datetime | None = None,
    now: datetime,
) -> str:
    """Erase a person, with all leads that were merged into one; returns the id that stood for them.
    With ``silent_since``, only if they have not been in touch since then.

    Conversations, answers, facts, records, handoffs, deliveries, visits: all of it goes, and what
    was begun under their address and never ended. What stays is a tombstone that names nobody, and
    a ``lead.erased`` to each connection that was told of them. Whoever must not be contacted stays
    on that list by a keyed hash, and with ``suppress`` comes onto it.

    Raises: NobodyToErase.
    """
    # Looked for before others have to wait. Retention has a span of its own for these.
    left_off = _left_off(_addresses_of(lead_id)) if silent_since is None else []
    with one_commit("erasure.erase"):
        exclusive(MERGING)
        lead = rows.get(lead_id)
        if lead is None:
            raise NobodyToErase
        person = _held(rows.family(lead), left_off)
        if silent_since is not None and rows.in_touch(person, silent_since):
            raise NobodyToErase
        hashes = {each.id: email_hash(each.email) if each.email else None for each in person}
        told = outbox.receivers_told_of(list(hashes))
        addresses = [each.email for each in person if each.email]
        gone = {"conversations": _delete(list(hashes), left_off)}
        enrichment.forget(addresses)
        suppression.keep_erased(addresses, asked=suppress, by=by, now=now)
        db.session.add_all(
            ErasureRow(id=new_id(now), lead_id=id, email_hash=hashed, erased_at=now, by=by)
            for id, hashed in hashes.items()
        )
        audit.append(ERASED, person[0].id, actor=by, now=now, detail=gone)
        outbox.erased(person[0].id, told, now=now)
    forget_deleted()
    return person[0].id


def erase_again(*, now: datetime) -> int:
    """After an old backup was put back: erase whom it still knows; returns how many those were.

    Who came back after being erased is somebody new, and stays.
    """
    with reading():
        erased: dict[str, datetime] = {}
        for each in db.session.scalars(select(ErasureRow).order_by(ErasureRow.erased_at)):
            erased |= {key: each.erased_at for key in (each.lead_id, each.email_hash) if key}
        known = select(LeadRow.id, LeadRow.email, LeadRow.created_at)
        again = {
            id: email_hash(email) if email else None
            for id, email, created_at in db.session.execute(
                known.execution_options(yield_per=AT_A_TIME)
            )
            for at in (erased.get(id), erased.get(email_hash(email)) if email else None)
            if at is not None and created_at <= at
        }
        left_off = {
            id: hashed
            for id, email, said_at in removal.addresses_of_nobody()
            if (hashed := email_hash(email)) in erased and said_at <= erased[hashed]
        }
    with one_commit("erasure.erase_again"):
        conversations.hold(ConversationRow.id.in_(list(left_off)))
        removal.remove_conversations(list(left_off))
    back = len(set(left_off.values()) - set(again.values()))
    for id in again:
        with suppress(NobodyToErase):  # one with somebody erased a moment ago
            erase_lead(id, by="a tombstone", now=now)
            back += 1
    return back


def tombstones() -> list[dict[str, Any]]:
    """The list to keep beside backups. It names nobody."""
    rows = db.session.scalars(select(ErasureRow).order_by(ErasureRow.id))
    return [
        {
            "id": each.id,
            "lead": each.lead_id,
            "hash": each.email_hash,
            "at": each.erased_at.isoformat(),
            "by": each.by,
        }
        for each in rows
    ]


def take_on(kept: Iterable[Mapping[str, Any]]) -> int:
    """Know again of erasures that a restored backup is too old for; returns how many were news.

    Raises: NoList.
    """
    try:
        told = {
            each["id"]: ErasureRow(
                id=str(each["id"]),
                lead_id=str(each["lead"]),
                email_hash=each["hash"],
                erased_at=datetime.fromisoformat(each["at"]).astimezone(UTC),
                by=str(each["by"]),
            )
            for each in kept
        }
    except (ValueError, LookupError, TypeError):
        raise NoList from None
    with one_commit("erasure.take_on"):
        had = set(db.session.scalars(select(ErasureRow.id)))
        news = [row for id, row in told.items() if id not in had]
        db.session.add_all(news)
    return len(news)


def email_hash(email: str) -> str:
    """Keyed, so that nobody without our key can try addresses against it."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, b"erased " + leads.email_key(email).encode(), sha256).hexdigest()


def _held(person: list[LeadRow], left_off: Sequence[str]) -> list[LeadRow]:
    """Let whoever is answering or being taken on as one of these leads come to an end first, and
    nobody begin: what they write would outlive the lead it is about."""
    ids = [each.id for each in person]
    said = _said_by(ids, _browsers_of(ids), left_off)
    leads.hold_all_about(ids, (each.email for each in person if each.email), said)
    rows.for_merging(ids)
    return person


def _browsers_of(ids: list[str]) -> Sequence[str]:
    return db.session.scalars(select(VisitorRow.id).where(VisitorRow.lead_id.in_(ids))).all()


def _said_by(
    ids: list[str], browsers: Sequence[str], left_off: Sequence[str]
) -> ColumnElement[bool]:
    """Which conversations are theirs: as somebody, or as nobody yet in their browser or under
    their address."""
    as_nobody = ConversationRow.visitor_id.in_(browsers) | ConversationRow.id.in_(left_off)
    return ConversationRow.lead_id.in_(ids) | (as_nobody & ConversationRow.lead_id.is_(None))


def _addresses_of(lead_id: str) -> list[str]:
    lead = rows.get(lead_id)
    return [each.email for each in rows.family(lead) if each.email] if lead else []


def _left_off(emails: Sequence[str]) -> list[str]:
    """The conversations of nobody yet in which one of these addresses was given."""
    keys = {leads.email_key(each) for each in emails}
    with reading():
        found = removal.addresses_of_nobody()
        return [id for id, email, _ in found if leads.email_key(email) in keys]


def _delete(ids: list[str], left_off: Sequence[str]) -> list[str]:
    """Returns the ids of the conversations that are gone."""
    visitors = _browsers_of(ids)
    theirs = _said_by(ids, visitors, left_off)
    talks = db.session.scalars(select(ConversationRow.id).where(theirs)).all()
    companies = db.session.scalars(select(LeadRow.account_id).where(LeadRow.id.in_(ids))).all()
    about: tuple[Any, ...] = (
        FactRow.lead_id.in_(ids),
        # Who sat at the same browser and said who they are is somebody else.
        FactRow.visitor_id.in_(visitors) & FactRow.lead_id.is_(None),
        FactRow.conversation_id.in_(talks),
    )
    db.session.execute(delete(FactRow).where(or_(*about)))
    forget_answers_about(ids)
    removal.remove_conversations(talks)
    # Events go with the visitor.
    db.session.execute(delete(VisitorRow).where(VisitorRow.id.in_(visitors)))
    for id in reversed(ids):
        db.session.execute(delete(LeadRow).where(LeadRow.id == id))
    # A company of which nobody is left was known through this person alone.
    somebody = select(LeadRow.id).where(LeadRow.account_id == AccountRow.id).exists()
    db.session.execute(delete(AccountRow).where(AccountRow.id.in_(companies), ~somebody))
    return list(talks)
