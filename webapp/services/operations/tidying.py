"""What is of no more use, put away. What a person must decide about, a dead letter say, is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from webapp.store import deliveries, look_ups
from webapp.store.access import IdempotencyRow, ThrottleRow
from webapp.store.database import db, one_commit, reading
from webapp.store.deliveries import DeliveryRow
from webapp.store.heartbeats import HeartbeatRow
from webapp.store.resume_links import ResumeLinkRow
from webapp.store.second_steps import CeremonyRow
from webapp.store.staff import StaffSessionRow

DELIVERED_KEPT = timedelta(days=30)
"""How long what was delivered can be looked up. Then the fact stays, and the words go."""

ANSWERED_KEPT = timedelta(days=30)
"""How long a program's repeated call hears its first answer again: as long as the token in that
answer may open a conversation. Nobody repeats a call of last month by mistake."""

HEARTBEAT_KEPT = timedelta(days=1)
AT_ONCE = 500


def sweep(*, now: datetime) -> int:
    """Forget what is old. One commit for each some; returns how many deliveries were emptied."""
    emptied = 0
    while ids := _old_deliveries(now):
        with one_commit("tidying.empty_deliveries"):
            deliveries.empty(ids)
        emptied += len(ids)
    with one_commit("tidying.sweep"):
        db.session.execute(delete(ThrottleRow).where(ThrottleRow.until < now))
        db.session.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at < now))
        db.session.execute(delete(CeremonyRow).where(CeremonyRow.expires_at < now))
        # Whoever asked for a link has it, or is not to be reached: the address has served.
        links = select(ResumeLinkRow.secret_hash)
        over = DeliveryRow.id.in_(links.where(ResumeLinkRow.expires_at < now))
        mailed = DeliveryRow.id.in_(links)
        served = or_(DeliveryRow.state == "delivered", over)
        db.session.execute(delete(DeliveryRow).where(mailed, served))
        db.session.execute(delete(ResumeLinkRow).where(ResumeLinkRow.expires_at < now))
        answered = IdempotencyRow.created_at < now - ANSWERED_KEPT
        db.session.execute(delete(IdempotencyRow).where(answered))
        look_ups.forget_old(now)
        silent = HeartbeatRow.at < now - HEARTBEAT_KEPT
        db.session.execute(delete(HeartbeatRow).where(silent))
    return emptied


def _old_deliveries(now: datetime) -> Sequence[str]:
    with reading():
        return deliveries.to_be_emptied(now - DELIVERED_KEPT, AT_ONCE)
