"""Turns: how many leads each rep of each team has had, and the lock under which that is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, and_, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from webapp.core.assignment import Turns
from webapp.store.database import Model, db, upsert
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.locks import exclusive

IN_HAND = ("assigned", "accepted", "contacted")
"""Statuses of a handoff that fill a rep's capacity."""


class TurnsRow(Model):
    """The turns of one rep in one team; see ``core.assignment.Turns``."""

    __tablename__ = "turns"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("assigned >= 0 AND credited >= 0", name="counts_are_not_negative"),
        CheckConstraint("weight > 0", name="weight_is_positive"),
    )

    team: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    assigned: Mapped[int]
    credited: Mapped[int]
    calibration: Mapped[int]
    weight: Mapped[int]
    last_at: Mapped[datetime | None]
    aside: Mapped[bool]

    @property
    def turns(self) -> Turns:
        return Turns(
            self.assigned, self.credited, self.calibration, self.weight, self.last_at, self.aside
        )


_WAITS = and_(HandoffRow.status == "waiting", HandoffRow.test.is_(False))
_turns_of = select(TurnsRow).where(TurnsRow.team == bindparam("team"))
_in_hand = (
    select(HandoffRow.owner_email, func.count())
    .where(HandoffRow.owner_email.in_(bindparam("emails", expanding=True)))
    .where(HandoffRow.status.in_(IN_HAND), HandoffRow.test.is_(False))
    .group_by(HandoffRow.owner_email)
)
_queue = (
    select(HandoffRow)
    .where(HandoffRow.team == bindparam("team"), _WAITS)
    .order_by(HandoffRow.created_at, HandoffRow.id)
    .with_for_update(of=HandoffRow, skip_locked=True)
)


def lock(teams: Iterable[str]) -> None:
    """Wait for the sole right to give these teams' leads away, until the transaction ends.

    Their order keeps two who want several teams from waiting for each other.
    """
    for id in sorted(set(teams)):
        exclusive("team", id)


def turns_of(team: str) -> dict[tuple[str, str], Turns]:
    # What another transaction counted while this one waited for the lock must be seen.
    found = db.session.scalars(
        _turns_of, {"team": team}, execution_options={"populate_existing": True}
    )
    return {(row.team, row.email): row.turns for row in found}


def save_turns(team: str, turns: Mapping[str, Turns]) -> None:
    """Remember the turns of a team's reps. The team must be locked."""
    if turns:
        rows = [{"team": team, "email": email, **asdict(now)} for email, now in turns.items()]
        db.session.execute(_save_turns(db.engine.dialect.name), rows)


@cache
def _save_turns(dialect: str) -> Any:
    """Made once for each kind of database, as making it is dearer than running it."""
    insert = upsert(TurnsRow)
    kept = {field.name: insert.excluded[field.name] for field in fields(Turns)}
    return insert.on_conflict_do_update(index_elements=["team", "email"], set_=kept)


def credit(team: str, email: str) -> None:
    """Give a turn back. The team must be locked."""
    row = db.session.get(TurnsRow, (team, email), populate_existing=True)
    if row is not None:
        row.credited += 1


def in_hand(emails: Iterable[str]) -> dict[str, int]:
    """How many leads each of these people has in hand, in all teams."""
    counted = db.session.execute(_in_hand, {"emails": list(set(emails))})
    return {str(email): count for email, count in counted}


def queue(team: str) -> list[HandoffRow]:
    """The leads that wait for somebody of the team, first in first, for the caller to give away.

    One that a person is dealing with this moment is theirs. Waiting for them could also last for
    ever: they may be waiting for the team.
    """
    return list(
        db.session.scalars(
            _queue,
            {"team": team},
            execution_options={"populate_existing": True},
        )
    )


def leads_of(waiting: Iterable[HandoffRow]) -> dict[str, LeadRow]:
    """The people behind these handoffs, by id, with their companies."""
    ids = {row.lead_id for row in waiting if row.lead_id}
    found = db.session.scalars(
        select(LeadRow).where(LeadRow.id.in_(ids)).options(selectinload(LeadRow.account))
    )
    return {lead.id: lead for lead in found}


def teams_with_a_queue() -> list[str]:
    return list(db.session.scalars(select(HandoffRow.team).where(_WAITS).distinct()))
