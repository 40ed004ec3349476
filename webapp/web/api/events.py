"""POST /api/v1/events: what a visitor did on a page, in batches, as the page's script saw it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.exceptions import BadRequest

from webapp.services import visits
from webapp.services.visits import Happened
from webapp.store import sites
from webapp.web.api.inputs import text
from webapp.web.shared import pace

bp = Blueprint("api_events", __name__, url_prefix="/api/v1")

BODY_LIMIT = 64 * 1024
BATCHES_A_MINUTE = 300
"""An office of fifty people who turn a page every ten seconds."""


class EventSchema(Schema):
    """One event. What we do not know is left out: a newer script may send more."""

    class Meta:
        unknown = EXCLUDE

    id = text(100, least=1, required=True)
    event = text(100, load_default="page_view")
    page = text(2_000)
    title = text(2_000)
    at = fields.AwareDateTime(default_timezone=UTC)
    utm_source = text(200)
    utm_medium = text(200)
    utm_campaign = text(200)
    referrer_host = text(253)


class BatchSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    site = text(100, least=1, required=True)
    visitor = text(100, least=1, required=True)
    events = fields.List(
        fields.Nested(EventSchema),
        required=True,
        validate=validate.Length(min=1, max=visits.MOST_AT_ONCE),
    )


@bp.before_request
def limit_body() -> None:
    request.max_content_length = BODY_LIMIT


@bp.post("/events")
def create_events() -> ResponseReturnValue:
    """Keep what is new. The content type is not looked at: beacons can only send plain text."""
    pace.keep_address_to("api.events", most=BATCHES_A_MINUTE, seconds=60)
    try:
        batch = BatchSchema().load(request.get_json(force=True))
    except (BadRequest, RecursionError):  # the second: brackets nested thousands deep
        return _problem(400, "The body is not JSON.", {})
    except ValidationError as refusal:
        return _problem(422, "Some fields are not right.", refusal.messages)
    site = sites.by_key(batch["site"])
    if site is None or site.archived_at:
        return _problem(422, "Some fields are not right.", {"site": ["There is no such site."]})
    happened = [Happened(**each) for each in batch["events"]]
    visits.record(site, batch["visitor"], happened, now=datetime.now(UTC))
    return {}, 202


def _problem(status: int, detail: str, errors: Any) -> Response:
    """Problem details (RFC 9457), with every field that is not right."""
    response = jsonify(
        type="about:blank",
        title="Bad Request" if status == 400 else "Unprocessable Content",
        status=status,
        detail=detail,
        errors=[{"field": field, "message": message} for field, message in _flat(errors)],
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _flat(errors: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(errors, dict):
        return [
            found
            for name, each in errors.items()
            for found in _flat(each, f"{path}.{name}" if path else str(name))
        ]
    return [(path, str(message)) for message in errors]
