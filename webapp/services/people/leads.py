"""People and their companies: found by what identifies them, made when they are new."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement

from webapp.core import builtins
from webapp.core.facts import Certainty
from webapp.core.playbook import Playbook
from webapp.core.situation import Situation
from webapp.core.values import Type, Value
from webapp.store import conversations, facts, handoffs
from webapp.store import leads as rows
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, new_id
from webapp.store.leads import AccountRow, LeadRow
from webapp.store.locks import exclusive

MERGED = "merged:"
"""How the reference of a fact begins that was said under another lead of the same person."""

MERGING = "merging people"
"""What is held by whoever changes which leads are one person."""


def of_conversation(
    situation: Situation, known_lead_id: str | None, *, now: datetime
) -> LeadRow | None:
    """Who this is: the person with exactly this e-mail address, else the one it is known to be,
    else somebody new if there is a way to reach them. None for nobody we could name.

    A typed address joins what is said to that person, for staff only; what is already known of
    them is not overwritten. What is said under an address stays with it when the person is merged
    with another: separating them again takes nothing apart. Commits nothing.
    """
    said = _contact(situation)
    email = said.get("email")
    if email:
        key = email_key(email)
        hold(key)
        lead = rows.with_address(key) or _known_without_address(known_lead_id)
        if lead is None:
            lead = _new(now)
        lead.email_key, lead.email = lead.email_key or key, lead.email or email
    else:
        lead = rows.get(known_lead_id) if known_lead_id else None
        if lead is None:
            if "phone" not in said:
                return None
            lead = _new(now)
    _fill(lead, said, situation.playbook, now)
    return lead


def of_call(situation: Situation, lead_id: str | None, *, now: datetime) -> LeadRow | None:
    """Whom a rep called: the lead of the case, whatever address they gave on the phone."""
    lead = rows.get(lead_id) if lead_id else None
    if lead is None:
        return of_conversation(situation, None, now=now)
    _fill(lead, _contact(situation), situation.playbook, now)
    return lead


def of_file(found: Mapping[str, Value], playbook: Playbook, *, now: datetime) -> LeadRow:
    """The person with exactly the address that a file gives, made if new, with what else it says.
    Commits nothing."""
    named = shown_properties(playbook)
    told = {column: str(found[id]) for column, id in named.items() if id in found}
    lead = by_email(told["email"], now=now)
    _fill(lead, told, playbook, now)
    return lead


def by_email(email: str, *, now: datetime) -> LeadRow:
    """The person with exactly this address, made if new. Commits nothing."""
    key = email_key(email)
    hold(key)
    lead = rows.with_address(key)
    if lead is None:
        lead = _new(now)
        lead.email_key, lead.email = key, email
    return lead


def shown_properties(playbook: Playbook) -> dict[str, str]:
    """What a lead's row shows: the property behind each column."""
    of_type = {p.type: p.id for p in reversed(tuple(playbook.properties.values()))}
    wanted = {
        "name": "name",
        "title": "job_title",
        "email": playbook.email_property.id if playbook.email_property else "",
        "company": of_type.get(Type.COMPANY, ""),
        "phone": of_type.get(Type.PHONE, ""),
        "country": of_type.get(Type.COUNTRY, ""),
    }
    return {column: id for column, id in wanted.items() if id in playbook.properties}


def hold(key: str) -> None:
    """Let nobody else find or make the lead with this address until this transaction ends."""
    exclusive("lead", key)


def hold_all_about(
    ids: Sequence[str], emails: Iterable[str], said: ColumnElement[bool] | None = None
) -> None:
    """Let nobody else say or change anything about these leads until this transaction ends: what
    was ``said``, by them unless it is told, and what became of it."""
    emails = set(emails)
    conversations.hold(ConversationRow.lead_id.in_(ids) if said is None else said)
    for key in sorted(map(email_key, emails)):
        hold(key)
    for domain in sorted(filter(None, map(_business, emails))):
        exclusive("account", domain)
    handoffs.hold(ids)


def email_key(email: str) -> str:
    """The spelling of an address that tells people apart. A ``+tag`` stays: it may be another."""
    return unicodedata.normalize("NFC", email).strip().casefold()


def account_for(email: str, company: str | None, *, now: datetime) -> AccountRow | None:
    """The company behind an address. A free or throw-away mailbox has none."""
    domain = _business(email)
    if domain is None:
        return None
    exclusive("account", domain)
    # The lead need not be written for this: it is once, together with its company.
    with db.session.no_autoflush:
        account = rows.account_by_domain(domain)
    if account is None:
        account = AccountRow(id=new_id(now), domain=domain, name=company, created_at=now)
        db.session.add(account)
    return account


def _business(email: str) -> str | None:
    """The domain by which the company behind an address is known."""
    alone = builtins.email_kind(email) in ("free", "disposable")
    return None if alone else builtins.email_domain(email)


def _contact(situation: Situation) -> dict[str, str]:
    """What a lead's row shows, from what is known for sure and of this lead itself: what only its
    merger brought must go when they are separated."""
    named = shown_properties(situation.playbook)
    found = {}
    for column, property_id in named.items():
        fact = situation.profile.fact(property_id)
        if fact is not None and fact.certainty.known and not (fact.ref or "").startswith(MERGED):
            found[column] = str(fact.value)
    return found


def _fill(lead: LeadRow, said: dict[str, str], playbook: Playbook, now: datetime) -> None:
    """Add what is not known of a lead yet, and overwrite nothing but what only a file says."""
    named = shown_properties(playbook)
    for column in ("name", "phone", "title", "company", "country"):
        stands = getattr(lead, column)
        if column not in said or said[column] == stands:
            continue
        if stands is None or _only_told(lead, named[column], stands):
            setattr(lead, column, said[column])
    if lead.account_id is None and "email" in said:
        lead.account = account_for(said["email"], lead.company, now=now)
    lead.updated_at = now


def _only_told(lead: LeadRow, property_id: str, value: str) -> bool:
    """Whether others say this of a lead, and it never said so itself."""
    found = facts.certainties(lead.id, property_id, value)
    return bool(found) and not any(Certainty[each].known for each in found)


def _new(now: datetime) -> LeadRow:
    lead = LeadRow(id=new_id(now), created_at=now, updated_at=now)
    db.session.add(lead)
    return lead


def _known_without_address(lead_id: str | None) -> LeadRow | None:
    """Somebody known only by phone who now gives an address. Who gives another address than the
    one known is somebody else at the same browser."""
    lead = rows.get(lead_id) if lead_id else None
    return lead if lead is not None and lead.email_key is None else None
