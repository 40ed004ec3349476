"""How far a database counts: as far as somebody wants to know, and as far as it can."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from webapp.store.database import db

MOST_COUNTED = 1_000
"""Nobody works through more than this, and counting all that ever was takes ever longer."""


def count_some(*queries: Select[Any]) -> Sequence[int]:
    """How many rows each query finds, asked at once; none is counted beyond ``MOST_COUNTED``."""
    counts = (
        select(func.count()).select_from(each.limit(MOST_COUNTED).subquery()).scalar_subquery()
        for each in queries
    )
    return db.session.execute(select(*counts)).one()


def within_reach(number: int) -> int:
    """The number, or the last one that a database can count to: somebody may send any."""
    return max(-(2**63), min(number, 2**63 - 1))
