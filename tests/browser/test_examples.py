"""The clients in docs/examples do what they say: the flow, from the first question to a lead."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route
from werkzeug import Response

from tests.browser.hosts import HostSite
from tests.delivery.receivers import LOST, Answer, HttpReceiver
from tests.fixtures.browser import LiveServer
from tests.fixtures.people import Colleague
from webapp.config import ROOT
from webapp.services.accounts import api_keys
from webapp.services.flows import sites
from webapp.store.handoffs import HandoffRow

EXAMPLES = ROOT / "docs" / "examples"
Rows = Callable[[type[Any]], list[Any]]


def test_the_python_client_runs_the_flow_and_reads_the_handoff(
    app: Flask, live_server: LiveServer, admin: Colleague, rows: Rows
) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        site = sites.seed(now=now)
        _, key = api_keys.create(
            "Example", ["handoffs:read"], acts_for=admin.email, by="tests", now=now
        )

    done = subprocess.run(
        [sys.executable, EXAMPLES / "headless.py", live_server.url, site.key],
        env={**os.environ, "BATON_KEY": key},
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    [handoff] = rows(HandoffRow)
    ending, told = done.stdout.splitlines()
    assert ending
    assert handoff.record.record["verdict"]["because"] in told


def test_the_python_client_says_what_is_wrong_with_its_site_key(live_server: LiveServer) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "headless.py", live_server.url, "NO_SUCH_SITE"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 1
    assert "There is no such site." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_python_client_sends_again_what_was_lost_or_came_too_early_under_the_same_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = runpy.run_path(str(EXAMPLES / "headless.py"))
    waited: list[int] = []
    monkeypatch.setattr(client["time"], "sleep", waited.append)
    later = {"Retry-After": "7"}
    answers = iter([LOST, Answer(409, b"{}", later), Answer(503, b"{}", later)])
    with HttpReceiver(lambda _: next(answers, Answer(201, b'{"state": {}}'))) as receiver:
        sent = client["call"](receiver.url, "POST", "/conversations", {"flow": "x"})
    assert sent == (201, {"state": {}})
    assert waited == [1, 7, 7]
    assert len({each.headers["idempotency-key"] for each in receiver.received}) == 1
    assert {each.body for each in receiver.received} == {b'{"flow": "x"}'}


def test_the_javascript_client_runs_the_flow_on_a_page_of_the_site(
    page: Page, host: HostSite, rows: Rows
) -> None:
    keys: list[str] = []
    page.route("**/api/v1/conversations", lambda route: _at_the_third_time(route, keys))
    source = (EXAMPLES / "headless.mjs").read_text(encoding="utf-8")
    host.pages["/headless.mjs"] = Response(source, mimetype="text/javascript")
    page.goto(host.shows("", head=""))

    ending = page.evaluate(
        "async ([base, site]) => (await import('/headless.mjs')).run(base, site)",
        [host.baton, host.key],
    )

    assert ending["text"]
    assert len(keys) == 3
    assert len({*keys}) == 1
    [handoff] = rows(HandoffRow)
    assert handoff.record.record["lead"]["email"]["value"] == "ana@nordwind.example"


def _at_the_third_time(route: Route, keys: list[str]) -> None:
    """Lose a call, then have it come too early, then let it through."""
    if route.request.method != "POST":
        return route.fallback()
    keys.append(route.request.headers["idempotency-key"])
    if len(keys) == 1:
        return route.abort()
    if len(keys) == 2:
        readable = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
            "Retry-After": "0",
        }
        return route.fulfill(status=503, json={}, headers=readable)
    return route.fallback()
