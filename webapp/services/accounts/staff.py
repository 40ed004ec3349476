"""Accounts of the people who work here, and how a password opens them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from email_validator import EmailNotValidError, validate_email
from flask import current_app

from webapp import catalogs
from webapp.config import ROLES, Config
from webapp.core.clocks import YEARS
from webapp.core.errors import BatonError
from webapp.core.values import clean
from webapp.services import audit, throttle
from webapp.services.accounts import account_notices, ceremonies, known_browsers, sessions
from webapp.store import access, calendars, second_steps
from webapp.store import staff as rows
from webapp.store.database import db, new_id, one_commit
from webapp.store.staff import StaffRow

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
WINDOW = timedelta(minutes=15)
"""In which attempts are counted."""

HALF_A_SIGN_IN = "second step"


class StaffRefused(BatonError):
    """An account cannot be made or changed so; the message says why, ``field`` where in a form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class SignInRefused(BatonError):
    """The same words for an unknown address, a wrong password and a disabled account."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class OnlyByProvider(StaffRefused):
    def __init__(self) -> None:
        super().__init__("Everybody signs in with their company's account here.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a first step opened: a session or, where not ``whole``, half a sign-in that waits for
    its second step. ``token`` is the secret of either."""

    token: str
    whole: bool


def add(email: str, *, role: str, name: str = "", by: str, now: datetime) -> tuple[StaffRow, str]:
    """Make an account; returns it with the one-time password of its first sign-in.

    Raises: StaffRefused.
    """
    if role not in ROLES:
        raise StaffRefused(f"There is no role {role!r}. Choose {', '.join(ROLES)}.")
    try:
        checked = validate_email(email, check_deliverability=False, globally_deliverable=False)
        email = checked.normalized.lower()
    except EmailNotValidError:
        raise StaffRefused(f"{email!r} is no e-mail address.") from None
    password = one_time_password()
    with one_commit("staff.add"):
        if there := rows.by_email(email):
            hint = " It is closed: reopen it." if there.disabled_at else ""
            raise StaffRefused(f"{email} has an account already.{hint}")
        row = StaffRow(
            id=new_id(now),
            email=email,
            name=name or email.partition("@")[0].replace(".", " ").title(),
            role=role,
            password_hash=_hasher().hash(password),
            one_time=True,
            epoch=0,
            created_at=now,
        )
        db.session.add(row)
        audit.append("staff.added", row.id, actor=by, now=now, detail={"role": role})
    return row, password


def sign_in(email: str, password: str, *, address: str, browser: str = "", now: datetime) -> Entry:
    """Begin a session, or half of one; of its secret only the SHA-256 is kept.

    Counted by the account tried, by the address it is tried from, and by both together: neither
    one guesser nor many can go on for long. A ``browser`` that shows the mark of one they signed
    in with before is counted by itself, so that nobody locks a colleague out.

    Raises: SignInRefused, Throttled, OnlyByProvider.
    """
    if not own_ways_open():
        raise OnlyByProvider
    email = clean(email).strip().lower()[:320]
    pair = f"{email} {address}"
    row = rows.by_email(email)
    known = known_browsers.known(browser, row.id, now=now) if row else None
    of_it = (
        [("sign-in by", known, 10)] if known else [("sign-in to", email, 50), ("sign-in", pair, 10)]
    )
    for kind, who, most in [("sign-in from", address, 50), *of_it]:
        throttle.count(kind, who, most=most, within=WINDOW, now=now)
    # An unknown address costs as much time as a wrong password, so that neither can be told.
    matches = _matches(row.password_hash if row else None, password)
    if row is None or row.disabled_at is not None or not matches:
        raise SignInRefused
    with one_commit("staff.sign_in"):
        throttle.forget("sign-in", pair)
        if _hasher().check_needs_rehash(row.password_hash or ""):
            row.password_hash = _hasher().hash(password)
        return first_step_taken(row, now, strong=False)


def first_step_taken(
    row: StaffRow,
    now: datetime,
    *,
    strong: bool,
    lasts: timedelta = sessions.LONGEST,
    detail: Mapping[str, str] | None = None,
) -> Entry:
    """A session or, of whom a second step is asked, half a sign-in: part of the caller's commit."""
    if second_steps.asked_of(row):
        content = {"lasts": lasts.total_seconds()}
        half = ceremonies.begin(HALF_A_SIGN_IN, staff_id=row.id, content=content, now=now)
        return Entry(half, whole=False)
    token = sessions.begin(row, now, strong=strong, lasts=lasts)
    audit.append("staff.signed_in", row.id, actor=row.id, now=now, detail=detail)
    return Entry(token, whole=True)


def own_ways_open() -> bool:
    """Whether passwords and passkeys open anything, or a company's account alone does."""
    provider = _config().provider
    return provider is None or not provider.only


def known_by_password(staff_id: str, password: str, *, now: datetime) -> StaffRow:
    """Make sure that nobody changes how they sign in who only found their browser open.

    Raises: StaffRefused, Throttled.
    """
    throttle.count("password of", staff_id, most=10, within=WINDOW, now=now)
    row = db.session.get_one(StaffRow, staff_id)
    if row.password_hash is None:
        raise StaffRefused(
            "You have no password here. Whoever runs Baton can give you one: "
            f"baton staff reset-password {row.email}"
        )
    if not _matches(row.password_hash, password):
        raise StaffRefused("The current password is not right.")
    return row


def change_password(
    staff_id: str, old: str, new: str, *, strong: bool = False, now: datetime
) -> str:
    """Change one's own password. Every session ends; returns the secret of a new one, as ``strong``
    as the one it is done in.

    Raises: StaffRefused, with what is wrong with either password; Throttled.
    """
    row = known_by_password(staff_id, old, now=now)
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        raise StaffRefused(f"Choose a password of at least {SHORTEST_PASSWORD} characters.")
    if new == old or new.lower() in (row.email, row.name.lower()) or len(set(new)) < 5:
        raise StaffRefused("Choose another password: this one is too easy to guess.")
    with one_commit("staff.change_password"):
        row.password_hash, row.one_time = _hasher().hash(new), False
        sessions.end_all(row)
        token = sessions.begin(row, now, strong=strong)
        audit.append("staff.password_changed", row.id, actor=row.id, now=now)
        account_notices.tell(row, account_notices.PASSWORD_CHANGED, now=now)
    return token


def update_profile(
    staff_id: str, *, timezone: str, back_on: str, locale: str = "", now: datetime
) -> StaffRow:
    """Say in which zone one works, which language mails speak, and on which day one is back; blank
    for being here. Who is away gets no leads: the day begins at midnight there.

    Raises: StaffRefused.
    """
    try:
        zone = ZoneInfo(timezone.strip() or "UTC")
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise StaffRefused("Enter a time zone like Europe/Berlin.", "timezone") from None
    try:
        back = date.fromisoformat(back_on.strip()) if back_on.strip() else None
        if back and back.year not in YEARS:
            raise ValueError(back_on)
    except ValueError:
        raise StaffRefused("Enter the day you are back, like 2027-03-31.", "back_on") from None
    with one_commit("staff.update_profile"):
        row = db.session.get_one(StaffRow, staff_id)
        row.timezone = zone.key if timezone.strip() else None
        row.locale = locale if locale in catalogs.COMPLETE else None
        row.away_until = datetime.combine(back, time(), zone) if back else None
        audit.append("staff.profile_changed", row.id, actor=row.id, now=now)
    return row


def disable(email: str, *, by: str, now: datetime) -> StaffRow:
    """Close an account. Its sessions end at once; what it owns stays with it until reassigned.

    Raises: StaffRefused.
    """
    with one_commit("staff.disable"):
        row = _named(email)
        row.disabled_at = row.disabled_at or now
        sessions.end_all(row)
        calendars.forget(row.id)
        audit.append("staff.disabled", row.id, actor=by, now=now)
    return row


def reopen(email: str, *, by: str, now: datetime) -> str:
    """Open a closed account again; returns a one-time password. As bare as a new one: its address
    may be somebody else's by now, so no passkey, app or program's key of before opens anything.

    Raises: StaffRefused.
    """
    with one_commit("staff.reopen"):
        row = _named(email)
        if row.disabled_at is None:
            raise StaffRefused(f"{row.email} is open.")
        row.disabled_at = row.totp_secret = row.totp_step = None
        second_steps.forget_passkeys(row.id)
        second_steps.forget_recovery_codes(row.id)
        access.revoke_keys_of(row.email, now)
        password = _password_anew(row)
        audit.append("staff.reopened", row.id, actor=by, now=now)
    return password


def change_role(email: str, *, role: str, by: str, now: datetime) -> StaffRow:
    """Give somebody another role. Their sessions end: what it asks of signing in counts at once.

    Raises: StaffRefused.
    """
    with one_commit("staff.change_role"):
        row = _named(email)
        row.role = role
        sessions.end_all(row)
        audit.append("staff.role_changed", row.id, actor=by, now=now, detail={"role": role})
    return row


def reset_password(email: str, *, by: str, now: datetime) -> str:
    """Give somebody a new one-time password; their sessions end, and another account of their
    company may be theirs. Raises: StaffRefused."""
    with one_commit("staff.reset_password"):
        row = _named(email)
        password = _password_anew(row)
        audit.append("staff.password_reset", row.id, actor=by, now=now)
        account_notices.tell(row, account_notices.PASSWORD_RESET, now=now)
    return password


def _named(email: str) -> StaffRow:
    row = rows.by_email(email)
    if row is None:
        raise StaffRefused(f"Nobody here has the address {email}.")
    return row


def _password_anew(row: StaffRow) -> str:
    """A one-time password instead of every way in that there was but the second step."""
    password = one_time_password()
    row.password_hash, row.one_time = _hasher().hash(password), True
    row.company_account = None
    sessions.end_all(row)
    return password


def one_time_password() -> str:
    """80 random bits that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        _hasher().verify(password_hash or _nobodys(), password[:LONGEST_PASSWORD])
    except VerificationError:
        return False
    return password_hash is not None


def _hasher() -> PasswordHasher:
    return _hashers(_config().test)


def _config() -> Config:
    config: Config = current_app.extensions["baton"]
    return config


@lru_cache
def _hashers(cheap: bool) -> PasswordHasher:
    """OWASP's least: 19 MiB and two passes, 40 ms here; argon2's own default takes seven times
    as long. Tests do not wait for either."""
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@lru_cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
