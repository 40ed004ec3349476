"""The outbox. A delivery is written with what it tells of; sending it is the worker's job."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Document, Model, db


class ConnectionRow(Model):
    """Somewhere handoffs are sent. ``secret`` is encrypted with a key kept outside the database.

    ``alerted_at`` is when somebody was last told that it fails.
    """

    __tablename__ = "connections"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('email', 'slack', 'webhook', 'hubspot', 'salesforce', 'pipedrive', 'demo')",
            name="kind_exists",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    config: Mapped[dict[str, Any]]
    secret: Mapped[str | None]
    events: Mapped[list[str]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]
    alerted_at: Mapped[datetime | None]


class DeliveryRow(Model):
    """One message to one receiver. ``id`` is the same on every attempt, so that the receiver can
    drop a repeat. ``fence`` rises with every claim: a worker that comes back late finds another
    number and leaves the row alone. ``connection_id`` null is mail to ``recipient``. ``progress``
    remembers the steps already taken at a receiver that takes several.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "state", "due_at", "id"),
        Index(None, "connection_id", "state", "due_at", "id"),
        Index(None, "handoff_id"),
        CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'refused', 'dead')", name="state_exists"
        ),
        CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_its_time"
        ),
        CheckConstraint(
            "connection_id IS NOT NULL OR recipient IS NOT NULL", name="goes_somewhere"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    record_id: Mapped[str | None] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    connection_id: Mapped[str | None] = mapped_column(ForeignKey("connections.id"))
    channel: Mapped[str]
    recipient: Mapped[str | None]
    event: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(Document)
    progress: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    fence: Mapped[int]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


def of_handoff(handoff_id: str) -> list[DeliveryRow]:
    return list(
        db.session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.handoff_id == handoff_id)
            .order_by(DeliveryRow.created_at, DeliveryRow.id)
        )
    )


def open_connections() -> list[ConnectionRow]:
    return list(
        db.session.scalars(
            select(ConnectionRow)
            .where(ConnectionRow.disabled_at.is_(None))
            .order_by(ConnectionRow.created_at, ConnectionRow.id)
        )
    )


def clock() -> datetime:
    """What the database's clock shows. Leases and due times go by it, since processes on several
    machines disagree about the time and share this one."""
    if db.session.get_bind().dialect.name == "sqlite":
        text = db.session.scalar(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now")))
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    now: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)
