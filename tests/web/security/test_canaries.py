"""What a person said is searched for where it must not be: in logs, in counts, in addresses."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.security.conftest import ANA, WANTS_TO_TALK, Key, Says
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.web.shared import logs

CANARIES = (ANA["email"], ANA["name"], ANA["challenge"], WANTS_TO_TALK["phone"], "canary")


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that any part of us logs, as an installation writes it, down to the smallest word."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.to_stderr(as_json=request.param == "json")
    written = io.StringIO()
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    root.setLevel(logging.DEBUG)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.promise(23)
def test_nothing_a_person_said_is_in_logs_counts_or_addresses(
    app: Flask,
    client: FlaskClient,
    says: Says,
    key: Key,
    manager: Colleague,
    colleague: Callable[..., Colleague],
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    says(WANTS_TO_TALK, flow="contact", source={"utm_source": "canary", "page": "/canary"})
    with app.app_context():
        handoff = db.session.scalars(select(HandoffRow)).unique().one()
    browser = PlainBrowser(client).open("/c/demo-request")
    odd = {"question": "goal", "answer": ANA["challenge"], "said": ANA["email"]}
    client.post("/f/demo-request?utm_campaign=canary", data=odd)
    browser.write("I am Ana Ruiz, ana@nordwind.example. The close takes nine days", then="Send")
    client.post("/api/v1/events", json={"site": ANA["email"], "visitor": ANA["name"]})
    programs = key("admin")
    for path in (f"leads?email={ANA['email']}", f"handoffs/{handoff.id}", "leads?cursor=canary"):
        client.get(f"/api/v1/{path}", headers=programs)
    for path in ("/desk", f"/desk/handoffs/{handoff.id}", f"/desk?q={ANA['email']}", "/insights"):
        manager.get(path)
    somebody = colleague("rep", "canary@acme.example")
    somebody.signs_in("wrong canary")
    somebody.signs_in()

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"no place for {ANA['email']}, {WANTS_TO_TALK['phone']}")

    monkeypatch.setitem(app.view_functions, "insights.index", breaks)
    assert manager.get("/insights").status_code == 500

    logged, counted = log.getvalue(), client.get("/metrics").text
    assert "RuntimeError" in logged
    assert "/desk/handoffs/<id>" in logged
    assert "baton" in counted
    addresses = " ".join(browser.history)
    for canary in CANARIES:
        assert canary not in logged
        assert canary not in counted
    for canary in CANARIES[:-1]:
        assert canary not in addresses
