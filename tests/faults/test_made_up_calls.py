"""Whatever a program sends, the API neither breaks nor says what its document does not."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.faults.made_up import Report, fuzz
from tests.fixtures.browser import LiveServer
from tests.fixtures.injuries import Tell, often
from tests.fixtures.people import Colleague
from webapp.services.accounts import api_keys
from webapp.web.shared import pace

EACH = 40


@pytest.fixture
def calls() -> int:
    """How many are made up: some in every test run, 20,000 in `make faults`. A long run can be made
    in pieces (`--times 2000 --first-seed 100`), each from seeds of its own."""
    return often(100, 20_000)


@pytest.mark.promise(20)
@pytest.mark.timeout(7_200)
def test_no_call_breaks_the_api_or_is_answered_against_its_document(
    app: Flask,
    live_server: LiveServer,
    admin: Colleague,
    calls: int,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tell: Tell,
) -> None:
    # Nobody is told to slow down: that would be the answer to nearly every call.
    monkeypatch.setattr(pace, "keep_to", lambda *_, **__: None)
    with app.app_context():
        _, key = api_keys.create(
            "Fuzz", api_keys.SCOPES, acts_for=admin.email, by="tests", now=datetime.now(UTC)
        )
    found, number = Report(), pytestconfig.getoption("--first-seed") - 1

    while found.calls < calls:
        number += 1
        fuzz(app, live_server.url, key, found, each=min(EACH, calls // 25), number=number)
        if calls >= EACH * EACH:
            with capsys.disabled():
                print(f"seed {number}: {found}", flush=True)

    tell(found.calls, "calls made up for the API", lost=len(found.wrong))
    assert found.wrong == {}, found
