"""Erasures: whom we were asked to forget, in a form that forgets them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class ErasureRow(Model):
    """A tombstone. ``email_hash`` is keyed, so that it names nobody, yet a restored backup can be
    searched for those who must be erased from it again."""

    __tablename__ = "erasures"

    id: Mapped[str] = mapped_column(primary_key=True)
    lead_id: Mapped[str] = mapped_column(index=True)
    email_hash: Mapped[str | None] = mapped_column(index=True)
    erased_at: Mapped[datetime]
    by: Mapped[str]


def newest(limit: int) -> list[ErasureRow]:
    query = select(ErasureRow).order_by(ErasureRow.erased_at.desc(), ErasureRow.id.desc())
    return list(db.session.scalars(query.limit(limit)))
