"""The faults of the drill. Each injures a scratch copy while visitors answer, lets it recover, and
compares what visitors were told with what is kept."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.cli.drill.ledger import lost
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Taken, Visitors

FLOW = "demo-request"
VISITORS = 8
ROOM = 256 * 1024
"""Bytes that the database may still grow before its disk is full."""


@dataclass(frozen=True)
class Outcome:
    """``injected`` faults of one kind, ``taken`` answers acknowledged meanwhile, and a sentence for
    everything that is not as visitors were told."""

    fault: str
    injected: int
    taken: int
    lost: Sequence[str]


def kills(scratch: Scratch, times: int, *, seed: int = 1) -> Outcome:
    """Kill the whole server again and again in the middle of answering."""
    chance = random.Random(seed)
    visitors = Visitors([scratch.port], FLOW, VISITORS)
    scratch.start()
    visitors.begin()
    try:
        for _ in range(times):
            visitors.wait_for(answers=chance.randint(1, 40))
            scratch.kill()
            scratch.start()
        visitors.wait_for(answers=VISITORS)
    finally:
        visitors.end()
        scratch.stop()
    return _outcome("kill -9", times, scratch, visitors.taken)


def full_disk(scratch: Scratch, refusals: int) -> Outcome:
    """Let the disk run full while visitors answer, then make room."""
    scratch.start()
    scratch.stop()
    largest = max(each.stat().st_size for each in scratch.folder.glob("baton.db*"))
    visitors = Visitors([scratch.port], FLOW, VISITORS)
    scratch.start(largest_file=largest + ROOM)
    visitors.begin()
    try:
        visitors.wait_for(answers=VISITORS, refusals=refusals)
        scratch.stop()
        scratch.start()
        visitors.wait_for(answers=VISITORS)
    finally:
        visitors.end()
        scratch.stop()
    return _outcome("disk full", visitors.refused, scratch, visitors.taken)


def _outcome(fault: str, injected: int, scratch: Scratch, taken: Sequence[Taken]) -> Outcome:
    return Outcome(fault, injected, len(taken), lost(scratch, taken))
