"""Releases: the playbook with all flows, as published together, their texts kept by hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, Serial, db


class VersionRow(Model):
    """One text, stored once under the SHA-256 of its UTF-8 bytes, and never changed."""

    __tablename__ = "versions"
    __table_args__ = (
        CheckConstraint("kind IN ('playbook', 'flow')", name="kind_exists"),
        CheckConstraint("length(hash) = 64", name="hash_is_sha256"),
    )

    hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]


class ReleaseRow(Model):
    """``manifest`` is ``{playbook: hash, flows: {id: hash}}``; ``hash`` is that of the manifest, so
    a text restored is the same content under a new number. The highest number is live, but for
    those that challenge another in an A/B test."""

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    hash: Mapped[str] = mapped_column(index=True)
    manifest: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    challenges_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))


_for_all = ReleaseRow.challenges_id.is_(None)
_live = select(ReleaseRow).where(_for_all).order_by(ReleaseRow.id.desc()).limit(1)


def live_id() -> int | None:
    return db.session.scalar(select(func.max(ReleaseRow.id)).where(_for_all))


def live() -> ReleaseRow | None:
    return db.session.scalar(_live)


def get(id: int) -> ReleaseRow | None:
    return db.session.get(ReleaseRow, id)


def before(id: int) -> ReleaseRow | None:
    """The release that was live until this one, or that this one challenges. Numbers may have
    gaps."""
    return db.session.scalar(_live.where(ReleaseRow.id < id))


def history(limit: int = 50) -> list[ReleaseRow]:
    return list(db.session.scalars(select(ReleaseRow).order_by(ReleaseRow.id.desc()).limit(limit)))


def published_since(first: datetime) -> list[ReleaseRow]:
    """Those that went live for all, oldest first."""
    query = select(ReleaseRow).where(_for_all, ReleaseRow.published_at >= first)
    return list(db.session.scalars(query.order_by(ReleaseRow.id)))


def texts(hashes: list[str]) -> dict[str, VersionRow]:
    rows = db.session.scalars(select(VersionRow).where(VersionRow.hash.in_(hashes)))
    return {row.hash: row for row in rows}
