"""How a conversation stands, for whoever holds its token: what is shown of it, and promised."""

from datetime import datetime

from webapp.core.decision import Decision
from webapp.services import completion, ringing
from webapp.services.standing import Standing
from webapp.services.states import State, state_of


def state_now(
    standing: Standing, decision: Decision, human_asked_at: datetime | None = None
) -> State:
    """How things stand, for whoever holds the token. One that has expired shows nothing of what was
    said before."""
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
        human_asked_at=asked_at,
        team_told=asked_at is not None and ringing.rings(decision, row),
        promise=None if decision.path.next else completion.promise(row.id, row.site_id),
        since=max(filter(None, (row.resumed_at, expired)), default=None),
        prefill=row.prefill,
    )
