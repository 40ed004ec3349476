"""What was known before a conversation, and how its answers become facts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Playbook
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.facts import FactRow
from webapp.store.visitors import VisitorRow

Json = dict[str, Any]


def facts_before(visitor: VisitorRow | None, lead_id: str | None, playbook: Playbook) -> list[Json]:
    """What a visitor said in this browser and, where a rep is calling a lead, all that is known of
    the lead, as ``core.inputs`` writes them.

    Not what is known of the lead a visitor was taken for: that rests on an e-mail address they
    typed, and whoever types somebody's address must not learn what that person said from what is
    no longer asked. Only what this playbook can hold: a choice may have gone since it was chosen.
    """
    about = []
    if visitor is not None:
        about.append(FactRow.visitor_id == visitor.id)
    if lead_id is not None:
        about.append(FactRow.lead_id == lead_id)
    if not about:
        return []
    rows = db.session.scalars(select(FactRow).where(or_(*about)).order_by(FactRow.id))
    return [_written(row) for row in standing(rows) if _fits(row, playbook)]


def standing(rows: Iterable[FactRow]) -> list[FactRow]:
    """The facts that hold, of all that were recorded (oldest first): what one conversation said of
    a property counts as it said it last."""
    found: dict[object, FactRow] = {}
    for row in rows:
        said_in = (row.conversation_id, row.property, row.source) if row.conversation_id else row.id
        found.pop(said_in, None)
        if row.value is not None:
            found[said_in] = row
    return list(found.values())


def has_talked(visitor: VisitorRow) -> bool:
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
        {
            "lead_id": row.lead_id,
            "visitor_id": row.visitor_id,
            "conversation_id": row.id,
            "property": each["property"],
            "value": each["value"],
            "certainty": each["certainty"],
            "source": "answer",
            "at": datetime.fromisoformat(each["at"]),
            "quote": each["said"],
            "ref": f"answer:{each['question']}",
        }
        for each in changed + gone
    ]


def heard_rows(row: Any, heard: Iterable[Json]) -> list[Json]:
    """The rows of facts found in typed words, beside what was asked about."""
    return [
        {
            "lead_id": row.lead_id,
            "visitor_id": row.visitor_id,
            "conversation_id": row.id,
            "property": each["property"],
            "value": each["value"],
            "certainty": each["certainty"],
            "source": each["source"],
            "at": datetime.fromisoformat(each["at"]),
            "quote": each["quote"],
            "ref": each["ref"],
        }
        for each in heard
    ]


def _said(answer: Json | None) -> object:
    return None if answer is None or answer["value"] is None else (answer["value"], answer["at"])


def _fits(row: FactRow, playbook: Playbook) -> bool:
    property = playbook.properties.get(row.property)
    if property is None or property.built_in:
        return False
    try:
        return values.read(property, row.value) is not None
    except AnswerRefused:
        return False


def _written(row: FactRow) -> Json:
    # "answer:" marks what was said in the running conversation: this was said in another.
    ref = f"fact:{row.id}"
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
