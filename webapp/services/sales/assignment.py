"""Giving leads to people: in turn, under a lock, with the reason kept, and never to nobody.

Teams are those of the live release, whatever release the conversation began with. Who calls these
functions inside a transaction of their own commits it; the others say that they are one commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from webapp.core import assignment as core
from webapp.core.assignment import (
    CREDITED,
    Assignment,
    Desk,
    NothingKnown,
    Owner,
    Standing,
)
from webapp.core.conditions import Readable
from webapp.core.decision import Decision, by_what_was_said
from webapp.core.errors import BatonError
from webapp.core.playbook import Playbook, Team
from webapp.core.situation import Situation
from webapp.services.flows import releases
from webapp.services.operations import demo
from webapp.services.receivers import outbox
from webapp.services.sales import deadlines
from webapp.store import assignments as rows
from webapp.store import handoffs, leads, staff
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow

NO_TEAM = "nobody"
"""The queue of leads for which a playbook has no team at all."""

DEMO_TEAM = "demo"


class NotInTheTeams(BatonError):
    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is in no team. Add them to one in the playbook first.")


class NoSuchHandoff(BatonError):
    def __init__(self) -> None:
        super().__init__("There is no such handoff.")


@dataclass(frozen=True, slots=True)
class Assigned:
    """``owner_email`` None is the team's waiting queue."""

    team: str
    owner_email: str | None
    respond_by: datetime | None
    remind_at: datetime | None
    because: dict[str, Any]


def assign(
    decision: Decision, person: Sequence[LeadRow], *, now: datetime, test: bool = False
) -> Assigned:
    """Choose who takes a lead routed to sales, and by when, within the caller's transaction.
    ``person`` is every lead that is the same person (see ``leads.family``).

    Leads that wait for the same team are given away first. A test lead is placed like any other
    but takes nobody's turn. The team follows from what was said: visitors see who calls them, and
    when, and whoever types somebody's address must not learn from it where that person is.
    """
    _, release = releases.live()
    playbook = release.playbook
    situation = _situation(by_what_was_said(decision), playbook)
    team = core.covering(playbook.teams, situation, [])
    if team is not None:
        rows.lock(_sharing(playbook, team))
        if not test:
            _drain(playbook, team, now)
    owners = [] if test else _owners(person)
    found = core.assign(_desk(playbook, team, now), situation, owners, now=now)
    if found.team is not None and found.by != "owner" and not test:
        rows.save_turns(found.team, found.turns)
    within = decision.destination.respond_within
    respond_by, remind_at = deadlines.of(playbook, playbook.team(found.team), within, now)
    return Assigned(
        team=found.team or NO_TEAM,
        owner_email=found.rep,
        respond_by=respond_by,
        remind_at=remind_at,
        because=_because(found),
    )


def to_the_demo(decision: Decision, *, now: datetime) -> Assigned | None:
    """A demo's lead goes to the one who tries it, at any hour; None where nobody does."""
    rep = staff.by_email(demo.REP)
    if rep is None or rep.disabled_at is not None:
        return None
    within = decision.destination.respond_within
    return Assigned(
        team=DEMO_TEAM,
        owner_email=rep.email,
        respond_by=now + within if within else None,
        remind_at=None,
        because={"by": "demo", "because": f"{rep.name} is given every lead of the demo."},
    )


def drain(team_id: str, *, now: datetime) -> int:
    """Give the leads that wait for a team to whoever is free, first in first. One commit.

    Returns how many found somebody.
    """
    with one_commit("assignment.drain"):
        _, release = releases.live()
        teams = release.playbook.teams
        # The leads of a team that has left the playbook go to the last one, which covers all.
        team = next((each for each in teams if each.id == team_id), teams[-1] if teams else None)
        if team is None:
            return 0
        rows.lock({*_sharing(release.playbook, team), team_id})
        return _drain(release.playbook, team, now, queue_of=team_id)


def reassign(
    handoff_id: str, *, to: str, by: str, note: str | None = None, now: datetime
) -> HandoffRow:
    """Give a lead to somebody else, within the caller's transaction.

    A turn moves with the lead. The deadline stays: the prospect has been waiting all along. Nobody
    is told.

    Raises: NoSuchHandoff, NotInTheTeams.
    """
    _, release = releases.live()
    email = to.strip().lower()
    row = handoffs.get_for_update(handoff_id)
    if row is None:
        raise NoSuchHandoff
    theirs = [t for t in release.playbook.teams if email in {rep.email.lower() for rep in t.reps}]
    if not theirs:
        raise NotInTheTeams(to)
    team = next((each for each in theirs if each.id == row.team), theirs[0])
    rows.lock({*_sharing(release.playbook, team), row.team})
    had = row.assigned_because
    because: dict[str, Any] = {"by": "person", "because": f"{by} gave it to {email}."}
    if had.get("by") == "turn" and not had.get("credited") and row.owner_email:
        rows.credit(row.team, row.owner_email)
        if team.id == row.team:
            _take_turn(release.playbook, team, email, now)
            because["by"] = "turn"
    before, row.owner_email, row.team = row.owner_email, email, team.id
    if row.status == "waiting":
        row.status = "assigned"
    row.assigned_because, row.assigned_at, row.updated_at = because, now, now
    told = {"from": before, "to": email}
    handoffs.add_event(row, "reassigned", at=now, by=by, note=note, detail=told)
    if row.lead_id and (lead := db.session.get(LeadRow, row.lead_id)):
        belongs(lead, email, instead_of=before)
    return row


def give_back(row: HandoffRow, reason: str, *, now: datetime) -> bool:
    """Credit the turn of a rejected lead where its reason is one of those agreed on, within the
    caller's transaction. Says whether a turn was given back; a second call gives nothing."""
    because = row.assigned_because
    spent = because.get("by") == "turn" and not because.get("credited") and row.owner_email
    if reason not in CREDITED or not spent or row.test:
        return False
    rows.lock([row.team])
    assert row.owner_email
    rows.credit(row.team, row.owner_email)
    row.assigned_because = {**because, "credited": reason}
    handoffs.add_event(row, "credited", at=now, reason=reason, detail={"to": row.owner_email})
    return True


def belongs(lead: LeadRow | None, rep: str | None, *, instead_of: str | None = None) -> None:
    """A person is their rep's from now on, and so is a company that was nobody else's. Commits
    nothing."""
    if lead is None or rep is None:
        return
    lead.owner_email = rep
    if lead.account is not None and lead.account.owner_email in (None, instead_of):
        lead.account.owner_email = rep


def _drain(playbook: Playbook, team: Team, now: datetime, queue_of: str | None = None) -> int:
    """Give the leads of a queue away in order, each to its owner if they are back, else in turn
    until nobody is free. The team must be locked."""
    moved = 0
    waiting = rows.queue(queue_of or team.id)
    if not waiting:
        return 0
    people = rows.leads_of(waiting)
    desk = _desk(playbook, team, now)
    for row in waiting:
        lead = people.get(row.lead_id or "")
        found = core.to_owner(desk, NothingKnown(), _owners(leads.family(lead)) if lead else (), [])
        found = found or core.in_turn(desk, team, now=now)
        if found.rep is None or found.team is None:
            continue
        if found.by == "turn":
            rows.save_turns(team.id, found.turns)
        row.status, row.owner_email, row.team = "assigned", found.rep, found.team
        row.assigned_because, row.assigned_at = _because(found), now
        row.updated_at = now
        belongs(lead, found.rep)
        told = {"to": found.rep, "after": "waiting"}
        handoffs.add_event(row, "assigned", at=now, detail=told)
        outbox.assigned(row, now=now)
        moved += 1
        db.session.flush()
        desk = _desk(playbook, team, now)
    return moved


def _desk(playbook: Playbook, team: Team | None, now: datetime) -> Desk:
    """The teams and how things stand with their people. Turns are those of the one team."""
    emails = {rep.email.lower() for each in playbook.teams for rep in each.reps}
    turns = rows.turns_of(team.id) if team else {}
    return Desk(playbook.teams, turns, standings(emails, now))


def standings(emails: Iterable[str], now: datetime) -> Mapping[str, Standing]:
    """How many leads each of these people has in hand now, and who of them is away."""
    open_leads = rows.in_hand(emails)
    away: dict[str, str] = {}
    for person in staff.everyone():
        if person.disabled_at is not None:
            away[person.email] = "account disabled"
        elif person.away_until is not None and person.away_until > now:
            away[person.email] = f"away until {person.away_until:%d %b %Y, %H:%M} UTC"
    return {email: Standing(open_leads.get(email, 0), away.get(email)) for email in sorted(emails)}


def _owners(person: Sequence[LeadRow]) -> list[Owner]:
    theirs = [Owner(each.owner_email, "contact") for each in person if each.owner_email]
    return theirs + [
        Owner(each.account.owner_email, "company")
        for each in person
        if each.account is not None and each.account.owner_email
    ]


def _take_turn(playbook: Playbook, team: Team, email: str, now: datetime) -> None:
    """Count a turn that somebody gave instead of the rotation. The team must be locked."""
    turns = core.enrolled(_desk(playbook, team, now), team)
    had = turns[email]
    rows.save_turns(team.id, {**turns, email: replace(had, assigned=had.assigned + 1, last_at=now)})


def _sharing(playbook: Playbook, team: Team) -> set[str]:
    """The team and those it shares a rep with: capacity is a person's, not a team's."""
    ours = {rep.email.lower() for rep in team.reps}
    return {
        each.id
        for each in playbook.teams
        if each.id == team.id or ours & {rep.email.lower() for rep in each.reps}
    }


def _situation(decision: Decision, playbook: Playbook) -> Readable:
    """What the live teams' ``covers`` read: the decision's facts, under the live playbook."""
    if decision.playbook is playbook:
        return decision.situation
    profile = decision.situation.profile
    facts = tuple(
        fact
        for name, property in playbook.properties.items()
        if not property.built_in and name in decision.playbook.properties
        for fact in profile.recorded(name)
    )
    return Situation(playbook, decision.flow, replace(decision.visit, facts=facts))


def _because(found: Assignment) -> dict[str, Any]:
    return {
        "by": found.by,
        "because": found.because,
        "considered": [asdict(each) for each in found.considered],
    }
