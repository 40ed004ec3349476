"""What a lead went through before: conversations, where they led, and what sales made of them."""

from collections.abc import Sequence
from typing import Any

from webapp.services.sales import handoffs as service
from webapp.store import history
from webapp.store.leads import LeadRow

MOST = 20


def history_of(
    person: Sequence[LeadRow], *, before: str, demo: bool = False
) -> list[dict[str, Any]]:
    """A person's earlier conversations, newest first, as the record tells them. ``before`` is the
    conversation that is being recorded, which is no history yet.

    A record of the demo, which anybody may look at, tells of the demo's conversations alone:
    whoever tries it may type the address of a real lead. Why a lead was sent back or closed is told
    in words; notes stay on the desk.
    """
    ids = [lead.id for lead in person]
    return [
        {
            "at": row.created_at.isoformat(),
            "record": row.id,
            "flow": row.flow,
            "destination": row.destination,
            "kind": row.kind,
            "tier": row.tier,
            "total": row.total,
            "status": row.status,
            "owner": row.owner_email,
            "handoff": row.handoff,
            "reason": service.REASONS.get(row.reason, row.reason),
        }
        for row in history.earlier(ids, before=before, only_demo=demo, most=MOST)
    ]
