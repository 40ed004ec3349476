"""Leads who left in the middle: who gave an address, agreed and then went quiet is worth a record,
routed like any other. Whoever comes back and finishes has it superseded."""

from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from webapp.core.partial import may_be_pursued
from webapp.services.prospects import completion
from webapp.services.prospects.standing import standing_of
from webapp.store import conversations as rows
from webapp.store.database import one_commit, reading

QUIET = timedelta(hours=1)
"""Whoever has said nothing for so long has left, as far as anybody can tell."""

AT_ONCE = 200


def write_down(*, now: datetime) -> int:
    """Look at each conversation that has gone quiet since it was last looked at; returns how many
    became a record. One commit each, so that two workers may do it at the same moment, and one that
    cannot be kept is told of only after the others were.

    Raises: SQLAlchemyError.
    """
    with reading():
        quiet = rows.gone_quiet(now - QUIET, AT_ONCE)
    became, problem = 0, None
    for id in quiet:
        try:
            became += _look_at(id, now)
        except SQLAlchemyError as found:
            if isinstance(found, DBAPIError) and found.connection_invalidated:
                raise  # it is the database that is away, for all of them
            problem = found
    if problem is not None:
        raise problem
    return became


def _look_at(id: str, now: datetime) -> bool:
    with one_commit("partial_leads.write_down"):
        row = rows.plain(id, lock=True)
        # Another worker was first, or they came back in this very moment.
        if row is None or row.left_at or row.finished_at or row.spam or row.last_at > now - QUIET:
            return False
        standing = standing_of(row)
        decision = standing.decide(row.last_at)
        pursued = decision.path.next is not None and may_be_pursued(decision)
        changes = completion.write_down(standing, decision, now=now) if pursued else {}
        rows.update(row, {**changes, "left_at": now})
    return pursued
