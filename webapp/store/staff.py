"""The people who sign in, and their sessions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.store.database import Model, db


class StaffRow(Model):
    """``epoch`` rises when every session must end; a session of an older epoch is dead.

    ``one_time`` says that the password was made by us and must be replaced at the first sign-in.
    ``company_account`` is the provider and its subject that signed in here first, apart by a blank:
    an address may be given to somebody else in time, and a subject never is. ``totp_secret`` is
    encrypted. ``totp_step`` is the last time step whose code was used: codes are
    asked for once there is one.
    """

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'manager', 'marketer', 'rep')", name="role_exists"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index(None, "company_account", unique=True),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    one_time: Mapped[bool]
    company_account: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int | None]
    epoch: Mapped[int]
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class StaffSessionRow(Model):
    """One signed-in browser. The cookie holds a secret; here is only its SHA-256. ``strong``: more
    than a password began it."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index(None, "staff_id"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    epoch: Mapped[int]
    strong: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    staff: Mapped[StaffRow] = relationship(lazy="joined", innerjoin=True)


_by_email = select(StaffRow).where(StaffRow.email == bindparam("email"))
_everyone = select(StaffRow).order_by(StaffRow.email)


def by_email(email: str) -> StaffRow | None:
    return db.session.scalar(_by_email, {"email": email.strip().lower()})


def by_company_account(account: str) -> StaffRow | None:
    return db.session.scalar(select(StaffRow).where(StaffRow.company_account == account))


def locale_of(email: str) -> str | None:
    """The language somebody reads; None for who chose none, and for who is nobody of ours."""
    person = by_email(email)
    return person.locale if person else None


def by_id(id: str) -> StaffRow:
    return db.session.get_one(StaffRow, id)


def known(id: str) -> StaffRow | None:
    return db.session.get(StaffRow, id)


def everyone() -> list[StaffRow]:
    return list(db.session.scalars(_everyone))


def session(id: str) -> StaffSessionRow | None:
    return db.session.get(StaffSessionRow, id)


def end_sessions(staff_id: str) -> None:
    db.session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))
