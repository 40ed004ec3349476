"""What a browser is signed in by: kept here, so that it can be ended here."""

import hashlib
import secrets
from datetime import datetime, timedelta

from webapp.services import audit
from webapp.store import second_steps
from webapp.store import staff as rows
from webapp.store.database import db, one_commit, writing
from webapp.store.staff import StaffRow, StaffSessionRow

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
LONGEST_BY_COMPANY = timedelta(hours=2)
"""Of a session that a company's account began: nobody tells us when it is closed there."""

SEEN_EVERY = timedelta(minutes=1)


def begin(row: StaffRow, now: datetime, *, strong: bool, lasts: timedelta = LONGEST) -> str:
    """A session as part of the caller's commit; ``strong`` where more than a password began it."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        StaffSessionRow(
            id=_hash(token),
            staff_id=row.id,
            epoch=row.epoch,
            strong=strong,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
        )
    )
    row.seen_at = now
    return token


def find(token: str, *, now: datetime) -> StaffSessionRow | None:
    """The session with this secret; None when it has ended, for whatever reason."""
    row = rows.session(_hash(token))
    if row is None or now >= row.expires_at or now - row.seen_at > IDLE:
        return None
    if row.epoch != row.staff.epoch or row.staff.disabled_at is not None:
        return None
    return row


def seen(token: str, *, now: datetime) -> None:
    """Note that a session is in use: a write, so once a minute at most."""
    row = rows.session(_hash(token))
    if row is not None and now - row.seen_at >= SEEN_EVERY:
        with writing(), one_commit("sessions.seen"):
            row.seen_at = row.staff.seen_at = now


def sign_out(token: str, *, now: datetime) -> None:
    row = rows.session(_hash(token))
    if row is not None:
        with writing(), one_commit("sessions.sign_out"):
            audit.append("staff.signed_out", row.staff_id, actor=row.staff_id, now=now)
            db.session.delete(row)


def end_all(row: StaffRow) -> None:
    """End every session, and every sign-in that waits for its second step."""
    row.epoch += 1
    rows.end_sessions(row.id)
    second_steps.forget_ceremonies_of(row.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
