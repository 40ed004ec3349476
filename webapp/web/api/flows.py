"""Flows for programs: list, read, check and publish."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, make_response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from webapp.core.errors import FlowError, Problem
from webapp.flow_files import check_texts
from webapp.services import releases
from webapp.store import releases as rows
from webapp.web.api import problems
from webapp.web.api.callers import actor, scoped
from webapp.web.api.inputs import text
from webapp.web.api.problems import problem

bp = Blueprint(
    "api_flows",
    __name__,
    url_prefix="/api/v1/flows",
    description="Question flows and the playbook, as they are live.",
)
problems.register(bp)

MOST_BYTES = 256 * 1024


class FlowLineSchema(Schema):
    id = fields.String()
    title = fields.String()
    intent = fields.String(allow_none=True)
    questions = fields.Integer()
    hash = fields.String()


class FlowListSchema(Schema):
    release = fields.Integer()
    playbook = fields.String()
    items = fields.List(fields.Nested(FlowLineSchema))


class TextsSchema(Schema):
    """Texts by file name; what is left out stays as it is live."""

    files = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[a-z][a-z0-9_-]*\.yaml\Z")),
        values=text(MOST_BYTES),
        required=True,
        validate=validate.Length(min=1, max=200),
    )


class PublishSchema(TextsSchema):
    why = text(1_000, least=10, required=True)


class FoundSchema(Schema):
    file = fields.String()
    line = fields.Integer()
    column = fields.Integer()
    what = fields.String()
    fix = fields.String()
    severity = fields.String()


class CheckedSchema(Schema):
    valid = fields.Boolean()
    problems = fields.List(fields.Nested(FoundSchema))


class PublishedSchema(Schema):
    release = fields.Integer()
    hash = fields.String()


@bp.route("")
class Flows(MethodView):
    @scoped("flows:read")
    @bp.response(200, FlowListSchema)
    def get(self) -> Any:
        """The live flows."""
        number, release = releases.live()
        return {
            "release": number,
            "playbook": release.hashes.get("playbook", ""),
            "items": [
                {
                    "id": flow.id,
                    "title": str(flow.title),
                    "intent": flow.intent,
                    "questions": len(flow.questions),
                    "hash": release.hashes.get(flow.id, ""),
                }
                for flow in release.flows.values()
            ],
        }


@bp.route("/<id>.yaml")
class FlowText(MethodView):
    @scoped("flows:read")
    @bp.response(200)
    @bp.alt_response(404, schema=problems.ProblemSchema)
    def get(self, id: str) -> Any:
        """A flow's file as it is live; ``playbook`` for the playbook."""
        row = rows.live()
        texts = releases.texts_of(row.manifest) if row else {}
        if f"{id}.yaml" not in texts:
            abort(404)
        return _yaml(texts[f"{id}.yaml"])


@bp.route("/check")
class Check(MethodView):
    @scoped("flows:read")
    @bp.arguments(TextsSchema)
    @bp.response(200, CheckedSchema)
    def post(self, sent: dict[str, Any]) -> Any:
        """Say what is wrong with files, without publishing them."""
        release, found = check_texts(_all_texts(sent["files"]))
        return {"valid": release is not None, "problems": [_found(each) for each in found]}


@bp.route("/publish")
class Publish(MethodView):
    @scoped("flows:publish")
    @bp.arguments(PublishSchema)
    @bp.response(200, PublishedSchema)
    @bp.alt_response(422, schema=problems.ProblemSchema)
    def post(self, sent: dict[str, Any]) -> Any:
        """Make files live for every new conversation."""
        try:
            row = releases.publish(
                _all_texts(sent["files"]),
                by=actor().email,
                why=sent["why"],
                now=datetime.now(UTC),
            )
        except FlowError as refusal:
            errors = [(f"files.{p.where.file}", str(p)) for p in refusal.problems]
            return problem(422, "These files cannot be published.", errors)
        return {"release": row.id, "hash": row.hash}


def _all_texts(files: dict[str, str]) -> dict[str, str]:
    row = rows.live()
    return {**(releases.texts_of(row.manifest) if row else {}), **files}


def _found(each: Problem) -> dict[str, Any]:
    return {
        "file": each.where.file,
        "line": each.where.line,
        "column": each.where.column,
        "what": each.what,
        "fix": each.fix,
        "severity": each.severity,
    }


def _yaml(text: str) -> Response:
    response = make_response(text)
    response.mimetype = "application/yaml"
    return response
