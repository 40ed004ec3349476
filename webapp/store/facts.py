"""Facts about leads: appended, never overwritten."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, Table, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Json, Model, Serial, db
from webapp.store.statements import Statement


class FactRow(Model):
    """One value of a property, or the word that what this conversation said of it no longer holds
    (``value`` null): of one conversation's facts about a property only the newest counts.

    A fact belongs to a conversation, a visitor or a lead, whichever are known; ``id`` gives the
    order of recording.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index(None, "lead_id", "property"),
        Index(None, "visitor_id"),
        Index(None, "conversation_id"),
        CheckConstraint(
            "certainty IN ('confirmed', 'stated', 'observed', 'enriched', 'inferred')",
            name="certainty_exists",
        ),
        CheckConstraint(
            "lead_id IS NOT NULL OR visitor_id IS NOT NULL OR conversation_id IS NOT NULL",
            name="is_about_somebody",
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    visitor_id: Mapped[str | None] = mapped_column(ForeignKey("visitors.id", ondelete="SET NULL"))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE")
    )
    property: Mapped[str]
    value: Mapped[Any | None] = mapped_column(Json)
    certainty: Mapped[str]
    source: Mapped[str]
    at: Mapped[datetime]
    quote: Mapped[str | None]
    ref: Mapped[str | None]


_facts = cast(Table, FactRow.__table__)
_append = Statement(_facts.insert().inline())
_give = _facts.update().where(_facts.c.conversation_id == bindparam("said_in"))


def append(facts: list[dict[str, Any]]) -> None:
    """Add facts, without an object for each."""
    for each in facts:
        _append.run(each)


def give(conversation_id: str, lead_id: str) -> None:
    """Let what was said in a conversation belong to this lead, which must be written already."""
    db.session.connection().execute(_give, {"said_in": conversation_id, "lead_id": lead_id})


def newest_enriched(lead_id: str) -> dict[tuple[str, str], Any]:
    """What each source, by property and name, told last of a lead."""
    theirs = select(FactRow.property, FactRow.source, FactRow.value).where(
        FactRow.lead_id == lead_id, FactRow.certainty == "enriched"
    )
    return {
        (name, source): value
        for name, source, value in db.session.execute(theirs.order_by(FactRow.id))
    }


def certainties(lead_id: str, property: str, value: Any) -> set[str]:
    """How surely a lead was ever said to have this value of a property, each way once."""
    about = select(FactRow.value, FactRow.certainty).where(
        FactRow.lead_id == lead_id, FactRow.property == property
    )
    return {certainty for said, certainty in db.session.execute(about) if said == value}
