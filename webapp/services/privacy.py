"""A person's right to their data: see all of it, have it erased, and not be kept too long.

An erasure leaves a tombstone that names nobody. ``erase_again`` runs the tombstones over a
database that was restored from a backup older than them.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select

from webapp.core.errors import BatonError
from webapp.services import audit, outbox
from webapp.services.leads import email_key
from webapp.store import conversations, deliveries, erasures, handoffs, records
from webapp.store import leads as rows
from webapp.store.access import IdempotencyRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, new_id, one_commit
from webapp.store.deliveries import DeliveryRow
from webapp.store.erasures import ErasureRow
from webapp.store.facts import FactRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow
from webapp.store.sites import SiteRow
from webapp.store.visitors import VisitorRow

Json = dict[str, Any]


class NoSuchLead(BatonError):
    def __init__(self) -> None:
        super().__init__("There is no such lead.")


def find(email: str) -> LeadRow | None:
    """The lead with this address."""
    return rows.by_email_key(email_key(email))


def export(lead_id: str, *, by: str, now: datetime) -> Json:
    """Everything kept about a person, as one document. Raises: NoSuchLead."""
    with one_commit("privacy.export"):
        lead = rows.get(lead_id)
        if lead is None:
            raise NoSuchLead
        audit.append("lead.exported", lead.id, actor=by, now=now)
        return _document(lead)


def everyone(*, by: str, now: datetime) -> Iterator[Json]:
    """Every lead as ``export`` writes it, one after another."""
    with one_commit("privacy.export"):
        audit.append("leads.exported", "all", actor=by, now=now)
    for lead_id in rows.all_ids():
        lead = rows.get(lead_id)
        if lead is not None:
            yield _document(lead)


def erase(lead_id: str, *, by: str, now: datetime) -> str:
    """Remove a person from the database and the outbox, and tell every receiver.

    What stays is the tombstone and the audit log's ids. Returns the tombstone's id.
    Raises: NoSuchLead.
    """
    with one_commit("privacy.erase"):
        lead = rows.get(lead_id)
        if lead is None:
            raise NoSuchLead
        key = lead.email_key
        tombstone = ErasureRow(
            id=new_id(now),
            lead_id=lead.id,
            email_hash=_hash(key) if key else None,
            erased_at=now,
            by=by,
        )
        told = _told_of(lead)
        _remove(lead)
        db.session.add(tombstone)
        audit.append("lead.erased", lead_id, actor=by, now=now)
        for connection in deliveries.open_connections():
            payload = {
                "type": "lead.erased",
                "timestamp": now.isoformat(),
                "data": {"lead": lead_id, "erasure": tombstone.id, **told},
            }
            outbox.deliver(payload, "lead.erased", now=now, connection=connection)
    return tombstone.id


def erase_again(*, now: datetime) -> int:
    """Erase once more whoever was erased before, as after restoring a backup. Returns how many."""
    found = 0
    for tombstone in erasures.all_of_them():
        with one_commit("privacy.erase_again"):
            lead = rows.get(tombstone.lead_id) or _with_hash(tombstone.email_hash)
            if lead is not None:
                _remove(lead)
                found += 1
    return found


def forget_the_old(*, now: datetime) -> int:
    """Remove what a site keeps no longer than its retention allows. Returns how many people and
    conversations went. Open handoffs stay until they are closed."""
    gone = 0
    for site in db.session.scalars(select(SiteRow).where(SiteRow.retention_days.is_not(None))):
        assert site.retention_days is not None
        before = now - timedelta(days=site.retention_days)
        with one_commit("privacy.forget_the_old"):
            old = conversations.idle_since(site.id, before)
            for conversation in old:
                handoff = handoffs.of_conversation(conversation.id)
                if handoff is not None and handoff.status in handoffs.WORKING:
                    continue
                _forget_calls([conversation.id])
                db.session.delete(conversation)
                gone += 1
            db.session.flush()
            for lead in rows.without_conversations(before):
                _remove(lead)
                gone += 1
    return gone


def _document(lead: LeadRow) -> Json:
    columns = ("id", "email", "name", "phone", "title", "company", "country")
    return {
        "lead": {name: getattr(lead, name) for name in columns},
        "created_at": lead.created_at.isoformat(),
        "facts": [
            {
                "property": fact.property,
                "value": fact.value,
                "certainty": fact.certainty,
                "source": fact.source,
                "at": fact.at.isoformat(),
                "quote": fact.quote,
            }
            for fact in db.session.scalars(
                select(FactRow).where(FactRow.lead_id == lead.id).order_by(FactRow.id)
            )
        ],
        "conversations": [
            {
                "id": row.id,
                "flow": row.flow,
                "started_at": row.started_at.isoformat(),
                "answers": [
                    {
                        "question": answer.question,
                        "value": answer.value,
                        "said": answer.said,
                        "at": answer.at.isoformat(),
                    }
                    for answer in conversations.ledger(row.id)
                ],
            }
            for row in conversations.of_lead(lead.id)
        ],
        "records": [row.record for row in records.of_lead(lead.id)],
    }


def _told_of(lead: LeadRow) -> Json:
    """What lets a receiver find what it was sent: ids, never values."""
    found = list(db.session.scalars(select(RecordRow.id).where(RecordRow.lead_id == lead.id)))
    sent = db.session.scalars(
        select(DeliveryRow.id).where(DeliveryRow.record_id.in_(found)).order_by(DeliveryRow.id)
    )
    return {"records": found, "deliveries": list(sent)}


def _remove(lead: LeadRow) -> None:
    merged = select(LeadRow.id).where(LeadRow.merged_into_id == lead.id)
    for other in list(db.session.scalars(merged)):
        _remove(db.session.get_one(LeadRow, other))
    mine = or_(
        ConversationRow.lead_id == lead.id,
        ConversationRow.id.in_(
            select(RecordRow.conversation_id).where(RecordRow.lead_id == lead.id)
        ),
    )
    ids = list(db.session.scalars(select(ConversationRow.id).where(mine)))
    _forget_calls(ids)
    db.session.execute(delete(ConversationRow).where(ConversationRow.id.in_(ids)))
    db.session.execute(delete(FactRow).where(FactRow.lead_id == lead.id))
    db.session.execute(delete(VisitorRow).where(VisitorRow.lead_id == lead.id))
    db.session.execute(delete(LeadRow).where(LeadRow.id == lead.id))
    db.session.expire_all()


def _forget_calls(conversation_ids: Iterable[str]) -> None:
    """What programs were answered about these conversations holds the person's words too."""
    db.session.execute(
        delete(IdempotencyRow).where(IdempotencyRow.subject.in_(list(conversation_ids)))
    )


def _hash(key: str) -> str:
    """Keyed, so that a list of addresses cannot be tried against the tombstones."""
    secret = b"tombstone " + str(current_app.secret_key).encode()
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def _with_hash(email_hash: str | None) -> LeadRow | None:
    if email_hash is None:
        return None
    for lead in rows.with_address():
        if lead.email_key and _hash(lead.email_key) == email_hash:
            return lead
    return None
