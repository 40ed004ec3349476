"""However often the worker is killed, and wherever, every message arrives under one id."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from tests.delivery.receivers import LOST, Answer, HttpReceiver
from tests.fixtures.applications import FRIDAY
from tests.fixtures.injuries import Tell
from tests.waiting import eventually
from webapp.config import ROOT, Config
from webapp.delivery import webhook
from webapp.delivery.vault import Vault
from webapp.services.receivers import outbox
from webapp.store.database import db, new_id
from webapp.store.deliveries import ConnectionRow, DeliveryRow

PLACES = (
    "sending.claim.before_commit",
    "sending.claim.after_commit",
    "sending.before_send",
    "sending.after_send",
    "sending.delivered.before_commit",
    "sending.delivered.after_commit",
    "sending.after_failure",
    "sending.failed.before_commit",
    "sending.failed.after_commit",
)
A_FEW = 24


class Workers:
    """Starts workers that may be doomed to die at a place, and knows whether they still live."""

    def __init__(self, app: Flask, receiver: HttpReceiver) -> None:
        config: Config = app.extensions["baton"]
        given = {
            "database_url": config.database_url,
            "data_dir": str(config.data_dir),
            "listed": sorted(receiver.listed),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.doomed", json.dumps(given)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @contextmanager
    def one(self, **doom: Any) -> Iterator[Callable[[], bool]]:
        """A worker until the block ends, by kill -9; gives whether it lives."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(doom) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())

        def lives() -> bool:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return False
            return True

        try:
            yield lives
        finally:
            if lives():
                os.kill(pid, signal.SIGKILL)
                eventually(lambda: not lives())

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            self.process.kill()


def put_into_the_outbox(app: Flask, url: str, number: int) -> list[str]:
    """Messages for a webhook at this address; returns their ids."""
    config: Config = app.extensions["baton"]
    with app.app_context():
        row = ConnectionRow(
            id=new_id(FRIDAY),
            kind="webhook",
            name="Hook",
            config={"url": url},
            secret=Vault(config.secret_key).lock({"keys": [webhook.new_key()]}),
            events=["handoff.created"],
            created_at=FRIDAY,
        )
        db.session.add(row)
        db.session.flush()
        ids = [
            outbox.deliver({"n": n}, "handoff.created", now=FRIDAY, connection=row).id
            for n in range(number)
        ]
        db.session.commit()
        return ids


def states(app: Flask) -> Counter[str]:
    """How many messages there are in each state; asked over and over while a worker works."""
    of_each = db.select(DeliveryRow.state, db.func.count()).group_by(DeliveryRow.state)
    with app.app_context():
        return Counter(dict(db.session.execute(of_each).all()))


@pytest.mark.promise(6)
def test_a_worker_killed_at_every_step_loses_nothing(app: Flask, tell: Tell) -> None:
    chance = random.Random(1)
    ids: list[str] = []
    killed = set()

    def answer(_: object) -> Answer:
        return chance.choice([Answer(), Answer(), Answer(), Answer(500), LOST])

    def all_are_delivered() -> bool:
        return states(app) == {"delivered": len(ids)}

    with HttpReceiver(answer) as receiver, Workers(app, receiver) as workers:
        for place in PLACES:
            ids += put_into_the_outbox(app, receiver.url, A_FEW)
            with workers.one(place=place, after=2) as lives:
                eventually(lambda lives=lives: not lives() or all_are_delivered())
                if not lives():
                    killed.add(place)
        with workers.one():
            eventually(all_are_delivered)

    assert killed == set(PLACES), "each place must be reached for this to mean anything"
    arrived = {each.headers["webhook-id"] for each in receiver.received}
    what = f"steps at which the worker was killed, {len(ids)} messages"
    tell(len(killed), what, lost=len(set(ids) - arrived))
    assert arrived == set(ids), "nothing is missing and nothing was invented"
    bodies = {(each.headers["webhook-id"], each.body) for each in receiver.received}
    assert len(bodies) == len(ids), "a repeat says what the first one said"


@pytest.mark.promise(6)
@pytest.mark.timeout(3600)
def test_a_worker_killed_again_and_again_in_the_middle_loses_nothing(
    app: Flask, times: int, tell: Tell
) -> None:
    chance = random.Random(2)
    ids: list[str] = []
    with HttpReceiver() as receiver, Workers(app, receiver) as workers:
        for _ in range(times):
            ids += put_into_the_outbox(app, receiver.url, A_FEW)
            enough = len(receiver.received) + chance.randint(1, A_FEW)
            with workers.one():
                eventually(lambda enough=enough: len(receiver.received) >= enough)
        with workers.one():
            eventually(lambda: states(app) == {"delivered": len(ids)})

    arrived = {each.headers["webhook-id"] for each in receiver.received}
    what = f"workers killed while they sent, {len(ids):,} messages"
    tell(times, what, lost=len(set(ids) - arrived))
    assert arrived == set(ids)
