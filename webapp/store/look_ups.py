"""What providers answered about companies, so that none is asked the same twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, delete, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db, upsert
from webapp.store.deliveries import ConnectionRow
from webapp.store.leads import AccountRow


class LookUpRow(Model):
    """An answer, which counts until an instant. ``about`` is the company's domain or, for providers
    that are asked with people's addresses, the address as ``LeadRow.email_key`` spells it."""

    __tablename__ = "look_ups"

    connection_id: Mapped[str] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    )
    about: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, Any]]
    until: Mapped[datetime] = mapped_column(index=True)


def answer(connection_id: str, about: str, now: datetime) -> dict[str, Any] | None:
    """What this provider answered about them, if that still counts."""
    row = db.session.get(LookUpRow, (connection_id, about), populate_existing=True)
    return row.answer if row is not None and now < row.until else None


def keep(connection_id: str, about: str, answer: Mapping[str, Any], until: datetime) -> None:
    news = {"answer": dict(answer), "until": until}
    insert = upsert(LookUpRow).values(connection_id=connection_id, about=about, **news)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=[LookUpRow.connection_id, LookUpRow.about], set_=news
        )
    )


def forget_answers_of(connection_id: str) -> None:
    db.session.execute(delete(LookUpRow).where(LookUpRow.connection_id == connection_id))


def forget_old(now: datetime) -> None:
    db.session.execute(delete(LookUpRow).where(LookUpRow.until <= now))


def forget_strangers(about: Sequence[str]) -> None:
    """Forget what was answered about these people, and of these companies those of whom nobody is
    left here."""
    somebody = exists().where(AccountRow.domain == LookUpRow.about)
    # Of any provider: said so, the key leads to them.
    anybodys = LookUpRow.connection_id.in_(select(ConnectionRow.id))
    db.session.execute(delete(LookUpRow).where(anybodys, LookUpRow.about.in_(about), ~somebody))
