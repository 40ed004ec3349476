"""What it costs to decide the past again under another playbook, as ``baton replay`` does: from the
database to the counted differences, in one process. Processor time, the database's with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import filling, goals, product
from tests.bench.clock import ProcessorClock
from webapp.services.figures import insights
from webapp.services.flows import releases
from webapp.store.database import db

LEADS = 2_000
ROUNDS = 3


def report(database: str, folder: Path, url: str) -> Iterator[str]:
    app = product.prepare(folder, url)
    with app.app_context():
        now = datetime.now(UTC)
        filling.filled(LEADS, now=now)
        clock = ProcessorClock()
        _, release = releases.live()
        rates = []
        for _ in range(ROUNDS):
            db.session.rollback()
            began = clock()
            found = insights.what_if(release, since=now - 2 * filling.SPAN)
            rates.append(found.conversations / (clock() - began))
        db.session.rollback()
        db.engine.dispose()
    yield f"Replaying, {database}, {found.conversations:,} conversations"
    yield f"{max(rates):>8.0f} conversations a second and core"
    yield ""
    goals.note("replay", max(rates), database)
