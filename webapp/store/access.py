"""What guards the doors: throttles, keys for programs, answers already given to a repeated call."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Document, Model


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
    """The first answer to a call with this key, given again to every repeat."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    response: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime]
