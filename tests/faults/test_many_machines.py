"""Two web servers and two workers over one PostgreSQL, and somebody who keeps pulling plugs."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from flask import Flask

from tests.delivery.receivers import HttpReceiver
from tests.faults.promises import broken
from tests.faults.test_killed_workers import put_into_the_outbox
from tests.fixtures.applications import SECRET_KEY, Prepared
from tests.fixtures.injuries import Tell, often
from tests.waiting import eventually
from webapp.cli.drill.faults import FLOW, VISITORS
from webapp.cli.drill.ledger import lost
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Taken, Visitors
from webapp.config import Config
from webapp.store.assignments import TurnsRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow

MACHINES = 2
WORKERS = 2
UNTIL_SENT_S = 300.0


class Machines:
    """The web servers, all running; each can be injured while the others go on."""

    def __init__(self, scratches: list[Scratch], chance: random.Random) -> None:
        self.scratches = scratches
        self.chance = chance
        self.injured: Counter[str] = Counter()

    def start(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Scratch.start, self.scratches))

    def stop(self) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Scratch.stop, self.scratches))

    def injure(self, number: int) -> None:
        """In turn: kill a whole machine and start it again, kill one of a machine's processes."""
        one = self.chance.choice(self.scratches)
        if number % 2 == 0:
            one.kill()
            one.start()
            self.injured["machine"] += 1
            return
        answering = psutil.Process(one.pid).children()
        os.kill(self.chance.choice(answering).pid, signal.SIGKILL)
        self.injured["process"] += 1


@pytest.fixture
def app(prepared_postgresql: Prepared) -> Flask:
    """Several machines share a PostgreSQL: SQLite is for one."""
    return prepared_postgresql.as_new()


@pytest.fixture
def receiver(app: Flask) -> Iterator[HttpReceiver]:
    """A program that is told of every handoff."""
    with HttpReceiver() as one:
        put_into_the_outbox(app, one.url, 0)
        yield one


@pytest.fixture
def machines(app: Flask, receiver: HttpReceiver, tmp_path: Path) -> Iterator[Machines]:
    config: Config = app.extensions["baton"]
    settings = {
        "BATON_SECRET_KEY": SECRET_KEY,
        "BATON_ALLOWED_RECEIVERS": ",".join(receiver.listed),
    }
    some = [
        Scratch(tmp_path, database_url=config.database_url, settings=settings)
        for _ in range(MACHINES)
    ]
    with ExitStack() as stack:
        for _ in range(WORKERS):
            stack.enter_context(some[0].worker())
        running = Machines(some, random.Random(3))
        stack.callback(running.stop)
        running.start()
        yield running


@pytest.fixture
def kills() -> int:
    """2, or 300 in the long run."""
    return often(2, 300)


@pytest.mark.promise(24)
@pytest.mark.timeout(7200)
def test_machines_killed_under_load_lose_nothing_and_do_nothing_twice(
    app: Flask, receiver: HttpReceiver, machines: Machines, kills: int, tell: Tell
) -> None:
    taken = _answer_while_injured(machines, kills)
    with app.app_context():
        eventually(lambda: _unsent() == 0, UNTIL_SENT_S)
        told = set(db.session.scalars(db.select(DeliveryRow.id).where(_TO_THE_RECEIVER)))
        owners = db.session.scalars(db.select(HandoffRow.owner_email)).all()
        turns = db.session.scalar(db.select(db.func.sum(TurnsRow.assigned)))
        assert broken() == []
    arrived = Counter(each.headers["webhook-id"] for each in receiver.received)
    gone = lost(machines.scratches[0], taken)
    what = f"machines or processes killed, {len(taken):,} answers, {len(owners):,} leads"
    tell(kills, what, lost=len(gone) + len(told - arrived.keys()))
    assert gone == []
    assert machines.injured.total() == kills
    assert len(taken) > kills
    assert set(arrived) == told, "nothing is missing and nothing was invented"
    assert set(arrived.values()) == {1}, "nothing was delivered twice"
    assert len(told) >= len(owners) > 0
    assert all(owners)
    assert turns == len(owners), "no lead took two people's turn"


@pytest.mark.long
@pytest.mark.promise(24)
@pytest.mark.timeout(7200)
def test_workers_killed_as_well_leave_no_message_out(
    app: Flask, receiver: HttpReceiver, machines: Machines, kills: int, tell: Tell
) -> None:
    """One that is killed while it sends leaves a message that another sends again, under its id."""
    with ExitStack() as more_workers:

        def kill_a_worker() -> None:
            started = psutil.Process().children()
            alive = [each for each in started if each.status() != psutil.STATUS_ZOMBIE]
            workers = [each for each in alive if each.cmdline()[-1:] == ["worker"]]
            machines.chance.choice(workers).kill()
            machines.injured["worker"] += 1
            more_workers.enter_context(machines.scratches[0].worker())

        taken = _answer_while_injured(machines, kills, kill_a_worker)
        with app.app_context():
            eventually(lambda: _unsent() == 0, 2 * UNTIL_SENT_S)
            told = set(db.session.scalars(db.select(DeliveryRow.id).where(_TO_THE_RECEIVER)))
            owners = db.session.scalars(db.select(HandoffRow.owner_email)).all()
            assert broken() == []
    gone = lost(machines.scratches[0], taken)
    arrived = {each.headers["webhook-id"] for each in receiver.received}
    what = f"machines, processes and workers killed, {len(taken):,} answers, {len(owners):,} leads"
    tell(machines.injured.total(), what, lost=len(gone) + len(told - arrived))
    assert gone == []
    assert arrived == told, "nothing is missing and nothing was invented"
    assert all(owners)


def _answer_while_injured(
    machines: Machines, kills: int, also: Callable[[], None] = lambda: None
) -> list[Taken]:
    ports = [scratch.port for scratch in machines.scratches]
    visitors = Visitors(ports, FLOW, VISITORS)
    visitors.begin()
    try:
        for number in range(kills):
            visitors.wait_for(answers=machines.chance.randint(1, 40))
            machines.injure(number)
            also()
        visitors.wait_for(answers=5 * VISITORS)
    finally:
        visitors.end()
    assert visitors.surprises == []
    return visitors.taken


_TO_THE_RECEIVER = DeliveryRow.connection_id.is_not(None)


def _unsent() -> int:
    db.session.rollback()
    query = db.select(db.func.count()).where(_TO_THE_RECEIVER, DeliveryRow.state != "delivered")
    return db.session.scalar(query) or 0
