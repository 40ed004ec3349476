"""The clients in docs/examples do what they say: the flow, from the first question to a lead."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug import Response

from tests.browser.hosts import HostSite
from tests.fixtures.browser import LiveServer
from tests.fixtures.people import Colleague
from webapp.config import ROOT
from webapp.services import api_keys, sites
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


def test_the_javascript_client_runs_the_flow_on_a_page_of_the_site(
    page: Page, host: HostSite, rows: Rows
) -> None:
    source = (EXAMPLES / "headless.mjs").read_text(encoding="utf-8")
    host.pages["/headless.mjs"] = Response(source, mimetype="text/javascript")
    page.goto(host.shows("", head=""))

    ending = page.evaluate(
        "async ([base, site]) => (await import('/headless.mjs')).run(base, site)",
        [host.baton, host.key],
    )

    assert ending["text"]
    [handoff] = rows(HandoffRow)
    assert handoff.record.record["lead"]["email"]["value"] == "ana@nordwind.example"
