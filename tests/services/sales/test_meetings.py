"""A prospect takes a time of their rep, moves it, calls it off; nobody else gets the same."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague, with_teams
from webapp.core.clocks import zone
from webapp.core.slots import LENGTH
from webapp.services.people import erasure, suppression
from webapp.services.prospects import conversations
from webapp.services.sales import deadlines, handoffs, meetings, reminders
from webapp.services.sales.meetings import NoSuchMeeting, SlotTaken
from webapp.store import handoffs as handoff_rows
from webapp.store import meetings as rows
from webapp.store import staff as staff_rows
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.meetings import MeetingRow
from webapp.store.staff import StaffRow

SOLO = """
teams:
  - id: solo
    hours: {timezone: Europe/Berlin, mon-fri: ["09:00-17:00"]}
    reps: [{email: ana@example.com}]
"""


@pytest.fixture
def rep(prospect: Prospect) -> StaffRow:
    with_teams(SOLO)
    return colleague("ana@example.com")


@pytest.fixture
def handoff(rep: StaffRow, prospect: Prospect) -> HandoffRow:
    return asks_for_a_demo(prospect, "mei", locale="de")


def invited() -> list[DeliveryRow]:
    sent = select(DeliveryRow).where(DeliveryRow.event == "meeting").order_by(DeliveryRow.id)
    return list(db.session.scalars(sent))


def sent_since(before: list[DeliveryRow]) -> dict[str | None, dict[str, Any]]:
    known = {each.id for each in before}
    return {each.recipient: each.payload for each in invited() if each.id not in known}


def test_a_time_is_taken_the_deadline_met_and_both_get_it_for_their_calendar(
    handoff: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    token = meetings.token(handoff.id)
    slot = meetings.offer(token, now=prospect.now).slots[3]
    meetings.book(token, slot, "America/New_York", now=prospect.now)
    found = meetings.offer(token, now=prospect.now)

    assert found.meeting is not None
    assert (found.meeting.starts_at, found.meeting.timezone) == (slot, "America/New_York")
    assert slot not in found.slots
    row = handoff_rows.get(handoff.id)
    assert row is not None
    assert (row.respond_by, row.remind_at) == (slot + LENGTH, None)
    assert handoff_rows.events(row.id)[-1].what == "meeting_booked"
    mails = {each.recipient: each.payload for each in invited()}
    assert mails.keys() == {"ana@example.com", "mei@mei.example"}
    assert "METHOD:REQUEST" in mails["mei@mei.example"]["calendar"]["text"]
    assert mails[rep.email]["subject"].endswith("(Europe/Berlin)")
    assert "Ihr Gespräch mit Ana" in mails["mei@mei.example"]["subject"]
    assert mails["mei@mei.example"]["reply_to"] == "ana@example.com"
    assert "New_York" in mails["mei@mei.example"]["subject"]

    deadlines.move(now=prospect.now)
    db.session.expire_all()
    assert handoff_rows.get(handoff.id).respond_by == slot + LENGTH  # type: ignore[union-attr]


def test_everybody_reads_of_a_call_in_their_own_language(rep: StaffRow, prospect: Prospect) -> None:
    rep.locale = "de"
    db.session.commit()
    token = meetings.token(asks_for_a_demo(prospect, "mei", locale="ar").id)
    slot = meetings.offer(token, now=prospect.now).slots[0]
    meetings.book(token, slot, "UTC", now=prospect.now)
    booked = sent_since([])
    had = invited()
    meetings.cancel(token, now=prospect.now)
    off = sent_since(had)

    assert "Gespräch mit mei@mei.example ist vereinbart" in booked[rep.email]["subject"]
    assert "Gespräch mit mei@mei.example ist abgesagt" in off[rep.email]["subject"]
    hers = booked["mei@mei.example"]
    assert "مكالمتك مع Ana" in hers["subject"]
    assert "أُلغيت" in off["mei@mei.example"]["subject"]
    assert 'lang="ar" dir="rtl"' in hers["html"]
    assert "SUMMARY:مكالمة مع Ana" in hers["calendar"]["text"]


def test_taking_the_same_time_twice_writes_once(handoff: HandoffRow, prospect: Prospect) -> None:
    token = meetings.token(handoff.id)
    slot = meetings.offer(token, now=prospect.now).slots[0]
    for _ in range(2):
        meetings.book(token, slot, "UTC", now=prospect.now)
    assert len(invited()) == 2


def test_a_meeting_moves_and_is_called_off(handoff: HandoffRow, prospect: Prospect) -> None:
    token = meetings.token(handoff.id)
    first, second = meetings.offer(token, now=prospect.now).slots[:2]
    meetings.book(token, first, "no such zone", now=prospect.now)
    meetings.book(token, second, "UTC", now=prospect.now)
    moved = meetings.offer(token, now=prospect.now)
    assert moved.meeting is not None
    assert moved.meeting.sequence == 1
    assert first in moved.slots, "free again for others"

    for _ in range(2):
        meetings.cancel(token, now=prospect.now)
    off = meetings.offer(token, now=prospect.now)
    assert off.meeting is not None
    assert (off.meeting.sequence, off.meeting.cancelled_at) == (2, prospect.now)
    assert {first, second} <= set(off.slots)
    row = handoff_rows.get(handoff.id)
    assert row is not None
    assert row.respond_by == prospect.now + timedelta(minutes=15), "called as soon as possible"
    whats = [each.what for each in handoff_rows.events(row.id) if each.what.startswith("meeting")]
    assert whats == ["meeting_booked", "meeting_moved", "meeting_cancelled"]
    calendars = [each.payload["calendar"] for each in invited()]
    called_off = [each["text"] for each in calendars if each["method"] == "CANCEL"]
    assert len(called_off) == 2
    assert all("SEQUENCE:2" in each for each in called_off)


def test_nobody_is_met_while_away_nor_at_a_time_that_was_never_offered(
    handoff: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    token = meetings.token(handoff.id)
    slots = meetings.offer(token, now=prospect.now).slots
    rep.away_until = slots[5]
    db.session.commit()
    assert meetings.offer(token, now=prospect.now).slots == slots[5:]
    for odd in (slots[0], slots[-1] + timedelta(days=60), slots[6] + timedelta(minutes=1)):
        with pytest.raises(SlotTaken):
            meetings.book(token, odd, "UTC", now=prospect.now)
    assert invited() == []


def test_whom_somebody_was_in_touch_with_needs_no_time(
    handoff: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    token = meetings.token(handoff.id)
    handoffs.log_contact(handoff.id, rep, result="reached", now=prospect.now)
    for odd in (token, token + "x", "", "abc", meetings.token("no-such-handoff")):
        with pytest.raises(NoSuchMeeting):
            meetings.offer(odd, now=prospect.now)


def test_no_address_can_be_pestered_by_moving_a_meeting_on_and_on(
    handoff: HandoffRow, prospect: Prospect
) -> None:
    token = meetings.token(handoff.id)
    for _ in range(meetings.MOST_CHANGES + 1):
        slots = meetings.offer(token, now=prospect.now).slots
        meetings.book(token, slots[0], "UTC", now=prospect.now)
    with pytest.raises(SlotTaken):
        meetings.book(token, slots[1], "UTC", now=prospect.now)
    assert len(invited()) == 2 * (meetings.MOST_CHANGES + 1)


def test_no_address_can_be_pestered_by_one_case_after_the_other(
    handoff: HandoffRow, prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    token = meetings.token(handoff.id)
    for _ in range(meetings.MOST_CHANGES):
        slots = meetings.offer(token, now=prospect.now).slots
        meetings.book(token, slots[0], "UTC", now=prospect.now)
    again = another_prospect()
    other = meetings.token(asks_for_a_demo(again, "mei").id)
    slots = meetings.offer(other, now=again.now).slots
    with pytest.raises(SlotTaken):
        meetings.book(other, slots[0], "UTC", now=again.now)
    tomorrow = again.now + timedelta(days=1, minutes=1)
    meetings.book(other, slots[-1], "UTC", now=tomorrow)
    assert meetings.offer(other, now=tomorrow).meeting is not None


def test_an_ending_offers_times_unless_the_site_does_not(
    handoff: HandoffRow, prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    assert prospect.state.ending is not None
    assert prospect.state.ending.promise.meeting == meetings.token(handoff.id)
    prospect.site.settings = {**prospect.site.settings, "no_meetings": True}
    db.session.commit()
    other = another_prospect()
    asks_for_a_demo(other, "joe")
    assert other.state.ending is not None
    assert other.state.ending.promise.meeting is None
    with pytest.raises(NoSuchMeeting):
        meetings.offer(meetings.token(handoff.id), now=prospect.now)


def test_an_erased_persons_meeting_is_gone(handoff: HandoffRow, prospect: Prospect) -> None:
    token = meetings.token(handoff.id)
    slot = meetings.offer(token, now=prospect.now).slots[0]
    meetings.book(token, slot, "UTC", now=prospect.now)
    erasure.erase("mei@mei.example", by="ana", now=prospect.now)
    assert db.session.scalar(select(func.count()).select_from(MeetingRow)) == 0


def test_two_prospects_who_choose_at_once_do_not_get_the_same_time(
    app: Flask,
    handoff: HandoffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
) -> None:
    other = asks_for_a_demo(another_prospect(), "joe")
    tokens = [meetings.token(handoff.id), meetings.token(other.id)]
    slot, now = meetings.offer(tokens[0], now=prospect.now).slots[0], prospect.now
    db.session.commit()
    start, outcomes = threading.Barrier(2), list[str]()

    def chooses(token: str) -> None:
        with app.app_context():
            start.wait(30)
            try:
                meetings.book(token, slot, "UTC", now=now)
            except SlotTaken:
                outcomes.append("too late")
            else:
                outcomes.append("booked")

    people = [threading.Thread(target=chooses, args=[token]) for token in tokens]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(outcomes) == ["booked", "too late"]
    assert db.session.scalar(select(func.count()).select_from(MeetingRow)) == 1


TWO = SOLO.replace("reps: [", "reps: [{email: ben@example.com}, ")


@pytest.fixture
def agreed(rep: StaffRow, prospect: Prospect) -> HandoffRow:
    """A lead of Ana's with a call, in a team in which there is Ben too."""
    row = asks_for_a_demo(prospect, "mei", locale="de")
    with_teams(TWO)
    colleague("ben@example.com")
    token = meetings.token(row.id)
    slot = meetings.offer(token, now=prospect.now).slots[3]
    meetings.book(token, slot, "UTC", now=prospect.now)
    return row


def test_a_call_goes_along_with_a_lead_given_to_a_colleague_who_is_free_then(
    agreed: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    had = invited()
    handoffs.reassign(agreed.id, rep, to="ben@example.com", now=prospect.now)

    meeting = rows.of_handoff(agreed.id)
    assert meeting is not None
    assert (meeting.rep_email, meeting.sequence) == ("ben@example.com", 1)
    assert agreed.respond_by == meeting.ends_at
    told = sent_since(had)
    methods = {who: payload["calendar"]["method"] for who, payload in told.items()}
    assert methods == {
        "ana@example.com": "CANCEL",
        "ben@example.com": "REQUEST",
        "mei@mei.example": "REQUEST",
    }
    assert "Ben ruft Sie statt Ana an" in told["mei@mei.example"]["text"]
    assert "is with Ben now" in told["ana@example.com"]["subject"]
    assert told["ana@example.com"]["subject"].endswith("(Europe/Berlin)")
    assert handoff_rows.events(agreed.id)[-1].what == "meeting_followed"


@pytest.mark.parametrize("because", ["taken", "away"])
def test_a_call_stays_with_its_rep_where_the_colleague_is_not_free(
    agreed: HandoffRow,
    rep: StaffRow,
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
    because: str,
) -> None:
    meeting = rows.of_handoff(agreed.id)
    ben = staff_rows.by_email("ben@example.com")
    assert meeting is not None
    assert ben is not None
    if because == "taken":
        other = asks_for_a_demo(another_prospect(), "joe")
        handoffs.reassign(
            other.id, colleague("mo@example.com", "manager"), to=ben.email, now=prospect.now
        )
        meetings.book(meetings.token(other.id), meeting.starts_at, "UTC", now=prospect.now)
    else:
        ben.away_until = meeting.ends_at
        db.session.commit()
    had = invited()

    handoffs.reassign(agreed.id, rep, to="ben@example.com", now=prospect.now)

    assert (meeting.rep_email, meeting.sequence) == ("ana@example.com", 0)
    assert sent_since(had) == {}
    meetings.cancel(meetings.token(agreed.id), now=prospect.now)
    assert sent_since(had).keys() == {
        "ana@example.com",
        "ben@example.com",
        "mei@mei.example",
    }, "who has the call hears that it is called off"


def test_a_call_with_somebody_who_must_be_left_alone_leaves_the_reps_calendar(
    agreed: HandoffRow, prospect: Prospect
) -> None:
    manager = colleague("mo@example.com", "manager")
    had = invited()
    suppression.add("mei@mei.example", manager, reason="asked", now=prospect.now)

    told = sent_since(had)
    assert told.keys() == {"ana@example.com"}, "the prospect is not written to"
    assert told["ana@example.com"]["calendar"]["method"] == "CANCEL"
    db.session.expire_all()
    states = {each.recipient: each.state for each in had}
    assert set(states.values()) == {"withdrawn"}
    row = rows.of_handoff(agreed.id)
    assert row is not None
    assert row.cancelled_at == prospect.now


def last_told(event: str) -> str:
    query = select(DeliveryRow).where(DeliveryRow.event == event).order_by(DeliveryRow.id.desc())
    row = db.session.scalars(query).first()
    assert row is not None
    return str(row.payload["text"])


def test_mail_of_a_lead_says_the_agreed_time_first_and_the_old_deadline_no_more(
    agreed: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    meeting = rows.of_handoff(agreed.id)
    assert meeting is not None
    at = meeting.starts_at.astimezone(zone("Europe/Berlin"))
    ben = staff_rows.by_email("ben@example.com")
    assert ben is not None
    handoffs.reassign(agreed.id, rep, to=ben.email, now=prospect.now)

    mail = last_told("handoff.assigned")
    assert f"DO NEXT\nCall on {at:%A %-d %b, %H:%M} (Berlin). " in mail
    assert f"Call agreed  {at:%A %-d %b, %H:%M} (Berlin)" in mail
    assert "Respond by" not in mail
    assert "15 minutes" not in mail

    meetings.cancel(meetings.token(agreed.id), now=prospect.now)
    handoffs.reassign(agreed.id, ben, to=rep.email, now=prospect.now + timedelta(minutes=1))
    mail = last_told("handoff.assigned")
    assert "DO NEXT\nCall within 15 minutes. " in mail
    assert "Respond by" in mail


def test_a_colleague_who_is_given_a_lead_hears_who_else_will_call(
    agreed: HandoffRow, rep: StaffRow, prospect: Prospect
) -> None:
    ben = staff_rows.by_email("ben@example.com")
    assert ben is not None
    ben.away_until = prospect.now + timedelta(days=30)
    db.session.commit()
    handoffs.reassign(agreed.id, rep, to=ben.email, now=prospect.now)

    assert "DO NEXT\nAna calls on " in last_told("handoff.assigned")
    # So does who was promised the call, at the end of the conversation and among the times.
    ending = conversations.show(prospect.token, now=prospect.now).ending
    assert ending is not None
    assert (ending.promise.rep_name, ending.promise.caller) == ("Ben", "Ana")
    found = meetings.offer(meetings.token(agreed.id), now=prospect.now)
    assert (found.rep.email, found.caller and found.caller.email) == (ben.email, rep.email)


def test_a_call_that_was_agreed_late_and_not_made_is_missed_as_well(
    handoff: HandoffRow, prospect: Prospect
) -> None:
    assert handoff.respond_by is not None
    reminders.escalate(now=handoff.respond_by)
    token = meetings.token(handoff.id)
    slot = meetings.offer(token, now=prospect.now).slots[-1]
    meetings.book(token, slot, "UTC", now=prospect.now)

    assert reminders.escalate(now=slot) == 0
    assert reminders.escalate(now=slot + LENGTH) == 1
    assert reminders.escalate(now=slot + LENGTH) == 0
    assert "Call agreed" in last_told("handoff.missed")
