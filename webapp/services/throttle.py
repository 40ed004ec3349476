"""How often something may be tried. Counted in the database, so that all processes count as one."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case, delete

from webapp.core.errors import BatonError
from webapp.store.access import ThrottleRow
from webapp.store.database import db, one_commit, upsert


class Throttled(BatonError):
    """Tried too often. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many attempts. Wait a little, then try again.")
        self.retry_after = retry_after


def count(kind: str, who: str, *, most: int, within: timedelta, now: datetime) -> None:
    """Count one attempt, in a commit of its own: a refused attempt counts too.

    Raises: Throttled, when more than ``most`` were made in the current window.
    """
    tried, until = ThrottleRow.count, ThrottleRow.until
    over = until <= now
    insert = upsert(ThrottleRow).values(key=key(kind, who), count=1, until=now + within)
    changed = {
        "count": case((over, 1), else_=tried + 1),
        "until": case((over, now + within), else_=until),
    }
    with one_commit("throttle.count"):
        statement = insert.on_conflict_do_update(index_elements=["key"], set_=changed)
        made, ends = db.session.execute(statement.returning(tried, until)).one()
    if made > most:
        raise Throttled(max(1, round((ends - now).total_seconds())))


def forget(kind: str, who: str) -> None:
    """Start counting anew. Commits nothing."""
    db.session.execute(delete(ThrottleRow).where(ThrottleRow.key == key(kind, who)))


def key(kind: str, who: str) -> str:
    """Addresses and e-mails are counted under their hash: this table is no list of people."""
    return f"{kind}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()}"
