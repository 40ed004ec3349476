"""Killing a program cannot show what a power cut would: whether an answer was on the disk before
its visitor was told. The system's own calls can."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.fixtures.injuries import Tell, often
from tests.waiting import eventually
from webapp.cli.drill.faults import FLOW, VISITORS
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Visitors

_CALL = re.compile(r"^(\d+)\s+(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)")
_ANSWERED = re.compile(r'"HTTP/1\.1 ')
_TAKEN = re.compile(r'"HTTP/1\.1 (200|303) ')


@contextmanager
def traced(pid: int, into: Path) -> Iterator[None]:
    """Write down what a server's processes read, make durable and send until the block ends."""
    tree = [pid, *(each.pid for each in psutil.Process(pid).children(recursive=True))]
    asked = ["-f", "-s", "24", "-e", "trace=recvfrom,sendto,fdatasync,fsync", "-o", str(into)]
    for each in tree:
        asked += ["-p", str(each)]
    with subprocess.Popen(["strace", *asked], stderr=subprocess.DEVNULL) as tracer:
        eventually(lambda: into.exists())
        try:
            yield
        finally:
            tracer.send_signal(signal.SIGINT)


def told_too_early(trace: Path) -> tuple[int, int]:
    """How many answers were acknowledged, and how many of them before they were on the disk.

    A thread takes a request, commits and answers it by itself, so its own calls tell.
    """
    taken = early = 0
    on_disk: dict[str, bool] = {}
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _CALL.match(line)
        if found is None:
            continue
        thread, call, rest = found.groups()
        if call == "recvfrom" and '"POST ' in rest:
            on_disk[thread] = False
        elif call in ("fdatasync", "fsync") and rest.endswith("= 0"):
            on_disk |= {thread: True} if thread in on_disk else {}
        elif call == "sendto" and thread in on_disk and _ANSWERED.search(rest):
            durable = on_disk.pop(thread)
            if _TAKEN.search(rest):
                taken, early = taken + 1, early + (not durable)
    return taken, early


@pytest.mark.long
@pytest.mark.promise(2)
@pytest.mark.timeout(1800)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_an_answer_is_on_the_disk_before_its_visitor_is_told(tmp_path: Path, tell: Tell) -> None:
    wanted = often(100, 1_000)
    scratch, trace = Scratch(tmp_path), tmp_path / "trace"
    visitors = Visitors([scratch.port], FLOW, VISITORS)
    scratch.start()
    with traced(scratch.pid, trace):
        visitors.begin()
        while len(visitors.taken) < wanted:
            visitors.wait_for(answers=10)
        visitors.end()
    scratch.stop()
    taken, early = told_too_early(trace)
    tell(taken, "answers acknowledged, none before it was on the disk", lost=early)
    assert early == 0
    assert taken >= wanted
