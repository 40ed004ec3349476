"""Whoever reads a staff page reads the time of their own clock."""

import pytest

from tests.fixtures.people import Colleague
from webapp.store import staff
from webapp.store.database import db


@pytest.mark.parametrize("timezone", [None, "America/New_York"])
def test_history_tells_the_time_where_its_reader_is(
    marketer: Colleague, timezone: str | None
) -> None:
    with marketer.app.app_context():
        row = staff.by_email(marketer.email)
        assert row is not None
        row.timezone = timezone
        db.session.commit()
    page = marketer.get("/studio/history").text
    assert f'title="{timezone or "Europe/Berlin"}"' in page
