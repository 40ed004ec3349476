"""Sites: the websites that put our flows on their pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class SiteRow(Model):
    """``origins`` may frame our pages; none listed means nobody may. ``settings`` holds what the
    site switched on (texts, theme, whether it is told the ending)."""

    __tablename__ = "sites"
    __table_args__ = (CheckConstraint("retention_days > 0", name="retention_is_positive"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    origins: Mapped[list[str]]
    settings: Mapped[dict[str, Any]]
    retention_days: Mapped[int | None]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


_name = select(SiteRow.name).where(SiteRow.id == bindparam("id"))
_in_use_first = (SiteRow.archived_at.is_not(None), SiteRow.created_at, SiteRow.id)
_first = select(SiteRow).order_by(*_in_use_first).limit(1)
_by_key = select(SiteRow).where(SiteRow.key == bindparam("key"))


def get(id: str) -> SiteRow | None:
    return db.session.get(SiteRow, id)


def name_of(id: str) -> str:
    return db.session.connection().execute(_name, {"id": id}).scalar_one()


def by_key(key: str) -> SiteRow | None:
    return db.session.scalar(_by_key, {"key": key})


def first() -> SiteRow | None:
    """The site that pages without a site key belong to: the oldest in use."""
    return db.session.scalar(_first)


def in_use() -> list[SiteRow]:
    return [each for each in every() if each.archived_at is None]


def every() -> list[SiteRow]:
    """Those in use, then those that are archived."""
    return list(db.session.scalars(select(SiteRow).order_by(*_in_use_first)))
