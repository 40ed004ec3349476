"""The index behind the search for people: leads by how the words about them begin."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Connection, ForeignKey, Table, Text, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from webapp.store.database import Model, db

MOST_LISTED = 2_000
LAST = "\U0010ffff"


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


def found(terms: Sequence[str], lead_id: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """The condition that a row's lead has a word beginning with each of ``terms``.

    If few have one with the first, the longest, they are listed, and an index leads from them to
    the rows. If many do, every row is looked at in its turn until enough are found, which is soon.
    """
    first, *others = terms
    few = db.session.scalars(
        select(LeadWordRow.lead_id).where(_begins(first)).limit(MOST_LISTED + 1)
    ).all()
    if len(few) <= MOST_LISTED:
        listed = lead_id.in_(set(few))
    else:
        listed, others = lead_id.is_not(None), list(terms)
    return and_(
        listed,
        *(exists().where(LeadWordRow.lead_id == lead_id, _begins(term)) for term in others),
    )


def _begins(term: str) -> ColumnElement[bool]:
    return and_(LeadWordRow.word >= term, LeadWordRow.word < term + LAST)
