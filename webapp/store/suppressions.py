"""Whom nobody may contact: addresses and domains, and of those erased only a keyed hash."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, bindparam, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db

_STANDS = text("removed_at IS NULL")


class SuppressionRow(Model):
    """One address, or a domain with all below it. ``entry`` is what was entered; null where the
    person was erased and only the promise to leave them alone is kept. Whoever was taken off the
    list stays here as what was once on it."""

    __tablename__ = "suppressions"
    __table_args__ = (
        Index(
            "uq_suppressions_hash",
            "hash",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        CheckConstraint("kind IN ('address', 'domain')", name="kind_exists"),
        CheckConstraint("kind = 'address' OR entry IS NOT NULL", name="domains_are_readable"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    kind: Mapped[str]
    entry: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str | None]
    by: Mapped[str]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


_any_of = select(SuppressionRow).where(
    SuppressionRow.hash.in_(bindparam("hashes", expanding=True)),
    SuppressionRow.removed_at.is_(None),
)


def get(id: str) -> SuppressionRow | None:
    return db.session.get(SuppressionRow, id)


def any_of(hashes: Iterable[str]) -> SuppressionRow | None:
    """An entry with one of these hashes, an address before a domain."""
    found = db.session.scalars(_any_of, {"hashes": list(set(hashes))})
    return min(found, key=lambda row: (row.kind, row.created_at), default=None)


def everything() -> list[SuppressionRow]:
    """All entries that stand, newest first."""
    newest = SuppressionRow.created_at.desc(), SuppressionRow.id.desc()
    standing = select(SuppressionRow).where(SuppressionRow.removed_at.is_(None))
    return list(db.session.scalars(standing.order_by(*newest)))


def readable() -> list[SuppressionRow]:
    """All that ever stood and says whom it is about."""
    return list(db.session.scalars(select(SuppressionRow).where(SuppressionRow.entry.is_not(None))))


def hashes() -> set[str]:
    """By what those who stand are found."""
    standing = select(SuppressionRow.hash).where(SuppressionRow.removed_at.is_(None))
    return set(db.session.scalars(standing))


def unreadable() -> int:
    """How many stand by a hash alone."""
    erased = SuppressionRow.entry.is_(None), SuppressionRow.removed_at.is_(None)
    return db.session.scalar(select(func.count()).where(*erased)) or 0


def forget_removed(hash: str) -> None:
    """Forget what was once on the list."""
    gone = SuppressionRow.hash == hash, SuppressionRow.removed_at.is_not(None)
    db.session.execute(delete(SuppressionRow).where(*gone))
