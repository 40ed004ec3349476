"""Servers to measure, each on a free port, all with the same number of processes."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
WORKERS = 2
STARTS_WITHIN = 120.0
"""A busy machine takes its time: that is measured, and not asserted."""
STOPS_WITHIN = 60.0
"""A busy product finishes what is under way, and its worker too."""

# Who forbids Python to keep what it compiled would measure the compiler.
_OURS = {name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Server:
    port: int
    process: psutil.Process
    started_within: float

    def memory(self) -> float:
        """MiB of the largest worker: what it has alone, and its part of what it shares (PSS)."""
        return max(_memory(child) for child in self.process.children(recursive=True))

    def memory_of_all(self) -> float:
        """MiB of all its processes together, what they share counted once."""
        return sum(map(_memory, [self.process, *self.process.children(recursive=True)]))


def _memory(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 2**20


@contextmanager
def gunicorn(
    app: str, log: Path, *, environ: Mapping[str, str] | None = None, workers: int = WORKERS
) -> Iterator[Server]:
    """Serve a WSGI application by its import name, one request per process at a time."""
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind=127.0.0.1:0"]
    with serving([*command, f"--workers={workers}", app], log, environ or {}) as server:
        yield server


@contextmanager
def serving(command: list[str], log: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run a server until the block ends. Its log must say ``http://127.0.0.1:PORT``."""
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_OURS, "PYTHONPATH": str(ROOT), **environ},
            stdout=output,
            stderr=output,
        )
    try:
        port = _port(process, log)
        yield Server(port, psutil.Process(process.pid), time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.perf_counter() + STARTS_WITHIN
    while time.perf_counter() < until and process.poll() is None:
        if found := re.search(rb"http://(?:127\.0\.0\.1|localhost):(\d+)", log.read_bytes()):
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(found[1]))):
                return int(found[1])
        time.sleep(0.01)
    raise RuntimeError(f"The server did not start:\n{log.read_bytes().decode(errors='replace')}")
