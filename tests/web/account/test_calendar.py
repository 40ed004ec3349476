"""A rep gives the address of their calendar, sees whether it works, and takes it away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.delivery.receivers import Answer, HttpReceiver
from tests.delivery.test_busy import calendar, event
from tests.fixtures.people import Colleague
from webapp.store.calendars import CalendarRow
from webapp.store.database import Base

Rows = Callable[[type[Base]], list[Base]]


def test_a_rep_gives_a_calendar_tries_it_and_takes_it_away(
    rep: Colleague, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = event(
        f"DTSTART:{datetime.now(UTC) + timedelta(days=1):%Y%m%dT%H%M%SZ}", "DURATION:PT1H"
    )
    answers = iter([Answer(200, calendar(tomorrow)), Answer(404)])
    with HttpReceiver(lambda _: next(answers)) as server:
        config = replace(rep.app.extensions["baton"], allowed_receivers=server.listed)
        monkeypatch.setitem(rep.app.extensions, "baton", config)
        rep.get("/account")
        rep.post("/account/calendar", {"address": f"{server.url}/secret.ics"})
        page = rep.get("/account").text
        assert "1 busy time was found" in page
        assert "secret.ics" not in page

        rep.post("/account/calendar/reading")
        page = rep.get("/account").text
        assert "Your calendar cannot be read." in page
        assert "answered 404" in page

    rep.post("/account/calendar/removal")
    assert rows(CalendarRow) == []


def test_what_is_no_address_is_refused_and_kept_nowhere(rep: Colleague, rows: Rows) -> None:
    rep.get("/account")
    refused = rep.post("/account/calendar", {"address": "http://10.0.0.1/secret.ics"})
    assert refused.status_code == 422
    assert "must begin with https://" in refused.text
    assert rows(CalendarRow) == []
