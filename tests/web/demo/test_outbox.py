"""A newcomer sees the mail and the webhook of a lead arrive, and nothing about real ones."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.people import Colleague
from tests.waiting import eventually
from webapp.services.flows import sites
from webapp.services.operations import demo, demo_data
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.store.database import db
from webapp.store.demo_messages import DemoMessageRow
from webapp.worker.loop import Worker


def asks_for_a_demo(app: Flask, email: str, *, of_the_demo: bool) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        demo_data.people(now=now)
        demo_data.receiver(now=now)
        site = demo.site(now=now) if of_the_demo else sites.seed(now=now)
        arrival = Arrival(site=site, demo=of_the_demo)
        started = conversations.start("demo-request", arrival, now=now)
        state = started.state
        known = {
            "goal": "grow",
            "job_title": "CFO",
            "company_size": "50-199",
            "timeline": "now",
            "email": email,
        }
        while state.question:
            value = known.get(state.question.property)
            state = conversations.answer(
                started.token, state.question.id, value=value, skip=value is None, now=now
            )


def told(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(db.select(db.func.count(DemoMessageRow.id))) or 0


@pytest.fixture
def delivered(app: Flask) -> Flask:
    """A lead of the demo and a real one, told to whom they are told."""
    asks_for_a_demo(app, "ana@nordwind.example", of_the_demo=True)
    asks_for_a_demo(app, "bea@real.example", of_the_demo=False)
    stop = threading.Event()
    thread = threading.Thread(target=Worker(app, stop=stop).run)
    thread.start()
    eventually(lambda: told(app) >= 3)
    stop.set()
    thread.join()
    return app


def test_the_mail_and_the_webhook_of_a_demo_lead_are_there_to_look_at(
    delivered: Flask, browser: FlaskClient
) -> None:
    page = browser.get("/demo/outbox")
    assert "New lead: ana@nordwind.example" in page.text
    assert "handoff.created" in page.text
    with delivered.app_context():
        rows = db.session.scalars(db.select(DemoMessageRow)).all()
        ids = {row.kind: row.id for row in rows if "nordwind" in str(row.payload)}

    mail = browser.get(f"/demo/outbox/{ids['mail']}")
    assert "rita@example.com" in mail.text
    html = browser.get(f"/demo/outbox/{ids['mail']}/html")
    assert "ana@nordwind.example" in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert "handoff/1" in browser.get(f"/demo/outbox/{ids['webhook']}").text
    assert browser.get(f"/demo/outbox/{ids['webhook']}/html").status_code == 404


def test_nothing_about_a_real_lead_is_shown_to_strangers(
    delivered: Flask, browser: FlaskClient, manager: Colleague
) -> None:
    with delivered.app_context():
        rows = db.session.scalars(db.select(DemoMessageRow)).all()
        real = [row.id for row in rows if "bea@real.example" in str(row.payload)]
    assert real, "there must be something to keep from strangers"

    assert "bea@real.example" not in browser.get("/demo/outbox").text
    for id in real:
        assert browser.get(f"/demo/outbox/{id}").status_code == 404
        assert browser.get(f"/demo/outbox/{id}/html").status_code == 404
        assert manager.get(f"/demo/outbox/{id}").status_code == 200
