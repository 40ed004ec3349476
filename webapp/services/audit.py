"""The audit log: one line for each thing done by or to somebody, chained so that none can go
missing or be changed unseen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.store import audit as rows
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.locks import exclusive

BEGINNING = "0" * 64


def append(
    action: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the log. Part of the caller's commit: what was done and its line stay together.

    ``actor`` and ``subject`` are ids, and so is whatever ``detail`` holds: the log outlives the
    people in it.
    """
    db.session.flush()  # what is still to be written waits for nobody while the log is held
    exclusive("audit")
    last = rows.last()
    row = AuditRow(
        at=now,
        actor=actor,
        action=action,
        subject=subject,
        detail=dict(detail or {}),
        previous=last.hash if last else BEGINNING,
    )
    row.hash = seal(row)
    db.session.add(row)
    db.session.flush()


def seal(row: AuditRow) -> str:
    """The hash of a line: over everything in it, and so over every line before."""
    content = [
        row.previous,
        row.at.isoformat(),
        row.actor,
        row.action,
        row.subject,
        row.detail,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def end() -> str:
    """The last line by its number and seal. Kept elsewhere, it shows later what the log itself
    cannot: that lines at its end are gone, or that all were sealed anew."""
    last = rows.last()
    return f"{last.id}:{last.hash}" if last else f"0:{BEGINNING}"


def holds(end: str) -> bool:
    """Whether the line that was the last one then is still there as it was."""
    id, _, hash = end.partition(":")
    return hash == (rows.seal_of(int(id)) if int(id) else BEGINNING)


def broken_at() -> int | None:
    """The number of the first line that is not what was written, or follows one that is gone."""
    previous = BEGINNING
    for row in rows.in_order():
        if row.previous != previous or row.hash != seal(row):
            return row.id
        previous = row.hash
    return None
