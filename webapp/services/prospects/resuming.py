"""Going on later: a link by mail that works once, and shows nothing of what was said before."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from webapp.config import Config
from webapp.core import values
from webapp.core.errors import AnswerRefused, BatonError
from webapp.core.likeness import mailbox_key
from webapp.delivery import letters
from webapp.services import throttle
from webapp.services.people import suppression
from webapp.services.prospects.conversations import (
    KEPT,
    ConversationExpired,
    UnknownConversation,
    token_hash,
)
from webapp.services.prospects.standing import standing_of
from webapp.services.receivers import outbox
from webapp.services.throttle import Throttled
from webapp.store import conversations as rows
from webapp.store import resume_links
from webapp.store.database import db, one_commit, reading
from webapp.store.locks import exclusive
from webapp.store.resume_links import ResumeLinkRow

LASTS = timedelta(days=7)
TWICE = timedelta(minutes=1)
"""A second click within this leads where the first one led."""

A_DAY = timedelta(days=1)
MOST_A_DAY = 3
EVENT = "conversation.link"


class LinkGone(BatonError):
    def __init__(self) -> None:
        super().__init__("This link was used before, or is too old.")


@dataclass(frozen=True, slots=True)
class Letter:
    """What the mail says, in the visitor's language. Nothing in it was written by a visitor: it
    must carry nobody's words to whatever address they type."""

    subject: str
    paragraphs: Sequence[str]
    button: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where to go on: ``token`` opens the conversation, and the one before it no longer does."""

    skin: str
    flow: str
    token: str


def offered() -> bool:
    """Whether a link can be mailed at all."""
    config: Config = current_app.extensions["baton"]
    return bool(config.base_url and (config.smtp_url or config.demo))


def send_link(
    token: str, *, to: str, letter: Letter, path: Callable[[str], str], now: datetime
) -> None:
    """Mail a link to go on with; ``path`` is the address of the page a secret opens.

    Whose address it is, and whether we know them, changes nothing.

    Raises: UnknownConversation, ConversationExpired, AnswerRefused, Throttled.
    """
    with reading():
        row = rows.by_token(token_hash(token))
        if row is None or row.finished_at is not None:
            raise UnknownConversation
        if now > row.expires_at:
            raise ConversationExpired
        asked = standing_of(row).release.playbook.email_property
    if asked is None:
        raise UnknownConversation
    found = values.read(asked, to)
    if found is None:
        raise AnswerRefused(asked.id, "Enter your email address.")
    address = str(found)
    mailbox = mailbox_key(address) or address.casefold()
    throttle.count("resume", row.id, most=MOST_A_DAY, within=A_DAY, now=now)
    try:
        throttle.count("resume to", mailbox, most=MOST_A_DAY, within=A_DAY, now=now)
    except Throttled:
        # Said to nobody: whether others wrote to an address is not this visitor's business.
        return
    if suppression.of_addresses([address]) is not None:
        return
    secret = secrets.token_urlsafe(32)
    id = token_hash(secret)
    with one_commit("resuming.send_link"):
        db.session.add(
            ResumeLinkRow(
                secret_hash=id,
                conversation_id=row.id,
                expires_at=now + LASTS,
                used_at=None,
            )
        )
        mail = letters.written(
            "notice",
            letter.subject,
            to=address,
            at=now,
            locale=row.locale,
            headline=letter.subject,
            paragraphs=letter.paragraphs,
            tables=[],
            link=outbox.link(path(secret)),
            button=letter.button,
        )
        # Under the link's id, so that whoever erases the conversation finds its mails.
        sent = outbox.deliver(mail, EVENT, now=now, id=id, recipient=address)
        if row.demo:
            sent.channel = "demo"


def behind(secret: str, *, now: datetime) -> Any:
    """The row of the conversation that a link would lead on with. Looking does not use it: mail
    scanners look.

    Raises: LinkGone.
    """
    link = resume_links.by_secret(token_hash(secret))
    if link is None or link.used_at is not None or now > link.expires_at:
        raise LinkGone
    row = rows.plain(link.conversation_id)
    assert row is not None, "a link has its conversation"
    return row


def follow(secret: str, *, now: datetime) -> Resumed:
    """Use a link: the conversation opens with a new token alone, and shows from now on only what
    is said from now on. Other links to it lead nowhere any more: they may be somebody else's.

    Raises: LinkGone.
    """
    token = _token_behind(secret)
    with one_commit("resuming.follow"):
        exclusive("resume", token_hash(secret))
        link = resume_links.by_secret(token_hash(secret))
        if link is None or now > link.expires_at:
            raise LinkGone
        row = rows.plain(link.conversation_id, lock=True)
        assert row is not None, "a link has its conversation"
        if link.used_at is None:
            _open_with(token, row, now)
        elif now - link.used_at > TWICE or row.token_hash != token_hash(token):
            raise LinkGone
    return Resumed(row.skin, row.flow, token)


def take_over(token: str, showing: str, *, now: datetime) -> Resumed:
    """Let the conversation of this token go on with a new one alone, as with a mailed link: whoever
    made somebody open its address reads nothing of what is said from now on. ``showing`` names one
    showing of the button, which a double click comes from and nobody else knows.

    Raises: UnknownConversation, ConversationExpired.
    """
    instead = _token_behind(f"{token} {showing}")
    with one_commit("resuming.take_over"):
        row = rows.by_token(token_hash(token), lock=True)
        if row is not None and now > row.expires_at:
            raise ConversationExpired
        if row is not None:
            _open_with(instead, row, now)
        row = row or rows.by_token(token_hash(instead))
        if row is None:
            raise UnknownConversation
    return Resumed(row.skin, row.flow, instead)


def _open_with(token: str, row: Any, now: datetime) -> None:
    """From now on this token opens the conversation, and nothing else does."""
    resume_links.use_all_of(row.id, now=now)
    changes = {"token_hash": token_hash(token), "resumed_at": now, "expires_at": now + KEPT}
    rows.update(row, changes)


def _token_behind(secret: str) -> str:
    """The token a link's first use makes: made of the link, so that a double click finds it."""
    config: Config = current_app.extensions["baton"]
    key = hashlib.sha256(f"resume {config.secret_key}".encode()).digest()
    made = hmac.digest(key, secret.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
