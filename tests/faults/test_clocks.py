"""The database's own clock jumps, forwards and back, while workers claim by it: no message goes
out before it is due, and while one worker has it nobody else does."""

import random
from datetime import timedelta

import pytest
from flask import Flask

from tests.faults.test_killed_workers import put_into_the_outbox
from tests.fixtures.injuries import Tell, often
from webapp.services.receivers import sending
from webapp.store import deliveries
from webapp.store.database import db, one_commit
from webapp.store.deliveries import DeliveryRow

MESSAGES = 12
FARTHEST = 2 * 86_400
"""Seconds; a clock set wrong by hand, or by a daylight saving time that it should not know of, is
off by less."""


@pytest.mark.promise(11)
@pytest.mark.timeout(1_800)
def test_however_the_clock_jumps_nothing_goes_out_early_or_from_two_at_once(
    app: Flask, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, jumps, real = random.Random(11), often(25, 500), deliveries.clock
    off = timedelta()
    monkeypatch.setattr(deliveries, "clock", lambda: real() + off)
    ids = put_into_the_outbox(app, "https://hook.example/", MESSAGES)
    fences = dict.fromkeys(ids, 0)
    with app.app_context():
        for _ in range(jumps):
            off = timedelta(seconds=chance.choice([0, 3_600, -3_600, 86_400, -86_400, FARTHEST]))
            stood = {id: _now(id) for id in ids}
            for claim in sending.claim(by="w", free={}, otherwise=3, most=5):
                was = stood[claim.id]
                assert was.due_at <= claim.at, "nothing goes out before it is due"
                leased = was.state == "sending" and was.leased_until > claim.at
                assert not leased, "what somebody has nobody else gets"
                assert claim.fence == fences[claim.id] + 1, "who comes back late is known by it"
                fences[claim.id] = claim.fence
                if chance.random() < 0.3:
                    sending.stumbled(claim, RuntimeError("tried again later"))
        off = timedelta()
        with one_commit("tests"):  # what waits for a time that never was is sent again by hand
            for id in ids:
                deliveries.get(id).state = "pending"  # type: ignore[union-attr]
        for id in ids:
            sending.replay(id, by="mia", now=real())
        claimed = [each.id for each in sending.claim(by="w", free={}, otherwise=99, most=99)]
    tell(jumps, "jumps of the database's clock", lost=len(set(ids) - set(claimed)))
    assert sorted(claimed) == sorted(ids)


def _now(id: str) -> DeliveryRow:
    row = db.session.get(DeliveryRow, id, populate_existing=True)
    assert row is not None
    db.session.expunge(row)
    return row
