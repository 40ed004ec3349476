"""What people and programs wait for as leads become many: 1,000 to as many as time permits.

Everything happens in this process, one at a time, and processor time is counted, the database
server's with it: the machine may be busy with other things. Of several tries the least disturbed
counts. The disk is not in it: what is looked at here fits into memory.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from tests.bench import curves, filling, product
from tests.bench.clock import ProcessorClock
from tests.faults.walking import Walker
from tests.fixtures.people import Colleague
from webapp.cli.drill.pages import Form, question_form
from webapp.services import api_keys, reminders, sending, staff
from webapp.store.database import db, new_id
from webapp.store.handoffs import HandoffRow
from webapp.web.api.cursors import after
from webapp.web.shared import pace

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TRIES = 9
PATIENCE = 20.0
"""Seconds after which a thing was tried often enough."""
CONVERSATIONS = 6
Best = dict[str, float]


@dataclass
class Grown:
    """What each thing took at each size, in seconds, and what a lead took of the disk."""

    database: str
    sizes: list[int] = field(default_factory=list)
    best: dict[str, list[float]] = field(default_factory=dict)
    bytes_per_lead: float = 0

    def add(self, size: int, found: Best) -> None:
        self.sizes.append(size)
        for name, seconds in found.items():
            self.best.setdefault(name, []).append(seconds)


def report(
    database: str, folder: Path, url: str, most: int, *, draw: bool = False
) -> Iterator[str]:
    """Fill and measure, size after size. The last lines are a table for people to keep."""
    app = product.prepare(folder, url)
    yield f"Growth, {database}, to {most:,} leads"
    grown = Grown(database)
    now = datetime.now(UTC)
    with app.app_context():
        past = filling.begin(now)
        people = People(app, now)
    for size in (size for size in SIZES if size <= most):
        began, leads = time.perf_counter(), past.leads
        with app.app_context():
            before = _bytes()
            past = filling.fill(past, size)
            if size <= filling.WHOLE:
                grown.bytes_per_lead = (_bytes() - before) / (size - leads)
        yield f"  {size:>9,} leads, filled in {time.perf_counter() - began:.0f} s"
        found = people.wait_for_everything()
        grown.add(size, found)
        yield "    " + ", ".join(f"{name} {seconds * 1e3:.1f}" for name, seconds in found.items())
    with app.app_context():
        db.engine.dispose()
    yield ""
    yield from _table(grown)
    if draw:
        yield f"Drawn in {curves.draw(f'growth-{database}', 'leads', grown.sizes, grown.best)}"
    yield ""


def _table(grown: Grown) -> Iterator[str]:
    head = " | ".join(f"{size:,}" for size in grown.sizes)
    yield f"| {grown.database}, milliseconds, and as a multiple of the first | {head} |"
    yield "|---|" + "---|" * len(grown.sizes)
    ratios = curves.ratios(grown.best)
    for name, many in grown.best.items():
        first, *more = many
        cells = [f"{first * 1e3:.1f}"]
        for seconds, ratio in zip(more, ratios[name][1:], strict=True):
            cells.append(f"{seconds * 1e3:.1f} ({ratio:.2f}x)")
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield f"Disk for a lead with all that belongs to it: {grown.bytes_per_lead / 1e3:.0f} kB"


class People:
    """Everybody who waits: a visitor, a manager at a browser, a program with a key, the worker."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app = app
        row, password = staff.add("mia@example.com", role="manager", by="the bench", now=now)
        row.one_time = False  # she has chosen it herself
        db.session.commit()
        self.manager = Colleague(app, "mia@example.com", password)
        _, self.key = api_keys.create(
            "bench",
            ["leads:read", "handoffs:read"],
            acts_for="mia@example.com",
            by="the bench",
            now=now,
        )
        self.client = app.test_client()
        self.clock = ProcessorClock()

    def wait_for_everything(self) -> Best:
        return self._answers() | {name: self._best(do) for name, do in self.everything().items()}

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

    def _best(self, work: Callable[[], None]) -> float:
        work()
        tries: list[float] = []
        while len(tries) < TRIES and sum(tries) < PATIENCE:
            pace.forget_everybody()
            began = self.clock()
            work()
            tries.append(self.clock() - began)
        return min(tries)

    def _answers(self) -> Best:
        """The answers between the first and the last, and the last, which hands over."""
        best: list[float] = []
        for _ in range(CONVERSATIONS):
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
            best = [min(pair) for pair in zip(best or took, took, strict=True)]
        _, *usual, last = best
        return {"an answer": sum(usual) / len(usual), "the last answer, with handoff": last}

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


def _bytes() -> int:
    if db.engine.dialect.name == "postgresql":
        query = select(func.pg_database_size(func.current_database()))
        return int(db.session.scalar(query) or 0)
    assert db.engine.url.database
    return Path(db.engine.url.database).stat().st_size
