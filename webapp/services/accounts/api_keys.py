"""Keys for programs: shown once, kept as a hash, limited to scopes, revocable."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from webapp.core.errors import BatonError, sentence
from webapp.core.values import clean
from webapp.services import audit
from webapp.store import access as rows
from webapp.store import sites, staff
from webapp.store.access import ApiKeyRow
from webapp.store.database import db, new_id, one_commit, writing
from webapp.store.sites import SiteRow

SCOPES = {
    "handoffs:read": sentence("Read handoffs and their records"),
    "handoffs:write": sentence("Accept, reject, log contacts and outcomes"),
    "leads:read": sentence("Find, read and export leads"),
    "leads:erase": sentence("Erase a person for good"),
    "scores:read": sentence("Read live scores"),
    "flows:read": sentence("Read flows and the playbook"),
    "flows:publish": sentence("Check and publish flows"),
    "webhooks:write": sentence("Manage webhooks and replay deliveries"),
}
OF_A_SITE = frozenset({"handoffs:read", "handoffs:write", "scores:read"})
"""What a key for one site may hold: people, flows and webhooks belong to all sites together."""

PREFIX = "baton_"
LONGEST_NAME = 60
SEEN_EVERY = timedelta(minutes=5)


class KeyRefused(BatonError):
    """A key cannot be made so. ``field`` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create(
    name: str,
    scopes: Iterable[str],
    *,
    acts_for: str,
    site: str | None = None,
    by: str,
    now: datetime,
) -> tuple[ApiKeyRow, str]:
    """Make a key that does what ``acts_for``, an address, may do; with the public key of a
    ``site`` only what concerns that. The second value is the key itself: it is never seen again.

    Raises: KeyRefused.
    """
    name = clean(name).strip()[:LONGEST_NAME]
    if not name:
        raise KeyRefused("name", "Enter a name, so that you know later what the key is for.")
    person = staff.by_email(acts_for)
    if person is None or person.disabled_at is not None:
        raise KeyRefused("acts_for", f"Nobody on the staff has the address {acts_for}.")
    only = _site(site) if site else None
    wanted = _checked(scopes, of_a_site=only is not None)
    key = PREFIX + secrets.token_urlsafe(32)
    with one_commit("api_keys.create"):
        row = ApiKeyRow(
            id=new_id(now),
            key_hash=_hash(key),
            hint=key[: len(PREFIX) + 4],
            name=name,
            scopes=wanted,
            site_id=only.id if only else None,
            acts_for=person.email,
            created_at=now,
        )
        db.session.add(row)
        detail = {"scopes": wanted, "for": person.id, "site": row.site_id}
        audit.append("api_key.created", row.id, actor=by, now=now, detail=detail)
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


def _checked(scopes: Iterable[str], *, of_a_site: bool) -> list[str]:
    wanted = sorted(set(scopes))
    if not wanted:
        raise KeyRefused("scopes", "Choose at least one thing that the program may do.")
    for scope in wanted:
        if scope not in SCOPES:
            all_there_are = ", ".join(SCOPES)
            raise KeyRefused("scopes", f"There is no scope {scope!r}. Choose from {all_there_are}.")
        if of_a_site and scope not in OF_A_SITE:
            raise KeyRefused(
                "scopes",
                f"{scope} concerns all sites. A key for one site may have "
                f"{', '.join(sorted(OF_A_SITE))}.",
            )
    return wanted


def _site(key: str) -> SiteRow:
    found = sites.by_key(key)
    if found is None or found.archived_at is not None:
        raise KeyRefused("site", "There is no such site.")
    return found


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
