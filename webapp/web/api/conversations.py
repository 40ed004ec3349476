"""Conversations for programs: the same engine as form and chat, without a page."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, request
from flask.views import MethodView
from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from webapp.core import values
from webapp.services.prospects import conversations, receipts
from webapp.services.prospects.conversations import (
    Arrival,
    ConversationExpired,
    UnknownFlow,
)
from webapp.services.prospects.hearing import PersonWanted, Unsure
from webapp.services.prospects.taking import NotThisQuestion, TurnAnswered
from webapp.store import conversations as rows
from webapp.store import sites
from webapp.store.database import reading
from webapp.store.sites import SiteRow
from webapp.web.api import cors, idempotency, problems
from webapp.web.api.callers import bearer, with_token
from webapp.web.api.inputs import Flag, Sent, text
from webapp.web.api.part import Part
from webapp.web.api.problems import ProblemSchema, problem
from webapp.web.api.shown import LOCATION, SOMETIMES, Shown
from webapp.web.api.states import GIVEN, StateSchema, state_document
from webapp.web.shared import pace

bp = Part(
    "conversations",
    "/conversations",
    "Ask and answer: one run of a flow by one visitor.",
    for_pages=True,
)

ANSWERS_A_MINUTE = 120
LOOKS_A_MINUTE = 600
STARTS_A_MINUTE = 60
STARTS_OF_A_SITE_A_MINUTE = 3_000
RECEIPT = {
    receipts.HEADER: {
        "description": "The signed proof of the answer that was kept, for `baton db verify "
        "--receipts`. None where nothing was: somebody asked for a person instead.",
        "schema": {"type": "string"},
    }
}
_TOUCH = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")


class SourceSchema(Sent):
    class Meta:
        unknown = EXCLUDE

    utm_source = text(200)
    utm_medium = text(200)
    utm_campaign = text(200)
    referrer_host = text(253)


class StartSchema(Sent):
    flow = text(100, least=1, required=True)
    site = text(100, least=1, required=True)
    style = fields.String(validate=validate.OneOf(["form", "chat", "api"]), load_default="api")
    locale = text(35)
    visitor = text(100)
    page = text(2_000)
    referrer = text(2_000)
    source = fields.Nested(SourceSchema)
    prefill = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        metadata={"description": "Question to answer: what each question comes with as suggested."},
    )
    test = Flag(load_default=False)


class StartedSchema(Shown):
    conversation = fields.String()
    token = fields.String()
    state = fields.Nested(StateSchema)


class AnswerSchema(Sent):
    """One of ``value``, ``text`` (typed freely, understood by rules) and ``skip``."""

    question = text(100, least=1, required=True)
    value = fields.Raw(metadata=GIVEN)
    text = text(values.MAX_TEXT)
    skip = Flag(load_default=False)

    class Meta(Sent.Meta):
        one_of = ("value", "text", "skip")

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if not data["skip"] and data.get("value") is None and data.get("text") is None:
            raise ValidationError("Send a value, a text or skip.", "value")


class UnderstoodSchema(Shown):
    property = fields.String()
    value = fields.Raw(metadata=GIVEN)
    quote = fields.String(allow_none=True)
    certainty = fields.String()


class AnsweredSchema(Shown):
    """``understood`` says what typed words were taken to mean."""

    state = fields.Nested(StateSchema)
    understood = fields.List(fields.Nested(UnderstoodSchema), metadata=SOMETIMES)


class StandingSchema(Shown):
    state = fields.Nested(StateSchema)


class ElsewhereSchema(ProblemSchema):
    """Another question is being put. ``state`` says which."""

    state = fields.Nested(StateSchema)


class ReadingSchema(Shown):
    value = fields.Raw(metadata=GIVEN)
    quote = fields.String()


class RefusedSchema(ProblemSchema):
    """``meant`` offers what the typed words may stand for, where only the person can say."""

    meant = fields.List(fields.Nested(ReadingSchema), metadata=SOMETIMES)


@bp.route("")
class Conversations(MethodView):
    @bp.arguments(StartSchema)
    @bp.response(201, StartedSchema, headers=LOCATION)
    def post(self, wanted: dict[str, Any]) -> Any:
        """Begin a conversation on the live release."""
        pace.keep_address_to("api.start", most=STARTS_A_MINUTE, seconds=60)
        site = cors.site(wanted["site"])
        if site is None:
            return problem(422, "Some fields are not right.", [("site", "There is no such site.")])
        pace.keep_to("api.site", site.id, most=STARTS_OF_A_SITE_A_MINUTE, seconds=60)
        try:
            started = conversations.start(
                wanted["flow"], _arrival(site, wanted), token=_repeatable_token(), now=_now()
            )
        except UnknownFlow as refusal:
            return problem(422, "Some fields are not right.", [("flow", str(refusal))])
        document = state_document(started.state)
        begun = {"conversation": started.id, "token": started.token, "state": document}
        return begun, {"Location": f"{request.path}/{started.id}"}


@bp.route("/<id>")
class Conversation(MethodView):
    @with_token
    @bp.response(200, StateSchema)
    def get(self, id: str) -> Any:
        """How the conversation stands."""
        _keep_pace("api.look", LOOKS_A_MINUTE)
        _opens(id)
        try:
            return state_document(conversations.show(bearer(), now=_now()))
        except ConversationExpired:
            abort(404)


@bp.route("/<id>/answers")
class Answers(MethodView):
    @with_token
    @bp.arguments(AnswerSchema)
    @bp.response(200, AnsweredSchema, headers=RECEIPT)
    @bp.alt_response(409, schema=ElsewhereSchema, content_type=problems.CONTENT_TYPE)
    @bp.alt_response(422, schema=RefusedSchema, content_type=problems.CONTENT_TYPE)
    def post(self, sent: dict[str, Any], id: str) -> Any:
        """Answer the question being put, or change an earlier answer."""
        _keep_pace("api.answer", ANSWERS_A_MINUTE)
        _opens(id)
        try:
            state = conversations.answer(
                bearer(),
                sent["question"],
                value=sent.get("value"),
                text=sent.get("text"),
                skip=sent["skip"],
                turn=_turn(),
                now=_now(),
            )
        except (NotThisQuestion, TurnAnswered) as elsewhere:
            return problem(409, str(elsewhere), state=state_document(elsewhere.state))
        except Unsure as doubt:
            return _meant(sent["question"], doubt)
        except PersonWanted:
            state = conversations.ask_for_person(bearer(), now=_now())
        answer: dict[str, Any] = {"state": state_document(state)}
        if sent.get("text"):
            answer["understood"] = _understood(id, sent["question"])
        return answer, {receipts.HEADER: state.receipt} if state.receipt else {}


@bp.route("/<id>/human")
class Human(MethodView):
    @with_token
    @bp.response(200, StandingSchema)
    def post(self, id: str) -> Any:
        """Ask to talk to a person."""
        _keep_pace("api.answer", ANSWERS_A_MINUTE)
        _opens(id)
        return {"state": state_document(conversations.ask_for_person(bearer(), now=_now()))}


def _keep_pace(kind: str, most: int) -> None:
    pace.keep_to(kind, conversations.token_hash(bearer()), most=most, seconds=60)


def _meant(question: str, doubt: Unsure) -> Any:
    meant = [{"value": values.shown(each.value), "quote": each.quote} for each in doubt.readings]
    return problem(422, str(doubt), [(question, str(doubt))], meant=meant)


def _arrival(site: SiteRow, wanted: dict[str, Any]) -> Arrival:
    clean = {
        name: values.clean(str(wanted[name])) for name in ("page", "referrer") if wanted.get(name)
    }
    touch = {n: values.clean(v) for n, v in (wanted.get("source") or {}).items() if n in _TOUCH}
    return Arrival(
        site=site,
        skin=wanted["style"],
        locale=wanted.get("locale") or None,
        visitor_key=wanted.get("visitor") or None,
        source={**clean, **touch},
        prefill=wanted.get("prefill"),
        test=wanted["test"],
        demo=bool(site.settings.get("demo")),
    )


def _opens(id: str) -> None:
    """End with 404 unless the token belongs to the conversation in the address.

    Whether it has expired is not asked here: what somebody says later is kept all the same.
    """
    with reading():  # an answer is weighed before others have to wait for it
        row = rows.by_token(conversations.token_hash(bearer()))
        if row is None or row.id != id:
            abort(404)
        cors.is_about(sites.get(row.site_id))


def _repeatable_token() -> str | None:
    """With an ``Idempotency-Key`` the token follows from it, so that a repeat finds the same
    conversation even where the first answer was lost on its way."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return None
    secret = b"api start " + str(current_app.secret_key).encode()
    body = request.get_data(cache=True)
    who = f"{idempotency.caller()}\n{key}\n".encode("utf-8", "replace")
    mark = who + hashlib.sha256(body).digest()
    return hmac.new(secret, mark, hashlib.sha256).hexdigest()


def _turn() -> str | None:
    key = request.headers.get("Idempotency-Key")
    return f"key {key}"[:200] if key else None


def _understood(id: str, question: str) -> list[dict[str, Any]]:
    """What the words of the newest answer were taken to say."""
    answer = next((a for a in reversed(rows.ledger(id)) if a.question == question), None)
    if answer is None:
        return []
    own = {
        "property": answer.property,
        "value": answer.value,
        "quote": answer.said,
        "certainty": answer.certainty,
    }
    named = ("property", "value", "quote", "certainty")
    others = [{name: each.get(name) for name in named} for each in answer.heard]
    return ([own] if answer.value is not None else []) + others


def _now() -> datetime:
    return datetime.now(UTC)
