"""The signed stamp in every form a prospect gets: which turn it answers, and when it was shown.

A conversation's token in the path is its only authority. The stamp tells a retry from a second
answer and a person from a program that answers in no time; a bad one costs nobody an answer.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.core.errors import BatonError

_SALT = "prospect turn"


class BadStamp(BatonError):
    """The form does not carry a stamp we made for this flow and conversation."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """``turn`` names one showing of one question. ``token`` is that of the conversation which the
    first answer will begin, so that a double click begins one; None in a conversation that is
    under way. ``shown_at`` is when the form was made."""

    turn: str
    token: str | None
    shown_at: datetime


def make(key: str, flow: str, *, token: str | None = None) -> str:
    """A stamp for a form of the conversation with ``token``, or of a new one."""
    turn = secrets.token_urlsafe(9)
    if token:
        return _serializer(key).dumps([flow, turn, _fingerprint(token)])
    return _serializer(key).dumps([flow, turn, "", secrets.token_urlsafe(32)])


def read(key: str, written: str, flow: str, *, token: str | None = None) -> Stamp:
    """Read a stamp back, however old.

    Raises: BadStamp when it is cut, changed, or made for another flow or conversation.
    """
    try:
        content, shown_at = _serializer(key).loads(written[:1000], return_timestamp=True)
    except BadData:
        raise BadStamp("The form's stamp is missing or was changed.") from None
    made_for, turn, fingerprint, *new_token = content
    if made_for != flow:
        raise BadStamp("The form belongs to another flow.")
    if token and fingerprint != _fingerprint(token):
        # The first question of this very conversation may come back: by the Back button, say.
        if new_token != [token]:
            raise BadStamp("The form belongs to another conversation.")
    elif not token and not new_token:
        raise BadStamp("The form belongs to a conversation under way.")
    return Stamp(turn, new_token[0] if new_token else None, shown_at.astimezone(UTC))


def trap(flow: str) -> str:
    """The name of the field nobody sees: nothing that a browser would fill."""
    return "q" + sha256(f"trap {flow}".encode()).hexdigest()[:7]


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=_SALT, signer_kwargs={"digest_method": sha256})


def _fingerprint(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:16]
