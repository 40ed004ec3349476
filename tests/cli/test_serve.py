"""``baton serve --demo`` on an empty folder: the whole product, from one command."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

PATIENCE = 40.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running server and what it printed before it began to serve."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BATON_")},
        "BATON_DATA_DIR": str(tmp_path / "data"),
        "PYTHONUNBUFFERED": "1",
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


def get(port: int, path: str) -> tuple[int, str]:
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (ConnectionError, urllib.error.URLError):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            connection.close()


def test_one_command_serves_the_product_and_says_where_to_look(
    served: tuple[subprocess.Popen[str], list[str]],
) -> None:
    process, printed = served
    told = "".join(printed)
    found = re.search(r"Try it +http://localhost:(\d+)/demo", told)
    assert found, told
    port = int(found[1])
    assert re.search(r"rep +rita@example\.com / \w{4}-\w{4}-\w{4}-\w{4}", told)
    assert get(port, "/demo")[0] == 200
    assert get(port, "/sign-in")[0] == 200

    deadline = time.monotonic() + PATIENCE
    while get(port, "/readyz")[0] != 200:
        assert time.monotonic() < deadline, get(port, "/readyz")
        time.sleep(0.1)

    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) == 3
    process.kill()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive, "the worker and the web processes end with the one that started them"
