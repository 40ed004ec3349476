"""Who takes a lead sent to sales: the owner there is, else the team that covers it, in turn.

Fair by counting turns: each rep has a level, the turns taken for each point of weight, and the
lowest level is next. Nobody is never an answer: with no one free the lead waits in the team's
queue, in the order of arrival, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from typing import Literal

from webapp.core.conditions import Readable, Subject, holds
from webapp.core.playbook import Playbook, Team
from webapp.core.values import Value
from webapp.core.working_hours import next_open

CREDITED = frozenset(
    {"misrouted", "wrong_details", "outside_criteria", "duplicate", "existing_customer", "spam"}
)
"""Reasons for rejecting a lead that give the rep the turn back."""


@dataclass(frozen=True)
class Turns:
    """What one rep has had in one team, counted in leads.

    ``calibration`` is a head start that stands for turns taken before the rep came (or while they
    were away). ``weight`` is the one the calibration was made for. ``aside`` marks a rep who was
    away when a turn was given.
    """

    assigned: int = 0
    credited: int = 0
    calibration: int = 0
    weight: int = 1
    last_at: datetime | None = None
    aside: bool = False

    @property
    def level(self) -> Fraction:
        return Fraction(self.assigned - self.credited + self.calibration, self.weight)


@dataclass(frozen=True)
class Standing:
    """How things are with one rep now, in all teams: ``open`` counts the leads in their hands.

    ``away`` says why they take no leads ("away until 3 May", "account disabled"), else None.
    """

    open: int = 0
    away: str | None = None


@dataclass(frozen=True)
class Owner:
    """Somebody who already has this contact, or another contact of the same company."""

    email: str
    by: Literal["contact", "company"]


@dataclass(frozen=True)
class Considered:
    """A team or rep that was looked at, and why it is not theirs."""

    who: str
    why_not: str


@dataclass(frozen=True)
class Assignment:
    """Who has the lead and why. ``rep`` is None exactly when it waits in the team's queue.

    ``by`` is ``owner`` (uses capacity, no turn), ``turn`` (uses both) or ``queue``. ``team`` is
    None only where a playbook has no team at all. ``turns`` is what to remember of the team's
    turns from now on, by rep.
    """

    team: str | None
    rep: str | None
    by: Literal["owner", "turn", "queue"]
    because: str
    considered: tuple[Considered, ...] = ()
    turns: Mapping[str, Turns] = field(default_factory=dict)

    @property
    def queued(self) -> bool:
        return self.rep is None


@dataclass(frozen=True)
class Desk:
    """The teams as they are now, and what is known of their reps.

    ``turns`` is keyed by team and rep, ``standing`` by rep, both in lower case; who is missing has
    had nothing yet.
    """

    teams: Sequence[Team]
    turns: Mapping[tuple[str, str], Turns] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)

    def of(self, email: str) -> Standing:
        return self.standing.get(email.lower(), Standing())


def assign(
    desk: Desk, situation: Readable, owners: Iterable[Owner] = (), *, now: datetime
) -> Assignment:
    """Choose who takes a lead: its owner if they are here, else the next rep of the team.

    ``owners`` are those of the contact before those of the company. A full owner takes the lead
    all the same: they know the account.
    """
    considered: list[Considered] = []
    theirs = to_owner(desk, situation, owners, considered)
    if theirs is not None:
        return theirs
    team = covering(desk.teams, situation, considered)
    if team is None:
        because = "No team is set up, so it waits for somebody to be named."
        return Assignment(None, None, "queue", because, tuple(considered))
    return in_turn(desk, team, considered, now=now)


def to_owner(
    desk: Desk, situation: Readable, owners: Iterable[Owner], considered: list[Considered]
) -> Assignment | None:
    """The first owner who is here; None where there is none. Notes those passed."""
    for owner in owners:
        team = _team_with(desk, owner.email, situation)
        away = desk.of(owner.email).away
        if team is None:
            considered.append(Considered(owner.email, "owns it, but is in no team any more"))
        elif away:
            considered.append(Considered(owner.email, f"owns it, but is {away}"))
        else:
            whose = "this contact" if owner.by == "contact" else "a contact of the same company"
            because = f"{owner.email} already has {whose}."
            return Assignment(team.id, owner.email.lower(), "owner", because, tuple(considered))
    return None


def covering(
    teams: Sequence[Team], situation: Readable, considered: list[Considered]
) -> Team | None:
    """The first team whose ``covers`` is true; the last one where none is. Notes those passed."""
    for team in teams:
        truth = holds(team.covers, situation)
        if truth:
            return team
        why = "does not cover it" if truth is False else "not known whether it covers it"
        considered.append(Considered(team.id, why))
    return teams[-1] if teams else None


def back_at(playbook: Playbook, situation: Readable, now: datetime) -> datetime | None:
    """When somebody of the team that covers this visitor works again; None while they do."""
    team = covering(playbook.teams, situation, [])
    if team is None:
        return None
    opens = next_open(now, team.hours, team.holidays, playbook.timezone)
    return opens if opens > now else None


def in_turn(
    desk: Desk, team: Team, considered: Iterable[Considered] = (), *, now: datetime
) -> Assignment:
    """The rep of the team whose turn it is, or the team's queue with nobody free."""
    turns = enrolled(desk, team)
    free: list[tuple[Fraction, datetime, str]] = []
    passed = list(considered)
    for rep in team.reps:
        email, standing = rep.email.lower(), desk.of(rep.email)
        if standing.away:
            passed.append(Considered(email, standing.away))
        elif rep.capacity is not None and standing.open >= rep.capacity:
            full = f"full: {standing.open} of {rep.capacity} leads open"
            passed.append(Considered(email, full))
        else:
            had = turns[email]
            free.append((had.level, had.last_at or datetime.min.replace(tzinfo=UTC), email))
    if not free:
        because = f"Nobody in {team.id} is free, so it waits for the first who is."
        return Assignment(team.id, None, "queue", because, tuple(passed), turns)
    free.sort()
    level, idle_since, chosen = free[0]
    for their_level, their_idle_since, email in free[1:]:
        if their_level > level:
            why = "has had more turns for their weight"
        elif their_idle_since > idle_since:
            why = "has had a turn more recently"
        else:
            why = "is level; the address decides"
        passed.append(Considered(email, why))
    alone = "" if len(free) > 1 else ", where nobody else is free"
    had = turns[chosen]
    return Assignment(
        team.id,
        chosen,
        "turn",
        f"It is {chosen}'s turn in {team.id}{alone}.",
        tuple(passed),
        {**turns, chosen: replace(had, assigned=had.assigned + 1, last_at=now)},
    )


def enrolled(desk: Desk, team: Team) -> dict[str, Turns]:
    """The turns of every rep of the team, made comparable with the team as it is now.

    A new rep, and one back from being away or from another team, starts level with the busiest of
    the others: nobody catches up in a burst on what came before. A changed weight keeps the level
    it was changed at.
    """
    found = {rep.email.lower(): desk.turns.get((team.id, rep.email.lower())) for rep in team.reps}
    levels = [turns.level for turns in found.values() if turns and not turns.aside]
    busiest = max(levels, default=Fraction(0))
    settled = {
        email: replace(turns, aside=True)
        for (team_id, email), turns in desk.turns.items()
        if team_id == team.id and email not in found
    }
    for rep in team.reps:
        email = rep.email.lower()
        turns, away = found[email], bool(desk.of(email).away)
        if turns is None:
            turns = _at_level(Turns(), busiest, rep.weight)
        elif turns.aside and not away:
            turns = _at_level(turns, max(busiest, turns.level), rep.weight)
        elif turns.weight != rep.weight:
            turns = _at_level(turns, turns.level, rep.weight)
        settled[email] = replace(turns, aside=away)
    return settled


def _at_level(turns: Turns, level: Fraction, weight: int) -> Turns:
    # Rounded down: up would leave the others more than one turn behind.
    calibration = floor(level * weight) - (turns.assigned - turns.credited)
    return replace(turns, calibration=calibration, weight=weight)


def _team_with(desk: Desk, email: str, situation: Readable) -> Team | None:
    """The team an owner takes a lead for: one that covers it before any other they are in."""
    theirs = [
        team for team in desk.teams if any(rep.email.lower() == email.lower() for rep in team.reps)
    ]
    return next((team for team in theirs if holds(team.covers, situation)), None) or next(
        iter(theirs), None
    )


class NothingKnown:
    """A situation in which every condition is unknown."""

    values: Mapping[str, Value | None] = {}

    def read(self, subject: Subject) -> None:
        return None
