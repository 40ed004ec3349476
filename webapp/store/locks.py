"""What is held until a commit, and in which order, so that no two wait for each other in a circle.

SQLite lets one write at a time and has no use for any of it.
"""

import hashlib
from typing import Any

from sqlalchemy import func, select

from webapp.store.database import connection, db

ORDER = (
    # What nobody holds who does something about a person.
    "sites.seed",
    "demo.site",
    "digests",
    "drafts",
    "releases.publish",
    # What was said, by whom, and what became of it.
    "resume",
    "conversation",  # one that begins, by its token
    "merging people",
    "conversations",
    "lead",  # by an address
    "account",
    "suppressions",
    "handoffs",
    "team",
    "leads",
    "meetings of",
    # Who is told, and what is written down of it.
    "connections",
    "deliveries",
    "audit",
)
"""Who waits for one of these holds nothing that stands behind it: rows of a table by its name, the
rest by what ``exclusive`` and ``shared`` are told. What is taken only where nobody else has it
(``skip_locked``) may come at any time. The tests listen, and fail where this is not kept."""


def exclusive(what: str, of: str = "") -> None:
    """Let nobody else past the same point until this transaction ends.

    For what a row lock cannot guard: the row that is not there yet.
    """
    _hold(what, of, func.pg_advisory_xact_lock)


def shared(what: str, of: str = "") -> None:
    """Let nobody past the same point who wants to be ``exclusive`` there, until this transaction
    ends; whoever shares it goes on."""
    _hold(what, of, func.pg_advisory_xact_lock_shared)


def _hold(what: str, of: str, lock: Any) -> None:
    if db.engine.dialect.name == "postgresql":
        name = f"{what} {of}" if of else what
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection().execute(select(lock(key)))
