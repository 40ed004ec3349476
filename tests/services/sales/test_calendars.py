"""A rep gives their calendar: nobody is offered a time at which they are busy by it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.delivery.receivers import Answer, HttpReceiver, Received
from tests.delivery.test_busy import calendar, event
from tests.services.conftest import Prospect
from tests.services.sales.test_meetings import SOLO
from tests.services.selling import asks_for_a_demo, colleague, with_teams
from webapp.services.accounts import staff
from webapp.services.sales import calendars, meetings
from webapp.store import calendars as rows
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

FAILS = Answer(503)


@pytest.fixture
def rep(prospect: Prospect) -> StaffRow:
    with_teams(SOLO)
    return colleague("ana@example.com")


@pytest.fixture
def handoff(rep: StaffRow, prospect: Prospect) -> HandoffRow:
    return asks_for_a_demo(prospect, "mei")


class Server:
    """Where the rep's calendar lies."""

    def __init__(self, http: HttpReceiver) -> None:
        self.http, self.address = http, f"{http.url}/secret-part/basic.ics"
        self.says(Answer(200, calendar()))

    def says(self, answer: Answer, meanwhile: Callable[[], None] = lambda: None) -> None:
        def answered(_: Received) -> Answer:
            meanwhile()
            return answer

        self.http.answer = answered

    def is_busy_at(self, at: datetime) -> None:
        start = f"DTSTART:{at:%Y%m%dT%H%M%SZ}"
        self.says(Answer(200, calendar(event(start, "DURATION:PT30M"))))


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with HttpReceiver() as http:
        config = replace(app.extensions["baton"], allowed_receivers=http.listed)
        monkeypatch.setitem(app.extensions, "baton", config)
        yield Server(http)


def test_a_time_at_which_the_rep_is_busy_is_not_offered_nor_taken(
    handoff: HandoffRow, rep: StaffRow, prospect: Prospect, server: Server
) -> None:
    token, now = meetings.token(handoff.id), prospect.now
    slots = meetings.offer(token, now=now).slots
    server.is_busy_at(slots[3])
    calendars.keep(rep.id, server.address, now=now)
    calendars.read(rep.id, now=now)

    assert meetings.offer(token, now=now).slots == slots[:3] + slots[4:]
    with pytest.raises(meetings.SlotTaken):
        meetings.book(token, slots[3], "UTC", now=now)
    state = calendars.state(rep.id, now=now)
    assert state is not None
    assert (state.this_week, state.problem) == (1, None)

    staff.disable(rep.email, by="ana", now=now)
    assert calendars.state(rep.id, now=now) is None, "nobody goes on reading who left's calendar"


def test_the_address_is_a_secret_at_rest_and_in_the_audit_log(
    rep: StaffRow, prospect: Prospect, server: Server
) -> None:
    calendars.keep(rep.id, server.address, now=prospect.now)
    row = rows.of_staff(rep.id)
    assert row is not None
    assert "secret-part" not in row.address
    calendars.remove(rep.id, now=prospect.now)
    calendars.remove(rep.id, now=prospect.now)
    written = [
        each
        for each in db.session.scalars(select(AuditRow).order_by(AuditRow.id))
        if "calendar" in each.action
    ]
    assert [each.action for each in written] == ["staff.calendar_given", "staff.calendar_removed"]
    assert "secret-part" not in str([each.detail for each in written])


def test_a_calendar_that_does_not_answer_leaves_what_it_said_last_and_says_what_to_mend(
    handoff: HandoffRow, rep: StaffRow, prospect: Prospect, server: Server
) -> None:
    token, now = meetings.token(handoff.id), prospect.now
    slots = meetings.offer(token, now=now).slots
    server.is_busy_at(slots[3])
    calendars.keep(rep.id, server.address, now=now)
    calendars.read(rep.id, now=now)
    server.says(FAILS)
    calendars.read(rep.id, now=now + timedelta(minutes=10))

    state = calendars.state(rep.id, now=now + timedelta(minutes=11))
    assert state is not None
    assert "answered 503" in str(state.problem)
    assert not state.pressing
    assert slots[3] not in meetings.offer(token, now=now).slots
    later = calendars.state(rep.id, now=now + timedelta(hours=2))
    assert later is not None
    assert later.pressing

    calendars.keep(rep.id, server.address, now=now)
    calendars.read(rep.id, now=now)
    assert meetings.offer(token, now=now).slots == slots, "never read: working hours alone"


def test_the_worker_reads_each_calendar_every_ten_minutes(
    rep: StaffRow, prospect: Prospect, server: Server
) -> None:
    now = prospect.now
    server.says(FAILS)
    calendars.keep(rep.id, server.address, now=now)
    ben = colleague("ben@example.com")
    calendars.keep(ben.id, server.address, now=now + timedelta(minutes=1))
    for minutes in (5, 11, 11, 11, 12, 22, 22, 22):
        calendars.read_next(now=now + timedelta(minutes=minutes, seconds=1))
    assert len(server.http.received) == 4
    found = [rows.of_staff(each.id) for each in (rep, ben)]
    assert [each.tried_at for each in found if each] == [now + timedelta(minutes=22, seconds=1)] * 2


def test_what_is_found_at_an_address_that_was_changed_meanwhile_counts_for_nothing(
    rep: StaffRow, prospect: Prospect, server: Server, app: Flask
) -> None:
    id, now = rep.id, prospect.now
    calendars.keep(id, server.address, now=now)

    def another_is_given() -> None:
        with app.app_context():
            calendars.keep(id, f"{server.address}?new", now=now)

    server.says(FAILS, another_is_given)
    calendars.read(id, now=now)
    row = rows.of_staff(id)
    assert row is not None
    db.session.refresh(row)
    assert (row.problem, row.read_at) == (None, None)
