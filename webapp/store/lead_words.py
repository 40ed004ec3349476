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
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from webapp.store.database import Model, db

MOST_LISTED = 5_000
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


def are_few(terms: Sequence[str]) -> bool:
    """Whether so few leads have a word beginning with the first of ``terms``, the longest, that
    they can be listed."""
    some = select(LeadWordRow.lead_id).where(_begins(terms[0])).limit(MOST_LISTED + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) <= MOST_LISTED


def found(
    terms: Sequence[str], lead_id: InstrumentedAttribute[str | None], *, few: bool
) -> ColumnElement[bool]:
    """The condition that a row's lead has a word beginning with each of ``terms``.

    If they are few, those that have one with the first are listed, and an index leads from them to
    the rows. If many are, every row is looked at in its turn until enough are found, which is soon.
    """
    first, *others = terms
    if few:
        listed = lead_id.in_(select(LeadWordRow.lead_id).where(_begins(first)).limit(MOST_LISTED))
    else:
        listed, others = lead_id.is_not(None), list(terms)
    return and_(
        listed,
        *(exists().where(LeadWordRow.lead_id == lead_id, _begins(term)) for term in others),
    )


def _begins(term: str) -> ColumnElement[bool]:
    return and_(LeadWordRow.word >= term, LeadWordRow.word < term + LAST)
