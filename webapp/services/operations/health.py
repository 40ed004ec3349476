"""How the installation is: what ``/readyz``, ``/metrics`` and ``baton doctor`` tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import ENGINE
from webapp.core.errors import FlowError
from webapp.services.flows import releases
from webapp.services.flows.releases import NothingPublished
from webapp.store import heartbeats, schema
from webapp.store.conversations import ConversationRow
from webapp.store.database import address, db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow

SILENT = timedelta(minutes=2)
"""A worker that was not heard of for this long is taken for dead."""

NOT_DELIVERED = ("pending", "sending", "refused", "dead")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: fine, or what is wrong and what to do about it. ``aloud`` says what is
    wrong to anybody, where ``what`` may name machines, accounts and lines of the flows."""

    name: str
    ok: bool
    what: str
    fix: str = ""
    aloud: str = ""


def checks(*, now: datetime) -> list[Check]:
    """Database, migrations, flows and worker. Nothing after a database that does not answer."""
    found = [_database()]
    if found[0].ok:
        found.append(_migrations())
    if found[-1].ok:
        found += [_flows(), _worker(now)]
    return found


def version() -> dict[str, str]:
    try:
        ours = installed("baton")
    except PackageNotFoundError:
        ours = "unknown"
    return {"version": ours, "engine": ENGINE}


def metrics(*, now: datetime) -> bytes:
    """What there is to count, read from the database: all processes tell the same."""
    registry = CollectorRegistry()
    registry.register(_Counted(now))
    return generate_latest(registry)


class _Counted:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        deliveries = GaugeMetricFamily(
            "baton_deliveries", "Deliveries not made yet, or given up.", labels=["state"]
        )
        by_state = (
            select(DeliveryRow.state, func.count())
            .where(DeliveryRow.state.in_(NOT_DELIVERED))
            .group_by(DeliveryRow.state)
        )
        counted = dict(list(db.session.execute(by_state)))
        for state in NOT_DELIVERED:
            deliveries.add_metric([state], counted.get(state, 0))
        yield deliveries
        yield _gauge(
            "baton_handoffs_waiting",
            "Leads in a team's queue with nobody to take them.",
            select(func.count()).where(HandoffRow.status == "waiting"),
        )
        yield _gauge(
            "baton_handoffs_overdue",
            "Leads nobody has contacted by their deadline.",
            select(func.count()).where(
                HandoffRow.status.in_(("waiting", "assigned", "accepted")),
                HandoffRow.respond_by < self.now,
            ),
        )
        yield _gauge(
            "baton_conversations_active",
            "Conversations that moved in the last half hour and have not ended.",
            select(func.count()).where(
                ConversationRow.last_at > self.now - timedelta(minutes=30),
                ConversationRow.finished_at.is_(None),
            ),
        )
        heard = heartbeats.newest("worker")
        if heard is not None:
            silence = GaugeMetricFamily(
                "baton_worker_silence_seconds", "Since a worker was last heard of."
            )
            silence.add_metric([], (self.now - heard).total_seconds())
            yield silence


def _gauge(name: str, what: str, query: object) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what)
    family.add_metric([], db.session.scalar(query) or 0)  # type: ignore[call-overload]  # any select
    return family


def _guarded(name: str, fix: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, what=look())
    except (SQLAlchemyError, LookupError, FlowError) as error:
        db.session.rollback()
        what = str(getattr(error, "orig", error)).strip().split("\n")[0] or type(error).__name__
        what = what if what.endswith(".") else f"{what}."
        drivers = isinstance(error, SQLAlchemyError)
        aloud = "The database does not answer as it should." if drivers else what
        aloud = "The flows cannot be used." if isinstance(error, FlowError) else aloud
        return Check(name, ok=False, what=what, fix=fix, aloud=aloud)


def _database() -> Check:
    def look() -> str:
        db.session.execute(text("SELECT 1"))
        return f"{db.engine.dialect.name} answers"

    where = db.engine.url
    if where.drivername.startswith("sqlite"):
        fix = f"See that {where.database} is Baton's, that Baton may write it and its folder, "
        fix += "and that the disk has room."
    else:
        fix = f"See that {address()} (BATON_DATABASE_URL) is right, runs and has room."
    return _guarded("database", fix, look)


def _migrations() -> Check:
    def look() -> str:
        if behind := schema.behind():
            raise LookupError(behind)
        there = schema.current()
        newer = ", newer than this code: start the new code here as well"
        return f"at {there}{'' if there == schema.newest() else newer}"

    return _guarded("migrations", "Run baton db upgrade.", look)


def _flows() -> Check:
    def look() -> str:
        try:
            number, release = releases.live()
        except NothingPublished:
            raise LookupError("No flows are published.") from None
        return f"release {number} with {len(release.flows)} flows is live"

    return _guarded("flows", "Start baton serve once, or run baton flows publish --why TEXT.", look)


def _worker(now: datetime) -> Check:
    def look() -> str:
        heard = heartbeats.newest("worker")
        if heard is None:
            raise LookupError("No worker has ever been heard of.")
        if now - heard > SILENT:
            raise LookupError(f"No worker has been heard of since {heard:%Y-%m-%d %H:%M} UTC.")
        return "alive"

    return _guarded("worker", "Start baton worker, or baton serve which has one.", look)
