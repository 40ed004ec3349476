"""Handoffs for programs: the list, the record, and what reps do with it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import make_response, request
from flask.views import MethodView
from marshmallow import fields, validate

from webapp.core.briefing import markdown
from webapp.services.sales import agreed_calls, handoff_access, handoffs
from webapp.store import handoffs as rows
from webapp.store.handoffs import STATUSES, HandoffRow
from webapp.store.staff import StaffRow
from webapp.web.api import cursors, versions
from webapp.web.api.callers import actor, keep_to_site, key, scoped
from webapp.web.api.inputs import Amount, Sent, instant, text
from webapp.web.api.part import Part
from webapp.web.api.problems import CONTENT_TYPE, ProblemSchema
from webapp.web.api.shown import RECORD, SOMETIMES, Found, Shown

bp = Part("handoffs", "/handoffs", "Leads passed to sales, with their records.")


MOST_AMOUNT = 10**12


class ListSchema(Sent):
    status = fields.String(validate=validate.OneOf(STATUSES))
    since = instant()
    cursor = text(200)
    limit = fields.Integer(validate=validate.Range(1, 100), load_default=50)


class HandoffSchema(Shown):
    id = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    team = fields.String()
    owner = fields.String(attribute="owner_email", allow_none=True)
    respond_by = fields.AwareDateTime(allow_none=True)
    tier = fields.String()
    total = fields.Integer()
    lead = fields.String(attribute="lead_id", allow_none=True)
    test = fields.Boolean()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    accepted_at = fields.AwareDateTime(allow_none=True)
    contacted_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class HandoffDetailSchema(Shown):
    """What was said with it, in the words of the operation that says it."""

    result = fields.String(metadata=SOMETIMES)
    line = fields.String(allow_none=True, metadata=SOMETIMES)
    stage = fields.String(metadata=SOMETIMES)
    amount = fields.String(allow_none=True, metadata=SOMETIMES)
    currency = fields.String(allow_none=True, metadata=SOMETIMES)
    at = fields.String(metadata=SOMETIMES)


class HandoffEventSchema(Shown):
    at = fields.AwareDateTime()
    by = fields.String()
    what = fields.String()
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    detail = fields.Nested(HandoffDetailSchema)


class WholeHandoffSchema(HandoffSchema):
    record = fields.Raw(attribute="record.record", metadata=RECORD)
    events = Found(HandoffEventSchema, lambda row: rows.events(row.id))


class HandoffPageSchema(Shown):
    items = fields.List(fields.Nested(HandoffSchema))
    next = fields.String(allow_none=True)


class RejectSchema(Sent):
    reason = fields.String(required=True, validate=validate.OneOf(list(handoffs.REJECTION_REASONS)))
    note = text(10_000, load_default="")
    line = text(100, load_default=None, allow_none=True)


class ContactSchema(Sent):
    result = fields.String(
        load_default="reached", validate=validate.OneOf(list(handoffs.CONTACT_RESULTS))
    )
    note = text(10_000, load_default="")
    at = instant(load_default=None, allow_none=True)


class OutcomeSchema(Sent):
    stage = fields.String(required=True, validate=validate.OneOf(list(handoffs.OUTCOMES)))
    amount = Amount(
        load_default=None,
        allow_none=True,
        allow_nan=False,
        validate=validate.Range(0, MOST_AMOUNT),
        metadata={"minimum": 0, "maximum": MOST_AMOUNT},
    )
    currency = text(3, least=3, load_default=None, allow_none=True)
    reason = text(1_000, load_default=None, allow_none=True)
    note = text(10_000, load_default="")
    at = instant(load_default=None, allow_none=True)


@bp.route("")
class Handoffs(MethodView):
    @scoped("handoffs:read", for_others=True)
    @bp.arguments(ListSchema, location="query")
    @bp.response(200, HandoffPageSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """Newest first. ``next`` is the cursor of the page after this one."""
        who = actor()
        teams = None if handoff_access.sees_everything(who) else handoff_access.teams_of(who)
        found = rows.page(
            who.email,
            teams,
            status=wanted.get("status"),
            since=wanted.get("since"),
            before=cursors.read(wanted.get("cursor")),
            site_id=key().site_id,
            limit=wanted["limit"] + 1,
        )
        return {
            "items": found[: wanted["limit"]],
            "next": cursors.after(found, wanted["limit"]),
        }


@bp.route("/<id>")
class Handoff(MethodView):
    @scoped("handoffs:read", for_others=True)
    @bp.response(200, WholeHandoffSchema, headers=versions.ETAG)
    def get(self, id: str) -> Any:
        """One handoff with its record and everything that happened to it."""
        return versions.tell(_version, _read(id))


@bp.route("/<id>.md")
class Briefing(MethodView):
    @scoped("handoffs:read", for_others=True)
    @bp.response(200, {"type": "string"}, content_type="text/markdown")
    def get(self, id: str) -> Any:
        """The briefing that reps read, as Markdown."""
        row = _read(id)
        response = make_response(markdown(row.record.record, agreed_calls.of(row)))
        response.mimetype = "text/markdown"
        return response


@bp.route("/<id>/accept")
class Accept(MethodView):
    @scoped("handoffs:write", for_others=True)
    @bp.response(200, HandoffSchema, headers=versions.ETAG)
    @bp.alt_response(409, schema=ProblemSchema, content_type=CONTENT_TYPE)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, id: str) -> Any:
        """Take the lead on."""
        return _acting(id, lambda who, now: handoffs.accept(id, who, now=now))


@bp.route("/<id>/reject")
class Reject(MethodView):
    @scoped("handoffs:write", for_others=True)
    @bp.arguments(RejectSchema)
    @bp.response(200, HandoffSchema, headers=versions.ETAG)
    @bp.alt_response(409, schema=ProblemSchema, content_type=CONTENT_TYPE)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, sent: dict[str, Any], id: str) -> Any:
        """Send the lead back before anybody spoke with them."""
        return _acting(id, lambda who, now: handoffs.reject(id, who, **sent, now=now))


@bp.route("/<id>/contact")
class Contact(MethodView):
    @scoped("handoffs:write", for_others=True)
    @bp.arguments(ContactSchema)
    @bp.response(200, HandoffSchema, headers=versions.ETAG)
    @bp.alt_response(409, schema=ProblemSchema, content_type=CONTENT_TYPE)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, sent: dict[str, Any], id: str) -> Any:
        """Log an attempt to reach them; the first stops the clock."""
        return _acting(id, lambda who, now: handoffs.log_contact(id, who, **sent, now=now))


@bp.route("/<id>/outcome")
class Outcome(MethodView):
    @scoped("handoffs:write", for_others=True)
    @bp.arguments(OutcomeSchema)
    @bp.response(200, HandoffSchema, headers=versions.ETAG)
    @bp.alt_response(409, schema=ProblemSchema, content_type=CONTENT_TYPE)
    @bp.doc(**versions.CONDITIONAL)
    def post(self, sent: dict[str, Any], id: str) -> Any:
        """Say what came of it."""
        return _acting(id, lambda who, now: handoffs.record_outcome(id, who, **sent, now=now))


def _read(id: str) -> HandoffRow:
    keep_to_site(rows.site_of(id))
    return handoff_access.read(id, actor(), now=_now())


def _acting(id: str, act: Callable[[StaffRow, datetime], HandoffRow]) -> HandoffRow:
    """Act, where nobody changed the handoff since the caller's ``If-Match``."""
    who = actor()
    keep_to_site(rows.site_of(id))
    if request.if_match:
        handoff_access.find(id, who)
        versions.expect(_version, rows.get_for_update(id))
    return versions.tell(_version, act(who, _now()))


def _version(row: HandoffRow) -> str:
    return f"{row.record_id}-{int(row.updated_at.timestamp() * 1_000_000)}"


def _now() -> datetime:
    return datetime.now(UTC)
