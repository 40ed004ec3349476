"""Times for a call: in working hours, after the notice, on the half hour, never twice."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.core.playbook import Hours
from webapp.core.slots import AHEAD, LENGTH, NOTICE, free_slots

BERLIN_ZONE = ZoneInfo("Europe/Berlin")
BERLIN = Hours("Europe/Berlin", dict.fromkeys(range(5), ((540, 750), (810, 1020))))
FRIDAY = datetime(2026, 11, 20, 7, 10, tzinfo=UTC)  # 08:10 in Berlin


def test_times_lie_in_working_hours_after_the_notice_on_the_half_hour() -> None:
    found = free_slots(FRIDAY, BERLIN, (), "UTC", ())
    local = [each.astimezone(BERLIN_ZONE) for each in found]
    assert f"{local[0]:%a %H:%M}" == "Fri 10:30", "two hours' notice, rounded up"
    assert {each.weekday() for each in local} == set(range(5))
    assert {each.minute for each in local} == {0, 30}
    minutes = {each.hour * 60 + each.minute for each in local}
    assert not minutes & {750, 780, 1020}, "neither in the break nor past the end"
    assert min(minutes) == 540
    assert all(FRIDAY + NOTICE <= each <= FRIDAY + AHEAD - LENGTH for each in found)


def test_what_is_taken_and_holidays_are_left_out() -> None:
    free = free_slots(FRIDAY, BERLIN, (), "UTC", ())
    busy = [(free[1] + timedelta(minutes=10), free[1] + timedelta(minutes=40))]
    left = free_slots(FRIDAY, BERLIN, (date(2026, 11, 23),), "UTC", busy)
    assert {*free} - {*left} == {free[1], free[2]} | {
        each for each in free if each.astimezone(BERLIN_ZONE).date() == date(2026, 11, 23)
    }


def test_whoever_names_no_hours_is_not_met_at_night() -> None:
    found = free_slots(FRIDAY, None, (), "Europe/Berlin", ())
    assert {each.astimezone(BERLIN_ZONE).hour for each in found} == set(range(9, 17))


def test_a_day_on_which_the_clock_changes_keeps_its_times() -> None:
    before = datetime(2027, 3, 26, 6, tzinfo=UTC)
    found = [each.astimezone(BERLIN_ZONE) for each in free_slots(before, BERLIN, (), "UTC", ())]
    assert {f"{each:%H:%M}" for each in found if each.date() == date(2027, 3, 29)} == {
        f"{each:%H:%M}" for each in found if each.date() == date(2027, 3, 30)
    }
