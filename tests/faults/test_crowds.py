"""Eight processes at once: leads stay fairly shared, and no message is claimed twice."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.faults.test_killed_workers import put_into_the_outbox
from tests.fixtures.applications import FRIDAY, Prepared
from tests.fixtures.injuries import Tell, often
from webapp.config import ROOT, Config
from webapp.services.flows import releases
from webapp.store.assignments import TurnsRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow

PROCESSES = 8


@pytest.fixture
def app(prepared_postgresql: Prepared) -> Flask:
    """On PostgreSQL: SQLite lets one process write at a time anyway."""
    return prepared_postgresql.as_new()


@pytest.fixture
def share() -> int:
    """How much each process does: 40 times, or 1,250 (10,000 in all) in the long run."""
    return often(40, 1_250)


@pytest.fixture(scope="module")
def crowd(prepared_postgresql: Prepared) -> Iterator[Callable[[str, int], list[list[Any]]]]:
    """What each of eight processes did. They are forked from one, which takes seconds to start."""
    config: Config = prepared_postgresql.app.extensions["baton"]
    given = {"database_url": config.database_url, "data_dir": str(config.data_dir)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.crowd", json.dumps(given)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        to, by = parent.stdin, parent.stdout
        assert to
        assert by

        def run(task: str, times: int) -> list[list[Any]]:
            to.write(json.dumps({"task": task, "times": times, "processes": PROCESSES}) + "\n")
            to.flush()
            return [json.loads(by.readline()) for _ in range(PROCESSES)]

        yield run


def publish(app: Flask, **weights: int) -> None:
    """Make these people, by weight, the only team."""
    texts = releases.texts_in(ROOT / "question_flows")
    reps = ", ".join(f"{{email: {n}@example.com, weight: {w}}}" for n, w in weights.items())
    block = f"teams:\n  - {{id: crowd, reps: [{reps}]}}\n"
    texts["playbook.yaml"] = re.sub(r"(?ms)^teams:\n.*?(?=^\S)", block, texts["playbook.yaml"])
    with app.app_context():
        releases.publish(texts, by="mia", why="Another team", now=FRIDAY)


def levels(app: Flask, *names: str) -> list[Any]:
    with app.app_context():
        rows = db.session.scalars(db.select(TurnsRow)).all()
        return [row.turns.level for row in rows if row.email.split("@")[0] in names]


@pytest.mark.promise(17)
@pytest.mark.timeout(1_800)
def test_leads_given_away_by_eight_processes_are_shared_by_weight(
    app: Flask, crowd: Callable[[str, int], list[list[Any]]], share: int, tell: Tell
) -> None:
    publish(app, ana=2, ben=1, cy=1)

    given_to = Counter(owner for each in crowd("assign", share) for owner in each)

    leads = PROCESSES * share
    assert given_to.total() == leads
    assert None not in given_to
    by_weight = {
        "ana": given_to["ana@example.com"] / 2,
        "ben": given_to["ben@example.com"],
        "cy": given_to["cy@example.com"],
    }
    tell(leads, f"leads given away by {PROCESSES} processes at once")
    assert max(by_weight.values()) - min(by_weight.values()) <= 1


@pytest.mark.promise(17)
@pytest.mark.timeout(1_800)
def test_shares_stay_fair_while_people_join_and_leave(
    app: Flask, crowd: Callable[[str, int], list[list[Any]]], share: int, tell: Tell
) -> None:
    each = -(-share // 4)
    tell(PROCESSES * each * 4, "leads given away while people joined and left")
    for people in (
        {"ana": 2, "ben": 1, "cy": 1},
        {"ana": 2, "ben": 1, "cy": 1, "dora": 3},
        {"ana": 1, "cy": 1, "dora": 3},
        {"ana": 1, "ben": 2, "cy": 1, "dora": 3},
    ):
        publish(app, **people)
        crowd("assign", each)
        found = levels(app, *people)
        assert len(found) == len(people)
        assert max(found) - min(found) <= 1


@pytest.mark.promise(16)
@pytest.mark.timeout(1_800)
def test_no_message_is_claimed_twice(
    app: Flask, crowd: Callable[[str, int], list[list[Any]]], share: int, tell: Tell
) -> None:
    ids = put_into_the_outbox(app, "https://hook.example/", PROCESSES * share)

    claimed = [tuple(claim) for each in crowd("claim", 0) for claim in each]

    tell(
        len(claimed), f"claims by {PROCESSES} processes at once", lost=len(set(ids)) - len(claimed)
    )
    assert Counter(id for id, _ in claimed) == Counter(ids)
    assert {fence for _, fence in claimed} == {1}
    with app.app_context():
        assert set(db.session.scalars(db.select(DeliveryRow.state))) == {"delivered"}


@pytest.mark.promise(16)
def test_a_worker_that_comes_back_late_leaves_the_row_alone(app: Flask) -> None:
    from webapp.delivery.channels import Channels
    from webapp.services.receivers import sending

    [id] = put_into_the_outbox(app, "https://hook.example/", 1)
    with app.app_context():
        [slow] = sending.claim(by="slow", free={}, otherwise=1, most=1)
        db.session.execute(update(DeliveryRow).values(leased_until=FRIDAY))
        db.session.commit()
        [quick] = sending.claim(by="quick", free={}, otherwise=1, most=1)
        assert (slow.fence, quick.fence) == (1, 2)

        channels = Channels(app.extensions["baton"])
        channels.transport = lambda *_: Nothing()  # type: ignore[method-assign]
        assert not sending.send(slow, channels)

        row = db.session.get(DeliveryRow, id, populate_existing=True)
        assert (row.state, row.leased_by) == ("sending", "quick")
        assert sending.send(quick, channels)


class Nothing:
    """A transport that takes everything."""

    def send(self, parcel: object) -> None:
        return
