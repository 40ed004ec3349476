"""A server that answers for long, and is now and then left in the middle of a request or sent
nonsense, needs no more memory and no more disk than what people said."""

import random
import socket
import statistics
import time
from contextlib import suppress
from itertools import chain
from pathlib import Path

import psutil
import pytest

from tests.fixtures.injuries import Tell, often
from webapp.cli.drill.faults import FLOW, VISITORS
from webapp.cli.drill.ledger import lost
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Visitors

WARM_UP = 4
"""Minutes until every process has loaded what it needs."""

ONE_IN = 20
MOST_GROWTH = 1.05
MOST_WAL = 64 * 1024 * 1024
MB = 1024 * 1024

_ANSWERS = b"POST /f/demo-request/answers HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
NONSENSE = (
    _ANSWERS + b"500\r\n\r\nstate=",
    _ANSWERS + b"4\r\n\r\n\xff\xfe=%",
    b"POST /api/v1/conversations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{[}",
    b"\x16\x03\x01 this is no HTTP at all\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
)


@pytest.mark.long
@pytest.mark.promise(25)
@pytest.mark.timeout(7200)
def test_a_server_that_answers_for_long_grows_no_fatter(tmp_path: Path, tell: Tell) -> None:
    minutes = often(WARM_UP + 6, 20)
    scratch, chance = Scratch(tmp_path), random.Random(25)
    visitors = Visitors([scratch.port], FLOW, VISITORS)
    scratch.start()
    memory: list[list[int]] = [[] for _ in range(minutes)]
    wal = faults = 0
    began = time.monotonic()
    visitors.begin()
    try:
        while (minute := int((time.monotonic() - began) / 60)) < minutes:
            visitors.wait_for(answers=ONE_IN)
            _leave_in_the_middle(scratch.port, chance.choice(NONSENSE))
            faults += 1
            memory[minute].append(_memory_of(scratch.pid))
            wal = max(wal, *(each.stat().st_size for each in tmp_path.glob("*-wal")))
    finally:
        visitors.end()
    at_first = statistics.median(chain(*memory[WARM_UP : WARM_UP + 3]))
    at_last = statistics.median(chain(*memory[-3:]))
    scratch.stop()
    gone = lost(scratch, visitors.taken)
    what = f"broken requests in {minutes} min; {at_first / MB:.0f} to {at_last / MB:.0f} MB"
    tell(faults, f"{what}, log {wal / MB:.0f} MB", lost=len(gone))
    assert visitors.surprises == []
    assert gone == []
    assert at_last < at_first * MOST_GROWTH
    assert wal < MOST_WAL


def _leave_in_the_middle(port: int, sent: bytes) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)


def _memory_of(pid: int) -> int:
    """The memory that the server's processes have to themselves, in bytes."""
    server = psutil.Process(pid)
    return sum(each.memory_full_info().uss for each in [server, *server.children(recursive=True)])
