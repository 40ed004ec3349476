"""How a conversation stands, for whoever holds its token: what is shown of it, and promised."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.core.decision import Decision
from webapp.services.prospects import completion, receipts
from webapp.services.prospects.standing import Standing
from webapp.services.prospects.states import State, state_of
from webapp.services.sales import ringing


def state_now(
    standing: Standing,
    decision: Decision,
    kept: Mapping[str, Any] | None = None,
    *,
    human_asked_at: datetime | None = None,
) -> State:
    """How things stand, for whoever holds the token, with the receipt for an answer that is
    ``kept``. One that has expired shows nothing of what was said before."""
    row = standing.row
    expired = row.expires_at if decision.visit.now > row.expires_at else None
    asked_at = human_asked_at or row.human_asked_at
    return state_of(
        decision,
        id=row.id,
        site_id=row.site_id,
        skin=row.skin,
        variant=row.variant,
        test=row.test,
        receipt=receipts.receipt(row.id, kept) if kept else None,
        human_asked_at=asked_at,
        team_told=asked_at is not None and ringing.rings(decision, row),
        promise=None if decision.path.next else completion.promise(row.id, row.site_id),
        since=max(filter(None, (row.resumed_at, expired)), default=None),
        prefill=row.prefill,
    )
