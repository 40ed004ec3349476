"""What a visitor did, as pages report it."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from webapp.store.visitors import EventRow

Events = Callable[[type[EventRow]], list[EventRow]]
SEEN = {"id": "e1", "event": "page_view", "page": "/pricing", "at": "2026-11-20T10:00:00Z"}


def batch(site_key: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"site": site_key, "visitor": "v1", "events": list(events) or [SEEN], **more}


def test_an_event_sent_twice_is_kept_once(
    browser: FlaskClient, site_key: str, rows: Events
) -> None:
    for _ in range(2):
        assert browser.post("/api/v1/events", json=batch(site_key)).status_code == 202
    assert [(row.event_id, row.page) for row in rows(EventRow)] == [("e1", "/pricing")]


def test_a_beacon_may_come_as_plain_text(browser: FlaskClient, site_key: str, rows: Events) -> None:
    sent = browser.post(
        "/api/v1/events", data=json.dumps(batch(site_key)), content_type="text/plain"
    )
    assert sent.status_code == 202
    assert len(rows(EventRow)) == 1


@pytest.mark.parametrize(("letters", "status"), [(0, 202), (70_000, 413)])
def test_a_batch_that_comes_in_pieces_may_be_as_large_as_any(
    browser: FlaskClient, site_key: str, letters: int, status: int
) -> None:
    body = json.dumps(batch(site_key, padding="x" * letters)).encode()
    in_pieces = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for path in ("events", "conversations"):
        sent = browser.post(
            f"/api/v1/{path}",
            input_stream=BytesIO(body),
            content_type="application/json",
            environ_overrides=in_pieces,
        )
        assert sent.status_code == (422 if path == "conversations" and not letters else status)


def test_what_a_newer_script_adds_is_left_out(
    browser: FlaskClient, site_key: str, rows: Events
) -> None:
    sent = batch(site_key, {**SEEN, "scroll": 80, "score": 100}, extra=True)
    assert browser.post("/api/v1/events", json=sent).status_code == 202
    assert len(rows(EventRow)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"site": "nobody"}, "site"),
        ({"visitor": ""}, "visitor"),
        ({"visitor": None}, "visitor"),
        ({"events": []}, "events"),
        ({"events": "all"}, "events"),
        ({"events": [{"page": "/x"}]}, "events.0.id"),
        ({"events": [{**SEEN, "at": "yesterday"}]}, "events.0.at"),
        ({"events": [{**SEEN, "page": ["/a"]}]}, "events.0.page"),
        ({"events": [{**SEEN, "page": "x" * 2001}]}, "events.0.page"),
        ({"events": [SEEN] * 101}, "events"),
    ],
)
def test_a_refusal_names_the_field(
    browser: FlaskClient, site_key: str, rows: Events, change: dict[str, Any], field: str
) -> None:
    refused = browser.post("/api/v1/events", json={**batch(site_key), **change})
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert [each["field"] for each in refused.json["errors"]] == [field]
    assert rows(EventRow) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_json_is_said_to_be_none(browser: FlaskClient, body: bytes) -> None:
    refused = browser.post("/api/v1/events", data=body, content_type="application/json")
    assert refused.status_code == 400
    assert refused.json["detail"] == "The body is not JSON."


def test_events_sent_again_under_their_key_are_answered_as_before(
    browser: FlaskClient, site_key: str
) -> None:
    key = {"Idempotency-Key": "a-batch-of-the-morning"}
    sent = [browser.post("/api/v1/events", json=batch(site_key), headers=key) for _ in range(2)]
    other = browser.post("/api/v1/events", json=batch(site_key, more=1), headers=key)

    assert [each.status_code for each in (*sent, other)] == [202, 202, 422]
    assert sent[1].headers["Idempotency-Replayed"] == "true"
