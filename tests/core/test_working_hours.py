"""Deadlines count the hours a team works, in its zone, through holidays and clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.playbook import Hours
from webapp.core.working_hours import deadline, elapsed, half_time, is_open, next_open, open_spans

BERLIN = "Europe/Berlin"
NINE_TO_FIVE = ((9 * 60, 17 * 60),)
OFFICE = Hours(BERLIN, dict.fromkeys(range(5), NINE_TO_FIVE))

HOUR = timedelta(hours=1)


def at(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_an_hour_asked_for_late_on_friday_ends_on_monday_morning():
    assert deadline(at("2026-11-20 16:30"), HOUR, OFFICE, (), BERLIN) == at("2026-11-23 09:30")


def test_a_lead_of_the_night_counts_from_the_morning():
    assert deadline(at("2026-11-19 03:00"), HOUR, OFFICE, (), BERLIN) == at("2026-11-19 10:00")


def test_a_deadline_that_uses_up_the_day_is_the_end_of_the_day():
    assert deadline(at("2026-11-19 16:00"), HOUR, OFFICE, (), BERLIN) == at("2026-11-19 17:00")


def test_a_holiday_does_not_count():
    christmas = (date(2026, 12, 25),)

    found = deadline(at("2026-12-24 16:30"), HOUR, OFFICE, christmas, BERLIN)

    assert found == at("2026-12-28 09:30")


def test_a_lunch_break_does_not_count():
    split = Hours(BERLIN, {3: ((9 * 60, 12 * 60), (13 * 60, 17 * 60))})

    assert deadline(at("2026-11-19 11:30"), HOUR, split, (), BERLIN) == at("2026-11-19 13:30")


def test_spans_written_out_of_order_or_overlapping_count_once():
    untidy = Hours(BERLIN, {3: ((13 * 60, 17 * 60), (9 * 60, 14 * 60))})

    assert elapsed(at("2026-11-19 00:00"), at("2026-11-20 00:00"), untidy, (), BERLIN) == 8 * HOUR


def test_a_night_shift_runs_past_midnight():
    night = Hours(BERLIN, {3: ((22 * 60, 6 * 60),)})

    assert deadline(at("2026-11-19 23:30"), HOUR, night, (), BERLIN) == at("2026-11-20 00:30")
    assert is_open(at("2026-11-20 05:59"), night, (), BERLIN)
    assert not is_open(at("2026-11-20 06:00"), night, (), BERLIN)


def test_a_night_shift_that_began_before_a_holiday_is_finished():
    night = Hours(BERLIN, {3: ((22 * 60, 6 * 60),), 4: ((22 * 60, 6 * 60),)})
    friday_off = (date(2026, 11, 20),)

    assert is_open(at("2026-11-20 05:00"), night, friday_off, BERLIN)
    assert not is_open(at("2026-11-20 23:00"), night, friday_off, BERLIN)


def test_a_team_works_by_the_clock_of_its_own_zone():
    new_york = Hours("America/New_York", dict.fromkeys(range(5), NINE_TO_FIVE))

    found = deadline(at("2026-11-19 10:00"), HOUR, new_york, (), BERLIN)

    assert found == at("2026-11-19 10:00", "America/New_York")


def test_without_hours_every_hour_counts_save_holidays():
    assert deadline(at("2026-11-21 23:30"), HOUR, None, (), BERLIN) == at("2026-11-22 00:30")
    sunday = (date(2026, 11, 22),)
    assert deadline(at("2026-11-21 23:30"), HOUR, None, sunday, BERLIN) == at("2026-11-23 00:30")


def test_hours_without_any_span_count_round_the_clock_so_the_deadline_comes():
    assert deadline(at("2026-11-21 23:30"), HOUR, Hours(BERLIN, {}), (), BERLIN) == at(
        "2026-11-22 00:30"
    )


def test_the_reminder_comes_at_half_of_the_working_time():
    assert half_time(at("2026-11-20 16:30"), 2 * HOUR, OFFICE, (), BERLIN) == at("2026-11-23 09:30")


def test_an_hour_the_clock_skips_is_not_worked():
    night = Hours(BERLIN, {5: ((22 * 60, 6 * 60),)})  # 2027-03-27, a Saturday; 02:00 becomes 03:00

    assert elapsed(at("2027-03-27 12:00"), at("2027-03-28 12:00"), night, (), BERLIN) == 7 * HOUR


def test_an_hour_the_clock_repeats_is_worked_twice():
    night = Hours(BERLIN, {5: ((22 * 60, 6 * 60),)})  # 2026-10-24, a Saturday; 03:00 becomes 02:00

    assert elapsed(at("2026-10-24 12:00"), at("2026-10-25 12:00"), night, (), BERLIN) == 9 * HOUR


@pytest.mark.parametrize(
    ("span", "opens", "worked"),
    [
        ((150, 300), "2027-03-28 03:00", 2 * HOUR),  # 02:30 does not exist: from the jump on
        ((60, 150), "2027-03-28 01:00", HOUR),  # ends at the jump
    ],
)
def test_a_span_bounded_by_a_skipped_time_is_bounded_by_the_jump(span, opens, worked):
    hours = Hours(BERLIN, {6: (span,)})

    first = next(open_spans(at("2027-03-27 00:00"), hours, (), BERLIN))

    assert first == (at(opens), at(opens) + worked)


def test_a_span_wholly_inside_the_skipped_hour_is_not_worked_that_day():
    hours = Hours(BERLIN, {6: ((135, 165),)})

    opens, _ = next(open_spans(at("2027-03-27 00:00"), hours, (), BERLIN))

    assert opens == at("2027-04-04 02:15")


def test_waiting_is_measured_in_working_time():
    assert elapsed(at("2026-11-20 16:30"), at("2026-11-23 09:30"), OFFICE, (), BERLIN) == HOUR
    assert elapsed(at("2026-11-23 09:30"), at("2026-11-20 16:30"), OFFICE, (), BERLIN) == 0 * HOUR


def test_outside_hours_the_next_opening_is_known():
    assert next_open(at("2026-11-20 18:00"), OFFICE, (), BERLIN) == at("2026-11-23 09:00")


zones = st.sampled_from(
    [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
     "Pacific/Apia", "America/St_Johns", "Asia/Gaza", "UTC"]
)  # fmt: skip
minutes = st.integers(0, 24 * 60)
spans = st.tuples(minutes, minutes).map(lambda s: (s[0] % 1440, s[1]))
weeks = st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3).map(tuple), max_size=7)
calendars = st.tuples(
    st.one_of(st.none(), st.builds(Hours, zones, weeks)),
    st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=8).map(tuple),
    zones,
)
instants = st.datetimes(
    datetime(2026, 1, 1),
    datetime(2027, 12, 31),
    timezones=st.just(UTC),
)
waits = st.integers(0, 60 * 60 * 24 * 3).map(lambda seconds: timedelta(seconds=seconds))


@given(instants, waits, calendars)
def test_a_deadline_never_falls_into_closed_time(start, wait, calendar):
    due = deadline(start, wait, *calendar)

    opens, closes = next(span for span in open_spans(start, *calendar) if span[0] <= due <= span[1])
    assert opens <= due <= closes
    assert due >= start


@given(instants, waits, calendars)
def test_the_working_time_up_to_a_deadline_is_the_time_allowed(start, wait, calendar):
    assert elapsed(start, deadline(start, wait, *calendar), *calendar) == wait


@given(instants, waits, waits, calendars)
def test_two_waits_in_a_row_are_one_long_wait(start, first, second, calendar):
    stages = deadline(deadline(start, first, *calendar), second, *calendar)

    if second:
        assert deadline(start, first + second, *calendar) == stages


@given(instants, calendars)
def test_spans_are_apart_and_in_order(start, calendar):
    found = [span for _, span in zip(range(20), open_spans(start, *calendar), strict=False)]

    assert found[0][0] >= start
    for opens, closes in found:
        assert opens < closes
    for (_, closed), (opens, _) in pairwise(found):
        assert closed <= opens
