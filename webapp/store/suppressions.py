"""Whom nobody may contact: addresses and domains, and of those erased only a keyed hash."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class SuppressionRow(Model):
    """One address, or a domain with all below it. ``entry`` is what was entered; null where the
    person was erased and only the promise to leave them alone is kept."""

    __tablename__ = "suppressions"
    __table_args__ = (
        CheckConstraint("kind IN ('address', 'domain')", name="kind_exists"),
        CheckConstraint("kind = 'address' OR entry IS NOT NULL", name="domains_are_readable"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    entry: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str | None]
    by: Mapped[str]
    created_at: Mapped[datetime]


def get(id: str) -> SuppressionRow | None:
    return db.session.get(SuppressionRow, id)


def any_of(hashes: Iterable[str]) -> SuppressionRow | None:
    """An entry with one of these hashes, an address before a domain."""
    found = db.session.scalars(select(SuppressionRow).where(SuppressionRow.hash.in_(set(hashes))))
    return min(found, key=lambda row: (row.kind, row.created_at), default=None)


def everything() -> list[SuppressionRow]:
    """All entries, newest first."""
    newest = SuppressionRow.created_at.desc(), SuppressionRow.id.desc()
    return list(db.session.scalars(select(SuppressionRow).order_by(*newest)))
