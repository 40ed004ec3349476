"""What the server in front of the application makes of a request."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from gunicorn.http import get_parser
from gunicorn.http.wsgi import create

from webapp.cli.server import Server
from webapp.web.shared import requests


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(socket.socket()) as listener:
        yield Server(Flask(__name__), listener, workers=1, worker=False)


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
    requests.log_to_stderr(as_json=True)
    server.cfg.logger_class(server.cfg).warning("Invalid: %r", "Authorisation ana@nordwind.example")
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "Invalid: 'Authorisation …'"
