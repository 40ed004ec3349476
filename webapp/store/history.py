"""What a person's earlier conversations came to, as one look: whoever comes for the thousandth time
costs no more than who comes for the twentieth."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from webapp.store.calls import CallRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.records import RecordRow

_later = aliased(RecordRow)
_own = aliased(HandoffRow)
# A call has no handoff of its own: it is about that of another conversation.
_handoff_id = func.coalesce(
    select(_own.id).where(_own.conversation_id == RecordRow.conversation_id).scalar_subquery(),
    select(CallRow.handoff_id)
    .where(CallRow.conversation_id == RecordRow.conversation_id)
    .scalar_subquery(),
)
_reason = (
    select(HandoffEventRow.reason)
    .where(HandoffEventRow.handoff_id == HandoffRow.id, HandoffEventRow.reason != "")
    .order_by(HandoffEventRow.id.desc())
    .limit(1)
    .scalar_subquery()
)
_earlier = (
    select(
        RecordRow.created_at,
        RecordRow.id,
        RecordRow.flow,
        RecordRow.destination,
        RecordRow.kind,
        RecordRow.tier,
        RecordRow.total,
        HandoffRow.id.label("handoff"),
        HandoffRow.status,
        HandoffRow.owner_email,
        _reason.label("reason"),
    )
    .join(ConversationRow, ConversationRow.id == RecordRow.conversation_id)
    .outerjoin(HandoffRow, HandoffRow.id == _handoff_id)
    .where(
        RecordRow.lead_id.in_(bindparam("lead_ids", expanding=True)),
        RecordRow.conversation_id != bindparam("before"),
        or_(not_(bindparam("only_demo")), ConversationRow.demo),
        ~exists().where(_later.supersedes_id == RecordRow.id),
    )
    .order_by(RecordRow.created_at.desc(), RecordRow.id.desc())
    .limit(bindparam("most"))
)


def earlier(
    lead_ids: Sequence[str], *, before: str, only_demo: bool, most: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The ``most`` last conversations of a person but ``before``, newest first: the record that
    stands of each, ``handoff``, ``status`` and ``owner_email`` where it has a handoff, and the
    last ``reason`` that was given there."""
    given = {"lead_ids": lead_ids, "before": before, "only_demo": only_demo, "most": most}
    return db.session.execute(_earlier, given).all()
