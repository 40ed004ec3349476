"""A visitor on one web server and a rep on another, over one database: neither notices.

The visitor's server is the test's own process, the rep's one beside it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.bench.servers import gunicorn
from tests.fixtures.applications import FRIDAY, SECRET_KEY, Prepared
from tests.fixtures.people import FarColleague
from webapp.cli.drill.pages import question_form
from webapp.services.accounts import staff

PASSWORD = "walk along the shore"


@pytest.fixture
def app(prepared_postgresql: Prepared) -> Flask:
    return prepared_postgresql.as_new()


@pytest.fixture
def rep(app: Flask, tmp_path: Path) -> Iterator[FarColleague]:
    config = app.extensions["baton"]
    environ = {
        "BATON_DATABASE_URL": config.database_url,
        "BATON_DATA_DIR": str(config.data_dir),
        "BATON_SECRET_KEY": SECRET_KEY,
    }
    with app.app_context():
        row, one_time = staff.add("mo@acme.example", role="manager", by="the tests", now=FRIDAY)
        staff.change_password(row.id, one_time, PASSWORD, now=FRIDAY)
    with gunicorn("webapp:create_app()", tmp_path / "log", environ=environ, workers=1) as server:
        yield FarColleague(server.port, "mo@acme.example", PASSWORD)


def test_a_rep_steps_in_and_hands_back_from_another_server(app: Flask, rep: FarColleague) -> None:
    visitor = app.test_client(use_cookies=False)

    def answer(page: TestResponse, value: str = "") -> TestResponse:
        form = question_form(page.text)
        assert form is not None
        body = form.body(value or form.something())
        kind = "application/x-www-form-urlencoded"
        return visitor.post(form.action, data=body, content_type=kind)

    talk = answer(visitor.get("/c/demo-request"), "grow").location.rpartition("/")[0]
    visitor.post(f"{talk}/person")
    live = rep.get("/desk/live")
    assert "asked for a person" in live
    watched = re.search(r"/desk/live/\w+", live)
    assert watched
    assert "is here" not in visitor.get(f"{talk}/person").text

    rep.get(watched[0])
    rep.post(f"{watched[0]}/messages", text="Hello, Mo here.")
    seen = visitor.get(f"{talk}/person").text
    assert "is here" in seen
    assert "Hello, Mo here." in seen
    visitor.post(f"{talk}/person/messages", data={"text": "Is there a trial?"})
    assert "Is there a trial?" in rep.get(watched[0])

    rep.post(f"{watched[0]}/absence")
    assert "is here" not in visitor.get(f"{talk}/person").text
    answer(visitor.get(talk))
    assert "Ada Lovelace" in rep.get(watched[0]), "the questions go on"
