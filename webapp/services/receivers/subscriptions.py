"""Ending digests by a signed address that needs no sign-in."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.config import Config
from webapp.core.errors import BatonError, sentence
from webapp.services.receivers import outbox
from webapp.store.database import db, one_commit
from webapp.store.subscriptions import UnsubscribedRow

MAILS = {"daily": sentence("the daily summary"), "weekly": sentence("the weekly routing report")}


class BadLink(BatonError):
    def __init__(self) -> None:
        super().__init__("This link is not one of ours.")


@dataclass(frozen=True)
class Subscription:
    """``mails`` says in words which mails."""

    email: str
    list: str

    @property
    def mails(self) -> str:
        return MAILS[self.list]


def link(email: str, list: str) -> str:
    """Where one click ends these mails; empty where our address is not known."""
    return outbox.link(f"/unsubscribe/{token(email, list)}")


def token(email: str, list: str) -> str:
    return str(_signer().dumps([email.lower(), list]))


def read(token: str) -> Subscription:
    """Raises: BadLink."""
    try:
        email, list = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        raise BadLink from None
    if list not in MAILS:
        raise BadLink
    return Subscription(email, list)


def end(token: str, *, now: datetime) -> Subscription:
    """Send no more of these mails to this person; says which. One commit. Raises: BadLink."""
    found = read(token)
    with one_commit("subscriptions.end"):
        if db.session.get(UnsubscribedRow, (found.email, found.list)) is None:
            db.session.add(UnsubscribedRow(email=found.email, mails=found.list, at=now))
    return found


def _signer() -> URLSafeSerializer:
    config: Config = current_app.extensions["baton"]
    return URLSafeSerializer(config.secret_key, salt="unsubscribe")
