"""Who wants no more mails of a kind. Everybody else gets them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db


class UnsubscribedRow(Model):
    __tablename__ = "unsubscribed"

    email: Mapped[str] = mapped_column(primary_key=True)
    mails: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def without(emails: Iterable[str], mails: str) -> list[str]:
    """Those of the addresses that still want these mails, in order."""
    gone = set(
        db.session.scalars(select(UnsubscribedRow.email).where(UnsubscribedRow.mails == mails))
    )
    return [email for email in dict.fromkeys(each.lower() for each in emails) if email not in gone]
