"""What visitors' page views cost as they come in, twenty at a time, beside an endpoint that only
answers. Processor time, in this process: one core's worth."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from tests.bench import goals, product, references
from tests.bench.clock import ProcessorClock
from tests.bench.load import median
from webapp.store.database import db, new_id
from webapp.web.shared import pace

AT_ONCE = 20
BATCHES = 40
ROUNDS = 7


def report(database: str, folder: Path, url: str) -> Iterator[str]:
    app, bare = product.prepare(folder, url), references.bare()
    with app.app_context():
        site = db.session.scalar(text("SELECT key FROM sites ORDER BY created_at LIMIT 1"))
        clock = ProcessorClock()
    visitor, nobody = app.test_client(), bare.test_client()

    def batch() -> None:
        now = datetime.now(UTC)
        events = [{"id": new_id(now), "page": f"/pricing/{n}"} for n in range(AT_ONCE)]
        body = {"site": site, "visitor": new_id(now), "events": events}
        assert visitor.post("/api/v1/events", json=body).status_code == 202

    def nothing() -> None:
        assert nobody.post("/", data={"question": "q1"}).status_code == 200

    ratios, seconds = [], []
    for _ in range(ROUNDS):
        pace.forget_everybody()
        ours, floor = _of_one(clock, batch), _of_one(clock, nothing)
        seconds.append(ours)
        ratios.append(ours / floor)
    yield f"Events, {database}, {AT_ONCE} at once"
    yield f"{median(seconds) * 1e3:>8.1f} ms a batch, {median(ratios):.1f} bare answers"
    yield f"{AT_ONCE / median(seconds):>8.0f} events a second and core"
    goals.note("events", AT_ONCE / median(seconds), database)
    yield ""
    with app.app_context():
        db.engine.dispose()


def _of_one(clock: Callable[[], float], work: Callable[[], None]) -> float:
    work()
    began = clock()
    for _ in range(BATCHES):
        work()
    return (clock() - began) / BATCHES
