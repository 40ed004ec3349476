"""Webhooks for programs: set up, tried, changed, taken away; what they were sent, and again."""

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask.views import MethodView
from marshmallow import fields, validate

from webapp.delivery.kinds import EVENTS
from webapp.services.receivers import connections, sending
from webapp.services.receivers.connections import TEST, NoSuchConnection
from webapp.services.receivers.sending import NoSuchDelivery
from webapp.store import deliveries as rows
from webapp.store.deliveries import STATES, ConnectionRow
from webapp.web.api import cursors, versions
from webapp.web.api.callers import actor, key, scoped
from webapp.web.api.inputs import Flag, Sent, instant, text
from webapp.web.api.part import Part
from webapp.web.api.problems import CONTENT_TYPE, ProblemSchema
from webapp.web.api.shown import LOCATION, Shown

bp = Part("webhooks", "/webhooks", "Programs that are told what happens, by signed messages.")

KIND = "webhook"


def _events(**more: Any) -> fields.List[Any]:
    event = fields.String(validate=validate.OneOf(list(EVENTS)))
    return fields.List(event, validate=validate.Length(min=1, max=50), **more)


class SetUpSchema(Sent):
    """``url`` is where messages go, ``events`` what it hears of."""

    url = text(2_000, least=1, required=True)
    events = _events(required=True)
    name = text(100, least=1)


class ChangeSchema(Sent):
    """What is left out stays."""

    url = text(2_000, least=1)
    events = _events()
    name = text(100, least=1)


class SwitchSchema(Sent):
    on = Flag(required=True)


class WebhookSchema(Shown):
    """``off_because`` says why it gets nothing for now."""

    id = fields.String()
    name = fields.String()
    url = fields.Function(lambda row: row.config["url"], metadata={"type": "string"})
    events = fields.List(fields.String())
    on = fields.Function(lambda row: row.disabled_at is None, metadata={"type": "boolean"})
    off_because = fields.String(attribute="disabled_because", allow_none=True)
    created_at = fields.AwareDateTime()


class WebhookListSchema(Shown):
    items = fields.List(fields.Nested(WebhookSchema))


class SigningKeySchema(Shown):
    """``key`` is shown this once."""

    key = fields.String()


class NewWebhookSchema(SigningKeySchema):
    webhook = fields.Nested(WebhookSchema)


class ReceivedSchema(Shown):
    """One message. ``id`` is the ``webhook-id`` of every attempt; ``due_at`` is the next one's time
    while it has not been taken."""

    id = fields.String()
    event = fields.String()
    handoff = fields.String(attribute="handoff_id", allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer()
    created_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    delivered_at = fields.AwareDateTime(allow_none=True)
    last_error = fields.String(allow_none=True)


class FilterSchema(Sent):
    state = fields.String(validate=validate.OneOf(STATES))
    event = fields.String(validate=validate.OneOf([*EVENTS, TEST]))
    since = instant()
    cursor = text(200)
    limit = fields.Integer(validate=validate.Range(1, 100), load_default=50)


class DeliveryPageSchema(Shown):
    items = fields.List(fields.Nested(ReceivedSchema))
    next = fields.String(allow_none=True)


class ReplayedSchema(Shown):
    """``replayed`` says how many are being sent again."""

    replayed = fields.Integer()


@bp.route("")
class Webhooks(MethodView):
    @scoped("webhooks:write")
    @bp.response(200, WebhookListSchema)
    def get(self) -> Any:
        """Every webhook, by name."""
        return {"items": [row for row in rows.all_connections() if row.kind == KIND]}

    @scoped("webhooks:write")
    @bp.arguments(SetUpSchema)
    @bp.response(201, NewWebhookSchema, headers=LOCATION | versions.ETAG)
    def post(self, wanted: dict[str, Any]) -> Any:
        """Set a webhook up. Its signing key is shown this once."""
        events = wanted.pop("events")
        row, signing_key = connections.create(KIND, wanted, events, by=_by(), now=datetime.now(UTC))
        made = {"webhook": versions.tell(_version, row), "key": signing_key}
        return made, {"Location": f"{request.path}/{row.id}"}


@bp.route("/<id>")
class Webhook(MethodView):
    @scoped("webhooks:write")
    @bp.response(200, WebhookSchema, headers=versions.ETAG)
    def get(self, id: str) -> Any:
        """One webhook."""
        return versions.tell(_version, _known(connections.get(id)))

    @scoped("webhooks:write")
    @bp.arguments(ChangeSchema)
    @bp.response(200, WebhookSchema, headers=versions.ETAG)
    @bp.doc(**versions.CONDITIONAL)
    def patch(self, wanted: dict[str, Any], id: str) -> Any:
        """Change where it is, what it is called and what it hears of."""
        row = _held(id)
        events = wanted.pop("events", row.events)
        given = {**row.config, "name": row.name, **wanted}
        changed = connections.update(id, given, events, by=_by(), now=datetime.now(UTC))
        return versions.tell(_version, changed)

    @scoped("webhooks:write")
    @bp.response(204)
    @bp.doc(**versions.CONDITIONAL)
    def delete(self, id: str) -> None:
        """Take it away for good, with everything it was sent or was to get."""
        _held(id)
        connections.delete(id, by=_by(), now=datetime.now(UTC))


@bp.route("/<id>/switch")
class Switch(MethodView):
    @scoped("webhooks:write")
    @bp.arguments(SwitchSchema)
    @bp.response(200, WebhookSchema, headers=versions.ETAG)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, wanted: dict[str, Any], id: str) -> Any:
        """Switch it off, or on again. What it was to get waits meanwhile."""
        _held(id)
        row = connections.switch(id, on=wanted["on"], by=_by(), now=datetime.now(UTC))
        return versions.tell(_version, row)


@bp.route("/<id>/key")
class SigningKey(MethodView):
    @scoped("webhooks:write")
    @bp.response(200, SigningKeySchema)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, id: str) -> Any:
        """A new signing key, shown this once. The one before signs along until the next."""
        _held(id)
        return {"key": connections.change_key(id, by=_by(), now=datetime.now(UTC))}


@bp.route("/<id>/test")
class Test(MethodView):
    @scoped("webhooks:write")
    @bp.response(202, ReceivedSchema)
    def post(self, id: str) -> Any:
        """Send it a harmless message. What becomes of that is among its deliveries."""
        _known(connections.get(id))
        now = datetime.now(UTC)
        return connections.send_test(id, by=_by(), email=actor().email, now=now)


@bp.route("/<id>/deliveries")
class Deliveries(MethodView):
    @scoped("webhooks:write")
    @bp.arguments(FilterSchema, location="query")
    @bp.response(200, DeliveryPageSchema)
    def get(self, wanted: dict[str, Any], id: str) -> Any:
        """What it was sent and was to get, newest first, without the words."""
        _known(connections.get(id))
        found = rows.page(
            id,
            state=wanted.get("state"),
            event=wanted.get("event"),
            since=wanted.get("since"),
            before=cursors.read(wanted.get("cursor")),
            limit=wanted["limit"] + 1,
        )
        return {"items": found[: wanted["limit"]], "next": cursors.after(found, wanted["limit"])}


@bp.route("/<id>/deliveries/<delivery>/replay")
class Replay(MethodView):
    @scoped("webhooks:write")
    @bp.response(202, ReceivedSchema)
    @bp.alt_response(409, schema=ProblemSchema, content_type=CONTENT_TYPE)
    def post(self, id: str, delivery: str) -> Any:
        """Send one message again, under the same id, as often as you like."""
        _known(connections.get(id))
        row = rows.get(delivery)
        if row is None or row.connection_id != id:
            raise NoSuchDelivery
        return sending.replay(delivery, by=_by(), now=datetime.now(UTC))


@bp.route("/<id>/replay")
class Replays(MethodView):
    @scoped("webhooks:write")
    @bp.response(202, ReplayedSchema)
    def post(self, id: str) -> Any:
        """Send everything again that it refused or that was given up."""
        _known(connections.get(id))
        return {"replayed": sending.replay_all(id, by=_by(), now=datetime.now(UTC))}


def _known(row: ConnectionRow) -> ConnectionRow:
    """Other connections are set up by people: a program is told that there are none."""
    if row.kind != KIND:
        raise NoSuchConnection
    return row


def _held(id: str) -> ConnectionRow:
    """The webhook, held until what follows is done, if it still is as the caller has seen it."""
    row = _known(connections.held(id))
    versions.expect(_version, row)
    return row


def _version(row: ConnectionRow) -> str:
    return versions.of(row.name, row.config, row.events, row.disabled_at, row.secret)


def _by() -> str:
    return f"key:{key().id}"
