"""Instants that a rep types, on the clock of where they are."""

from datetime import UTC, datetime

import pytest

from webapp.web.desk.times import instant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027-03-27T09:30", datetime(2027, 3, 27, 8, 30, tzinfo=UTC)),
        ("2027-03-28T02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # B59: the clocks skip it
        ("2027-10-31T02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # there twice: the first
    ],
)
def test_a_time_that_the_clocks_skip_or_show_twice_is_one_instant(
    typed: str, meant: datetime
) -> None:
    found = instant(typed, "Europe/Berlin")
    assert found is not None
    assert found.astimezone(UTC) == meant
