"""Two same calls that really run together are one: one acts, the other is told to come back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from tests.web.api.programs import Program, finish
from webapp.store import failpoints
from webapp.store.access import IdempotencyRow
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow
from webapp.store.handoffs import HandoffEventRow
from webapp.web.api import idempotency

WEBHOOK = {"url": "https://crm.example.com/baton", "events": ["handoff.created"]}
NOTE = {"note": "Rang, nobody there", "result": "no_answer"}
SAME = {"Idempotency-Key": "sent-by-two-at-once"}
RESERVED = "idempotency.reserve.after_commit"

Rows = Callable[[type[Any]], list[Any]]


@pytest.fixture
def crm(keyed: Callable[..., Program]) -> Program:
    return keyed()


@pytest.fixture(params=["a contact note", "a webhook"])
def call(
    request: pytest.FixtureRequest, program: Program, crm: Program, site_key: str, rows: Rows
) -> tuple[str, dict[str, Any], Callable[[], int]]:
    """What both send, where to, and how often it was done."""
    if request.param == "a webhook":
        return "/webhooks", WEBHOOK, lambda: len(rows(ConnectionRow))
    finish(program, site_key)
    [handoff] = crm.call("GET", "/handoffs").json["items"]
    return (
        f"/handoffs/{handoff['id']}/contact",
        NOTE,
        lambda: sum(row.note == NOTE["note"] for row in rows(HandoffEventRow)),
    )


@contextmanager
def stopped_once_it_has_the_key() -> Iterator[Event]:
    """Whoever takes a key first waits, until the block ends, before it goes on to act."""
    waiting, go_on = Event(), Event()

    def wait() -> None:
        if not waiting.is_set():
            waiting.set()
            go_on.wait(30)

    with failpoints.armed(RESERVED, wait):
        try:
            yield waiting
        finally:
            go_on.set()


def test_of_two_same_calls_at_once_one_acts_and_the_other_comes_back(
    app: Flask, crm: Program, call: tuple[str, dict[str, Any], Callable[[], int]]
) -> None:
    path, body, times_done = call
    other = Program(app.test_client(), crm.bearer)

    with ThreadPoolExecutor(1) as threads:
        with stopped_once_it_has_the_key() as waiting:
            running = threads.submit(crm.call, "POST", path, body, **SAME)
            assert waiting.wait(30)
            meanwhile = other.call("POST", path, body, **SAME)
        first = running.result(30)
    afterwards = other.call("POST", path, body, **SAME)

    assert (meanwhile.status_code, meanwhile.content_type) == (409, "application/problem+json")
    assert int(meanwhile.headers["Retry-After"]) > 0
    assert first.status_code in (200, 201)
    assert (afterwards.status_code, afterwards.json) == (first.status_code, first.json)
    assert afterwards.headers["Idempotency-Replayed"] == "true"
    assert times_done() == 1


def test_a_call_that_was_refused_may_be_mended_under_its_key(crm: Program, rows: Rows) -> None:
    refused = crm.call("POST", "/webhooks", {**WEBHOOK, "events": ["everything"]}, **SAME)
    assert refused.status_code == 422
    assert rows(IdempotencyRow) == []

    assert crm.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 201


def test_who_has_no_key_of_the_api_takes_none(program: Program, rows: Rows) -> None:
    with failpoints.armed(RESERVED, lambda: pytest.fail("a stranger took a key")):
        assert program.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 401
    assert rows(IdempotencyRow) == []


def test_a_key_whose_call_was_killed_is_free_again_after_a_minute(
    app: Flask, crm: Program, rows: Rows
) -> None:
    def killed() -> None:
        raise RuntimeError("a fault of the test")

    with failpoints.armed(RESERVED, killed):
        assert crm.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 500
    assert crm.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 409
    with app.app_context():
        [left] = rows(IdempotencyRow)
        long_ago = left.created_at - idempotency.HELD - timedelta(seconds=1)
        db.session.execute(update(IdempotencyRow).values(created_at=long_ago))
        db.session.commit()

    assert crm.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 201
    assert len(rows(ConnectionRow)) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_done_is_said_to_be_done_though_the_database_goes_away_then(
    crm: Program, rows: Rows, moment: str
) -> None:
    def goes_away() -> None:
        raise OperationalError("COMMIT", {}, ConnectionError("gone"))

    with failpoints.armed(f"idempotency.remember.{moment}_commit", goes_away):
        assert crm.call("POST", "/webhooks", WEBHOOK, **SAME).status_code == 201
    assert len(rows(ConnectionRow)) == 1
