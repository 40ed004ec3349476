"""What was known before a conversation, and how its answers become facts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select

from webapp.core.inputs import fits
from webapp.core.playbook import Playbook
from webapp.core.values import Type
from webapp.services.people.leads import MERGED, email_key
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.facts import FactRow
from webapp.store.leads import LeadRow
from webapp.store.visitors import Visitor

Json = dict[str, Any]

MOST_REMEMBERED = 200
"""Facts of one person or browser that are looked at, the newest: those of the last dozens of
conversations. Who comes every day, or a tablet at a fair, must not make each end cost more."""


def facts_before(
    visitor: Visitor | None,
    playbook: Playbook,
    *,
    running: str | None = None,
    email: str | None = None,
) -> list[Json]:
    """What a visitor said in this browser, as ``core.inputs`` writes it.

    Not what is known of the lead a visitor was taken for: that rests on an e-mail address they
    typed, and whoever types somebody's address must not learn what that person said from what is
    no longer asked. Nor what others said here, for a browser is not a person: others than who
    finished here last and, once this one gave an ``email``, than those who gave the same;
    ``running`` is the conversation it was given in. Only what this playbook can hold: a choice may
    have gone since it was chosen.
    """
    if visitor is None:
        return []
    theirs = or_(FactRow.lead_id.is_(None), FactRow.lead_id == visitor.lead_id)
    about = and_(FactRow.visitor_id == visitor.id, theirs)
    rows = _newest(select(FactRow).where(about))
    known = standing(row for row in rows if not running or row.conversation_id != running)
    if email is not None:
        known = _of_person(known, email, playbook)
    # "answer:" marks what was said in the running conversation: this was said in another.
    return [_written(row, f"fact:{row.id}") for row in known if _fits(row, playbook)]


def facts_of_case(lead_id: str | None, conversation_id: str, playbook: Playbook) -> list[Json]:
    """All that is known of somebody whom a rep is about to call: of the lead, and of what they
    said in the conversation that became the case, whose words stay linked."""
    here = FactRow.conversation_id == conversation_id
    rows = list(db.session.scalars(select(FactRow).where(here)))
    if lead_id is not None:
        elsewhere = or_(FactRow.conversation_id.is_(None), ~here)
        rows += _newest(select(FactRow).where(FactRow.lead_id == lead_id, elsewhere))
    rows.sort(key=lambda row: row.id)
    return [
        _written(row, row.ref if said_here and row.ref else _ref(row))
        for row in standing(rows)
        if _fits(row, playbook)
        for said_here in [row.conversation_id == conversation_id]
    ]


def _newest(query: Select[FactRow]) -> list[FactRow]:
    """As many as are remembered, oldest first."""
    found = db.session.scalars(query.order_by(FactRow.id.desc()).limit(MOST_REMEMBERED))
    return list(found)[::-1]


def _of_person(facts: list[FactRow], email: str, playbook: Playbook) -> list[FactRow]:
    """Without the facts of people known by another address."""
    asked = playbook.email_property

    def whose(row: FactRow) -> str | None:
        return row.lead_id or row.conversation_id

    addresses = {
        whose(row): email_key(str(row.value)) for row in facts if asked and row.property == asked.id
    }
    known_to_be = {row.lead_id for row in facts if row.lead_id}
    for lead in db.session.scalars(select(LeadRow).where(LeadRow.id.in_(known_to_be))):
        if lead.email_key:
            addresses[lead.id] = lead.email_key
    return [row for row in facts if addresses.get(whose(row), email_key(email)) == email_key(email)]


def from_elsewhere(
    lead_id: str, others: Sequence[str], playbook: Playbook, *, demo: bool
) -> list[Json]:
    """What is known of a lead beside what it said, as ``core.inputs`` writes it: what a file or a
    provider says of it, and all that is known of the ``others`` that were merged with it.

    Not an address, by which people are told apart, nor a consent, which is given where it is asked
    for; nothing that was only a test; and of the demo nothing that is real, nor the reverse.
    """
    counts = and_(ConversationRow.demo.is_(demo), ConversationRow.test.is_(False))
    told = FactRow.conversation_id.is_(None)
    theirs = FactRow.lead_id.in_(others) & (counts if demo else or_(counts, told))
    query = (
        select(FactRow)
        .outerjoin(ConversationRow, ConversationRow.id == FactRow.conversation_id)
        .where(theirs if demo else or_(theirs, and_(FactRow.lead_id == lead_id, told)))
    )
    return [
        _written(row, _ref(row) if row.lead_id == lead_id else f"{MERGED}{row.id}")
        for row in standing(_newest(query))
        if _fits(row, playbook)
        and playbook.properties[row.property].type not in (Type.EMAIL, Type.CONSENT)
    ]


def standing(rows: Iterable[FactRow]) -> list[FactRow]:
    """The facts that hold, of all that were recorded (oldest first): what one conversation, file or
    provider said of a property counts as it said it last."""
    found: dict[tuple[str | None, str, str], FactRow] = {}
    for row in rows:
        said_in = (row.conversation_id or row.lead_id, row.property, row.source)
        found.pop(said_in, None)
        if row.value is not None:
            found[said_in] = row
    return list(found.values())


def has_talked(visitor: Visitor) -> bool:
    """Whether this visitor began a conversation before."""
    return bool(db.session.scalar(select(exists().where(ConversationRow.visitor_id == visitor.id))))


def fact_rows(
    row: Any,
    *,
    before: Iterable[Json],
    after: Iterable[Json],
    now: datetime,
) -> list[Json]:
    """The rows that bring a conversation's facts from one set of live answers to the next.

    ``before`` and ``after`` are answers as ``core.inputs`` writes them, without those set aside.
    """
    had = {each["property"]: each for each in before}
    has = {each["property"]: each for each in after}
    changed = [each for name, each in has.items() if _said(had.get(name)) != _said(each)]
    gone = [
        {**each, "value": None, "said": None, "at": now.isoformat()}
        for name, each in had.items()
        if name not in has and each["value"] is not None
    ]
    return [
        _row(
            row,
            each,
            source="call" if row.skin == "call" else "answer",
            quote=each["said"],
            ref=f"answer:{each['question']}",
        )
        for each in changed + gone
    ]


def heard_rows(row: Any, heard: Iterable[Json]) -> list[Json]:
    """The rows of facts found in typed words, beside what was asked about."""
    return [
        _row(row, each, source=each["source"], quote=each["quote"], ref=each["ref"])
        for each in heard
    ]


def _row(row: Any, said: Json, *, source: str, quote: str | None, ref: str | None) -> Json:
    """A fact said in a conversation as a row of its own."""
    return {
        "lead_id": row.lead_id,
        "visitor_id": row.visitor_id,
        "conversation_id": row.id,
        "property": said["property"],
        "value": said["value"],
        "certainty": said["certainty"],
        "source": source,
        "at": datetime.fromisoformat(said["at"]),
        "quote": quote,
        "ref": ref,
    }


def _said(answer: Json | None) -> object:
    return None if answer is None or answer["value"] is None else (answer["value"], answer["at"])


def _fits(row: FactRow, playbook: Playbook) -> bool:
    return fits({"property": row.property, "value": row.value}, playbook)


def _ref(row: FactRow) -> str | None:
    """Where it was said. What a file or a provider says has no place but its source."""
    return f"fact:{row.id}" if row.conversation_id else None


def _written(row: FactRow, ref: str | None) -> Json:
    return {
        "property": row.property,
        "value": row.value,
        "certainty": row.certainty,
        "source": row.source,
        "at": row.at.isoformat(),
        "order": row.id,
        "quote": row.quote,
        "ref": ref,
    }
