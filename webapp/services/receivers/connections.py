"""Where handoffs are sent: set up, tried, changed, switched off. Each function is one commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app

from webapp.config import Config
from webapp.core.errors import BatonError
from webapp.delivery import letters, slack, webhook
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.kinds import KINDS, Kind
from webapp.delivery.mail import address
from webapp.delivery.vault import Vault
from webapp.services import audit
from webapp.services.people import enrichment
from webapp.services.receivers import outbox
from webapp.services.receivers.connection_settings import NotSetUp, checked
from webapp.store import deliveries, look_ups
from webapp.store.database import db, new_id, one_commit
from webapp.store.deliveries import ConnectionRow, DeliveryRow

TEST = "connection.test"


class NoSuchConnection(BatonError):
    def __init__(self) -> None:
        super().__init__("There is no such connection.")


def get(id: str) -> ConnectionRow:
    """Raises: NoSuchConnection."""
    row = db.session.get(ConnectionRow, id)
    if row is None:
        raise NoSuchConnection
    return row


def held(id: str) -> ConnectionRow:
    """The connection as it is now, which nobody else changes before the next commit.

    Raises: NoSuchConnection.
    """
    row = db.session.get(ConnectionRow, id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchConnection
    return row


def create(
    kind_id: str, given: Mapping[str, str], events: Sequence[str], *, by: str, now: datetime
) -> tuple[ConnectionRow, str | None]:
    """Set a connection up. With a webhook comes its signing key, shown this once.

    Raises: NotSetUp.
    """
    kind = KINDS[kind_id]
    events = () if kind.asked else events
    key = webhook.new_key() if kind_id == "webhook" else None
    secret = {"keys": [key]} if key else {}
    name, config, secret = checked(kind, given, events, secret)
    with one_commit("connections.create"):
        row = ConnectionRow(
            id=new_id(now),
            kind=kind_id,
            name=name,
            config=config,
            secret=_vault().lock(secret),
            events=list(events),
            created_at=now,
        )
        db.session.add(row)
        audit.append("connection.created", row.id, actor=by, now=now, detail={"kind": kind_id})
    return row, key


def update(
    id: str, given: Mapping[str, str], events: Sequence[str], *, by: str, now: datetime
) -> ConnectionRow:
    """Change a connection. A secret left blank stays as it is, unless the address it is sent to
    changes: then it must be entered again.

    Raises: NoSuchConnection, NotSetUp.
    """
    with one_commit("connections.update"):
        row = get(id)
        had = _unlocked(row)
        kind = KINDS[row.kind]
        events = () if kind.asked else events
        if _sent_elsewhere(kind, row, given):
            # Whoever may change the address must not learn the secret by that.
            had = {name: kept for name, kept in had.items() if name not in _secrets(kind)}
        row.name, row.config, secret = checked(kind, given, events, had)
        row.secret, row.events = _vault().lock(secret), list(events)
        look_ups.forget_answers_of(id)
        audit.append("connection.changed", id, actor=by, now=now)
    return row


def switch(id: str, *, on: bool, by: str, now: datetime) -> ConnectionRow:
    """Switch a connection off, or on again. What it was to get waits meanwhile.

    Raises: NoSuchConnection.
    """
    with one_commit("connections.switch"):
        row = get(id)
        row.disabled_at = None if on else now
        row.disabled_because = None if on else "switched off"
        what = "connection.switched_on" if on else "connection.switched_off"
        audit.append(what, id, actor=by, now=now)
    return row


def delete(id: str, *, by: str, now: datetime) -> None:
    """Take a connection away for good, with what it was sent and what it has not taken yet.

    Raises: NoSuchConnection.
    """
    with one_commit("connections.delete"):
        row = get(id)
        waited = deliveries.forget(id)
        db.session.delete(row)
        what = {"kind": row.kind, "not_taken": waited}
        audit.append("connection.deleted", id, actor=by, now=now, detail=what)


def change_key(id: str, *, by: str, now: datetime) -> str:
    """Give a webhook a new signing key, shown this once. The one before signs along until the next
    change, so that the receiver can change over in its own time.

    Raises: NoSuchConnection.
    """
    key = webhook.new_key()
    with one_commit("connections.change_key"):
        row = get(id)
        had = _unlocked(row)
        row.secret = _vault().lock({**had, "keys": [key, *had.get("keys", [])[:1]]})
        audit.append("connection.key_changed", id, actor=by, now=now)
    return key


def send_test(id: str, *, by: str, email: str, example: str = "", now: datetime) -> DeliveryRow:
    """Put a harmless message for a connection into the outbox. In a CRM it only looks ``email`` up;
    a provider is asked about ``example``, a domain or an address.

    Raises: NoSuchConnection, NotSetUp.
    """
    with one_commit("connections.send_test"):
        row = get(id)
        message = _question(row, example) if KINDS[row.kind].asked else None
        message = message or _test_message(row, email, now)
        delivery = outbox.deliver(message, TEST, now=now, connection=row)
        audit.append("connection.tested", id, actor=by, now=now)
    return delivery


def _secrets(kind: Kind) -> set[str]:
    return {each.name for each in kind.settings if each.secret}


def _sent_elsewhere(kind: Kind, row: ConnectionRow, given: Mapping[str, str]) -> bool:
    addresses = (each.name for each in kind.settings if each.type == "url" and not each.secret)
    return any(given.get(name, "").strip() != row.config.get(name) for name in addresses)


def _question(row: ConnectionRow, example: str) -> dict[str, Any]:
    by_address = bool(row.config["by_address"])
    named = example.strip()
    email = address(named if "@" in named else f"someone@{named}")
    if email is None or len(named) > 250 or (by_address and "@" not in named):
        what = "an address, like ana@example.com" if by_address else "a domain, like example.com"
        raise NotSetUp({"example": f"Enter {what}."})
    return enrichment.question(email.addr_spec, by_address=by_address)


def _test_message(row: ConnectionRow, email: str, now: datetime) -> dict[str, Any]:
    said = f"This is a test from Baton. {row.name} is set up."
    if KINDS[row.kind].mapping is not None:
        return {"only_look_up": email}
    if row.kind == "slack":
        return slack.message("A test from Baton", [said], [])
    if row.kind == "email":
        return letters.written(
            "notice", "A test from Baton", to=row.config["to"], at=now, headline="It works",
            paragraphs=[said], tables=[], link="", button="",
        )  # fmt: skip
    return {"type": TEST, "timestamp": now.isoformat(), "data": {"message": said}}


def _unlocked(row: ConnectionRow) -> dict[str, Any]:
    try:
        return _vault().unlock(row.secret)
    except DeliveryRefused:
        # Saved under another key: whoever changes it must enter it again.
        return {}


def _vault() -> Vault:
    config: Config = current_app.extensions["baton"]
    return Vault(config.secret_key)
