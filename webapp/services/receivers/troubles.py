"""Telling people of a delivery that fails: once an hour for each receiver, not once for each lead.

Nothing here commits.
"""

from datetime import datetime, timedelta

from webapp import catalogs
from webapp.core.wording import fill
from webapp.delivery import letters, payloads
from webapp.services.prospects import resuming
from webapp.services.receivers import outbox
from webapp.store import deliveries as rows
from webapp.store import staff
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.handoffs import HandoffRow

QUIET = timedelta(hours=1)
EVENT = "delivery.failed"


def tell(delivery_id: str, *, now: datetime) -> None:
    """Mail the administrators and the team's lead, and tell the other webhooks that want to hear.

    A failure to tell of a failure is only written down: it must not set off another. So is a
    visitor's wrong address, which any visitor may type.
    """
    row = db.session.get(DeliveryRow, delivery_id, populate_existing=True)
    if row is None or row.event in (EVENT, resuming.EVENT):
        return
    connection = None
    if row.connection_id:
        # Locked: of several that fail at the same moment one tells.
        connection = db.session.get(
            ConnectionRow, row.connection_id, with_for_update=True, populate_existing=True
        )
    if connection is not None:
        if connection.alerted_at is not None and now - connection.alerted_at < QUIET:
            return
        connection.alerted_at = now
    receiver = connection.name if connection else f"mail to {row.recipient}"
    handoff = db.session.get(HandoffRow, row.handoff_id) if row.handoff_id else None
    team_lead = outbox.lead_of(handoff) if handoff else None
    for address in dict.fromkeys(each for each in (team_lead, *outbox.admins()) if each):
        # A broken mail address must not be told by mail to that address that it is broken.
        if address != row.recipient:
            locale = staff.locale_of(address)
            say = catalogs.of(locale).gettext
            outbox.deliver(
                letters.written(
                    "notice",
                    fill(say("Not delivered: {receiver}"), {"receiver": receiver}),
                    to=address,
                    at=now,
                    locale=locale,
                    headline=fill(
                        say("{receiver} does not get our messages"), {"receiver": receiver}
                    ),
                    paragraphs=[
                        row.last_error or "",
                        say(
                            "Nothing is lost: the message is kept, is tried again, and can be sent "
                            "again by hand as often as you like."
                        ),
                    ],
                    tables=[],
                    link=outbox.link("/settings/deliveries"),
                    button=say("See what is waiting"),
                ),
                EVENT,
                now=now,
                handoff=handoff,
                recipient=address,
            )
    if handoff is None:
        return
    told = outbox.told_of(handoff, handoff.record, now)
    detail = {"delivery": row.id, "receiver": receiver, "error": row.last_error}
    for other in rows.open_connections():
        if other.kind == "webhook" and other.id != row.connection_id and EVENT in other.events:
            payload = payloads.for_webhook(EVENT, told, detail)
            outbox.deliver(payload, EVENT, now=now, handoff=handoff, connection=other)
