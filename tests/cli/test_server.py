"""What the server in front of the application makes of a request."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from gunicorn.http import get_parser
from gunicorn.http.wsgi import create
from werkzeug.test import run_wsgi_app

from tests.fixtures.applications import SECRET_KEY
from webapp import create_app
from webapp.cli.server import Server
from webapp.config import Config
from webapp.web.shared import logs


@pytest.fixture
def server() -> Iterator[Server]:
    config = Config(secret_key=SECRET_KEY, database_url="sqlite://", data_dir=Path(), test=True)
    with closing(socket.socket()) as listener:
        yield Server(create_app(config), listener, workers=1, worker=False)


def test_nobody_behind_a_proxy_on_this_machine_says_where_the_site_begins(server: Server) -> None:
    sent = b"GET /f/settings HTTP/1.1\r\nHost: q.example.com\r\nSCRIPT_NAME: /f\r\n\r\n"
    proxy = ("127.0.0.1", 50_000)
    with closing(socket.socket()) as connection:
        request = next(get_parser(server.cfg, iter([sent]), proxy))
        _, environ = create(request, connection, proxy, ("127.0.0.1", 8000), server.cfg)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/f/settings")


def test_what_the_server_could_not_read_is_scrubbed_from_its_log(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    logs.to_stderr(as_json=True)
    server.cfg.logger_class(server.cfg).warning("Invalid: %r", "Authorisation ana@nordwind.example")
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "Invalid: 'Authorisation …'"


@pytest.mark.parametrize("pieces", [b"0x5\r\nhello", b"-1\r\nhello", b"5\r\nhelloXX0", b";" * 9000])
def test_whoever_sends_pieces_that_are_none_is_told_so(server: Server, pieces: bytes) -> None:
    """It shows only while the body is read: nothing of ours broke."""
    sent = b"POST /api/v1/conversations HTTP/1.1\r\nHost: localhost\r\n"
    sent += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    visitor = ("127.0.0.1", 50_000)
    with closing(socket.socket()) as connection:
        request = next(get_parser(server.cfg, iter([sent + pieces + b"\r\n\r\n"]), visitor))
        _, environ = create(request, connection, visitor, ("127.0.0.1", 8000), server.cfg)
        response = run_wsgi_app(server.app, environ)
    assert response[1] == "400 BAD REQUEST"
