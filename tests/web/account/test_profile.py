"""People say in which zone they work and when they are away; then leads go to colleagues."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.fixtures.people import Colleague
from webapp.store.staff import StaffRow

Rows = Callable[..., list[StaffRow]]


def test_a_rep_on_leave_is_back_at_midnight_of_their_own_zone(rep: Colleague, rows: Rows) -> None:
    rep.get("/account")
    given = {"timezone": "Asia/Tokyo", "back_on": "2099-03-31"}
    assert rep.post("/account/profile", given).status_code == 303

    [row] = [each for each in rows(StaffRow) if each.email == rep.email]
    assert row.away_until == datetime(2099, 3, 30, 15, 0, tzinfo=UTC)
    page = rep.get("/account").text
    assert "You are away" in page
    assert 'value="2099-03-31"' in page

    rep.post("/account/profile", {"timezone": "Asia/Tokyo", "back_on": ""})
    assert "You are away" not in rep.get("/account").text


@pytest.mark.parametrize(
    "given",
    [{"timezone": "Mars/Olympus"}, {"timezone": "../etc/passwd"}, {"back_on": "tomorrow"},
     {"back_on": "2099-02-30"}, {"timezone": "x" * 300},
     {"timezone": "Asia/Tokyo", "back_on": "0001-01-01"}, {"back_on": "9999-12-31"}],
)  # fmt: skip
def test_what_is_no_zone_or_day_is_refused(
    rep: Colleague, given: dict[str, str], rows: Rows
) -> None:
    rep.get("/account")
    refused = rep.post("/account/profile", given)
    assert refused.status_code == 422
    wrong = "back_on" if "back_on" in given else "timezone"
    assert f'<a href="#{wrong}">' in refused.text

    [row] = [each for each in rows(StaffRow) if each.email == rep.email]
    assert (row.timezone, row.away_until) == (None, None)
