"""POST /api/v1/events: what a visitor did on a page, in batches, as the page's script saw it."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.web.api import cors
from webapp.web.api.inputs import text
from webapp.web.api.part import AnyType, Part
from webapp.web.api.problems import problem
from webapp.web.api.shown import Shown
from webapp.web.shared import pace

BATCHES_A_MINUTE = 300
"""An office of fifty people who turn a page every ten seconds."""


bp = Part("events", "", "What visitors do on a site's pages.", for_pages=True, reader=AnyType())


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


_MAY_BE_ABSENT = tuple(name for name, each in EventSchema().fields.items() if not each.required)
"""Most of it is: told so, marshmallow does not ask every field of every event what that means."""


class BatchSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    site = text(100, least=1, required=True)
    visitor = text(100, least=1, required=True)
    events = fields.Nested(
        EventSchema(partial=_MAY_BE_ABSENT),
        many=True,
        required=True,
        validate=validate.Length(min=1, max=visits.MOST_AT_ONCE),
    )


class TakenSchema(Shown):
    """Nothing: whoever sends events learns nothing of what we know."""


@bp.before_request
def keep_pace() -> None:
    pace.keep_address_to("api.events", most=BATCHES_A_MINUTE, seconds=60)


@bp.route("/events", methods=["POST"])
@bp.arguments(BatchSchema)
@bp.response(202, TakenSchema)
def create_events(batch: dict[str, Any]) -> Any:
    """Keep what a visitor did on a page, in batches. An event sent twice is kept once."""
    site = cors.site(batch["site"])
    if site is None:
        return problem(422, "Some fields are not right.", [("site", "There is no such site.")])
    happened = [Happened(**each) for each in batch["events"]]
    visits.record(site, batch["visitor"], happened, now=datetime.now(UTC))
    return {}
