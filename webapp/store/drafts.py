"""Drafts: texts being edited in the studio, not live until published, and every change to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.counts import within_reach
from webapp.store.database import Model, Serial, db


class DraftRow(Model):
    """``revision`` is the change that wrote ``text``. ``based_on`` is the release the draft was
    started from. An empty text takes a flow out."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        CheckConstraint("kind IN ('playbook', 'flow', 'case')", name="kind_exists"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    text: Mapped[str]
    revision: Mapped[int]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    by: Mapped[str]
    updated_at: Mapped[datetime]


class DraftChangeRow(Model):
    """One save, in words, with what each file held before and after it (null: no draft). Append
    only: undoing is a change of its own, and ``of`` names the change it undoes or makes again."""

    __tablename__ = "draft_changes"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('edit', 'undo', 'redo', 'publish', 'discard')", name="kind_exists"
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str]
    of: Mapped[int | None]
    what: Mapped[str]
    files: Mapped[dict[str, Any]]
    by: Mapped[str]
    at: Mapped[datetime]


def every() -> list[DraftRow]:
    return list(db.session.scalars(select(DraftRow).order_by(DraftRow.kind, DraftRow.name)))


def one(kind: str, name: str) -> DraftRow | None:
    return db.session.scalar(select(DraftRow).where(DraftRow.kind == kind, DraftRow.name == name))


def revision() -> int:
    """The number of the newest change; 0 before the first."""
    return db.session.scalar(select(func.max(DraftChangeRow.id))) or 0


def changes_after(number: int) -> list[DraftChangeRow]:
    """Changes newer than the one of this number, oldest first."""
    newer = DraftChangeRow.id > within_reach(number)
    return list(db.session.scalars(select(DraftChangeRow).where(newer).order_by(DraftChangeRow.id)))


def last_settled() -> int:
    """The number of the newest change that nothing can be undone behind."""
    settled = DraftChangeRow.kind.in_(("publish", "discard"))
    return db.session.scalar(select(func.max(DraftChangeRow.id)).where(settled)) or 0


def newest(limit: int = 100) -> list[DraftChangeRow]:
    found = select(DraftChangeRow).order_by(DraftChangeRow.id.desc()).limit(limit)
    return list(db.session.scalars(found))
