"""What has run out is put away; what has not stays."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from webapp.services import throttle
from webapp.services.accounts import staff
from webapp.services.operations import tidying
from webapp.store import access
from webapp.store.access import IdempotencyRow, ThrottleRow
from webapp.store.database import one_commit
from webapp.store.staff import StaffSessionRow

Rows = Callable[[type], list[object]]


@pytest.mark.usefixtures("in_app")
def test_sessions_and_counts_that_ran_out_are_dropped(now: datetime, rows: Rows) -> None:
    _, password = staff.add("ana@example.com", role="rep", by="the tests", now=now)
    staff.sign_in("ana@example.com", password, address="192.0.2.1", now=now)
    later = now + timedelta(hours=11)
    staff.sign_in("ana@example.com", password, address="192.0.2.1", now=later)
    assert len(rows(StaffSessionRow)) == 2
    assert rows(ThrottleRow)

    tidying.sweep(now=now + timedelta(hours=13))

    assert len(rows(StaffSessionRow)) == 1
    assert rows(ThrottleRow) == []


@pytest.mark.usefixtures("in_app")
def test_what_a_program_was_answered_is_forgotten_after_a_month(now: datetime, rows: Rows) -> None:
    with one_commit("the tests"):
        access.keep_answer(
            "a caller", "a key", "a body", status=201, response={}, subject=None, now=now
        )

    tidying.sweep(now=now + timedelta(days=29))
    assert len(rows(IdempotencyRow)) == 1
    tidying.sweep(now=now + timedelta(days=31))
    assert rows(IdempotencyRow) == []


@pytest.mark.usefixtures("in_app")
def test_a_window_that_is_over_starts_anew(now: datetime) -> None:
    within = timedelta(minutes=15)
    for _ in range(3):
        throttle.count("try", "somebody", most=3, within=within, now=now)
    with pytest.raises(throttle.Throttled) as refusal:
        throttle.count("try", "somebody", most=3, within=within, now=now)
    assert refusal.value.retry_after == 900
    throttle.count("try", "somebody else", most=3, within=within, now=now)
    throttle.count("try", "somebody", most=3, within=within, now=now + within)
