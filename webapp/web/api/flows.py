"""Flows for programs: list, read, check and publish."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import abort, make_response
from flask.views import MethodView
from marshmallow import ValidationError, fields, validate

from webapp.core.errors import FlowError, Problem
from webapp.flow_files import check_texts
from webapp.services.flows import releases
from webapp.services.flows.releases import AnotherIsLive
from webapp.store import releases as rows
from webapp.store.releases import ReleaseRow
from webapp.web.api import versions
from webapp.web.api.callers import actor, scoped
from webapp.web.api.inputs import Flag, Sent, text
from webapp.web.api.part import Part
from webapp.web.api.problems import problem
from webapp.web.api.shown import Shown

MOST_BYTES = 256 * 1024
MOST_FILES = 200
MOST_SENT = 4 * 1024 * 1024
FILE = r"^[a-z][a-z0-9_-]*\.yaml$"

bp = Part("flows", "/flows", "Question flows and the playbook, as they are live.", most=MOST_SENT)


class FlowLineSchema(Shown):
    id = fields.String()
    title = fields.String()
    intent = fields.String(allow_none=True)
    questions = fields.Integer()
    hash = fields.String()


class FlowListSchema(Shown):
    release = fields.Integer()
    playbook = fields.String()
    items = fields.List(fields.Nested(FlowLineSchema))


def _is_file_name(name: str) -> None:
    if not re.fullmatch(FILE.strip("^$"), name):
        raise ValidationError("Name files like contact.yaml: small letters, digits, - and _.")


class TextsSchema(Sent):
    """Texts by file name; what is left out stays as it is live."""

    files = fields.Dict(
        keys=fields.String(validate=_is_file_name),
        values=text(MOST_BYTES),
        required=True,
        validate=validate.Length(min=1, max=MOST_FILES),
        metadata={"propertyNames": {"pattern": FILE}},
    )


class PublishSchema(TextsSchema):
    """``move_on`` takes conversations under way along with their next answer."""

    why = text(1_000, least=10, required=True)
    move_on = Flag(load_default=False)


class FlowProblemSchema(Shown):
    file = fields.String()
    line = fields.Integer()
    column = fields.Integer()
    what = fields.String()
    fix = fields.String()
    severity = fields.String()


class CheckedSchema(Shown):
    valid = fields.Boolean()
    problems = fields.List(fields.Nested(FlowProblemSchema))


class PublishedSchema(Shown):
    release = fields.Integer()
    hash = fields.String()


@bp.route("")
class Flows(MethodView):
    @scoped("flows:read")
    @bp.response(200, FlowListSchema, headers=versions.ETAG)
    def get(self) -> Any:
        """The live flows."""
        number, release = releases.live()
        versions.tell(str, number)
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
    @bp.response(200, {"type": "object"}, content_type="application/yaml")
    def get(self, id: str) -> Any:
        """A flow's file as it is live; ``playbook`` for the playbook."""
        _, texts = _live()
        if f"{id}.yaml" not in texts:
            abort(404)
        response = make_response(texts[f"{id}.yaml"])
        response.mimetype = "application/yaml"
        return response


@bp.route("/check")
class Check(MethodView):
    @scoped("flows:read")
    @bp.arguments(TextsSchema)
    @bp.response(200, CheckedSchema)
    def post(self, sent: dict[str, Any]) -> Any:
        """Say what is wrong with files, without publishing them."""
        release, found = check_texts({**_live()[1], **sent["files"]})
        return {"valid": release is not None, "problems": [_found(each) for each in found]}


@bp.route("/publish")
class Publish(MethodView):
    @scoped("flows:publish", for_others=True)
    @bp.arguments(PublishSchema)
    @bp.response(200, PublishedSchema, headers=versions.ETAG)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, sent: dict[str, Any]) -> Any:
        """Make files live for every new conversation."""
        try:
            row = _publish(sent)
        except FlowError as refusal:
            errors = [(f"files.{p.where.file}", str(p)) for p in refusal.problems]
            return problem(422, "These files cannot be published.", errors)
        return {"release": versions.tell(str, row.id), "hash": row.hash}


def _publish(sent: dict[str, Any]) -> ReleaseRow:
    """Put the files into what is live. Where somebody else publishes at the same time, into theirs:
    nobody's change is taken back by another's, unless the caller minds (``If-Match``)."""
    while True:
        number, texts = _live()
        versions.expect(str, number)
        try:
            return releases.publish(
                {**texts, **sent["files"]},
                by=actor().email,
                why=sent["why"],
                now=datetime.now(UTC),
                move_on=sent["move_on"],
                onto=number,
            )
        except AnotherIsLive:
            continue


def _live() -> tuple[int | None, dict[str, str]]:
    """The live release's number and texts; none and nothing where nothing was ever published."""
    row = rows.live()
    return (row.id, releases.texts_of(row.manifest)) if row else (None, {})


def _found(each: Problem) -> dict[str, Any]:
    return {
        "file": each.where.file,
        "line": each.where.line,
        "column": each.where.column,
        "what": each.what,
        "fix": each.fix,
        "severity": each.severity,
    }
