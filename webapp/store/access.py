"""What guards the doors: throttles, keys for programs, answers already given to a repeated call."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Index, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Document, Model, db


class ThrottleRow(Model):
    """How often something was tried in the current window. A personal ``key`` is hashed."""

    __tablename__ = "throttles"
    __table_args__ = (Index(None, "until"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime]


class ApiKeyRow(Model):
    """A program's key: its SHA-256 and what it may do. ``hint`` is its first letters."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyRow(Model):
    """The first answer to a call with this key, given again to every repeat. ``subject`` is the
    conversation or handoff it tells of, so that it can be erased with it."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    response: Mapped[dict[str, Any]] = mapped_column(Document)
    subject: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


def key_by_hash(key_hash: str) -> ApiKeyRow | None:
    return db.session.scalar(select(ApiKeyRow).where(ApiKeyRow.key_hash == key_hash))


def key_used(id: str, at: datetime) -> None:
    db.session.execute(update(ApiKeyRow).where(ApiKeyRow.id == id).values(used_at=at))


def all_keys() -> list[ApiKeyRow]:
    return list(db.session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc())))


def first_answer(scope: str, key: str) -> IdempotencyRow | None:
    """What a call with this key was answered the first time."""
    return db.session.get(IdempotencyRow, (scope, key))


def forget_answers_about(subjects: Iterable[str]) -> None:
    """What programs were answered about these conversations holds people's words too."""
    db.session.execute(delete(IdempotencyRow).where(IdempotencyRow.subject.in_(list(subjects))))
