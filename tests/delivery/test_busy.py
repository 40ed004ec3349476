"""A calendar says when its owner is busy, and no calendar can hold up whoever reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.delivery.receivers import Answer, HttpReceiver
from webapp.core.slots import Span
from webapp.delivery import busy
from webapp.delivery.busy import NoCalendar
from webapp.delivery.guard import Guard
from webapp.delivery.occurrences import busy_spans

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*components: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *components, "END:VCALENDAR"]
    return "\r\n".join(lines).replace("\n", "\r\n").replace("\r\r", "\r").encode()


def event(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def spans(*components: str, days: int = 14) -> list[str]:
    """The busy times of Ana in Berlin, as her clock shows them."""
    found = busy_spans(
        calendar(*components), MONDAY, MONDAY + timedelta(days), BERLIN, "ana@example.com"
    )
    local = [[at.astimezone(BERLIN) for at in span] for span in found]
    return [f"{start:%a %-d %H:%M}-{end:%H:%M}" for start, end in local]


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART:20261124T090000Z", "DTEND:20261124T100000Z"], "Tue 24 10:00-11:00"),
        (["DTSTART:20261124T090000", "DTEND:20261124T100000"], "Tue 24 09:00-10:00"),
        (["DTSTART;TZID=America/New_York:20261124T090000", "DURATION:PT1H"], "Tue 24 15:00-16:00"),
        (
            ["DTSTART;TZID=W. Europe Standard Time:20261124T090000", "DURATION:PT1H"],
            "Tue 24 09:00-10:00",
        ),
        (["DTSTART;VALUE=DATE:20261124"], "Tue 24 00:00-00:00"),
        (["DTSTART:20261122T210000Z", "DTEND:20261123T090000Z"], "Mon 23 01:00-10:00"),
    ],
    ids=["utc", "floating", "zone", "Outlook's name of a zone", "whole day", "under way"],
)
def test_an_event_blocks_its_time_on_its_owners_clock(lines: list[str], when: str) -> None:
    assert spans(event(*lines)) == [when]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Ana@example.com",
    ],
)
def test_what_is_off_or_marked_free_blocks_nothing(line: str) -> None:
    assert spans(event("DTSTART;VALUE=DATE:20261124", line)) == []
    hers = "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.com"
    assert spans(event("DTSTART;VALUE=DATE:20261124", hers, "TRANSP:OPAQUE"))


def test_a_meeting_of_ours_is_ours_to_know_of() -> None:
    assert spans(event("DTSTART:20261124T090000Z", "DURATION:PT30M", uid="m1@baton")) == []


def test_a_series_for_ever_keeps_its_hour_but_for_what_was_moved_or_left_out() -> None:
    at = "DTSTART;TZID=Europe/Berlin:20200106T090000"
    series = event(
        at, "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE",
        "EXDATE;TZID=Europe/Berlin:20261125T090000",
    )  # fmt: skip
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261130T090000",
        "DTSTART;TZID=Europe/Berlin:20261201T140000", "DURATION:PT1H",
    )  # fmt: skip
    off = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261202T090000", "STATUS:CANCELLED",
        "DTSTART;TZID=Europe/Berlin:20261202T090000", "DURATION:PT1H",
    )  # fmt: skip
    assert spans(series, moved, off) == ["Mon 23 09:00-10:00", "Tue 1 14:00-15:00"]


def test_times_that_overlap_are_one_and_those_that_touch_are_two() -> None:
    hours = [("09", "11"), ("10", "12"), ("12", "13")]
    events = [
        event(f"DTSTART:20261124T{start}0000Z", f"DTEND:20261124T{end}0000Z", uid=start)
        for start, end in hours
    ]
    assert spans(*events) == ["Tue 24 10:00-13:00", "Tue 24 13:00-14:00"]


def test_a_feed_of_free_and_busy_says_the_same() -> None:
    feed = (
        "BEGIN:VFREEBUSY\r\nUID:1\r\n"
        "FREEBUSY;FBTYPE=BUSY:20261124T100000Z/20261124T110000Z,20261125T100000Z/PT1H\r\n"
        "FREEBUSY;FBTYPE=FREE:20261126T100000Z/PT1H\r\nEND:VFREEBUSY"
    )
    assert spans(feed) == ["Tue 24 11:00-12:00", "Wed 25 11:00-12:00"]


def test_one_broken_event_spoils_no_other() -> None:
    good = event("DTSTART:20261124T090000Z", "DURATION:PT1H", uid="good")
    odd = [
        event("SUMMARY:never begins", uid="a"),
        event("DTSTART:nonsense", uid="b"),
        event("DTSTART:20261124T110000Z", "RRULE:FREQ=SOMETIMES", uid="c"),
        event("DTSTART:20261124T110000Z", "DTEND:20261124T110000Z", uid="d"),
    ]
    assert "Tue 24 10:00-11:00" in spans(*odd, good)


def read(text: bytes) -> list[Span]:
    return busy.read(
        text, MONDAY, MONDAY + timedelta(14), timezone="Europe/Berlin", reader="ana@example.com"
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"<html>Sign in</html>", calendar(event("DTSTART:20261124T090000Z"))[:-9]],
    ids=["nothing", "a page", "half a calendar"],
)
def test_what_is_no_calendar_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(NoCalendar, match="no calendar at this address"):
        read(text)


def test_a_calendar_without_end_is_given_up_and_one_with_sense_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daily = event("DTSTART:20200101T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    assert len(read(calendar(daily))) == 14
    monkeypatch.setattr(busy, "READ_S", 1)
    every_second = event("DTSTART:20261123T090000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(NoCalendar, match="takes too long"):
        read(calendar(every_second))


def test_an_address_is_asked_as_it_is_and_no_other() -> None:
    answers = iter([
        Answer(200, calendar()), Answer(404), Answer(302, headers={"Location": "https://x.example"})
    ])  # fmt: skip
    with HttpReceiver(lambda _: next(answers)) as server:
        guard = Guard(server.listed)
        assert busy.fetch(guard, f"{server.url}/secret.ics") == calendar()
        with pytest.raises(NoCalendar, match="answered 404"):
            busy.fetch(guard, server.url)
        with pytest.raises(NoCalendar, match="leads to another"):
            busy.fetch(guard, server.url)
    assert server.received[0].path == "/secret.ics"


@pytest.mark.parametrize(
    "typed", ["", "my calendar", "http://calendar.example/a.ics", "https://169.254.169.254/a.ics"]
)
def test_an_address_that_may_not_be_asked_is_refused(typed: str) -> None:
    with pytest.raises(NoCalendar):
        busy.address(typed, frozenset())
    assert busy.address(" webcal://c.example/a.ics ", frozenset()) == "https://c.example/a.ics"
