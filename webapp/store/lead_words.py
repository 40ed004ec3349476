"""The index behind the search for people: leads by how the words about them begin."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Table,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from webapp.store.database import Model, db

MOST_LISTED = 5_000
LAST = "\U0010ffff"

Term = tuple[str, ...]
"""The spellings of one beginning, any of which will do."""


class LeadWordRow(Model):
    """One beginning by which a lead is found, as ``core.search`` writes it."""

    __tablename__ = "lead_words"
    __table_args__ = {"sqlite_with_rowid": False}

    # By code points, as SQLite sorts: only so do the words with one beginning stand together.
    word: Mapped[str] = mapped_column(
        Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True
    )
    lead_id: Mapped[str] = mapped_column(
        ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True, index=True
    )


_words = cast(Table, LeadWordRow.__table__)


def rewrite(connection: Connection, lead_id: str, words: Iterable[str], *, new: bool) -> None:
    """Let these words find a lead, and no others."""
    if not new:
        connection.execute(_words.delete().where(_words.c.lead_id == lead_id))
    rows = [{"lead_id": lead_id, "word": word} for word in sorted(words)]
    if rows:
        connection.execute(_words.insert(), rows)


def rare(terms: Sequence[Term]) -> Term | None:
    """The longest of ``terms`` with which so few words of leads begin that these can be listed."""
    return next((term for term in terms if _is_rare(term)), None)


def _is_rare(term: Term) -> bool:
    some = select(LeadWordRow.lead_id).where(_begins(term)).limit(MOST_LISTED + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) <= MOST_LISTED


def found(
    terms: Sequence[Term], lead_id: InstrumentedAttribute[str | None], *, rare: Term | None
) -> ColumnElement[bool]:
    """The condition that a row's lead has a word beginning with each of ``terms``.

    Those that have one with the ``rare`` term are listed, and an index leads from them to the rows.
    If none is rare, every row is looked at in its turn until enough are found, which is soon.
    """
    if rare is None:
        listed = lead_id.is_not(None)
    else:
        listed = lead_id.in_(select(LeadWordRow.lead_id).where(_begins(rare)).limit(MOST_LISTED))
    return and_(
        listed,
        *(
            exists().where(LeadWordRow.lead_id == lead_id, _begins(term))
            for term in terms
            if term != rare
        ),
    )


def _begins(term: Term) -> ColumnElement[bool]:
    ranges = [and_(LeadWordRow.word >= each, LeadWordRow.word < each + LAST) for each in term]
    return or_(*ranges)
