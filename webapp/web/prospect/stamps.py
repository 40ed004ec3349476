"""The signed stamp of a first question: the token of the conversation its answer will begin.

A page that was only looked at leaves nothing behind; a first answer sent twice begins one
conversation, because both carry the same token. The stamp also says which version of the flow was
shown, and when.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

from webapp.core.errors import BatonError

LASTS = timedelta(days=2)


class BadStamp(BatonError):
    """The form carries no stamp of ours for this flow, or one too old to begin with."""


@dataclass(frozen=True, slots=True)
class Stamp:
    token: str
    shown_at: datetime
    version: str


def new_token() -> str:
    return secrets.token_urlsafe(32)


def make(key: str, flow: str, token: str, version: str, *, now: datetime) -> str:
    shown = int(now.timestamp() * 1000)
    return str(_signer(key).dumps([flow, token, shown, version]))


def read(key: str, written: str, flow: str, *, now: datetime) -> Stamp:
    """Raises: BadStamp when it is missing, cut, changed, too old or made for another flow."""
    try:
        # A page of the release before has a stamp without a version; one of the next, from a web
        # server that was restarted sooner, may say more than we know.
        made_for, token, shown, *more = _signer(key).loads(written[:500])
    except (BadData, UnicodeError):
        raise BadStamp("The form's stamp is missing or was changed.") from None
    shown_at = datetime.fromtimestamp(shown / 1000, UTC)
    if made_for != flow or not timedelta(seconds=-60) <= now - shown_at <= LASTS:
        raise BadStamp("The form's stamp is for another flow or too old.")
    return Stamp(token, shown_at, more[0] if more else "")


@lru_cache(maxsize=256)
def trap(flow: str) -> str:
    """The name of the field nobody sees: nothing that a browser would fill."""
    return "q" + sha256(f"trap {flow}".encode()).hexdigest()[:7]


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="first", signer_kwargs={"digest_method": sha256})
