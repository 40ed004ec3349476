"""Conversations for programs: the same engine as form and chat, without a page."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from webapp.core import values
from webapp.services import conversations, standing
from webapp.services.conversations import (
    Arrival,
    ConversationExpired,
    NotThisQuestion,
    Started,
    TurnAnswered,
    UnknownConversation,
    UnknownFlow,
)
from webapp.services.states import State
from webapp.store import conversations as rows
from webapp.store import sites
from webapp.store.sites import SiteRow
from webapp.web.api import idempotency, problems
from webapp.web.api.callers import bearer, scoped, with_token
from webapp.web.api.inputs import text
from webapp.web.api.problems import problem
from webapp.web.shared import pace

bp = Blueprint(
    "api_conversations",
    __name__,
    url_prefix="/api/v1/conversations",
    description="Ask and answer: one run of a flow by one visitor.",
)
problems.register(bp)

_TOUCH = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")


class SourceSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    utm_source = text(200)
    utm_medium = text(200)
    utm_campaign = text(200)
    referrer_host = text(253)


class StartSchema(Schema):
    flow = text(100, least=1, required=True)
    site = text(100, least=1, required=True)
    style = fields.String(validate=validate.OneOf(["form", "chat", "api"]), load_default="api")
    locale = text(35)
    visitor = text(100)
    page = text(2_000)
    referrer = text(2_000)
    source = fields.Nested(SourceSchema)
    prefill = fields.Dict(keys=fields.String(), values=fields.Raw())
    test = fields.Boolean(load_default=False)


class ChoiceSchema(Schema):
    id = fields.String()
    label = fields.String()


class QuestionSchema(Schema):
    id = fields.String()
    ask = fields.String()
    help = fields.String(allow_none=True)
    type = fields.String()
    required = fields.Boolean()
    choices = fields.List(fields.Nested(ChoiceSchema))
    confirming = fields.Boolean()
    suggested = fields.Raw(allow_none=True)


class EndingSchema(Schema):
    text = fields.String(allow_none=True)
    kind = fields.String()


class ProgressSchema(Schema):
    answered = fields.Integer()
    least_left = fields.Integer()
    most_left = fields.Integer()


class GivenSchema(Schema):
    question = fields.String()
    asked_as = fields.String()
    value = fields.Raw(allow_none=True)
    label = fields.String()
    said = fields.String(allow_none=True)
    at = fields.String()
    edited = fields.Boolean()
    set_aside = fields.Boolean()


class StateSchema(Schema):
    """``question`` while there is one to put, else ``ending``."""

    question = fields.Nested(QuestionSchema)
    ending = fields.Nested(EndingSchema)
    progress = fields.Nested(ProgressSchema)
    transcript = fields.List(fields.Nested(GivenSchema))
    person_asked_for = fields.Boolean()


class StartedSchema(Schema):
    conversation = fields.String()
    token = fields.String()
    state = fields.Nested(StateSchema)


class AnswerSchema(Schema):
    """One of ``value``, ``text`` (typed freely, understood by rules) and ``skip``."""

    question = text(100, least=1, required=True)
    value = fields.Raw(allow_none=True)
    text = text(values.MAX_TEXT)
    skip = fields.Boolean(load_default=False)

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if not data["skip"] and data.get("value") is None and data.get("text") is None:
            raise ValidationError("Send a value, a text or skip.", "value")


class UnderstoodSchema(Schema):
    property = fields.String()
    value = fields.Raw()
    quote = fields.String(allow_none=True)
    certainty = fields.String()


class AnsweredSchema(Schema):
    state = fields.Nested(StateSchema)
    understood = fields.List(fields.Nested(UnderstoodSchema))


class LineSchema(Schema):
    rule = fields.String()
    category = fields.String()
    points = fields.Integer()
    because = fields.String()
    status = fields.String()
    low = fields.Integer()
    high = fields.Integer()


class ScoreSchema(Schema):
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


@bp.before_request
def limit_body() -> None:
    request.max_content_length = 64 * 1024


@bp.route("")
class Conversations(MethodView):
    @bp.arguments(StartSchema)
    @bp.response(201, StartedSchema)
    @bp.alt_response(422, schema=problems.ProblemSchema)
    def post(self, wanted: dict[str, Any]) -> Any:
        """Begin a conversation on the live release."""
        pace.keep_address_to("api.start", most=60, seconds=60)
        site = _site(wanted["site"])
        if site is None:
            return problem(422, "Some fields are not right.", [("site", "There is no such site.")])
        try:
            started = conversations.start(
                wanted["flow"], _arrival(site, wanted), token=_repeatable_token(), now=_now()
            )
        except UnknownFlow as refusal:
            return problem(422, "Some fields are not right.", [("flow", str(refusal))])
        return _started(started, wanted.get("prefill") or {})


@bp.route("/<id>")
class Conversation(MethodView):
    @bp.response(200, StateSchema)
    @bp.alt_response(404, schema=problems.ProblemSchema)
    def get(self, id: str) -> Any:
        """How the conversation stands. Needs its token."""
        return state_document(_state(id))


@bp.route("/<id>/answers")
class Answers(MethodView):
    @with_token
    @bp.arguments(AnswerSchema)
    @bp.response(200, AnsweredSchema)
    @bp.alt_response(409, schema=problems.ProblemSchema)
    @bp.alt_response(422, schema=problems.ProblemSchema)
    def post(self, sent: dict[str, Any], id: str) -> Any:
        """Answer the question being put, or change an earlier answer."""
        token = bearer()
        _state(id)
        pace.keep_to("api.answer", conversations.token_hash(token), most=120, seconds=60)
        try:
            state = conversations.answer(
                token,
                sent["question"],
                value=sent.get("value"),
                text=sent.get("text"),
                skip=sent["skip"],
                turn=_turn(),
                now=_now(),
            )
        except (NotThisQuestion, TurnAnswered) as elsewhere:
            return problem(409, str(elsewhere), state=state_document(elsewhere.state))
        answer: dict[str, Any] = {"state": state_document(state)}
        if sent.get("text"):
            answer["understood"] = _understood(id, sent["question"])
        return answer


@bp.route("/<id>/human")
class Human(MethodView):
    @bp.response(200, AnsweredSchema)
    def post(self, id: str) -> Any:
        """Ask to talk to a person."""
        _state(id)
        return {"state": state_document(conversations.ask_for_person(bearer(), now=_now()))}


@bp.route("/<id>/score")
class Score(MethodView):
    @scoped("scores:read")
    @bp.response(200, ScoreSchema)
    def get(self, id: str) -> Any:
        """The live score with its lines. For staff and their programs only."""
        row = rows.plain(id)
        if row is None:
            abort(404)
        decision = standing.standing_of(row).decide(_now())
        score = decision.score
        return {
            **{name: getattr(score, name) for name in ScoreSchema().fields if hasattr(score, name)},
            "tier": decision.tier.id,
            "tier_settled": decision.tier_settled,
        }


def state_document(state: State) -> dict[str, Any]:
    """What a visitor's program may know. Never a score, a rule or a tier."""
    document: dict[str, Any] = {
        "progress": {
            "answered": state.progress.answered,
            "least_left": state.progress.least_left,
            "most_left": state.progress.most_left,
        },
        "transcript": [
            {
                "question": given.question.id,
                "asked_as": given.asked_as,
                "value": None if given.value is None else values.shown(given.value),
                "label": given.label,
                "said": given.said,
                "at": given.at.isoformat(),
                "edited": given.edited,
                "set_aside": given.set_aside,
            }
            for given in state.transcript
        ],
        "person_asked_for": state.human_asked_at is not None,
    }
    if state.question is not None:
        document["question"] = _question(state)
    elif state.ending is not None:
        document["ending"] = {"text": state.ending.text}
        site = sites.get(state.site_id)
        if site is not None and site.settings.get("tell_ending"):
            document["ending"]["kind"] = state.ending.kind
    return document


def _question(state: State) -> dict[str, Any]:
    put, property = state.question, state.property
    assert put is not None
    assert property is not None
    wanted = put.choices or tuple(property.choices)
    confirming = state.confirming and put.confirm is not None
    return {
        "id": put.id,
        "ask": state.say(put.confirm if confirming and put.confirm else put.ask),
        "help": state.say(put.help) if put.help else None,
        "type": property.type.value,
        "required": put.required,
        "choices": [
            {"id": id, "label": property.choices[id].label.to(state.locale)} for id in wanted
        ],
        "confirming": confirming,
        "suggested": values.shown(state.guess) if confirming and state.guess else None,
    }


def _site(key: str) -> SiteRow | None:
    site = sites.by_key(key)
    return None if site is None or site.archived_at else site


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
        test=wanted["test"],
        demo=bool(site.settings.get("demo")),
    )


def _started(started: Started, prefill: dict[str, Any]) -> dict[str, Any]:
    document = state_document(started.state)
    question = document.get("question")
    if question and question["id"] in prefill:
        question["suggested"] = prefill[question["id"]]
    return {"conversation": started.id, "token": started.token, "state": document}


def _state(id: str) -> State:
    """The conversation a token opens, if it is the one in the address."""
    try:
        state = conversations.show(bearer(), now=_now())
    except (UnknownConversation, ConversationExpired):
        abort(404)
    if state.id != id:
        abort(404)
    return state


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
