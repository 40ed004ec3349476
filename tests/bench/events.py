"""What visitors' page views cost as they come in, twenty at a time, beside an endpoint that only
answers. Processor time, in this process: one core's worth."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.bench import goals, product, references
from tests.bench.clock import ProcessorClock
from tests.bench.load import median
from webapp.store.database import db, new_id
from webapp.web.shared import pace

AT_ONCE = 20
BATCHES = 40
ROUNDS = 7
Sent = dict[str, Any]


def report(database: str, folder: Path, url: str) -> Iterator[str]:
    app, bare = product.prepare(folder, url), references.bare()
    with app.app_context():
        site = db.session.scalar(text("SELECT key FROM sites ORDER BY created_at LIMIT 1"))
        clock = ProcessorClock()

    def batch() -> Sent:
        now = datetime.now(UTC)
        events = [{"id": new_id(now), "page": f"/pricing/{n}"} for n in range(AT_ONCE)]
        body = {"site": site, "visitor": new_id(now), "events": events}
        return EnvironBuilder("/api/v1/events", method="POST", json=body).get_environ()

    def nothing() -> Sent:
        return EnvironBuilder("/", method="POST", data={"question": "q1"}).get_environ()

    ratios, seconds = [], []
    for _ in range(ROUNDS):
        pace.forget_everybody()
        ours, floor = _of_one(clock, app, batch), _of_one(clock, bare, nothing)
        seconds.append(ours)
        ratios.append(ours / floor)
    best = min(seconds)
    yield f"Events, {database}, {AT_ONCE} at once"
    yield f"{best * 1e3:>8.1f} ms a batch, {median(ratios):.1f} bare answers"
    yield f"{AT_ONCE / best:>8.0f} events a second and core"
    goals.note("events", AT_ONCE / best, database)
    yield ""
    with app.app_context():
        db.engine.dispose()


def _of_one(clock: Callable[[], float], app: Flask, made: Callable[[], Sent]) -> float:
    """What one call costs the server; to make what is sent is the browser's work."""
    first, *sent = (made() for _ in range(BATCHES + 1))
    run_wsgi_app(app, first)
    began = clock()
    for each in sent:
        _, status, _ = run_wsgi_app(app, each, buffered=True)
        assert status[0] == "2", status
    return (clock() - began) / BATCHES
