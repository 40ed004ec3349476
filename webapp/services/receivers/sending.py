"""What the worker does to the outbox: claim, send, write down what became of it. And what people
do to it: send again."""

import logging
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from webapp.core.errors import BatonError
from webapp.delivery.channels import Channels
from webapp.delivery.errors import DeliveryDelayed, DeliveryFailed, DeliveryRefused
from webapp.delivery.kinds import LOOK_UP
from webapp.delivery.transport import Parcel
from webapp.services import audit
from webapp.services.people import enrichment, learning
from webapp.services.receivers import troubles
from webapp.store import deliveries as rows
from webapp.store import failpoints
from webapp.store.database import db, one_commit, reading
from webapp.store.deliveries import ConnectionRow, DeliveryRow

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 14
"""With the pauses below about two days. After that a person decides; nothing is thrown away."""

ATTEMPTS_BEFORE_ALARM = 6
"""A receiver that is merely down is left alone for ten minutes before people hear of it. One that
says no is reported at once."""

LEASE = timedelta(minutes=2)
"""Longer than any transport may take, so that only a worker that died loses its claim."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=8)
PAUSE_AFTER_NO = timedelta(minutes=10)


class NoSuchDelivery(BatonError):
    def __init__(self) -> None:
        super().__init__("There is no such delivery.")


class NothingToSend(BatonError):
    def __init__(self) -> None:
        super().__init__("Its words are gone: it was withdrawn, or delivered long ago.")


@dataclass(frozen=True)
class Claim:
    """A delivery this worker, and for now nobody else, is to send. ``at`` is when it was claimed,
    by the database's clock."""

    id: str
    fence: int
    at: datetime
    attempt: int
    channel: str
    connection_id: str | None
    recipient: str | None
    event: str
    payload: Mapping[str, Any]
    progress: dict[str, Any]
    settings: Mapping[str, Any]
    secret: str | None


def claim(*, by: str, free: Mapping[str | None, int], otherwise: int, most: int) -> Iterator[Claim]:
    """Take what is due, for each receiver no more than it has room for. One commit for each.

    ``free`` says how many more a receiver may have under way; those not named, ``otherwise``.
    ``most`` is how many more there may be in all.
    """
    with reading():
        receivers = rows.due_receivers(rows.clock())
    # With more receivers than room, chance sees to it that none is always last.
    random.shuffle(receivers)
    for receiver in receivers:
        limit = min(free.get(receiver, otherwise), most)
        if limit > 0:
            claimed = _claim(receiver, by=by, limit=limit)
            most -= len(claimed)
            yield from claimed


def _claim(receiver: str | None, *, by: str, limit: int) -> list[Claim]:
    with one_commit("sending.claim"):
        now = rows.clock()
        taken = rows.claim(receiver, by=by, limit=limit, lease=LEASE, now=now)
        connection = db.session.get(ConnectionRow, receiver) if receiver else None
    return [
        Claim(
            id=row.id,
            fence=row.fence,
            at=now,
            attempt=row.attempts,
            channel=row.channel,
            connection_id=row.connection_id,
            recipient=row.recipient,
            event=row.event,
            payload=row.payload,
            progress=dict(row.progress),
            settings=connection.config if connection else {},
            secret=connection.secret if connection else None,
        )
        for row in taken
    ]


def send(claim: Claim, channels: Channels) -> bool:
    """Send one claimed delivery and write down what became of it. No transaction is open while it
    is under way. Says whether it was delivered."""
    parcel = Parcel(claim.id, claim.event, claim.payload, claim.at, claim.recipient, claim.progress)
    failpoints.reached("sending.before_send")
    if claim.event == LOOK_UP and claim.connection_id:
        with reading():
            claim.progress.update(
                enrichment.answered_before(claim.connection_id, claim.payload, claim.at)
            )
    try:
        channels.transport(claim.channel, claim.settings, claim.secret).send(parcel)
    except DeliveryFailed as problem:
        failpoints.reached("sending.after_failure")
        _failed(claim, problem)
        return False
    failpoints.reached("sending.after_send")
    with one_commit("sending.delivered"):
        at = rows.clock()
        progress: Mapping[str, Any] = claim.progress
        if "answer" in progress:
            progress = learning.take_in(claim.id, progress, now=at)
        settled = rows.settle(
            claim.id,
            claim.fence,
            {
                "state": "delivered",
                "delivered_at": at,
                "leased_by": None,
                "leased_until": None,
                "last_error": None,
                "progress": progress,
            },
        )
    if not settled:
        log.warning("delivery %s was claimed by somebody else meanwhile", claim.id)
    return settled


def pause(attempt: int, *, refused: bool, asked: timedelta | None) -> timedelta:
    """How long to wait after a failed attempt: longer each time, and not all at the same moment.

    What the receiver asked for is the least it gets.
    """
    times: int = 3 ** min(attempt - 1, 12)
    grown = min(FIRST_PAUSE * times, LONGEST_PAUSE)
    if refused:
        grown = max(grown, PAUSE_AFTER_NO)
    return max(grown * random.uniform(0.75, 1.25), asked or timedelta())


def stumbled(claim: Claim, problem: Exception) -> None:
    """Write down that a fault of ours kept a delivery from being made, where people see it."""
    what = f"Something broke on our side ({type(problem).__name__}). The worker's log says more."
    _failed(claim, DeliveryRefused(what))


def _failed(claim: Claim, problem: DeliveryFailed) -> None:
    refused = isinstance(problem, DeliveryRefused)
    asked = problem.after if isinstance(problem, DeliveryDelayed) else None
    dead = claim.attempt >= MOST_ATTEMPTS
    state = "dead" if dead else ("refused" if refused else "pending")
    alarming = dead or claim.attempt == (1 if refused else ATTEMPTS_BEFORE_ALARM)
    with one_commit("sending.failed"):
        if alarming:
            rows.hold_receivers(ConnectionRow.id == claim.connection_id)
        now = rows.clock()
        settled = rows.settle(
            claim.id,
            claim.fence,
            {
                "state": state,
                "due_at": now + pause(claim.attempt, refused=refused, asked=asked),
                "leased_by": None,
                "leased_until": None,
                "last_error": str(problem),
                "progress": claim.progress,
            },
        )
        if settled and alarming:
            troubles.tell(claim.id, now=now)


def bury() -> int:
    """Give up, for the time being, on deliveries whose every attempt ended with their worker. One
    commit."""
    with one_commit("sending.bury"):
        now = rows.clock()
        given_up = (
            DeliveryRow.state == "sending",
            DeliveryRow.leased_until <= now,
            DeliveryRow.attempts >= MOST_ATTEMPTS,
        )
        theirs = select(DeliveryRow.connection_id).where(*given_up)
        rows.hold_receivers(ConnectionRow.id.in_(theirs))
        lost = db.session.scalars(
            update(DeliveryRow)
            .where(*given_up)
            .values(
                state="dead",
                leased_by=None,
                leased_until=None,
                last_error="The worker ended each time while it was sending this.",
            )
            .returning(DeliveryRow.id)
        ).all()
        for id in lost:
            troubles.tell(id, now=now)
    return len(lost)


def replay(id: str, *, by: str, now: datetime) -> DeliveryRow:
    """Send again, at once and from the start of its attempts, as often as anybody asks. One commit.

    One that is being sent this moment is left alone. Raises: NoSuchDelivery, NothingToSend.
    """
    with one_commit("sending.replay"):
        row = db.session.get(DeliveryRow, id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NoSuchDelivery
        if not row.payload:
            raise NothingToSend
        if row.state != "sending":
            row.state, row.attempts, row.delivered_at = "pending", 0, None
            row.due_at = rows.clock()
            audit.append("delivery.replayed", id, actor=by, now=now)
    return row


def replay_all(connection_id: str | None, *, by: str, now: datetime) -> int:
    """Send again everything this receiver refused or that was given up. One commit."""
    with one_commit("sending.replay_all"):
        sent_again = db.session.scalars(
            update(DeliveryRow)
            .where(
                DeliveryRow.connection_id == connection_id,
                DeliveryRow.state.in_(("refused", "dead")),
            )
            .values(state="pending", attempts=0, due_at=rows.clock())
            .returning(DeliveryRow.id)
        ).all()
        what = {"number": len(sent_again)}
        audit.append("delivery.replayed", connection_id or "mail", actor=by, now=now, detail=what)
    return len(sent_again)
