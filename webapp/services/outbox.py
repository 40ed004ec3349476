"""Who is told of a handoff: a row for each, in the commit of what it tells."""

from datetime import datetime
from typing import Any

from webapp.store import deliveries
from webapp.store.database import db, new_id
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow


def announce(
    event: str, handoff: HandoffRow, record: RecordRow, *, recipient: str, now: datetime
) -> None:
    """Tell the owner (or whoever looks after the queue) by mail, and every connection that wants
    to know. Commits nothing.

    A payload is made now and not when it is sent: it tells what was true at this commit.
    """
    payload: dict[str, Any] = {
        "event": event,
        "at": now.isoformat(),
        "handoff": {
            "id": handoff.id,
            "status": handoff.status,
            "team": handoff.team,
            "owner": handoff.owner_email,
            "respond_by": handoff.respond_by.isoformat() if handoff.respond_by else None,
        },
        "record": record.record,
    }
    wanted = [each for each in deliveries.open_connections() if event in each.events]
    channels = [("email", None, recipient), *((each.kind, each.id, None) for each in wanted)]
    db.session.add_all(
        DeliveryRow(
            id=new_id(now),
            handoff_id=handoff.id,
            record_id=record.id,
            connection_id=connection_id,
            channel=channel,
            recipient=to,
            event=event,
            payload=payload,
            state="pending",
            attempts=0,
            due_at=now,
            fence=0,
            created_at=now,
        )
        for channel, connection_id, to in channels
    )
