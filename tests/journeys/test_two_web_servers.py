"""A visitor on one web server and a rep on another, over one database: neither notices.

The visitor's server is the test's own process, the rep's one beside it.
"""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.bench.servers import gunicorn
from tests.fixtures.applications import FRIDAY, SECRET_KEY, Prepared
from webapp.cli.drill.pages import question_form
from webapp.services import staff

PASSWORD = "walk along the shore"


@pytest.fixture
def app(prepared_postgresql: Prepared) -> Flask:
    return prepared_postgresql.as_new()


class Rep:
    """Somebody signed in on the other server."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.token = ""

    def get(self, path: str) -> str:
        return self._open(path, None)

    def post(self, path: str, **data: str) -> str:
        return self._open(path, urlencode({"csrf_token": self.token, **data}).encode())

    def _open(self, path: str, body: bytes | None) -> str:
        with self.opener.open(self.base + path, body, timeout=60) as response:
            page = str(response.read().decode())
        if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
            self.token = found[1]
        return page


@pytest.fixture
def rep(app: Flask, tmp_path: Path) -> Iterator[Rep]:
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
        somebody = Rep(server.port)
        somebody.get("/sign-in")
        somebody.post("/sign-in", email="mo@acme.example", password=PASSWORD)
        yield somebody


def test_a_rep_steps_in_and_hands_back_from_another_server(app: Flask, rep: Rep) -> None:
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
