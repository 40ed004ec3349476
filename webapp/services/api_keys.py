"""Keys for programs: shown once, kept as a hash, limited to scopes, revocable."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from webapp.core.errors import BatonError
from webapp.services import audit
from webapp.store import access as rows
from webapp.store.access import ApiKeyRow
from webapp.store.database import db, new_id, one_commit, writing

SCOPES = {
    "handoffs:read": "Read handoffs and their records",
    "handoffs:write": "Accept, reject, log contacts and outcomes",
    "leads:read": "Find, read and export leads",
    "leads:erase": "Erase a person for good",
    "scores:read": "Read live scores",
    "flows:read": "Read flows and the playbook",
    "flows:publish": "Check and publish flows",
    "webhooks:write": "Manage webhooks and replay deliveries",
}
PREFIX = "baton_"
SEEN_EVERY = timedelta(minutes=5)


class UnknownScope(BatonError):
    def __init__(self, scope: str) -> None:
        super().__init__(f"There is no scope {scope!r}. Choose from {', '.join(SCOPES)}.")


def create(name: str, scopes: Iterable[str], *, by: str, now: datetime) -> tuple[ApiKeyRow, str]:
    """Make a key. The second value is the key itself: it is never seen again.

    Raises: UnknownScope.
    """
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise UnknownScope(scope)
    key = PREFIX + secrets.token_urlsafe(32)
    with one_commit("api_keys.create"):
        row = ApiKeyRow(
            id=new_id(now),
            key_hash=_hash(key),
            hint=key[: len(PREFIX) + 4],
            name=name,
            scopes=wanted,
            created_by=by,
            created_at=now,
        )
        db.session.add(row)
        audit.append("api_key.created", row.id, actor=by, now=now, detail={"scopes": wanted})
    return row, key


def revoke(id: str, *, by: str, now: datetime) -> None:
    """Make a key useless at once. Raises: LookupError."""
    with one_commit("api_keys.revoke"):
        row = db.session.get(ApiKeyRow, id)
        if row is None:
            raise LookupError(id)
        row.revoked_at = row.revoked_at or now
        audit.append("api_key.revoked", id, actor=by, now=now)


def find(key: str, *, now: datetime) -> ApiKeyRow | None:
    """The key's row, noted as used now and then; None for one that is unknown or revoked."""
    row = rows.key_by_hash(_hash(key))
    if row is None or row.revoked_at is not None:
        return None
    if row.used_at is None or now - row.used_at > SEEN_EVERY:
        id = row.id
        with writing(), one_commit("api_keys.used"):
            rows.key_used(id, now)
        row = db.session.get_one(ApiKeyRow, id)
    return row


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
