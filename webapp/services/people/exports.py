"""Leads as files: a table for people's spreadsheets, and a line of JSON each for programs."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import select

from webapp.services import audit
from webapp.services.prospects import known
from webapp.store import (
    calls,
    conversations,
    handoffs,
    leads,
    meetings,
    messages,
    records,
    visitors,
)
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, one_commit
from webapp.store.facts import FactRow
from webapp.store.leads import LeadRow

COLUMNS = (
    "id",
    "email",
    "name",
    "title",
    "company",
    "phone",
    "country",
    "owner",
    "created_at",
    "updated_at",
)
SEEN = ("event", "page", "title", "utm_source", "utm_medium", "utm_campaign", "referrer_host")
"""What is kept of each thing they did on the site."""

# A cell that begins like this is run by spreadsheets as a formula, full-width signs included. Where
# the comma is a decimal point they part cells at semicolons instead, in the middle of ours.
_SIGNS = "=+\\-@＝＋－＠"
# Where another place like this follows, that is looked behind: each of thousands of lines once.
_PARTED = r"(?:;|(?!\A)[\t\r\n])(?:[\"']|[^\S\t\r\n])*"
_FORMULA = re.compile(rf"\A(?=[{_SIGNS}\t\r\n])|{_PARTED}(?=[{_SIGNS}])")
_MADE_INERT = re.compile(rf"(\A(?='[{_SIGNS}\t\r\n])|{_PARTED}(?='[{_SIGNS}]))'")


def write_csv(file: TextIO) -> int:
    """Write every lead as a row; returns how many. Safe to open in a spreadsheet."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    written = 0
    for lead in _leads():
        table.writerow([inert(cell) for cell in _about(lead).values()])
        written += 1
    return written


def write_json(file: TextIO) -> int:
    """Write every lead with its facts as one line of JSON, to the letter; returns how many."""
    written = 0
    for lead in _leads():
        line = {**_about(lead), "facts": _facts(lead)}
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        written += 1
    return written


def inert(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return _FORMULA.sub(r"\g<0>'", text)


def as_it_was(cell: str) -> str:
    """The text that ``inert`` made a cell of."""
    return _MADE_INERT.sub(r"\g<1>", cell)


def _leads() -> Iterator[LeadRow]:
    query = select(LeadRow).where(LeadRow.merged_into_id.is_(None)).order_by(LeadRow.id)
    yield from db.session.scalars(query.execution_options(yield_per=200))


def _about(lead: LeadRow) -> dict[str, Any]:
    """The person, with what is only known of a lead that was merged with theirs."""
    person = leads.family(lead)

    def first(column: str) -> str | None:
        return next((said for each in person if (said := getattr(each, column))), None)

    return {
        "id": lead.id,
        "email": first("email"),
        "name": first("name"),
        "title": first("title"),
        "company": first("company"),
        "phone": first("phone"),
        "country": first("country"),
        "owner": first("owner_email"),
        "created_at": min(each.created_at for each in person).isoformat(),
        "updated_at": max(each.updated_at for each in person).isoformat(),
    }


def _facts(lead: LeadRow) -> list[dict[str, Any]]:
    theirs = FactRow.lead_id.in_(leads.of_same_person(lead.id))
    rows = db.session.scalars(select(FactRow).where(theirs).order_by(FactRow.id))
    return [
        {
            "property": row.property,
            "value": row.value,
            "certainty": row.certainty,
            "source": row.source,
            "at": row.at.isoformat(),
        }
        for row in known.standing(rows)
    ]


def of_person(lead: LeadRow, *, by: str, now: datetime) -> dict[str, Any]:
    """Everything kept about one person, as they may ask for it. Leaves a line in the audit log."""
    with one_commit("exports.of_person"):
        audit.append("lead.exported", lead.id, actor=by, now=now)
    person = leads.family(lead)
    ids = [each.id for each in person]
    return {
        **_about(lead),
        "addresses": [each.email for each in person if each.email],
        "facts": _facts(lead),
        "conversations": [_talk(row) for row in conversations.of_leads(ids)],
        "visits": [each for demo in (False, True) for each in _visits(ids, demo=demo)],
        "records": [row.record for row in records.of_leads(ids)],
    }


def _talk(row: ConversationRow) -> dict[str, Any]:
    """One conversation, word for word, with what was noted beside it."""
    call = calls.of_conversation(row.id)
    return {
        "id": row.id,
        "flow": row.flow,
        "started_at": row.started_at.isoformat(),
        "source": row.source,
        "answers": [
            {
                "question": answer.question,
                "value": answer.value,
                "said": answer.said,
                "at": answer.at.isoformat(),
            }
            for answer in conversations.ledger(row.id)
        ],
        "messages": [
            {"by": "us" if each.by else "them", "at": each.at.isoformat(), "text": each.text}
            for each in messages.of_conversation(row.id)
        ],
        "notes": call.notes if call else None,
        "case": _case(row.id),
    }


def _case(conversation_id: str) -> dict[str, Any] | None:
    """What sales made of it: how it stands, the call agreed, and all that was noted."""
    row = handoffs.of_conversation(conversation_id)
    if row is None:
        return None
    meeting = meetings.of_handoff(row.id)
    agreed = meeting is not None and meeting.cancelled_at is None
    return {
        "status": row.status,
        "meeting": meeting.starts_at.isoformat() if meeting and agreed else None,
        "next_step": row.next_step,
        "history": [
            {
                "what": each.what,
                "at": each.at.isoformat(),
                "reason": each.reason,
                "note": each.note,
            }
            for each in handoffs.events(row.id)
        ],
    }


def _visits(lead_ids: list[str], *, demo: bool) -> Iterator[dict[str, Any]]:
    """What they did on the site, in every browser known to be theirs."""
    for browser in visitors.of_leads(lead_ids, demo=demo):
        for row in reversed(visitors.events_of(browser)):
            yield {"at": row.at.isoformat(), **{name: getattr(row, name) for name in SEEN}}
