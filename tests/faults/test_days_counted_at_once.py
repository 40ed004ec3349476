"""Reps, visitors and two workers at the same day at once: in the end the reports are told what
reading everything anew tells."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.fixtures.injuries import Tell
from tests.services.conftest import Prospect
from tests.services.selling import answer_the_rest, asks_for_a_demo, colleague
from webapp.services.figures import counting
from webapp.services.sales import handoffs
from webapp.store import sites, staff
from webapp.store.database import db
from webapp.store.days import DayRow

MONDAY = FRIDAY + timedelta(days=3)
STAGES: tuple[dict[str, Any], ...] = (
    {"stage": "won", "amount": Decimal(1_200), "currency": "EUR"},
    {"stage": "opportunity"},
    {"stage": "lost", "reason": "timing"},
    {"stage": "won", "amount": Decimal(900), "currency": "EUR"},
)


@pytest.mark.promise(9)
def test_a_day_that_many_change_while_it_is_counted_is_right_in_the_end(
    app: Flask, times: int, tell: Tell
) -> None:
    tell(2 * times, "changes to a day while two workers counted it")
    with app.app_context():
        site = sites.first()
        assert site is not None
        colleague("maja@example.com", "manager")
        sold = [asks_for_a_demo(Prospect(site, FRIDAY), name).id for name in ("ann", "bob")]
        visitors = [Prospect(site, FRIDAY) for _ in range(2)]
        for visitor in visitors:
            visitor.begins()
            visitor.now = MONDAY
        counting.count_days(now=MONDAY)
    all_said = Event()

    def sells(id: str) -> None:
        maja = staff.by_email("maja@example.com")
        assert maja is not None
        for number in range(times):
            now = MONDAY + timedelta(minutes=number)
            handoffs.record_outcome(id, maja, **STAGES[number % len(STAGES)], now=now)

    def finishes(visitor: Prospect) -> None:
        answer_the_rest(visitor, f"{visitor.id}@north.example")

    def counts() -> None:
        while not all_said.is_set():
            counting.count_days(now=MONDAY)

    def in_a_context(do: Callable[..., None], *given: object) -> None:
        with app.app_context():
            do(*given)

    with ThreadPoolExecutor(6) as pool:
        people = [pool.submit(in_a_context, sells, id) for id in sold]
        people += [pool.submit(in_a_context, finishes, visitor) for visitor in visitors]
        workers = [pool.submit(in_a_context, counts) for _ in range(2)]
        try:
            for person in people:
                person.result()
        finally:
            all_said.set()
        for worker in workers:
            worker.result()
    with app.app_context():
        assert list(counting.wrong()) == []
        while counting.count_days(now=MONDAY):
            pass
        friday = select(DayRow.of).where(DayRow.day == FRIDAY.date()).order_by(DayRow.of)
        assert db.session.scalars(friday).all() == ["conversations", "handoffs"]
        assert list(counting.wrong()) == []
