"""Passkeys: a device that holds a key, and unlocks it for its owner alone, in place of password and
code."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app

from webapp.config import Config
from webapp.core.errors import BatonError
from webapp.core.values import clean
from webapp.services import audit, throttle
from webapp.services.accounts import account_notices, ceremonies, recovery_codes, sessions
from webapp.services.accounts.second_step import begin_anew
from webapp.services.accounts.staff import (
    WINDOW,
    OnlyByProvider,
    StaffRefused,
    known_by_password,
    own_ways_open,
)
from webapp.store import second_steps as rows
from webapp.store import staff
from webapp.store.database import db, new_id, one_commit
from webapp.store.second_steps import PasskeyRow

if TYPE_CHECKING:
    from webapp.services.accounts.authenticators import Question

ADDING = "adding a passkey"
SIGNING_IN = "signing in with a passkey"
MOST = 20
_LONGEST_NAME = 60


class PasskeyRefused(BatonError):
    """The same words whatever was wrong with it."""

    def __init__(self) -> None:
        super().__init__("This passkey was not accepted. Begin again, or sign in another way.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a browser: its words, as JSON, and the secret to answer it with."""

    options: str
    token: str


@dataclass(frozen=True, slots=True)
class Party:
    """Who we are to a browser: a passkey made for one address is shown to no other."""

    id: str
    origin: str


def offered() -> bool:
    """Whether passkeys can work here: they are bound to a name, which an IP address is not."""
    return _party() is not None


def begin_adding(staff_id: str, password: str, *, now: datetime) -> Asked:
    """Ask a browser to make a passkey. Raises: StaffRefused, Throttled."""
    from webapp.services.accounts import authenticators

    row = known_by_password(staff_id, password, now=now)
    party, have = _this_party(), rows.passkeys_of(staff_id)
    if len(have) >= MOST:
        raise StaffRefused(f"You have {MOST} passkeys. Remove one first.")
    return _ask(ADDING, authenticators.to_make(party, row, have), staff_id, now)


def add(
    staff_id: str, token: str, credential: str, *, name: str, now: datetime
) -> tuple[str, list[str]]:
    """Keep the passkey that a browser made. Every session ends; returns the secret of a new one,
    and recovery codes where this is the first thing beside the password.

    Raises: PasskeyRefused, TooLate.
    """
    from webapp.services.accounts import authenticators

    challenge = _take(token, ADDING, now, staff_id)
    try:
        made = authenticators.made(_this_party(), credential, challenge)
    except authenticators.ODD:
        raise PasskeyRefused from None
    with one_commit("passkeys.add"):
        if rows.passkey_by_credential(made.credential_id):
            raise PasskeyRefused
        row = staff.by_id(staff_id)
        codes = [] if rows.asked_of(row) else recovery_codes.renew(row)
        id = new_id(now)
        passkey = PasskeyRow(
            id=id,
            staff_id=staff_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=_named(name),
            created_at=now,
        )
        db.session.add(passkey)
        sessions.end_all(row)
        session = sessions.begin(row, now, strong=True)
        audit.append("staff.passkey_added", staff_id, actor=staff_id, now=now, detail={"id": id})
        account_notices.tell(row, account_notices.PASSKEY_ADDED, now=now)
    return session, codes


def begin_sign_in(*, address: str, now: datetime) -> Asked:
    """Ask a browser for a passkey of ours, whosever it is. Raises: Throttled, OnlyByProvider."""
    from webapp.services.accounts import authenticators

    if not own_ways_open():
        raise OnlyByProvider
    throttle.count("passkey from", address, most=100, within=WINDOW, now=now)
    return _ask(SIGNING_IN, authenticators.to_show(_this_party()), None, now)


def sign_in(token: str, credential: str, *, now: datetime) -> str:
    """Begin a session for whoever the passkey belongs to; returns its secret.

    Raises: PasskeyRefused, TooLate.
    """
    from webapp.services.accounts import authenticators

    challenge = _take(token, SIGNING_IN, now)
    party = _this_party()
    passkey: PasskeyRow | None = None
    try:
        id, owner = authenticators.claimed(credential)
        passkey = rows.passkey_by_credential(id)
        if passkey is None or owner != passkey.staff_id:
            raise PasskeyRefused
        sign_count = authenticators.proved(party, passkey, credential, challenge)
    except authenticators.ODD:
        if passkey is not None:
            _note_refusal(passkey, now)
        raise PasskeyRefused from None
    with one_commit("passkeys.sign_in"):
        row = staff.by_id(passkey.staff_id)
        counted = rows.count_passkey(passkey, sign_count, now=now)
        if row.disabled_at is not None or not counted:
            raise PasskeyRefused
        session = sessions.begin(row, now, strong=True)
        audit.append("staff.signed_in", row.id, actor=row.id, now=now, detail={"by": "passkey"})
    return session


def rename(staff_id: str, id: str, name: str, *, now: datetime) -> None:
    """Call one of one's own passkeys otherwise. Raises: LookupError."""
    with one_commit("passkeys.rename"):
        _own(staff_id, id).name = _named(name)
        audit.append("staff.passkey_renamed", staff_id, actor=staff_id, now=now, detail={"id": id})


def remove(staff_id: str, id: str, password: str, *, now: datetime) -> str:
    """Let one of one's own passkeys open nothing any more. Every session ends; returns the secret
    of a new one. Raises: LookupError, StaffRefused, Throttled."""
    row = known_by_password(staff_id, password, now=now)
    with one_commit("passkeys.remove"):
        db.session.delete(_own(staff_id, id))
        db.session.flush()
        token = begin_anew(row, now)
        audit.append("staff.passkey_removed", staff_id, actor=staff_id, now=now, detail={"id": id})
        account_notices.tell(row, account_notices.PASSKEY_REMOVED, now=now)
    return token


def _ask(purpose: str, question: "Question", staff_id: str | None, now: datetime) -> Asked:
    content = {"challenge": question.challenge}
    with one_commit("passkeys.ask"):
        token = ceremonies.begin(purpose, staff_id=staff_id, content=content, now=now)
    return Asked(question.options, token)


def _take(token: str, purpose: str, now: datetime, staff_id: str | None = None) -> str:
    """The challenge that the browser was asked, which nobody can answer again: also a wrong answer
    uses it up. Raises: TooLate."""
    with one_commit("passkeys.take"):
        asked = ceremonies.waiting(token, purpose, now=now)
        if asked.staff_id != staff_id:
            raise ceremonies.TooLate
        challenge = str(asked.content["challenge"])
        ceremonies.finish(asked)
    return challenge


def _note_refusal(passkey: PasskeyRow, now: datetime) -> None:
    with one_commit("passkeys.refuse"):
        id, whose = passkey.id, passkey.staff_id
        audit.append("staff.passkey_refused", whose, actor=whose, now=now, detail={"id": id})


def _own(staff_id: str, id: str) -> PasskeyRow:
    passkey = db.session.get(PasskeyRow, id)
    if passkey is None or passkey.staff_id != staff_id:
        raise LookupError(id)
    return passkey


def _named(name: str) -> str:
    return clean(name).strip()[:_LONGEST_NAME] or "Passkey"


def _this_party() -> Party:
    party = _party()
    if party is None:
        raise StaffRefused("Passkeys need BATON_BASE_URL to be a name, not an IP address.")
    return party


def _party() -> Party | None:
    config: Config = current_app.extensions["baton"]
    host = urlsplit(config.base_url).hostname
    if not host or not (config.secure or host == "localhost"):
        return None
    try:
        ip_address(host)
    except ValueError:
        return Party(host, config.base_url)
    return None
