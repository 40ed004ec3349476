"""What a browser began and must finish soon, once: half a sign-in, or a question to a passkey.

The browser holds a secret, the database its SHA-256 and what nobody else may choose.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from webapp.core.errors import BatonError
from webapp.store import second_steps as rows
from webapp.store.database import db
from webapp.store.second_steps import CeremonyRow

PATIENCE = timedelta(minutes=10)


class TooLate(BatonError):
    """What was begun has ended meanwhile."""

    def __init__(self) -> None:
        super().__init__("That took too long. Begin again.")


def begin(
    purpose: str, *, staff_id: str | None, now: datetime, content: dict[str, Any] | None = None
) -> str:
    """Begin, as part of the caller's commit; returns the secret to finish it with."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        CeremonyRow(
            id=_hash(token),
            purpose=purpose,
            staff_id=staff_id,
            content=content or {},
            expires_at=now + PATIENCE,
        )
    )
    return token


def waiting(token: str, purpose: str, *, now: datetime) -> CeremonyRow:
    """What was begun with this secret. Raises: TooLate."""
    found = rows.ceremony(_hash(token), purpose, now=now)
    if found is None:
        raise TooLate
    return found


def finish(ceremony: CeremonyRow) -> None:
    """Take it away, as part of the caller's commit. Raises: TooLate, when it is gone already."""
    if not rows.finish(ceremony):
        raise TooLate


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
