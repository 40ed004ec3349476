"""Who is told of a handoff: a row for each, in the commit of what it tells. Nothing here commits.

A payload is made now and not when it is sent: it tells what was true at this commit, and one that
cannot be made fails while the lead is still in somebody's hands.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from webapp.config import Config
from webapp.core.agreed_call import AgreedCall
from webapp.delivery import payloads
from webapp.delivery.kinds import KINDS
from webapp.delivery.payloads import Told
from webapp.services.flows import releases
from webapp.services.sales import agreed_calls
from webapp.store import deliveries, staff
from webapp.store.database import db, new_id
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow


def announce(
    event: str,
    handoff: HandoffRow,
    record: RecordRow,
    *,
    recipient: str | None = None,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Tell ``recipient`` by mail, and every connection that wants to hear of such events.

    A conversation of the demo reaches the demo's receivers and nobody else; a test one reaches
    webhooks (which can tell by its ``test``), and no person or CRM. Of somebody who must not be
    contacted nobody hears.
    """
    if handoff.status == "suppressed":
        return
    # At the end of a conversation nothing is agreed yet, and each look-up has its price.
    call = agreed_calls.of(handoff) if event != "handoff.created" else None
    told = told_of(handoff, record, now, call)
    for connection in deliveries.open_connections():
        if event in connection.events and _may_hear(connection, handoff):
            payload = _payload(connection, event, told, detail)
            deliver(payload, event, now=now, handoff=handoff, connection=connection)
    if recipient and not handoff.test:
        mail_to(recipient, event, told, handoff, now=now)


def entered_nurture(
    record: RecordRow, track: str | None, *, owner: str | None = None, demo: bool, now: datetime
) -> None:
    """Tell the marketing tool of a lead it should look after, with all that is known of it.
    ``owner`` is the rep it came back from."""
    told = Told(
        id=record.id,
        status="nurture",
        team=track or record.destination,
        owner=owner,
        respond_by=None,
        record=record.record,
        link="",
        at=now,
    )
    event, detail = "nurture.entered", {"track": track, "destination": record.destination}
    for connection in deliveries.open_connections():
        may_hear = connection.kind == "demo" if demo else not record.test
        if event in connection.events and may_hear:
            payload = _payload(connection, event, told, detail)
            deliver(payload, event, now=now, record=record, connection=connection)


def receivers_told_of(lead_ids: Sequence[str]) -> dict[str, set[str]]:
    """The connections that were ever sent something about these people, each with what a CRM calls
    the contact it was filed under."""
    sent = (
        select(DeliveryRow.connection_id, DeliveryRow.progress)
        .join(RecordRow, RecordRow.id == DeliveryRow.record_id)
        .where(RecordRow.lead_id.in_(lead_ids), DeliveryRow.connection_id.is_not(None))
    )
    found: dict[str, set[str]] = {}
    for connection_id, progress in db.session.execute(sent):
        contacts = found.setdefault(str(connection_id), set())
        if progress.get("contact"):
            contacts.add(progress["contact"])
    return found


def erased(lead_id: str, told: Mapping[str, set[str]], *, now: datetime) -> None:
    """Tell every receiver that was told of a person to forget them too, whatever else it hears of.

    A program gets the lead's id, people a mail or message, a CRM a note at the contact: what is
    deleted there is for those who work there to decide.
    """
    for connection in deliveries.open_connections():
        # A provider that is asked about companies keeps nothing of ours to be told of.
        if connection.id in told and not KINDS[connection.kind].asked:
            contacts = sorted(told[connection.id])
            payload = payloads.for_erasure(
                connection.kind, lead_id, contacts, to=connection.config.get("to", ""), at=now
            )
            deliver(payload, "lead.erased", now=now, connection=connection)


def assigned(handoff: HandoffRow, *, now: datetime) -> None:
    """Tell the new owner of a lead that waited, or was somebody else's."""
    announce("handoff.assigned", handoff, handoff.record, recipient=handoff.owner_email, now=now)


def nobody_free(handoff: HandoffRow, record: RecordRow, *, now: datetime) -> None:
    """Tell whoever can help of a lead that waits: the team's lead, and the administrators."""
    if not handoff.test:
        told = told_of(handoff, record, now)
        for address in dict.fromkeys(each for each in (lead_of(handoff), *admins()) if each):
            mail_to(address, "handoff.waiting", told, handoff, now=now)


def lead_of(handoff: HandoffRow) -> str | None:
    """Who leads the team that has the handoff, by the playbook that is live."""
    team = releases.live()[1].playbook.team(handoff.team)
    return team.lead if team else None


def clock_of(reader: StaffRow | None, team_id: str | None) -> str:
    """The time zone in which a mail about a team's lead tells the time: the reader's own, else the
    team's."""
    playbook = releases.live()[1].playbook
    own = reader.timezone if reader else None
    return own or playbook.clock_of(playbook.team(team_id))


def admins() -> list[str]:
    return [
        each.email for each in staff.everyone() if each.role == "admin" and not each.disabled_at
    ]


def mail_to(
    recipient: str, event: str, told: Told, handoff: HandoffRow, *, now: datetime
) -> DeliveryRow:
    """Mail one person about a handoff, in their zone."""
    reader = staff.by_email(recipient)
    payload = payloads.for_mail(
        event,
        told,
        to=recipient,
        timezone=clock_of(reader, handoff.team),
        locale=reader.locale if reader else None,
    )
    return deliver(payload, event, now=now, handoff=handoff, recipient=recipient)


def deliver(
    payload: dict[str, Any],
    event: str,
    *,
    now: datetime,
    id: str | None = None,
    handoff: HandoffRow | None = None,
    record: RecordRow | None = None,
    connection: ConnectionRow | None = None,
    recipient: str | None = None,
) -> DeliveryRow:
    """Put one message into the outbox: to a connection, or by mail to ``recipient``.

    Mail of the demo goes to the demo's own mailbox.
    """
    channel = connection.kind if connection else "email"
    if handoff is not None and handoff.demo:
        channel = "demo"
    row = DeliveryRow(
        id=id or new_id(now),
        handoff_id=handoff.id if handoff else None,
        record_id=handoff.record_id if handoff else record.id if record else None,
        connection_id=connection.id if connection else None,
        channel=channel,
        recipient=recipient,
        event=event,
        payload=payload,
        progress={},
        state="pending",
        attempts=0,
        # By the database's clock, which is also the workers': ours may be a day ahead.
        due_at=deliveries.clock(),
        fence=0,
        created_at=now,
    )
    db.session.add(row)
    return row


def told_of(
    handoff: HandoffRow, record: RecordRow, now: datetime, call: AgreedCall | None = None
) -> Told:
    return Told(
        id=handoff.id,
        status=handoff.status,
        team=handoff.team,
        owner=handoff.owner_email,
        respond_by=handoff.respond_by,
        record=record.record,
        link=link(f"/desk/handoffs/{handoff.id}"),
        at=now,
        call=call,
    )


def link(path: str) -> str:
    """The address of a page of ours; empty where nobody has said what our address is."""
    config: Config = current_app.extensions["baton"]
    return f"{config.base_url}{path}" if config.base_url else ""


def _may_hear(connection: ConnectionRow, handoff: HandoffRow) -> bool:
    if handoff.demo:
        return connection.kind == "demo"
    return not handoff.test or connection.kind in ("webhook", "demo")


def _payload(
    connection: ConnectionRow, event: str, told: Told, detail: Mapping[str, Any] | None
) -> dict[str, Any]:
    kind, zone = connection.kind, connection.config.get("timezone")
    if kind in payloads.CRMS:
        return payloads.for_crm(event, told)
    if kind == "slack":
        return payloads.for_slack(event, told, timezone=zone)
    if kind == "email":
        return payloads.for_mail(event, told, to=connection.config["to"], timezone=zone)
    return payloads.for_webhook(event, told, detail)
