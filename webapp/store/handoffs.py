"""Handoffs: records that went to sales, who has them, by when, and what came of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    and_,
    bindparam,
    event,
    exists,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, lazyload, mapped_column, relationship

from webapp.store import days
from webapp.store.conversations import ConversationRow
from webapp.store.database import Model, Serial, db
from webapp.store.locks import shared
from webapp.store.meetings import MeetingRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow

STATUSES = (
    "waiting",
    "assigned",
    "accepted",
    "contacted",
    "opportunity",
    "won",
    "lost",
    "rejected",
    "disqualified",
    "recycled",
    "suppressed",
)
OPEN = ("waiting", "assigned", "accepted")
WORKING = (*OPEN, "contacted", "opportunity")
BEFORE_CONTACT = ("waiting", "assigned", "accepted")
ACCEPTED = ("accepted", "contacted", "opportunity", "won", "lost", "disqualified")
"""Sales took it, whatever came of it."""
CLOSED = ("won", "lost", "rejected", "disqualified", "recycled", "suppressed")


class HandoffRow(Model):
    """One conversation passed to sales. ``record_id`` is the record that stands; a later one takes
    its place here and the owner stays.

    ``waiting`` has a team and no owner: the team's queue. ``assigned_because`` says how the lead
    came to this person, for fairness and for what is learnt later. ``remind_at`` is half of the
    working time to ``respond_by``; ``reminded_at`` and ``escalated_at`` say that it was done.
    ``closed_at`` says when it came to an end, and that it has. ``suppressed`` is of somebody who
    must not be contacted: kept, and in nobody's hands.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        Index(None, "respond_by", "id"),
        Index(None, "owner_email", "status", "respond_by"),
        Index(None, "team", "status", "created_at"),
        Index(None, "lead_id"),
        Index(None, "created_at", "id"),
        Index(None, "closed_at", "id"),
        Index(None, "status", "remind_at"),
        CheckConstraint(
            "status IN ('waiting', 'assigned', 'accepted', 'contacted', 'opportunity', 'won',"
            " 'lost', 'rejected', 'disqualified', 'recycled', 'suppressed')",
            name="status_exists",
        ),
        CheckConstraint("status <> 'waiting' OR owner_email IS NULL", name="waiting_has_no_owner"),
        CheckConstraint(
            "status NOT IN ('assigned', 'accepted') OR owner_email IS NOT NULL",
            name="assigned_has_an_owner",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), unique=True
    )
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), unique=True
    )
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    status: Mapped[str]
    team: Mapped[str]
    owner_email: Mapped[str | None]
    assigned_because: Mapped[dict[str, Any]]
    respond_by: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    tier: Mapped[str]
    total: Mapped[int]
    test: Mapped[bool]
    demo: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    assigned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    next_step: Mapped[str | None]
    next_step_at: Mapped[datetime | None]

    record: Mapped[RecordRow] = relationship(lazy="joined", innerjoin=True)


class HandoffEventRow(Model):
    """Something that happened to a handoff. Never changed."""

    __tablename__ = "handoff_events"
    __table_args__ = (Index(None, "handoff_id", "id"), Index(None, "what", "at"))

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by: Mapped[str]
    what: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    detail: Mapped[dict[str, Any]]


def _count_anew(_: object, __: object, row: HandoffRow) -> None:
    """Another version of a handoff changes what its day came to. A day that is still going on has
    not been counted yet."""
    if row.updated_at.date() != row.created_at.date() and _is_another_version(row):
        days.forget(days.HANDOFFS, [row.created_at])


def _is_another_version(row: HandoffRow) -> bool:
    return inspect(row).attrs.updated_at.history.has_changes()


event.listen(HandoffRow, "after_update", _count_anew)

# Built once: building a query costs three times what running it does, and each of these is run at
# the end of every conversation.
_of_conversation = select(HandoffRow).where(
    HandoffRow.conversation_id == bindparam("conversation_id")
)
_caller = aliased(StaffRow)
_with_owner = (
    select(
        HandoffRow.id,
        HandoffRow.status,
        HandoffRow.demo,
        StaffRow.email,
        StaffRow.name,
        MeetingRow.starts_at,
        MeetingRow.timezone,
        _caller.name.label("caller"),
    )
    .outerjoin(StaffRow, StaffRow.email == HandoffRow.owner_email)
    .outerjoin(
        MeetingRow, and_(MeetingRow.handoff_id == HandoffRow.id, MeetingRow.cancelled_at.is_(None))
    )
    .outerjoin(_caller, _caller.email == MeetingRow.rep_email)
    .where(HandoffRow.conversation_id == bindparam("conversation_id"))
)


def get(id: str) -> HandoffRow | None:
    return db.session.get(HandoffRow, id)


def site_of(id: str) -> str | None:
    """The id of the site on which somebody said what a handoff tells."""
    mine = ConversationRow.id == HandoffRow.conversation_id
    return db.session.scalar(
        select(ConversationRow.site_id).join(HandoffRow, mine).where(HandoffRow.id == id)
    )


def of_conversation(conversation_id: str) -> HandoffRow | None:
    return db.session.scalar(_of_conversation, {"conversation_id": conversation_id})


def of_conversations(conversation_ids: Sequence[str]) -> dict[str, HandoffRow]:
    """The handoffs that some conversations have, by the conversation's id."""
    if not conversation_ids:
        return {}
    query = select(HandoffRow).where(HandoffRow.conversation_id.in_(conversation_ids))
    return {row.conversation_id: row for row in db.session.scalars(query)}


def with_owner(conversation_id: str) -> Row[str, str, bool, str, str, datetime, str, str] | None:
    """``id``, ``status`` and ``demo`` of a conversation's handoff, ``email`` and ``name`` of its
    owner, both None where nobody with an account has it, ``starts_at`` and ``timezone`` of the call
    that was agreed on and the ``caller``'s name, None where none was."""
    return db.session.execute(_with_owner, {"conversation_id": conversation_id}).one_or_none()


def get_for_update(id: str) -> HandoffRow | None:
    """The handoff, locked until this transaction ends, as it is now and not as it was read."""
    return next(iter(_held(HandoffRow.id == id)), None)


def open_of(lead_ids: Sequence[str]) -> list[HandoffRow]:
    """The handoffs of these leads that are being worked on, locked until the commit."""
    return _held(HandoffRow.lead_id.in_(lead_ids), HandoffRow.status.in_(WORKING))


def hold(lead_ids: Sequence[str]) -> None:
    """Let nobody else change the handoffs of these leads until this transaction ends."""
    _held(HandoffRow.lead_id.in_(lead_ids))


def before_contact() -> list[HandoffRow]:
    """Handoffs in which nobody was in touch yet, locked until the commit; none of the demo."""
    return _held(HandoffRow.status.in_(BEFORE_CONTACT), HandoffRow.demo.is_(False))


def _held(*where: ColumnElement[bool]) -> list[HandoffRow]:
    """Handoffs as they are now and not as they were read, locked until this transaction ends. All
    who lock several do so in one order, and wait for each other in no circle. What becomes of them
    may depend on whom nobody may contact, and who comes onto that list holds it before them: so it
    stays as it is, too.

    Their records are read when asked for: joined, PostgreSQL leaves out a handoff that was given
    another record while we waited for it.
    """
    shared("suppressions")
    query = (
        select(HandoffRow)
        .options(lazyload(HandoffRow.record))
        .where(*where)
        .order_by(HandoffRow.id)
        .with_for_update(of=HandoffRow, key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def newest_of(lead_ids: Sequence[str]) -> dict[str, HandoffRow]:
    """Each lead's newest handoff, by the lead's id."""
    query = select(HandoffRow).where(HandoffRow.lead_id.in_(lead_ids)).order_by(HandoffRow.id)
    return {str(row.lead_id): row for row in db.session.scalars(query)}


def add_event(
    row: HandoffRow,
    what: str,
    *,
    at: datetime,
    by: str = "baton",
    reason: str | None = None,
    note: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened to a handoff, and who did it: an address, or ``baton`` itself."""
    db.session.add(
        HandoffEventRow(
            handoff_id=row.id,
            at=at,
            by=by,
            what=what,
            reason=reason,
            note=note,
            detail=dict(detail or {}),
        )
    )


def events(handoff_id: str) -> list[HandoffEventRow]:
    return list(
        db.session.scalars(
            select(HandoffEventRow)
            .where(HandoffEventRow.handoff_id == handoff_id)
            .order_by(HandoffEventRow.id)
        )
    )


def page(
    me: str,
    teams: Sequence[str] | None,
    *,
    status: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    site_id: str | None = None,
    limit: int,
) -> list[HandoffRow]:
    """Handoffs newest first, from a place on; ``teams`` None sees every team's, ``site_id`` None
    every site's."""
    query = select(HandoffRow)
    if site_id is not None:
        query = query.join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        query = query.where(ConversationRow.site_id == site_id)
    if teams is not None:
        query = query.where(or_(HandoffRow.owner_email == me, HandoffRow.team.in_(teams)))
    if status:
        query = query.where(HandoffRow.status == status)
    if since:
        query = query.where(HandoffRow.created_at >= since)
    if before:
        at, id = before
        # The bound that both cases share comes first: an index leads straight to it.
        query = query.where(HandoffRow.created_at <= at)
        query = query.where(or_(HandoffRow.created_at < at, HandoffRow.id < id))
    order = HandoffRow.created_at.desc(), HandoffRow.id.desc()
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def untouched() -> list[str]:
    """The handoffs whose deadline runs: nobody was in touch yet, and nobody told that it is over.
    Not those for which a time was agreed."""
    oldest_first = HandoffRow.created_at, HandoffRow.id
    return list(
        db.session.scalars(select(HandoffRow.id).where(*_untouched()).order_by(*oldest_first))
    )


def still_untouched(ids: Sequence[str]) -> list[HandoffRow]:
    """Those of them to which nothing happened meanwhile, locked until the commit."""
    return _held(HandoffRow.id.in_(ids), *_untouched())


def _untouched() -> tuple[ColumnElement[bool], ...]:
    return (
        HandoffRow.status.in_(("waiting", "assigned", "accepted")),
        HandoffRow.escalated_at.is_(None),
        ~exists().where(MeetingRow.cancelled_at.is_(None), MeetingRow.handoff_id == HandoffRow.id),
    )


def meetings_chosen_beside(handoff: HandoffRow, since: datetime) -> int:
    """How often the person of a handoff chose times or called them off in their other ones."""
    return (
        db.session.scalar(
            select(func.sum(MeetingRow.sequence + 1))
            .join(HandoffRow, HandoffRow.id == MeetingRow.handoff_id)
            .where(HandoffRow.lead_id == handoff.lead_id, HandoffRow.id != handoff.id)
            .where(MeetingRow.created_at > since)
        )
        or 0
    )
