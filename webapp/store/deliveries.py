"""The outbox. A delivery is written with what it tells of; sending it is the worker's job."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CursorResult,
    ForeignKey,
    Index,
    Row,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.counts import count_some
from webapp.store.database import Document, Model, db
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow

STATES = ("pending", "sending", "delivered", "refused", "dead", "withdrawn")


class ConnectionRow(Model):
    """Somewhere handoffs are sent, or a provider that is asked about companies. ``secret`` is
    encrypted with a key kept outside the database.

    ``alerted_at`` is when somebody was last told that it fails.
    """

    __tablename__ = "connections"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('email', 'slack', 'webhook', 'hubspot', 'salesforce', 'pipedrive', "
            "'enrichment', 'demo')",
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
    remembers the steps already taken at a receiver that takes several. ``withdrawn`` is of somebody
    who must not be contacted any more: it is never sent.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "state", "due_at", "id"),
        Index(None, "connection_id", "state", "due_at", "id"),
        Index(None, "connection_id", "created_at", "id"),
        Index(None, "handoff_id"),
        Index(None, "record_id"),
        Index(
            None,
            "delivered_at",
            sqlite_where=text("payload <> '{}'"),
            postgresql_where=text("payload <> '{}'"),
        ),
        CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'refused', 'dead', 'withdrawn')",
            name="state_exists",
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


_OUTSTANDING = ("pending", "sending", "refused", "dead")
_AT_ONCE = 500
# In the words of the index of those, or none of the databases sees that it is the same.
_says_something = text("payload <> '{}'")
_open_connections = (
    select(ConnectionRow)
    .where(ConnectionRow.disabled_at.is_(None))
    .order_by(ConnectionRow.created_at, ConnectionRow.id)
)
_sqlite_clock = select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))
_postgresql_clock = select(func.clock_timestamp())


def get(id: str) -> DeliveryRow | None:
    return db.session.get(DeliveryRow, id)


def of_handoff(handoff_id: str) -> list[DeliveryRow]:
    return list(
        db.session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.handoff_id == handoff_id)
            .order_by(DeliveryRow.created_at, DeliveryRow.id)
        )
    )


def open_connections() -> list[ConnectionRow]:
    return list(db.session.scalars(_open_connections))


def clock() -> datetime:
    """What the database's clock shows. Leases and due times go by it, since processes on several
    machines disagree about the time and share this one."""
    if db.session.get_bind().dialect.name == "sqlite":
        text = db.session.scalar(_sqlite_clock)
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    now: datetime = db.session.execute(_postgresql_clock).scalar_one()
    return now.astimezone(UTC)


def all_connections() -> list[ConnectionRow]:
    return list(
        db.session.scalars(select(ConnectionRow).order_by(ConnectionRow.name, ConnectionRow.id))
    )


def latest_of(connection_id: str, limit: int = 20) -> list[DeliveryRow]:
    return list(
        db.session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.connection_id == connection_id)
            .order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
            .limit(limit)
        )
    )


def page(
    connection_id: str,
    *,
    state: str | None = None,
    event: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[DeliveryRow]:
    """What a connection was to get, newest first, from a place on."""
    query = select(DeliveryRow).where(DeliveryRow.connection_id == connection_id)
    if state:
        query = query.where(DeliveryRow.state == state)
    if event:
        query = query.where(DeliveryRow.event == event)
    if since:
        query = query.where(DeliveryRow.created_at >= since)
    if before:
        at, id = before
        same = and_(DeliveryRow.created_at == at, DeliveryRow.id < id)
        query = query.where(or_(DeliveryRow.created_at < at, same))
    order = DeliveryRow.created_at.desc(), DeliveryRow.id.desc()
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def forget(connection_id: str) -> int:
    """Delete everything a connection was sent or was to get; how many it had not taken yet."""
    theirs = DeliveryRow.connection_id == connection_id
    waiting = select(func.count()).where(theirs, DeliveryRow.state != "delivered")
    number = db.session.scalar(waiting) or 0
    db.session.execute(delete(DeliveryRow).where(theirs))
    return number


def due_receivers(now: datetime) -> list[str | None]:
    """Connections with something to send, and None if there is mail. One look into an index each,
    however long a queue is."""
    connections = select(ConnectionRow.id).where(
        ConnectionRow.disabled_at.is_(None),
        exists().where(DeliveryRow.connection_id == ConnectionRow.id, _is_due(now)),
    )
    mail = select(exists().where(DeliveryRow.connection_id.is_(None), _is_due(now)))
    found: list[str | None] = list(db.session.scalars(connections))
    return [None, *found] if db.session.scalar(mail) else found


def claim(
    connection_id: str | None, *, by: str, limit: int, lease: timedelta, now: datetime
) -> list[DeliveryRow]:
    """Take the deliveries of one receiver that have been due longest, in one statement.

    Nobody else gets them until the lease ends; each gets a new fencing number.
    """
    due = (
        select(DeliveryRow.id)
        .where(DeliveryRow.connection_id == connection_id, _is_due(now))
        .order_by(DeliveryRow.due_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due))
        .values(
            state="sending",
            leased_by=by,
            leased_until=now + lease,
            fence=DeliveryRow.fence + 1,
            attempts=DeliveryRow.attempts + 1,
        )
        .returning(DeliveryRow)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(taken))


def hold_receivers(which: ColumnElement[bool]) -> None:
    """Let nobody else change these connections until this transaction ends."""
    held = select(ConnectionRow.id).where(which).order_by(ConnectionRow.id)
    db.session.execute(held.with_for_update())


def settle(id: str, fence: int, values: Mapping[str, Any]) -> bool:
    """Write down what became of a claimed delivery, unless somebody else has claimed it since.

    One withdrawn while it was under way stays so, unless it arrived: then that is the truth.
    """
    arrived = values["state"] == "delivered"
    written = db.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == id, DeliveryRow.fence == fence)
        .where(DeliveryRow.state.in_(("sending", "withdrawn") if arrived else ("sending",)))
        .values(**values)
    )
    return bool(cast("CursorResult[Any]", written).rowcount)


def outstanding() -> Sequence[Row[str, str, str | None]]:
    """``id``, ``lead_id`` and ``recipient`` of what is yet to be sent, or might be sent again, and
    tells of a person or writes to one: neither what says that somebody was erased, nor what staff
    are told beside it."""
    lead_id = func.coalesce(HandoffRow.lead_id, RecordRow.lead_id).label("lead_id")
    to_a_visitor = and_(
        DeliveryRow.handoff_id.is_(None),
        DeliveryRow.connection_id.is_(None),
        DeliveryRow.recipient.not_in(select(StaffRow.email)),
    )
    return db.session.execute(
        select(DeliveryRow.id, lead_id, DeliveryRow.recipient)
        .outerjoin(HandoffRow, HandoffRow.id == DeliveryRow.handoff_id)
        .outerjoin(RecordRow, RecordRow.id == DeliveryRow.record_id)
        .where(DeliveryRow.state.in_(_OUTSTANDING), or_(lead_id.is_not(None), to_a_visitor))
    ).all()


def withdraw(ids: Sequence[str], because: str) -> None:
    """Send these never again, and forget what they said. ``progress`` stays: by it an erasure finds
    what a CRM was told already."""
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        db.session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id.in_(some), DeliveryRow.state.in_(_OUTSTANDING))
            .values(
                state="withdrawn",
                payload={},
                last_error=because,
                leased_by=None,
                leased_until=None,
            )
        )


def _is_due(now: datetime) -> ColumnElement[bool]:
    # What is being sent was due before it was claimed. Said so, and with the states in one list,
    # the index leads past all that was ever delivered.
    return and_(
        DeliveryRow.state.in_(("pending", "refused", "sending")),
        DeliveryRow.due_at <= now,
        or_(DeliveryRow.state != "sending", DeliveryRow.leased_until <= now),
    )


def in_trouble(limit: int = 100) -> list[DeliveryRow]:
    """What failed and is tried again, was refused, or was given up for now; newest first."""
    return list(
        db.session.scalars(
            select(DeliveryRow)
            .where(
                DeliveryRow.state.in_(("refused", "dead", "pending")),
                or_(DeliveryRow.state != "pending", DeliveryRow.attempts > 0),
            )
            .order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
            .limit(limit)
        )
    )


def counts() -> dict[tuple[str | None, str], int]:
    """How many deliveries of each connection (None: mail) are in each state, as ``count_some``
    counts."""
    receivers: list[str | None] = [None, *db.session.scalars(select(ConnectionRow.id))]
    kinds = [(receiver, state) for receiver in receivers for state in STATES]
    counted = count_some(
        *(
            select(DeliveryRow.id).where(
                DeliveryRow.connection_id == receiver, DeliveryRow.state == state
            )
            for receiver, state in kinds
        )
    )
    return dict(zip(kinds, counted, strict=True))


def to_be_emptied(before: datetime, limit: int) -> Sequence[str]:
    """Some that were delivered before an instant and still say what they said."""
    still = select(DeliveryRow.id).where(_says_something, DeliveryRow.delivered_at < before)
    return db.session.scalars(still.limit(limit)).all()


def empty(ids: Sequence[str]) -> None:
    """Let nothing be left of what these said: that they were made stays."""
    emptied = update(DeliveryRow).where(DeliveryRow.id.in_(ids))
    db.session.execute(emptied.values(payload={}, progress={}))
