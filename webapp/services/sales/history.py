"""What a lead went through before: conversations, where they led, and what sales made of them."""

from collections.abc import Sequence
from typing import Any

from webapp.services.sales import handoffs as service
from webapp.store import calls, handoffs, records
from webapp.store.leads import LeadRow

MOST = 20


def history_of(
    person: Sequence[LeadRow], *, before: str, demo: bool = False
) -> list[dict[str, Any]]:
    """A person's earlier conversations, newest first, as the record tells them. ``before`` is the
    conversation that is being recorded, which is no history yet.

    A record of the demo, which anybody may look at, tells of the demo's conversations alone:
    whoever tries it may type the address of a real lead.
    """
    told: dict[str, dict[str, Any]] = {}
    ids = [lead.id for lead in person]
    for row in records.of_leads(ids, demo=True if demo else None):
        if row.conversation_id == before or row.conversation_id in told:
            continue
        id = row.conversation_id
        handoff = handoffs.of_conversation(id) or calls.handoff_of(id)
        told[row.conversation_id] = {
            "at": row.created_at.isoformat(),
            "record": row.id,
            "flow": row.flow,
            "destination": row.destination,
            "kind": row.kind,
            "tier": row.tier,
            "total": row.total,
            "status": handoff.status if handoff else None,
            "owner": handoff.owner_email if handoff else None,
            "handoff": handoff.id if handoff else None,
            "reason": _reason(handoff.id) if handoff else None,
        }
    return list(told.values())[:MOST]


def _reason(handoff_id: str) -> str | None:
    """Why the lead was sent back or closed, in words. Notes stay on the desk."""
    given = [each.reason for each in handoffs.events(handoff_id) if each.reason]
    return service.REASONS.get(given[-1], given[-1]) if given else None
