"""By when a lead is to be answered: in working hours of its team, as they are now."""

from datetime import datetime, timedelta

from webapp.core import working_hours
from webapp.core.playbook import Playbook, Team
from webapp.services.flows import releases
from webapp.store import handoffs
from webapp.store.database import give_way, one_commit, reading
from webapp.store.handoffs import HandoffRow

AT_ONCE = 50


def of(
    playbook: Playbook, team: Team | None, within: timedelta | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """By when to respond to a lead that finished now, and when to remind: half way."""
    if within is None:
        return None, None
    hours, holidays = (team.hours, team.holidays) if team else (None, ())
    zone = playbook.timezone
    return (
        working_hours.deadline(now, within, hours, holidays, zone),
        working_hours.half_time(now, within, hours, holidays, zone),
    )


def begin(handoff: HandoffRow, *, now: datetime) -> None:
    """Have the time in which to respond begin now. Commits nothing."""
    playbook = releases.live()[1].playbook
    destination = playbook.destinations.get(handoff.record.destination)
    within = destination.respond_within if destination else None
    team = playbook.team(handoff.team)
    handoff.respond_by, handoff.remind_at = of(playbook, team, within, now)


def move(*, now: datetime) -> int:
    """Count the deadlines of untouched leads anew by the hours and holidays that are live now, from
    the moment the prospect finished. Says how many moved. Some at a time, each in a commit, for
    which whoever else writes has to wait."""
    with reading():
        playbook, untouched = releases.live()[1].playbook, handoffs.untouched()
    moved = 0
    for first in range(0, len(untouched), AT_ONCE):
        with one_commit("deadlines.move"):
            rows = handoffs.still_untouched(untouched[first : first + AT_ONCE])
            moved += sum(_moved(row, playbook, now) for row in rows)
        give_way()
    return moved


def _moved(row: HandoffRow, playbook: Playbook, now: datetime) -> bool:
    destination = playbook.destinations.get(row.record.destination)
    team = playbook.team(row.team)
    if row.respond_by is None or team is None or destination is None:
        return False
    respond_by, remind_at = of(playbook, team, destination.respond_within, row.created_at)
    if respond_by in (None, row.respond_by):
        return False
    before, row.respond_by, row.remind_at = row.respond_by, respond_by, remind_at
    told = {"from": before.isoformat(), "to": respond_by.isoformat()}
    handoffs.add_event(row, "deadline_moved", at=now, detail=told)
    return True
