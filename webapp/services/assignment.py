"""Who takes a lead: asks the core with the teams, people and turns as they are now."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.core import assignment as core
from webapp.core.decision import Decision
from webapp.core.playbook import Playbook
from webapp.core.working_hours import deadline
from webapp.services import releases
from webapp.store.database import db, exclusive
from webapp.store.handoffs import OPEN, HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.rotation import RotationRow
from webapp.store.staff import StaffRow

NO_TEAM = "nobody"
"""The team of a lead that came while the playbook had none."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """``owner_email`` None is the team's waiting queue. ``alert`` is who hears of it then."""

    team: str
    owner_email: str | None
    respond_by: datetime
    because: dict[str, Any]
    alert: str | None


def assign(decision: Decision, lead: LeadRow | None, *, now: datetime) -> Assigned:
    """Choose who takes this lead, and by when they must respond. Commits nothing.

    People are those of the live release, whatever release the conversation ran: a rep who left is
    not called back by an old conversation.
    """
    exclusive("assignment")
    _, live = releases.live()
    playbook = live.playbook
    desk = _desk(playbook, now)
    chosen = core.assign(desk, decision.situation, _owners(lead), now=now)
    _remember(chosen)
    team = next((team for team in playbook.teams if team.id == chosen.team), None)
    within = decision.playbook.destinations[decision.route.to].respond_within
    respond_by = now
    if within is not None:
        hours, holidays = (team.hours, team.holidays) if team else (None, ())
        respond_by = deadline(now, within, hours, holidays, playbook.timezone)
    considered = [asdict(each) for each in chosen.considered]
    return Assigned(
        team=chosen.team or NO_TEAM,
        owner_email=chosen.rep,
        respond_by=respond_by,
        because={"by": chosen.by, "because": chosen.because, "considered": considered},
        alert=team.lead or team.reps[0].email if team else None,
    )


def _owners(lead: LeadRow | None) -> list[core.Owner]:
    owners = []
    if lead is not None and lead.owner_email:
        owners.append(core.Owner(lead.owner_email, "contact"))
    if lead is not None and lead.account is not None and lead.account.owner_email:
        owners.append(core.Owner(lead.account.owner_email, "company"))
    return owners


def _desk(playbook: Playbook, now: datetime) -> core.Desk:
    had = db.session.scalars(select(RotationRow))
    turns = {
        (row.team, row.rep): core.Turns(
            row.assigned, row.credited, row.calibration, row.weight, row.last_at, row.aside
        )
        for row in had
    }
    return core.Desk(playbook.teams, turns, _standing(now))


def _standing(now: datetime) -> dict[str, core.Standing]:
    """How things are with everybody who has an account or a lead in hand."""
    open_leads = db.session.execute(
        select(HandoffRow.owner_email, func.count())
        .where(HandoffRow.status.in_(OPEN), HandoffRow.owner_email.is_not(None))
        .group_by(HandoffRow.owner_email)
    )
    in_hand = {email: number for email, number in open_leads if email is not None}
    away: dict[str, str] = {}
    for row in db.session.scalars(select(StaffRow)):
        if row.disabled_at is not None:
            away[row.email] = "account disabled"
        elif row.away_until is not None and row.away_until > now:
            away[row.email] = f"away until {row.away_until:%-d %B}"
    return {
        email: core.Standing(in_hand.get(email, 0), away.get(email))
        for email in in_hand.keys() | away.keys()
    }


def _remember(chosen: core.Assignment) -> None:
    for rep, turns in chosen.turns.items():
        assert chosen.team is not None
        db.session.merge(RotationRow(team=chosen.team, rep=rep, **asdict(turns)))
