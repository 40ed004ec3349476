"""Reps' own calendars, read again and again for the times at which nobody shall meet them.

Of a calendar only the busy times are kept, never what somebody does then. Each function that
writes is one commit; none is open while the calendar's server is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from webapp.config import Config
from webapp.core.slots import AHEAD, Span
from webapp.delivery import busy
from webapp.delivery.busy import NoCalendar
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.guard import Guard
from webapp.delivery.vault import Vault
from webapp.services import audit, throttle
from webapp.services.accounts.staff import WINDOW
from webapp.services.flows import releases
from webapp.store import calendars as rows
from webapp.store import staff
from webapp.store.calendars import CalendarRow
from webapp.store.database import db, one_commit, reading

FRESH_FOR = timedelta(minutes=10)
"""How long before a calendar is read again."""

MOST_TRIES = 20
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
WORTH_TELLING = timedelta(hours=1)
"""A server that is away for a moment is nothing a rep need see to."""


@dataclass(frozen=True, slots=True)
class State:
    """How somebody's calendar stands: ``this_week`` counts the busy times of the next seven days,
    ``problem`` says what to mend, and ``pressing`` that times are offered without it."""

    read_at: datetime | None
    this_week: int
    problem: str | None
    pressing: bool


def state(staff_id: str, *, now: datetime) -> State | None:
    """None for who gave no calendar."""
    row = rows.of_staff(staff_id)
    if row is None:
        return None
    soon = [span for span in _spans(row) if span[0] < now + A_WEEK and span[1] > now]
    old = row.read_at is None or now - row.read_at > WORTH_TELLING
    return State(row.read_at, len(soon), row.problem, pressing=bool(row.problem and old))


def busy_times(staff_id: str) -> list[Span]:
    """When somebody is busy, as last read. Where their calendar cannot be read any more that runs
    out by itself, and times are offered from working hours alone."""
    row = rows.of_staff(staff_id)
    return _spans(row) if row is not None else []


def keep(staff_id: str, typed: str, *, now: datetime) -> None:
    """Keep somebody's calendar address, encrypted, in place of the one before.

    Raises: NoCalendar.
    """
    address = busy.address(typed, _config().allowed_receivers)
    with one_commit("calendars.keep"):
        rows.forget(staff_id)
        locked = _vault().lock({"staff": staff_id, "address": address})
        row = CalendarRow(staff_id=staff_id, address=locked, busy=[], tried_at=now)
        db.session.add(row)
        audit.append("staff.calendar_given", staff_id, actor=staff_id, now=now)


def remove(staff_id: str, *, now: datetime) -> None:
    """Forget somebody's calendar."""
    with one_commit("calendars.remove"):
        if rows.forget(staff_id):
            audit.append("staff.calendar_removed", staff_id, actor=staff_id, now=now)


def read(staff_id: str, *, now: datetime) -> None:
    """Read somebody's calendar as it is now; a problem with it is kept beside it.

    Raises: Throttled.
    """
    throttle.count("calendar of", staff_id, most=MOST_TRIES, within=WINDOW, now=now)
    _read(staff_id, now)


def read_next(*, now: datetime) -> None:
    """Read the calendar that has waited longest, if any is due: the worker's."""
    with reading():
        due = rows.any_tried_before(now - FRESH_FOR)
    if due:
        with one_commit("calendars.claim"):
            staff_id = rows.claim(now - FRESH_FOR, now)
        if staff_id is not None:
            _read(staff_id, now)


def _read(staff_id: str, now: datetime) -> None:
    with reading():
        row, person = rows.of_staff(staff_id), staff.known(staff_id)
        if row is None or person is None:
            return
        locked, reader = row.address, person.email
        timezone = person.timezone or releases.live()[1].playbook.timezone
    found, problem = None, None
    try:
        text = busy.fetch(Guard(_config().allowed_receivers), _unlocked(locked))
        found = busy.read(text, now, now + AHEAD + A_DAY, timezone=timezone, reader=reader)
    except NoCalendar as why:
        problem = str(why)
    with one_commit("calendars.read"):
        newest = rows.of_staff_for_update(staff_id)
        # Another address may have been given meanwhile: what was found at this one says nothing.
        if newest is not None and newest.address == locked:
            newest.tried_at, newest.problem = now, problem
            if found is not None:
                newest.busy = [[each.isoformat() for each in span] for span in found]
                newest.read_at = now


def _spans(row: CalendarRow) -> list[Span]:
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.busy]


def _unlocked(address: str) -> str:
    """Raises: NoCalendar."""
    try:
        return str(_vault().unlock(address)["address"])
    except DeliveryRefused:
        raise NoCalendar(
            "It was saved under another BATON_SECRET_KEY. Enter the address again."
        ) from None


def _vault() -> Vault:
    return Vault(_config().secret_key)


def _config() -> Config:
    config: Config = current_app.extensions["baton"]
    return config
