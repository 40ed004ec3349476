"""What becomes of a command whose output nobody takes, and of one that asks which version it is."""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tests.cli.conftest import typed
from webapp.services.operations import health

HELP = [sys.executable, "-m", "webapp.cli", "--help"]


def test_output_that_finds_no_room_is_said_in_words(tmp_path: Path) -> None:
    no_room = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *HELP]
    with (tmp_path / "help").open("w", encoding="utf-8") as file:
        ran = subprocess.run(no_room, stdout=file, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (
        1,
        "Not all of it could be written: File too large. Make room, and do it again.\n",
    )


def test_who_stops_reading_is_not_complained_to() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(HELP, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, "")


def test_a_checkout_that_is_not_installed_has_a_version_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(health, "installed", nowhere)
    assert typed("--version").stdout == "baton, version unknown\n"
