"""When something goes wrong, people get a page they understand and programs get problem details."""

import logging

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.store.database import AWAY
from webapp.web.shared.logs import scrubbed


def away(kind: str) -> Exception:
    """What SQLAlchemy raises in this way of not being there."""
    [wanted] = [each for each in AWAY if each.__name__ == kind]
    if issubclass(wanted, DBAPIError):
        return wanted("INSERT", {"email": "ana@nordwind.example"}, Exception())
    return wanted("about ana@nordwind.example")


@pytest.fixture
def failing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application whose process check breaks in the way the query says."""

    def fail() -> str:
        from flask import request

        match request.args["with"]:
            case "bug":
                raise RuntimeError("about ana@nordwind.example")
            case kind:
                raise away(kind)

    monkeypatch.setitem(app.view_functions, "ops.healthz", fail)
    return app


@pytest.mark.parametrize("kind", [each.__name__ for each in AWAY])
def test_a_busy_database_asks_to_try_again(failing: Flask, kind: str) -> None:
    response = failing.test_client().get(f"/healthz?with={kind}")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert "What you sent before is safe" in response.text


def test_a_bug_shows_a_page_with_the_number_of_the_request_and_no_traceback(
    failing: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = failing.test_client().get("/healthz?with=bug")
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.text
    assert "Traceback" not in response.text
    assert "RuntimeError" in caplog.text


def test_programs_get_problem_details(app: Flask) -> None:
    response = app.test_client().get("/api/v1/no-such-thing")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(response.get_json())


def test_people_get_a_page(app: Flask) -> None:
    response = app.test_client().get("/no-such-page")
    assert response.status_code == 404
    assert "<h1>There is nothing here</h1>" in response.text
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_who_lost_the_way_among_staff_pages_is_led_back(app: Flask) -> None:
    there, elsewhere = (app.test_client().get(path).text for path in ("/desk/no-such", "/no-such"))
    assert "Go to your first page" in there
    assert "Go to your first page" not in elsewhere


def test_more_than_a_form_needs_is_refused(app: Flask) -> None:
    response = app.test_client().post("/sign-in", data={"email": "a" * 70_000})
    assert response.status_code == 413


def test_a_request_id_from_a_proxy_is_kept_and_nonsense_is_not(app: Flask) -> None:
    client = app.test_client()
    kept = client.get("/healthz", headers={"X-Request-ID": "from-the-proxy-1"})
    assert kept.headers["X-Request-ID"] == "from-the-proxy-1"
    replaced = client.get("/healthz", headers={"X-Request-ID": "<script>"})
    assert "<" not in replaced.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("mail to ana.ruiz+x@nordwind.example failed", "mail to … failed"),
        ("GET /f/demo/s3cr3t-" + "x" * 40, "GET /f/demo/…"),
        ("call +49 30 901820", "call …"),
        ("handoff 01hx3z7k0000000000000000ab", "handoff 01hx3z7k0000000000000000ab"),
    ],
)
def test_logs_hold_no_tokens_addresses_or_numbers(said: str, logged: str) -> None:
    assert scrubbed(said) == logged
