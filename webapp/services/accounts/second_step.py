"""The second step of signing in: a code of an authenticator app, or a recovery code instead."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from flask import current_app

from webapp.config import Config
from webapp.core.errors import BatonError
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.vault import Vault
from webapp.services import audit, throttle
from webapp.services.accounts import (
    account_notices,
    ceremonies,
    known_browsers,
    recovery_codes,
    sessions,
)
from webapp.services.accounts.ceremonies import TooLate
from webapp.services.accounts.staff import (
    HALF_A_SIGN_IN,
    WINDOW,
    StaffRefused,
    known_by_password,
)
from webapp.store import second_steps
from webapp.store import staff as rows
from webapp.store.database import db, one_commit
from webapp.store.staff import StaffRow

_SECONDS = 30
_DIGITS = 6
_CLOCKS_DIFFER = 1
"""Time steps by which a phone may be early or late."""


class CodeRefused(BatonError):
    """The same words for a wrong code, an old one and one that was used."""

    def __init__(self) -> None:
        super().__init__("This code is not right. Wait for the next one, then enter it at once.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to know: as an address to be drawn, and as letters to be typed."""

    address: str
    secret: str


def begin(staff_id: str, password: str, *, now: datetime) -> None:
    """Make a secret for one's app. Nothing is asked for until a code made with it was entered.

    Raises: StaffRefused, Throttled.
    """
    row = known_by_password(staff_id, password, now=now)
    with one_commit("second_step.begin"):
        db.session.refresh(row)
        if row.totp_step is not None:
            raise StaffRefused("Codes are asked for already. Turn that off first.")
        row.totp_secret = _vault().lock({"staff": row.id, "secret": pyotp.random_base32()})
        audit.append("staff.codes_begun", row.id, actor=row.id, now=now)


def enrolment(staff_id: str) -> Enrolment | None:
    """What the app is to be told; None when nothing was begun, or it is finished."""
    row = rows.by_id(staff_id)
    secret = _secret_of(row) if row.totp_step is None else None
    if secret is None:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=row.email, issuer_name="Baton")
    return Enrolment(address, secret)


def confirm(staff_id: str, code: str, *, now: datetime) -> tuple[str, list[str]]:
    """Ask for codes from now on, as this one shows that the app makes them. Every session ends;
    returns the secret of a new one, and the recovery codes.

    Raises: CodeRefused, TooLate, Throttled.
    """
    throttle.count("code of", staff_id, most=10, within=WINDOW, now=now)
    with one_commit("second_step.confirm"):
        row = rows.by_id(staff_id)
        if row.totp_step is not None or row.totp_secret is None:
            raise TooLate
        if not _uses(row, code, now):
            raise CodeRefused
        throttle.forget("code of", row.id)
        codes = recovery_codes.renew(row)
        sessions.end_all(row)
        token = sessions.begin(row, now, strong=True)
        audit.append("staff.codes_on", row.id, actor=row.id, now=now)
        account_notices.tell(row, account_notices.CODES_ON, now=now)
    return token, codes


def finish(half: str, code: str, *, address: str, browser: str = "", now: datetime) -> str:
    """Finish a sign-in with a code of the app or a recovery code; returns the session's secret.

    Whoever comes here knows the password: by person and day there are few attempts, for a code has
    six digits only. Nobody can use up what its owner needs: a ``browser`` they signed in with
    before has attempts of its own, and a recovery code, which nobody guesses, is not counted so.

    Raises: CodeRefused, TooLate, Throttled.
    """
    throttle.count("code from", address, most=50, within=WINDOW, now=now)
    waiting = ceremonies.waiting(half, HALF_A_SIGN_IN, now=now)
    id = str(waiting.staff_id)
    digits = _is_of_an_app(code)
    if digits:
        known = known_browsers.known(browser, id, now=now)
        by, who = (" by", known) if known else ("", id)
        throttle.count(f"code{by} of", who, most=10, within=WINDOW, now=now)
        throttle.count(f"code{by} today of", who, most=50, within=timedelta(days=1), now=now)
    with one_commit("second_step.finish"):
        row = rows.by_id(id)
        right = _uses(row, code, now) if digits else recovery_codes.use(id, code)
        if not right:
            audit.append("staff.code_refused", id, actor=id, now=now)
        else:
            ceremonies.finish(waiting)
            lasts = timedelta(
                seconds=waiting.content.get("lasts", sessions.LONGEST.total_seconds())
            )
            token = sessions.begin(row, now, strong=True, lasts=lasts)
            by = "code" if digits else "recovery code"
            audit.append("staff.signed_in", id, actor=id, now=now, detail={"by": by})
            if digits:
                throttle.forget("code of", id)
            else:
                account_notices.tell(row, account_notices.RECOVERY_CODE_USED, now=now)
    if not right:
        raise CodeRefused
    return token


def turn_off(staff_id: str, password: str, *, now: datetime) -> str:
    """Ask for no codes any more. Every session ends; returns the secret of a new one.

    Raises: StaffRefused, Throttled.
    """
    row = known_by_password(staff_id, password, now=now)
    with one_commit("second_step.turn_off"):
        row.totp_secret = row.totp_step = None
        token = begin_anew(row, now)
        audit.append("staff.codes_off", row.id, actor=row.id, now=now)
        account_notices.tell(row, account_notices.CODES_OFF, now=now)
    return token


def renew_recovery_codes(staff_id: str, password: str, *, now: datetime) -> list[str]:
    """New recovery codes in place of the old. Raises: StaffRefused, Throttled."""
    row = known_by_password(staff_id, password, now=now)
    with one_commit("second_step.renew"):
        if not second_steps.asked_of(row):
            raise StaffRefused("Recovery codes are for when codes are asked for.")
        codes = recovery_codes.renew(row)
        audit.append("staff.recovery_codes_made", row.id, actor=row.id, now=now)
        account_notices.tell(row, account_notices.RECOVERY_CODES_MADE, now=now)
    return codes


def reset(email: str, *, by: str, now: datetime) -> StaffRow:
    """Let somebody who lost phone and recovery codes in with their password again. Their sessions
    end. Raises: StaffRefused."""
    with one_commit("second_step.reset"):
        row = rows.by_email(email)
        if row is None:
            raise StaffRefused(f"Nobody here has the address {email}.")
        row.totp_secret = row.totp_step = None
        second_steps.forget_passkeys(row.id)
        second_steps.forget_recovery_codes(row.id)
        sessions.end_all(row)
        audit.append("staff.second_step_reset", row.id, actor=by, now=now)
        account_notices.tell(row, account_notices.SECOND_STEP_RESET, now=now)
    return row


def begin_anew(row: StaffRow, now: datetime) -> str:
    """End every session after a second step was taken away, and begin one: as strong as what is
    left. Recovery codes are for those who have a second step. Part of the caller's commit."""
    strong = second_steps.asked_of(row)
    if not strong:
        second_steps.forget_recovery_codes(row.id)
    sessions.end_all(row)
    return sessions.begin(row, now, strong=strong)


def _is_of_an_app(code: str) -> bool:
    plain = recovery_codes.as_meant(code)
    return len(plain) == _DIGITS and plain.isdecimal()


def _uses(row: StaffRow, code: str, now: datetime) -> bool:
    """Whether the code is one of now that was not used yet; it is used then."""
    secret = _secret_of(row)
    step = _step_of(secret, code, now) if secret else None
    return step is not None and second_steps.use_step(row.id, step)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    typed, app = recovery_codes.as_meant(code).encode("utf-8", "replace"), pyotp.TOTP(secret)
    present = int(now.timestamp()) // _SECONDS
    steps = range(present - _CLOCKS_DIFFER, present + _CLOCKS_DIFFER + 1)
    fitting = [s for s in steps if secrets.compare_digest(app.generate_otp(s).encode(), typed)]
    return fitting[-1] if fitting else None


def _secret_of(row: StaffRow) -> str | None:
    """Encrypted together with whose it is, so that it is of no use in somebody else's row."""
    try:
        found = _vault().unlock(row.totp_secret)
    except DeliveryRefused:
        return None  # under another BATON_SECRET_KEY: a recovery code or a reset helps
    return str(found["secret"]) if found.get("staff") == row.id else None


def _vault() -> Vault:
    config: Config = current_app.extensions["baton"]
    return Vault(config.secret_key)
