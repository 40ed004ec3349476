"""Choosing a time for the call works without script and cookies, and breaks on nothing."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.sales import meetings
from webapp.store import sites, staff
from webapp.store.database import db, new_id
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

ANSWERS = {"goal": "grow", "job_title": "CFO", "company_size": "200-500", "timeline": "now"}


@pytest.fixture
def token(app: Flask) -> str:
    """The conversation of somebody who asked for a demo in German."""
    with app.app_context():
        site, now = sites.first(), datetime.now(UTC)
        assert site is not None
        started = conversations.start("demo-request", Arrival(site=site, locale="de"), now=now)
        state = started.state
        while state.question is not None:
            value = (ANSWERS | {"email": "mei@orba.example"}).get(state.question.id)
            state = conversations.answer(
                started.token, state.question.id, value=value, skip=value is None, now=now
            )
        row = db.session.scalars(select(HandoffRow)).unique().one()
        assert row.owner_email
        if staff.by_email(row.owner_email) is None:
            db.session.add(
                StaffRow(
                    id=new_id(now), email=row.owner_email, name="Sam", role="rep",
                    one_time=False, epoch=0, created_at=now,
                )
            )  # fmt: skip
            db.session.commit()
        return started.token


@pytest.fixture
def address(app: Flask, token: str) -> str:
    """The address of the times for them."""
    with app.app_context():
        return f"/meeting/{meetings.token(db.session.scalars(select(HandoffRow.id)).one())}"


def slots(page: str) -> list[str]:
    return re.findall(r'name="at" value="([^"]+)"', page)


def test_a_visitor_chooses_a_time_moves_it_and_calls_it_off(app: Flask, address: str) -> None:
    browser: FlaskClient = app.test_client(use_cookies=False)
    page = browser.get(address, query_string={"zone": "America/New_York"}).text
    assert "Zeit für das Gespräch wählen" in page
    assert 'value="America/New_York" selected' in page
    first, second = slots(page)[:2]

    done = browser.post(address, data={"at": first, "zone": "America/New_York"})
    assert done.status_code == 303
    page = browser.get(address).text
    assert "Ihr Gespräch ist vereinbart" in page
    assert "Sam ruft Sie an" in page
    assert "America/New_York" in page
    assert first not in slots(page)
    assert browser.post(address, data={"at": second}).status_code == 303
    assert first in slots(browser.get(address).text)

    assert browser.post(f"{address}/cancellation").status_code == 303
    assert "Abgesagt." in browser.get(address).text


def test_who_comes_back_to_the_end_reads_the_time_that_was_agreed_and_no_other(
    app: Flask, token: str, address: str
) -> None:
    browser = app.test_client(use_cookies=False)
    end = f"/f/demo-request/{token}"
    page = browser.get(end).text
    assert "innerhalb von" in page
    assert "Zeit für das Gespräch wählen" in page

    at = slots(browser.get(address).text)[0]
    browser.post(address, data={"at": at, "zone": "America/New_York"})
    page = browser.get(end).text
    assert "Sam ruft Sie an: " in page
    assert "(America/New_York)" in page
    assert "innerhalb von" not in page
    assert "Eine andere Zeit wählen" in page

    browser.post(f"{address}/cancellation")
    assert "innerhalb von" in browser.get(end).text


@pytest.mark.parametrize(
    "at", ["", "soon", "2026-11-23T09:00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_is_none_is_refused_with_the_free_ones(
    app: Flask, address: str, at: str
) -> None:
    refused = app.test_client().post(address, data={"at": at, "zone": "Mars/Olympus"})
    assert refused.status_code == 409
    assert "Diese Zeit ist nicht mehr frei." in refused.text
    assert slots(refused.text)


def test_a_page_of_times_says_nothing_of_worth_and_is_kept_nowhere(
    app: Flask, address: str
) -> None:
    page = app.test_client().get(address)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    said = page.text.replace(address, "")  # whose random letters may spell anything
    assert not re.search(r"hot|warm|cold|score|points", said, re.I)
    assert app.test_client().get("/meeting/made-up").status_code == 404
