"""The live score of a conversation, for staff and their programs only."""

from datetime import UTC, datetime
from typing import Any

from flask import abort
from flask.views import MethodView
from marshmallow import fields

from webapp.services.prospects import standing
from webapp.store import conversations as rows
from webapp.web.api.callers import keep_to_site, scoped
from webapp.web.api.part import Part
from webapp.web.api.shown import Shown

bp = Part("scores", "/conversations", "What a conversation is worth so far, line by line.")


class LineSchema(Shown):
    rule = fields.String()
    category = fields.String()
    points = fields.Integer()
    because = fields.String()
    status = fields.String()
    low = fields.Integer()
    high = fields.Integer()


class ScoreSchema(Shown):
    total = fields.Integer()
    fit = fields.Integer()
    intent = fields.Integer()
    known = fields.Integer()
    inferred = fields.Integer()
    low = fields.Integer()
    high = fields.Integer()
    tier = fields.String()
    tier_settled = fields.Boolean()
    lines = fields.List(fields.Nested(LineSchema))


@bp.route("/<id>/score")
class Score(MethodView):
    @scoped("scores:read")
    @bp.response(200, ScoreSchema)
    def get(self, id: str) -> Any:
        """The live score with its lines. For staff and their programs only."""
        row = rows.plain(id)
        if row is None:
            abort(404)
        keep_to_site(row.site_id)
        decision = standing.standing_of(row).decide(datetime.now(UTC))
        score = decision.score
        return {
            **{name: getattr(score, name) for name in ScoreSchema().fields if hasattr(score, name)},
            "tier": decision.tier.id,
            "tier_settled": decision.tier_settled,
        }
