"""What people and programs wait for as leads become many: 1,000 to as many as time permits.

Everything happens in this process, one at a time, and processor time is counted, the database
server's with it: the machine may be busy with other things. Each thing is done at every size in
turn, so that all sizes feel alike what else goes on, and of several tries the least disturbed
counts. The disk is not in it: what is looked at here fits into memory.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from tests.bench import curves, filling, goals, product
from tests.bench.clock import ProcessorClock
from tests.faults.walking import Walker
from tests.fixtures.people import Colleague
from webapp.cli.drill.pages import Form, question_form
from webapp.services.accounts import api_keys, staff
from webapp.services.receivers import sending
from webapp.services.sales import reminders
from webapp.store.database import db, new_id
from webapp.store.handoffs import HandoffRow
from webapp.web.api.cursors import after
from webapp.web.shared import pace

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TRIES = 9
PATIENCE = 20.0
"""Seconds of work at one size after which a thing was tried often enough."""
CONVERSATIONS = 6
Costs = dict[str, list[float]]
"""What each thing took in seconds, size after size."""


def report(
    database: str, folder: Path, new: Callable[[str], str], most: int, *, draw: bool = False
) -> Iterator[str]:
    """Fill a database of each size, and measure. The last lines are a table for people to keep."""
    yield f"Growth, {database}, to {most:,} leads"
    sizes = [size for size in SIZES if size <= most]
    crowds, disk = [], 0.0
    for size in sizes:
        began = time.perf_counter()
        app = product.prepare(folder, new(f"leads_{size}"))
        with app.app_context():
            filling.filled(size, now=datetime.now(UTC))
            crowds.append(People(app, datetime.now(UTC)))
            disk = _bytes() / size if size <= filling.WHOLE else disk
        yield f"  {size:>9,} leads, filled in {time.perf_counter() - began:.0f} s"
    costs = answers(crowds)
    for name, works in _by_name([each.everything() for each in crowds]).items():
        costs[name] = _in_turn(crowds, works)
        yield f"    {name} " + ", ".join(f"{seconds * 1e3:.1f}" for seconds in costs[name])
    for each in crowds:
        with each.app.app_context():
            db.engine.dispose()
    yield ""
    yield from _table(database, sizes, costs)
    for name, multiples in curves.ratios(costs).items():
        if name in goals.GOALS:
            goals.note(name, multiples[-1], f"{database}, {sizes[-1]:,}")
    yield f"Disk for a lead with all that belongs to it: {disk / 1e3:.0f} kB"
    if draw:
        yield f"Drawn in {curves.draw(f'growth-{database}', 'leads', sizes, costs)}"
    yield ""


def _table(database: str, sizes: Sequence[int], costs: Costs) -> Iterator[str]:
    head = " | ".join(f"{size:,}" for size in sizes)
    yield f"| {database}, milliseconds, and as a multiple of the first | {head} |"
    yield "|---|" + "---|" * len(sizes)
    ratios = curves.ratios(costs)
    for name, many in costs.items():
        first, *more = many
        cells = [f"{first * 1e3:.1f}"]
        for seconds, ratio in zip(more, ratios[name][1:], strict=True):
            cells.append(f"{seconds * 1e3:.1f} ({ratio:.2f}x)")
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


class People:
    """Everybody who waits: a visitor, a manager at a browser, a program with a key, the worker."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app = app
        mia = f"mia.{time.time_ns()}@example.com"
        row, password = staff.add(mia, role="manager", by="the bench", now=now)
        row.one_time = False  # she has chosen it herself
        db.session.commit()
        self.manager = Colleague(app, mia, password)
        _, self.key = api_keys.create(
            "bench",
            ["leads:read", "handoffs:read"],
            acts_for=mia,
            by="the bench",
            now=now,
        )
        self.client = app.test_client()
        self.clock = ProcessorClock()

    def everything(self) -> dict[str, Callable[[], None]]:
        """What people and programs wait for, beside answers."""
        if not self.manager.client.get_cookie("baton"):
            self.manager.signs_in()
        with self.app.app_context():
            half, newest = self._half_way(), self._newest()
            site = db.session.scalar(text("SELECT key FROM sites ORDER BY created_at LIMIT 1"))
        pages = {
            "inbox": "/desk?view=all",
            "inbox of closed leads": "/desk?view=closed",
            "search in the inbox": "/desk?view=all&q=person7@",
            "search among closed leads": "/desk?view=closed&q=person700@",
            "search, one in 23 closed leads": "/desk?view=closed&q=company12",
            "search, one in 225 closed leads": "/desk?view=closed&q=company123",
            "briefing": f"/desk/handoffs/{newest.id}",
            "live conversations": "/desk/live",
            "insights, 90 days": "/insights?days=90",
        }
        calls = {
            "leads, first page": "/api/v1/leads",
            "leads, half way down": f"/api/v1/leads?cursor={half}",
            "lead by e-mail address": f"/api/v1/leads?email={filling.address(7)}",
            "handoffs, half way down": f"/api/v1/handoffs?cursor={half}",
        }
        return {
            **{name: partial(self._page, path) for name, path in pages.items()},
            **{name: partial(self._call, path) for name, path in calls.items()},
            "20 events": partial(self._events, site),
            "metrics": partial(self._page, "/metrics"),
            "worker's look for work": self._look,
        }

    def answers(self) -> list[float]:
        """What each answer of a conversation took, from the first to the last, which hands over."""
        pace.forget_everybody()
        walker = Walker(self.app, who=time.time_ns())
        took = []
        form: Form | None = walker.first()
        while form is not None:
            began = self.clock()
            response = walker.send(form)
            took.append(self.clock() - began)
            assert response.status_code == 200, response.text
            form = question_form(response.text)
        return took

    def _page(self, path: str) -> None:
        response = self.manager.client.get(path)
        assert response.status_code == 200, (path, response.status_code)

    def _call(self, path: str) -> None:
        response = self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})
        assert response.status_code == 200, (path, response.text)

    def _events(self, site: str) -> None:
        now = datetime.now(UTC)
        batch = [{"id": new_id(now), "page": f"/pricing/{n}"} for n in range(20)]
        body = {"site": site, "visitor": new_id(now), "events": batch}
        response = self.client.post("/api/v1/events", json=body)
        assert response.status_code == 202, response.text

    def _look(self) -> None:
        now = datetime.now(UTC) - timedelta(days=1)  # when nothing of what is open was due
        with self.app.app_context():
            reminders.remind(now=now)
            reminders.escalate(now=now)
            assert not list(sending.claim(by="the bench", free={}, otherwise=0, most=0))
            sending.bury()

    def _half_way(self) -> str:
        """The cursor of the handoff in the middle of the past."""
        middle = datetime.now(UTC) - filling.SPAN / 2
        nearest = HandoffRow.created_at > middle
        row = db.session.scalars(
            select(HandoffRow).where(nearest).order_by(HandoffRow.created_at).limit(1)
        ).one()
        found = after([row, row], 1)
        assert found
        return found

    def _newest(self) -> HandoffRow:
        newest = select(HandoffRow).order_by(HandoffRow.created_at.desc()).limit(1)
        row = db.session.scalars(newest).one()
        return row


def answers(crowds: Sequence[People]) -> Costs:
    """An answer between the first and the last, and the last."""
    best: list[list[float]] = [[] for _ in crowds]
    for _ in range(CONVERSATIONS):
        for number, people in enumerate(crowds):
            took = people.answers()
            best[number] = [min(pair) for pair in zip(best[number] or took, took, strict=True)]
    usual = [sum(each[1:-1]) / len(each[1:-1]) for each in best]
    return {"an answer": usual, "the last answer, with handoff": [each[-1] for each in best]}


def _in_turn(crowds: Sequence[People], works: Sequence[Callable[[], None]]) -> list[float]:
    """The least that each of several works took, all done one after the other, again and again."""
    for work in works:
        work()
    tries: list[list[float]] = [[] for _ in works]
    while len(tries[0]) < TRIES and sum(max(tries)) < PATIENCE:
        for people, work, took in zip(crowds, works, tries, strict=True):
            pace.forget_everybody()
            began = people.clock()
            work()
            took.append(people.clock() - began)
    return [min(each) for each in tries]


def _by_name(
    everything: Sequence[Mapping[str, Callable[[], None]]],
) -> dict[str, list[Callable[[], None]]]:
    return {name: [each[name] for each in everything] for name in everything[0]}


def _bytes() -> int:
    if db.engine.dialect.name == "postgresql":
        query = select(func.pg_database_size(func.current_database()))
        return int(db.session.scalar(query) or 0)
    assert db.engine.url.database
    return Path(db.engine.url.database).stat().st_size
