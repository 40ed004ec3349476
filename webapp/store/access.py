"""What guards the doors: throttles, keys for programs, answers already given to a repeated call."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Document, Model, db, upsert


class ThrottleRow(Model):
    """How often something was tried in the current window. A personal ``key`` is hashed."""

    __tablename__ = "throttles"
    __table_args__ = (Index(None, "until"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime]


class ApiKeyRow(Model):
    """A program's key: its SHA-256 and what it may do, in the name of whom it ``acts_for``, an
    address; with ``site_id`` only where that site's visitors are concerned. ``hint`` is its first
    letters."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[str]]
    site_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"))
    acts_for: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


UNDER_WAY = 0
"""The ``status`` of a call that holds its key and was not answered yet."""


class IdempotencyRow(Model):
    """The first answer to a call with this key, given again to every repeat; ``status`` is
    ``UNDER_WAY`` until there is one. ``subject`` is the conversation or handoff it tells of: it
    can be erased with it."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    response: Mapped[dict[str, Any]] = mapped_column(Document)
    subject: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


def key_by_hash(key_hash: str) -> ApiKeyRow | None:
    return db.session.scalar(select(ApiKeyRow).where(ApiKeyRow.key_hash == key_hash))


def key_used(id: str, at: datetime) -> None:
    db.session.execute(update(ApiKeyRow).where(ApiKeyRow.id == id).values(used_at=at))


def revoke_keys_of(email: str, at: datetime) -> None:
    theirs = update(ApiKeyRow).where(ApiKeyRow.acts_for == email, ApiKeyRow.revoked_at.is_(None))
    db.session.execute(theirs.values(revoked_at=at))


def all_keys() -> list[ApiKeyRow]:
    return list(db.session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc())))


def first_answer(scope: str, key: str) -> IdempotencyRow | None:
    """What a call with this key was answered the first time, or that it is under way."""
    return db.session.get(IdempotencyRow, (scope, key), populate_existing=True)


def reserve(scope: str, key: str, body_hash: str, *, lapsed: datetime, now: datetime) -> bool:
    """Take a key that nobody has, or that was taken before ``lapsed`` by a call that never ended;
    whether it was to be had."""
    row = IdempotencyRow
    taken = _row_of(scope, key, body_hash, now) | {"status": UNDER_WAY, "response": {}}
    again = (row.status == UNDER_WAY) & (row.created_at < lapsed)
    statement = upsert(row).values(taken).returning(row.key)
    statement = statement.on_conflict_do_update(
        index_elements=["scope", "key"],
        set_={"body_hash": body_hash, "created_at": now},
        where=again,
    )
    return db.session.scalar(statement) is not None


def release(scope: str, key: str, *, taken: datetime) -> None:
    """Give back a key whose call changed nothing."""
    row = IdempotencyRow
    mine = (row.scope == scope, row.key == key, row.created_at == taken, row.status == UNDER_WAY)
    db.session.execute(delete(row).where(*mine))


def keep_answer(
    scope: str,
    key: str,
    body_hash: str,
    *,
    status: int,
    response: dict[str, Any],
    subject: str | None,
    now: datetime,
) -> None:
    """Keep what a call was answered. Where the same call was answered before, that answer stays."""
    row, answer = IdempotencyRow, {"status": status, "response": response, "subject": subject}
    db.session.execute(
        upsert(row)
        .values(_row_of(scope, key, body_hash, now) | answer)
        .on_conflict_do_update(
            index_elements=["scope", "key"], set_=answer, where=row.status == UNDER_WAY
        )
    )


def _row_of(scope: str, key: str, body_hash: str, now: datetime) -> dict[str, Any]:
    return {"scope": scope, "key": key, "body_hash": body_hash, "created_at": now}


def forget_answers_about(subjects: Iterable[str]) -> None:
    """What programs were answered about these conversations holds people's words too."""
    db.session.execute(delete(IdempotencyRow).where(IdempotencyRow.subject.in_(list(subjects))))
