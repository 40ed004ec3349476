"""Leads for programs: find, read, export, erase."""

from datetime import UTC, datetime
from typing import Any

from flask import abort
from flask.views import MethodView
from marshmallow import fields, validate

from webapp.services import audit
from webapp.services.people import erasure, exports
from webapp.services.people.erasure import NobodyToErase
from webapp.services.people.leads import email_key
from webapp.store import leads as rows
from webapp.store import records
from webapp.store.database import one_commit, writing
from webapp.store.leads import LeadRow
from webapp.web.api import cursors
from webapp.web.api.callers import key, scoped
from webapp.web.api.inputs import Sent, text
from webapp.web.api.part import Part
from webapp.web.api.shown import RECORD, Found, Shown

bp = Part("leads", "/leads", "People, and what is known.")


class FindSchema(Sent):
    email = text(320, least=3)
    cursor = text(200)
    limit = fields.Integer(validate=validate.Range(1, 100), load_default=50)


class WhoSchema(Shown):
    id = fields.String()
    email = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    company = fields.String(allow_none=True)
    country = fields.String(allow_none=True)


class LeadSchema(WhoSchema):
    owner = fields.String(attribute="owner_email", allow_none=True)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class RecordLineSchema(Shown):
    id = fields.String()
    created_at = fields.AwareDateTime()
    flow = fields.String()
    destination = fields.String()
    tier = fields.String()
    total = fields.Integer()
    depth = fields.String()


class WholeLeadSchema(LeadSchema):
    records = Found(RecordLineSchema, lambda lead: records.of_leads(rows.of_same_person(lead.id)))


class LeadPageSchema(Shown):
    items = fields.List(fields.Nested(LeadSchema))
    next = fields.String(allow_none=True)


class EraseSchema(Sent):
    suppress = fields.Boolean(load_default=False)


class ErasedSchema(Shown):
    """``erased`` is the id of whoever is forgotten."""

    erased = fields.String()


class FactSchema(Shown):
    property = fields.String()
    value = fields.Raw()
    certainty = fields.String()
    source = fields.String()
    at = fields.String(metadata={"format": "date-time"})


class SaidSchema(Shown):
    question = fields.String()
    value = fields.Raw(allow_none=True)
    said = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})


class MessageSchema(Shown):
    by = fields.String(metadata={"description": "us or them"})
    at = fields.String(metadata={"format": "date-time"})
    text = fields.String()


class HappenedSchema(Shown):
    what = fields.String()
    at = fields.String(metadata={"format": "date-time"})
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class CaseSchema(Shown):
    """What sales made of a conversation."""

    status = fields.String()
    meeting = fields.String(allow_none=True, metadata={"format": "date-time"})
    next_step = fields.String(allow_none=True)
    history = fields.List(fields.Nested(HappenedSchema))


class VisitSchema(Shown):
    at = fields.String(metadata={"format": "date-time"})
    event = fields.String()
    page = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    utm_source = fields.String(allow_none=True)
    utm_medium = fields.String(allow_none=True)
    utm_campaign = fields.String(allow_none=True)
    referrer_host = fields.String(allow_none=True)


class TalkSchema(Shown):
    id = fields.String()
    flow = fields.String()
    started_at = fields.String(metadata={"format": "date-time"})
    source = fields.Dict(metadata={"description": "Where they came from to it."})
    answers = fields.List(fields.Nested(SaidSchema))
    messages = fields.List(fields.Nested(MessageSchema))
    notes = fields.String(allow_none=True, metadata={"description": "Taken down on the phone."})
    case = fields.Nested(CaseSchema, allow_none=True)


class PersonSchema(WhoSchema):
    """Everything kept about somebody."""

    owner = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    addresses = fields.List(fields.String())
    facts = fields.List(fields.Nested(FactSchema))
    conversations = fields.List(fields.Nested(TalkSchema))
    visits = fields.List(fields.Nested(VisitSchema))
    records = fields.List(fields.Raw(metadata=RECORD))


@bp.route("")
class Leads(MethodView):
    @scoped("leads:read")
    @bp.arguments(FindSchema, location="query")
    @bp.response(200, LeadPageSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """Newest first, or the one person with an e-mail address."""
        _note("leads.listed", key().id)
        if "email" in wanted:
            lead = rows.by_email_key(email_key(wanted["email"]))
            return {"items": [lead] if lead else [], "next": None}
        found = rows.page(before=cursors.read(wanted.get("cursor")), limit=wanted["limit"] + 1)
        return {"items": found[: wanted["limit"]], "next": cursors.after(found, wanted["limit"])}


@bp.route("/<id>")
class Lead(MethodView):
    @scoped("leads:read")
    @bp.response(200, WholeLeadSchema)
    def get(self, id: str) -> Any:
        """One person. An id that was merged away leads to the one that stands."""
        _note("lead.read", _lead(id).id)
        return _lead(id)

    @scoped("leads:erase")
    @bp.arguments(EraseSchema, location="query")
    @bp.response(200, ErasedSchema)
    def delete(self, wanted: dict[str, Any], id: str) -> Any:
        """Erase a person for good, and tell every receiver. With ``suppress`` they are left alone
        should they come back; only a keyed hash of their addresses is kept for that."""
        by, suppress = f"key:{key().id}", wanted["suppress"]
        try:
            erased = erasure.erase_lead(
                _lead(id).id, by=by, suppress=suppress, now=datetime.now(UTC)
            )
        except NobodyToErase:  # somebody else erased them this moment
            abort(404)
        return {"erased": erased}


@bp.route("/<id>/export")
class Export(MethodView):
    @scoped("leads:read")
    @bp.response(200, PersonSchema)
    def get(self, id: str) -> Any:
        """Everything kept about a person, as they may ask for it."""
        with writing():
            return exports.of_person(_lead(id), by=f"key:{key().id}", now=datetime.now(UTC))


def _note(what: str, subject: str) -> None:
    """Whoever read about people is in the audit log."""
    with writing(), one_commit("api.leads.read"):
        audit.append(what, subject, actor=f"key:{key().id}", now=datetime.now(UTC))


def _lead(id: str) -> LeadRow:
    lead = rows.get(id)
    if lead is None:
        abort(404)
    return rows.surviving(lead)
