"""What proves a person beside their password, and the ceremonies that wait for such a proof."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    ForeignKey,
    Index,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model, db
from webapp.store.staff import StaffRow


class RecoveryCodeRow(Model):
    """A way back in for who lost their phone; a code that was used is gone. ``id`` is a hash over
    the code and whose it is: 79 random bits need no slow one."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index(None, "staff_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))


class CeremonyRow(Model):
    """Something begun that the same browser must finish soon: a sign-in that waits for its second
    step. ``id`` is the SHA-256 of a secret that only the browser holds; whoever takes the row away
    has finished it, so nobody does twice."""

    __tablename__ = "ceremonies"
    __table_args__ = (Index(None, "staff_id"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    content: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class PasskeyRow(Model):
    """A device that proves its owner. ``sign_count`` is how often the device says it did: one that
    does not rise is a copy; 0 for devices that do not count. Nothing here is a secret."""

    __tablename__ = "passkeys"
    __table_args__ = (Index(None, "staff_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def asked_of(row: StaffRow) -> bool:
    """Whether a password alone is not enough for this person."""
    return row.totp_step is not None or bool(passkeys_of(row.id))


def asked_for() -> set[str]:
    """The ids of all of whom it is asked."""
    with_app = select(StaffRow.id).where(StaffRow.totp_step.is_not(None))
    return set(db.session.scalars(with_app.union(select(PasskeyRow.staff_id))))


def passkeys_of(staff_id: str) -> list[PasskeyRow]:
    mine = select(PasskeyRow).where(PasskeyRow.staff_id == staff_id)
    return list(db.session.scalars(mine.order_by(PasskeyRow.created_at, PasskeyRow.id)))


def passkey_by_credential(credential_id: str) -> PasskeyRow | None:
    return db.session.scalar(select(PasskeyRow).where(PasskeyRow.credential_id == credential_id))


def count_passkey(passkey: PasskeyRow, sign_count: int, *, now: datetime) -> bool:
    """Note that a passkey was used; False when somebody used it since ``passkey`` was read."""
    unchanged = (PasskeyRow.id == passkey.id, PasskeyRow.sign_count == passkey.sign_count)
    changed = update(PasskeyRow).where(*unchanged)
    return _changed_one(changed.values(sign_count=sign_count, used_at=now))


def forget_passkeys(staff_id: str) -> None:
    db.session.execute(delete(PasskeyRow).where(PasskeyRow.staff_id == staff_id))


def use_step(staff_id: str, step: int) -> bool:
    """Use up the code of a time step, and with it every earlier one; False when it was used
    before. One statement, so that of two who try at once only one succeeds."""
    unused = or_(StaffRow.totp_step.is_(None), StaffRow.totp_step < step)
    changed = update(StaffRow).where(StaffRow.id == staff_id, unused).values(totp_step=step)
    return _changed_one(changed)


def use_recovery_code(id: str) -> bool:
    """Use up a recovery code; False when there is none such (any more)."""
    return _changed_one(delete(RecoveryCodeRow).where(RecoveryCodeRow.id == id))


def recovery_codes_left(staff_id: str) -> int:
    mine = RecoveryCodeRow.staff_id == staff_id
    return db.session.scalar(select(func.count()).where(mine)) or 0


def forget_recovery_codes(staff_id: str) -> None:
    db.session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))


def ceremony(id: str, purpose: str, *, now: datetime) -> CeremonyRow | None:
    """What was begun and waits still."""
    return db.session.scalar(
        select(CeremonyRow).where(
            CeremonyRow.id == id, CeremonyRow.purpose == purpose, CeremonyRow.expires_at > now
        )
    )


def finish(ceremony: CeremonyRow) -> bool:
    """Take the ceremony away; False when somebody else just did."""
    return _changed_one(delete(CeremonyRow).where(CeremonyRow.id == ceremony.id))


def forget_ceremonies_of(staff_id: str) -> None:
    db.session.execute(delete(CeremonyRow).where(CeremonyRow.staff_id == staff_id))


def _changed_one(statement: Any) -> bool:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount == 1
