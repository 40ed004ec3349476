"""The audit log: who did what to which thing, each line sealed with the hash of the one before."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Index, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.counts import within_reach
from webapp.store.database import Model, Serial, db


class AuditRow(Model):
    """``subject`` and ``detail`` hold ids, never values. ``previous`` is unique: the chain cannot
    fork."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject"), Index(None, "at"))

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str]


ERASED, FORGOTTEN = "lead.erased", "site.conversations_forgotten"
"""What takes conversations away for good; the ``detail`` names them."""


def last() -> AuditRow | None:
    return db.session.scalar(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))


def seal_of(id: int) -> str | None:
    return db.session.scalar(select(AuditRow.hash).where(AuditRow.id == within_reach(id)))


def holds(action: str, subject: str, *, actor: str) -> bool:
    """Whether the log says that this person did this to this thing."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    AuditRow.subject == subject,
                    AuditRow.action == action,
                    AuditRow.actor == actor,
                )
            )
        )
    )


def page(
    *,
    actor: str = "",
    subject: str = "",
    action: str = "",
    before: int | None = None,
    limit: int,
) -> list[AuditRow]:
    """Lines before one, newest first: all, or those by an actor, about a subject, of an action."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    for column, wanted in (
        (AuditRow.actor, actor),
        (AuditRow.subject, subject),
        (AuditRow.action, action),
    ):
        if wanted:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(AuditRow.id < within_reach(before))
    return list(db.session.scalars(query))


def conversations_erased() -> frozenset[str]:
    """The ids of all conversations that were removed on purpose."""
    lines = db.session.scalars(
        select(AuditRow.detail).where(AuditRow.action.in_((ERASED, FORGOTTEN)))
    )
    return frozenset(id for detail in lines for id in detail.get("conversations", ()))


def in_order() -> Iterator[AuditRow]:
    """The whole log, oldest first, without holding it in memory."""
    found = db.session.scalars(
        select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=500)
    )
    try:
        yield from found
    finally:
        found.close()
