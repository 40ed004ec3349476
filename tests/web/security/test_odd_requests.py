"""What a hostile caller sends breaks nothing, stays in no cache, and learns nothing."""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.people import Colleague
from tests.web.security.conftest import ANA, Key
from webapp import create_app
from webapp.services.receivers import connections
from webapp.services.receivers.connection_settings import NotSetUp
from webapp.store.handoffs import HandoffRow
from webapp.web.api.events import BATCHES_A_MINUTE

ENDS_OF_TIME = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59+00:00",
]


@pytest.mark.parametrize("at", [*ENDS_OF_TIME, "9999-12-31T23:59", "0001-01-01T00:00"])
@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("next-step", {"next_step": "Call", "next_step_at": None}),
        ("snooze", {"until": None}),
        ("contacts", {"result": "reached", "next_step": "Call", "next_step_at": None}),
    ],
)
def test_no_date_makes_a_lead_unreadable(
    owner: Colleague, lead: HandoffRow, act: str, fields: dict[str, str | None], at: str
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    owner.get(address)
    owner.post(f"{address}/acceptance")
    sent = {name: at if value is None else value for name, value in fields.items()}
    assert owner.post(f"{address}/{act}", sent).status_code < 500
    assert owner.get(address).status_code == 200
    assert owner.get("/desk").status_code == 200


@pytest.mark.parametrize("at", ENDS_OF_TIME)
def test_no_instant_breaks_the_api(
    client: FlaskClient, key: Key, lead: HandoffRow, at: str
) -> None:
    headers = key("admin")
    cursor = urlsafe_b64encode(f"{at} x".encode()).decode()
    asked = [{"since": at}, {"cursor": cursor}]
    for query in asked:
        answer = client.get("/api/v1/handoffs", query_string=query, headers=headers)
        assert answer.status_code == 422
    assert client.get("/api/v1/leads", query_string=asked[1], headers=headers).status_code == 422
    for path, body in (("contact", {}), ("outcome", {"stage": "lost", "reason": "timing"})):
        answer = client.post(
            f"/api/v1/handoffs/{lead.id}/{path}", json={**body, "at": at}, headers=headers
        )
        assert answer.status_code == 422


def test_a_cursor_that_was_tampered_with_is_refused(
    client: FlaskClient, key: Key, lead: HandoffRow
) -> None:
    headers = key("admin")
    odd = ["2026-11-20T10:00:00+00:00 \x00", "2026-11-20T10:00:00 x", "2026-11-20T10:00:00Z", "x"]
    for text in odd:
        cursor = urlsafe_b64encode(text.encode()).decode()
        for path in ("handoffs", "leads"):
            answer = client.get(f"/api/v1/{path}?cursor={cursor}", headers=headers)
            assert answer.status_code == 422


def test_letters_that_nobody_can_keep_count_all_the_same(client: FlaskClient, key: Key) -> None:
    long = "x" * 253 + "\x0f"
    event = {"id": "1", "referrer_host": long}
    sent = client.post("/api/v1/events", json={"site": "x", "visitor": "x", "events": [event]})
    assert "events.0.referrer_host" in {each["field"] for each in sent.json["errors"]}
    asked = client.get(f"/api/v1/leads?email={'%0f' * 321}", headers=key("admin"))
    assert asked.status_code == 422


def test_a_field_that_is_sent_twice_is_refused_by_its_name(client: FlaskClient) -> None:
    bodies = (b'{"flow": "demo-request", "flow": "x"}', b'{"source": {"flow": 1, "flow": 1}}')
    for body in bodies:
        answer = client.post("/api/v1/conversations", data=body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json["errors"] == [{"field": "flow", "message": "Send each field once."}]


@pytest.mark.parametrize("amount", ["1e100000", "-1", "1e13", "NaN", "Infinity"])
def test_no_amount_is_beyond_all_money(
    client: FlaskClient, key: Key, lead: HandoffRow, amount: str
) -> None:
    body = {"stage": "won", "amount": amount, "currency": "EUR"}
    answer = client.post(f"/api/v1/handoffs/{lead.id}/outcome", json=body, headers=key("admin"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b'{"flow": ' + b"9" * 6000 + b"}",
        b'{"flow": "demo-request", "prefill": {"goal": NaN}}',
        b'{"flow": Infinity}',
        b'{"a":' * 5000,
        b"[" * 30_000,
    ],
    ids=["digits", "nan", "infinity", "nested objects", "nested lists"],
)
def test_what_only_python_takes_for_json_is_refused(
    client: FlaskClient, key: Key, body: bytes
) -> None:
    headers = key("admin")
    for path in ("conversations", "conversations/x/answers", "flows/check"):
        answer = client.post(
            f"/api/v1/{path}",
            data=body,
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == 400
        assert "Traceback" not in answer.text


def test_a_flood_of_events_is_asked_to_wait(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.web.api.events.BATCHES_A_MINUTE", 3)
    caller = {"REMOTE_ADDR": "8.8.4.4"}
    codes = [
        client.post("/api/v1/events", json={}, environ_base=caller).status_code for _ in range(5)
    ]
    assert codes == [422, 422, 422, 429, 429]
    assert BATCHES_A_MINUTE >= 60


def test_who_has_many_addresses_of_one_network_guesses_no_more_than_others(
    stranger: Colleague,
) -> None:
    stranger.get("/sign-in")
    codes = []
    for n in range(51):
        stranger.client.environ_base["REMOTE_ADDR"] = f"2606:4700:1:2::{n:x}"
        typed = {"email": f"a{n}@acme.example", "password": "summer 2026"}
        codes.append(stranger.post("/sign-in", typed).status_code)
    assert codes == [422] * 50 + [429]


def test_pages_of_people_are_kept_by_no_browser(
    owner: Colleague, client: FlaskClient, key: Key, lead: HandoffRow
) -> None:
    headers = key("admin")
    pages = [
        owner.get("/desk"),
        owner.get(f"/desk/handoffs/{lead.id}.json"),
        owner.get(f"/desk/handoffs/{lead.id}.md"),
        owner.get("/insights/funnel.csv"),
        owner.get("/account"),
        client.get(f"/api/v1/leads?email={ANA['email']}", headers=headers),
        client.get(f"/api/v1/handoffs/{lead.id}", headers=headers),
    ]
    assert [page.headers.get("Cache-Control") for page in pages] == ["no-store"] * len(pages)


def test_whoever_came_by_https_stays_with_it(app: Flask) -> None:
    config = replace(app.extensions["baton"], base_url="https://q.example.com")
    safe = create_app(config).test_client()
    answer = safe.get("/healthz", base_url="https://q.example.com")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers
    assert safe.get("/healthz", base_url="https://evil.example").status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_a_proxy_nobody_told_us_of_does_not_open_the_counts(
    client: FlaskClient, header: str
) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "for=203.0.113.9"}).status_code == 404


def test_a_secret_is_not_sent_to_a_new_address_unless_it_is_known(app: Flask) -> None:
    given = {"name": "CRM", "url": "https://acme.pipedrive.com", "token": "the secret"}
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with app.app_context():
        row, _ = connections.create("pipedrive", given, ["handoff.created"], by="x", now=now)
        blank = {**given, "token": ""}
        connections.update(row.id, blank, ["handoff.created"], by="x", now=now)
        with pytest.raises(NotSetUp):
            connections.update(
                row.id,
                {**blank, "url": "https://evil.example"},
                ["handoff.created"],
                by="x",
                now=now,
            )
