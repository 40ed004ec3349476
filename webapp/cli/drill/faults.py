"""The faults of the drill. Each injures a scratch copy while visitors answer, lets it recover, and
compares what visitors were told with what is kept."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from webapp.cli.drill.ledger import lost
from webapp.cli.drill.receiver import Receiver
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Taken, Visitors
from webapp.services.receivers import connections, sending
from webapp.store.database import db, reading
from webapp.store.deliveries import DeliveryRow

FLOW = "demo-request"
VISITORS = 8
ROOM = 256 * 1024
"""Bytes that the database may still grow before its disk is full."""
UNTIL_SENT = 300.0
"""Seconds for the worker to try again, later each time, until all is delivered."""


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


def dead_receiver(folder: Path, refusals: int, *, database_url: str | None = None) -> Outcome:
    """Let a program that is told of every handoff hang up on us until it has done so often enough,
    then recover. Every message must come, with the same id however often it was tried."""
    receiver = Receiver()
    settings = {"BATON_ALLOWED_RECEIVERS": receiver.host}
    scratch = Scratch(folder, database_url=database_url, settings=settings)
    scratch.start()
    visitors = Visitors([scratch.port], FLOW, VISITORS)
    with receiver.listening(), scratch.application():
        _connect(receiver)
        visitors.begin()
        try:
            with scratch.worker():
                _wait(lambda: receiver.refused >= refusals)
                visitors.end()
                receiver.alive.set()
                _wait(lambda: not _sent_again())
        finally:
            visitors.end()
            scratch.stop()
        told = set(db.session.scalars(select(DeliveryRow.id).where(_TO_THE_RECEIVER)))
        db.session.remove()
        db.engine.dispose()
    found = lost(scratch, visitors.taken)
    found += [f"Message {id} did not arrive." for id in told - receiver.arrived.keys()]
    return Outcome("dead receiver", receiver.refused, len(visitors.taken), found)


_TO_THE_RECEIVER = DeliveryRow.connection_id.is_not(None)


def _connect(receiver: Receiver) -> None:
    where = {"name": "Drill", "url": f"http://{receiver.host}/"}
    now = datetime.now(UTC)
    connections.create("webhook", where, ["handoff.created"], by="the drill", now=now)


def _sent_again() -> int:
    """Send again at once what still waits, as somebody would who sees the receiver live; returns
    how many are not delivered."""
    with reading():
        undelivered = _TO_THE_RECEIVER, DeliveryRow.state != "delivered"
        waiting = db.session.scalars(select(DeliveryRow.id).where(*undelivered)).all()
    for id in waiting:
        sending.replay(id, by="the drill", now=datetime.now(UTC))
    return len(waiting)


def _wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + UNTIL_SENT
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"The worker did not get on within {UNTIL_SENT:g} s.")
        time.sleep(0.5)


def _outcome(fault: str, injected: int, scratch: Scratch, taken: Sequence[Taken]) -> Outcome:
    return Outcome(fault, injected, len(taken), lost(scratch, taken))
