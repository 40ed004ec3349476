"""Asking providers about a lead's company: at the end of a conversation, by way of the outbox, so
that nothing waits for the answer. Nothing here commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from webapp.core import builtins
from webapp.core.decision import Decision
from webapp.core.enrichment import may_be_looked_up
from webapp.delivery.kinds import KINDS, LOOK_UP
from webapp.services.people.leads import email_key
from webapp.services.receivers import outbox
from webapp.store import deliveries, look_ups
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.records import RecordRow

Json = dict[str, Any]


def ask(record: RecordRow, decision: Decision, *, now: datetime) -> None:
    """Have every provider asked about the company of whoever the record is of, once for each
    conversation and company.

    Only about those who gave a business address and whom they may be asked about; not about what
    is a test or looks like spam.
    """
    email = _business_address(decision)
    if email is None or record.test or decision.visit.spam:
        return
    for connection in deliveries.open_connections():
        by_address = bool(connection.config.get("by_address"))
        if not KINDS[connection.kind].asked or not may_be_looked_up(
            decision, by_address=by_address
        ):
            continue
        asked = question(email, by_address=by_address)
        key = f"{record.conversation_id} {connection.id} {about(asked)}"
        id = sha256(key.encode()).hexdigest()[:26]
        if db.session.get(DeliveryRow, id) is None:
            outbox.deliver(asked, LOOK_UP, now=now, id=id, record=record, connection=connection)


def question(email: str, *, by_address: bool) -> Json:
    """What a provider is told: the company's domain and, where it may be, the address."""
    domain = {"domain": builtins.email_domain(email)}
    return {**domain, "email": email} if by_address else domain


def about(asked: Mapping[str, Any]) -> str:
    """Whom an answer is about."""
    return email_key(asked["email"]) if "email" in asked else str(asked["domain"])


def answered_before(connection_id: str, asked: Mapping[str, Any], now: datetime) -> Json:
    """What a delivery need not ask for, as its progress holds it."""
    answer = look_ups.answer(connection_id, about(asked), now)
    return {} if answer is None else {"answer": answer, "notes": ["Known from an earlier answer."]}


def keep(
    connection_id: str, asked: Mapping[str, Any], answer: Json, days: int, now: datetime
) -> None:
    look_ups.keep(connection_id, about(asked), answer, now + timedelta(days=days))


def forget(emails: Sequence[str]) -> None:
    """Forget what was answered about people who are gone, and about their companies with the last
    of them."""
    domains = filter(None, map(builtins.email_domain, emails))
    look_ups.forget_strangers([*map(email_key, emails), *domains])


def is_about(decision: Decision, asked: Mapping[str, Any]) -> bool:
    """Whether what was asked is still about whoever they say they are."""
    email = _business_address(decision)
    return email is not None and question(email, by_address="email" in asked) == asked


def _business_address(decision: Decision) -> str | None:
    """The address they gave, unless it is a free or throw-away mailbox."""
    property = decision.playbook.email_property
    fact = decision.situation.profile.fact(property.id) if property else None
    if fact is None or not fact.certainty.known:
        return None
    email = str(fact.value)
    return None if builtins.email_kind(email) in ("free", "disposable", None) else email
