"""Where handoffs are sent: set up, tried, changed, switched off. Each function is one commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

from webapp.config import Config
from webapp.core.errors import BatonError
from webapp.delivery import letters, slack, webhook
from webapp.delivery.addresses import target
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.kinds import EVENTS, KINDS, Kind, Setting
from webapp.delivery.mail import address
from webapp.delivery.vault import Vault
from webapp.services import audit, outbox, releases
from webapp.store.database import db, new_id, one_commit
from webapp.store.deliveries import ConnectionRow, DeliveryRow

TEST = "connection.test"
ASSIGN_OWNER = {
    "always": "Always the rep the lead went to",
    "new": "Only of contacts that are new",
    "never": "Never: the CRM decides",
}


class NoSuchConnection(BatonError):
    def __init__(self) -> None:
        super().__init__("There is no such connection.")


class NotSetUp(BatonError):
    """What was filled in cannot be used: a sentence for each field that is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def get(id: str) -> ConnectionRow:
    """Raises: NoSuchConnection."""
    row = db.session.get(ConnectionRow, id)
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
    key = webhook.new_key() if kind_id == "webhook" else None
    secret = {"keys": [key]} if key else {}
    name, config, secret = _checked(kind, given, events, secret)
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
        if _sent_elsewhere(kind, row, given):
            # Whoever may change the address must not learn the secret by that.
            had = {name: kept for name, kept in had.items() if name not in _secrets(kind)}
        row.name, row.config, secret = _checked(kind, given, events, had)
        row.secret, row.events = _vault().lock(secret), list(events)
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


def send_test(id: str, *, by: str, email: str, now: datetime) -> DeliveryRow:
    """Put a harmless message for a connection into the outbox. In a CRM it only looks ``email`` up.

    Raises: NoSuchConnection.
    """
    with one_commit("connections.send_test"):
        row = get(id)
        delivery = outbox.deliver(_test_message(row, email, now), TEST, now=now, connection=row)
        audit.append("connection.tested", id, actor=by, now=now)
    return delivery


def offered_values() -> list[str]:
    """What a field mapping may name, by the playbook that is live."""
    answers = [
        f"answer.{each.id}"
        for each in releases.live()[1].playbook.properties.values()
        if not each.built_in and not each.sensitive
    ]
    lead = ("name", "first_name", "last_name", "email", "phone", "title", "company", "country")
    return [
        *(f"lead.{name}" for name in lead),
        "company.domain",
        *(f"score.{name}" for name in ("total", "fit", "intent")),
        *(f"verdict.{name}" for name in ("tier", "rule", "because")),
        *(
            f"handoff.{name}"
            for name in ("link", "in_one_line", "next_action", "scenario", "depth")
        ),
        *(f"source.{name}" for name in ("utm_source", "utm_medium", "utm_campaign", "page")),
        *answers,
    ]


def written_mapping(mapping: Mapping[str, Mapping[str, str]]) -> str:
    """A field mapping as people edit it: ``contact.jobtitle: lead.title``, one a line."""
    return "\n".join(
        f"{kind}.{target}: {source}"
        for kind, fields in mapping.items()
        for target, source in fields.items()
    )


def _checked(
    kind: Kind, given: Mapping[str, str], events: Sequence[str], secret: Mapping[str, Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    problems: dict[str, str] = {}
    config: dict[str, Any] = {}
    secrets = dict(secret)
    for setting in kind.settings:
        value = given.get(setting.name, "").strip()
        if setting.secret and not value and setting.name in secrets:
            continue
        if problem := _problem_of(setting, value):
            problems[setting.name] = problem
        (secrets if setting.secret else config)[setting.name] = value
    if zone := given.get("timezone", "").strip():
        if _is_zone(zone):
            config["timezone"] = zone
        else:
            problems["timezone"] = "Enter a time zone like Europe/Berlin."
    if kind.mapping is not None:
        try:
            config["mapping"] = _read_mapping(given.get("mapping", ""), kind.mapping)
        except ValueError as problem:
            problems["mapping"] = str(problem)
        config["assign_owner"] = given.get("assign_owner") or "always"
        if config["assign_owner"] not in ASSIGN_OWNER:
            problems["assign_owner"] = "Select who decides about the owner."
    if not events or set(events) - EVENTS.keys():
        problems["events"] = "Select what it should hear of."
    if problems:
        raise NotSetUp(problems)
    return given.get("name", "").strip()[:100] or kind.label, config, secrets


def _secrets(kind: Kind) -> set[str]:
    return {each.name for each in kind.settings if each.secret}


def _sent_elsewhere(kind: Kind, row: ConnectionRow, given: Mapping[str, str]) -> bool:
    addresses = (each.name for each in kind.settings if each.type == "url" and not each.secret)
    return any(given.get(name, "").strip() != row.config.get(name) for name in addresses)


def _problem_of(setting: Setting, value: str) -> str | None:
    if not value:
        return f"Enter the {setting.label[0].lower()}{setting.label[1:]}."
    if not value.isascii() or not value.isprintable() or len(value) > 2_000:
        return "This holds something that cannot be sent. Copy it again."
    if setting.type == "email" and address(value) is None:
        return "Enter a mail address, like sales@example.com."
    if setting.type == "url":
        config: Config = current_app.extensions["baton"]
        try:
            target(value, config.allowed_receivers)
        except DeliveryRefused as problem:
            return str(problem)
    return None


def _read_mapping(
    text: str, standard: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    if not text.strip():
        return {kind: dict(fields) for kind, fields in standard.items()}
    offered = set(offered_values())
    found: dict[str, dict[str, str]] = {kind: {} for kind in standard}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        field, colon, source = (part.strip() for part in line.partition(":"))
        kind, _, name = field.partition(".")
        if not colon or kind not in found or not name:
            kinds = " or ".join(f"{each}." for each in found)
            raise ValueError(f"Line {number}: write {kinds} and a field, a colon and a value.")
        if source not in offered and not source.startswith("="):
            raise ValueError(
                f"Line {number}: there is no value {source}. Fixed text begins with =."
            )
        found[kind][name] = source
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


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
