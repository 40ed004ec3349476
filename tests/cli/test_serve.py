"""``baton serve``: on an empty folder the whole product, from one command."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY
from tests.services.selling import colleague
from tests.waiting import eventually
from webapp.cli import serve
from webapp.config import ROOT
from webapp.services.people import suppression
from webapp.store.database import db

PATIENCE = 40.0


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Where a service of the type ``notify`` says that it serves."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        yield listening


@pytest.fixture
def served(
    tmp_path: Path, systemd: socket.socket
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running server and what it printed before it began to serve."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BATON_")},
        "BATON_DATA_DIR": str(tmp_path / "data"),
        "PYTHONUNBUFFERED": "1",
        "NOTIFY_SOCKET": systemd.getsockname(),
    }
    command = [sys.executable, "-m", "webapp.cli", "serve", "--demo", "--port", "0"]
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("Check"):
            break
    yield process, printed
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    process.stdout.close()


def shown(port: int, path: str) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except ConnectionError:
            return False


def test_one_command_serves_the_product_and_says_where_to_look(
    served: tuple[subprocess.Popen[str], list[str]],
) -> None:
    process, printed = served
    told = "".join(printed)
    found = re.search(r"Try it +http://localhost:(\d+)/demo", told)
    assert found, told
    port = int(found[1])
    assert re.search(r"rep +rita@example\.com / \w{4}-\w{4}-\w{4}-\w{4}", told)
    eventually(lambda: shown(port, "/readyz"), PATIENCE)
    assert shown(port, "/demo")
    assert shown(port, "/sign-in")

    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) == 3
    process.kill()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive, "the worker and the web processes end with the one that started them"


def test_whoever_starts_it_with_another_secret_key_leaves_alone_who_is_on_the_list(
    app: Flask, in_app: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = colleague("mo@example.com", "manager")
    suppression.add("rival.example", manager, reason="competitor", now=FRIDAY)
    suppression.keep_erased(["ana@nordwind.example"], asked=True, by="mo", now=FRIDAY)
    db.session.commit()
    monkeypatch.setattr(app, "secret_key", "another secret key, made when the first was lost")
    serve._prepare(app, app.extensions["baton"])
    told = " ".join(capsys.readouterr().err.split())
    assert "1 of its entries" in told
    assert "1 who were erased and are to be left alone cannot be recognised" in told
    assert suppression.of_addresses(["ana@rival.example"]) is not None


def test_the_service_has_started_for_systemd_when_commands_find_its_database(
    served: tuple[subprocess.Popen[str], list[str]], systemd: socket.socket, tmp_path: Path
) -> None:
    """Who pastes *enable* and *staff add* together: the second found an empty database."""
    assert "\nType=notify\n" in (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    systemd.settimeout(PATIENCE)
    assert systemd.recv(100).startswith(b"READY=1")
    with closing(sqlite3.connect(tmp_path / "data" / "baton.db")) as database:
        [(live,)] = database.execute("SELECT count(*) FROM releases")
    assert live == 1
