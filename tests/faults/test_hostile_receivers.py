"""Twenty-five kinds of hostile receiver at once hurt only themselves."""

import contextlib
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.delivery.hostile import HOSTILE
from tests.delivery.receivers import HttpReceiver, RawReceiver
from tests.faults.test_killed_workers import put_into_the_outbox
from tests.fixtures.injuries import Tell
from tests.waiting import eventually
from webapp.delivery.channels import Channels
from webapp.delivery.guard import Guard
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.worker.loop import Worker

EACH = 6
HEALTHY = 30
LONG_S = 600.0
"""What is kept waiting for one that hangs is not delivered while this test waits for it."""


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


@pytest.mark.promise(15)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_hostile_receivers_delay_no_other_and_cost_no_memory(app: Flask, tell: Tell) -> None:
    with contextlib.ExitStack() as stack:
        healthy = stack.enter_context(HttpReceiver())
        listed = set(healthy.listed)
        unkind: list[RawReceiver] = []
        hostile: dict[str, str] = {}
        for kind, behave in HOSTILE.items():
            receiver = stack.enter_context(RawReceiver(behave))
            unkind.append(receiver)
            listed |= receiver.listed
            for id in put_into_the_outbox(app, receiver.url, EACH):
                hostile[id] = kind
        good = put_into_the_outbox(app, healthy.url, HEALTHY)
        with app.app_context():
            posted = db.session.scalar(db.select(db.func.max(DeliveryRow.due_at)))
        channels = Channels(app.extensions["baton"], Guard(frozenset(listed), deadline_s=LONG_S))
        stop = threading.Event()
        worker = threading.Thread(target=Worker(app, stop=stop, channels=channels).run)
        before = resident_mb()
        worker.start()
        try:
            eventually(lambda: len(healthy.received) >= HEALTHY)
            grown = resident_mb() - before
            # Each hostile receiver must have had its chance for this to mean anything.
            eventually(lambda: all_tried(app, hostile))
        finally:
            stop.set()
            for receiver in unkind:
                receiver.close()
            worker.join()

    with app.app_context():
        rows = {row.id: row for row in db.session.scalars(db.select(DeliveryRow))}
    waits = sorted((rows[id].delivered_at - posted) / timedelta(seconds=1) for id in good)
    p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
    outcome = Counter((hostile[id], rows[id].state) for id in hostile)
    print(f"\n{len(HOSTILE)} hostile kinds, {EACH} messages each; {HEALTHY} to a healthy receiver:")
    print(f"healthy p50 {p50:.2f} s, p95 {p95:.2f} s; memory +{grown:.1f} MB")
    for kind in HOSTILE:
        print(f"  {kind:<38} { {s: n for (k, s), n in outcome.items() if k == kind} }")
    tell(len(HOSTILE), f"kinds of hostile receivers, {len(hostile)} messages each keeps waiting")
    assert {rows[id].state for id in good} == {"delivered"}
    assert "delivered" not in {rows[id].state for id in hostile}
    assert len(rows) >= len(good) + len(hostile), "nothing is gone"
    assert grown < 50


def all_tried(app: Flask, hostile: dict[str, str]) -> bool:
    with app.app_context():
        tried = db.session.scalars(db.select(DeliveryRow.id).where(DeliveryRow.attempts > 0))
        return {hostile[id] for id in tried if id in hostile} == set(HOSTILE)
