"""Problem details (RFC 9457): what every error of the API looks like."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, make_response
from flask_smorest import Blueprint
from marshmallow import fields
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from webapp.core.errors import AnswerRefused
from webapp.services.flows.releases import NothingPublished
from webapp.services.receivers.connection_settings import NotSetUp
from webapp.services.receivers.connections import NoSuchConnection
from webapp.services.receivers.sending import NoSuchDelivery, NothingToSend
from webapp.services.sales.handoff_access import Incomplete, NoSuchHandoff, NotYours, TooLate
from webapp.web.api.shown import SOMETIMES, Shown

CONTENT_TYPE = "application/problem+json"


class FieldProblemSchema(Shown):
    field = fields.String()
    message = fields.String()


class ProblemSchema(Shown):
    """``errors`` names every field that is not right."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    request = fields.String(allow_none=True)
    errors = fields.List(fields.Nested(FieldProblemSchema), metadata=SOMETIMES)


def problem(
    status: int, detail: str, errors: Iterable[tuple[str, str]] = (), **more: Any
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request": g.get("request_id"),
        "errors": [{"field": field, "message": message} for field, message in errors],
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response


def register(bp: Blueprint) -> None:
    """Turn refusals into problem details."""
    bp.register_error_handler(HTTPException, _http)
    bp.register_error_handler(RecursionError, lambda _: problem(400, _DETAILS[400]))
    bp.register_error_handler(AnswerRefused, _answer)
    bp.register_error_handler(Incomplete, lambda e: problem(422, str(e), [(e.field, str(e))]))
    bp.register_error_handler(NotSetUp, lambda e: problem(422, str(e), e.problems.items()))
    for nowhere in (NoSuchHandoff, NoSuchConnection, NoSuchDelivery, NothingPublished):
        bp.register_error_handler(nowhere, lambda e: problem(404, str(e)))
    bp.register_error_handler(NotYours, lambda e: problem(403, str(e)))
    for too_late in (TooLate, NothingToSend):
        bp.register_error_handler(too_late, lambda e: problem(409, str(e)))


def _answer(refusal: AnswerRefused) -> Response:
    return problem(422, str(refusal), [(refusal.property, str(refusal))])


_DETAILS = {
    400: "The body is not JSON.",
    401: "Send a key or token: Authorization: Bearer …",
    403: "This key may not do that.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    412: "Somebody changed this since you read it. Read it again.",
    413: "That is more than we take at once.",
    415: "Send JSON.",
    422: "Some fields are not right.",
    429: "That was a little fast. Wait a moment, then try again.",
}


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    messages = getattr(error, "data", {}).get("messages", {})
    body = messages
    if isinstance(messages, Mapping):
        body = messages.get("json") or messages.get("query") or messages
    if isinstance(error, UnprocessableEntity) and body == ["Invalid input type."]:
        body = {"": ["Send a JSON object."]}
    code = error.code or 500
    response = problem(code, _DETAILS.get(code, error.description or ""), _flat(body))
    if code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _flat(errors: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(errors, Mapping):
        return [
            found
            for name, each in errors.items()
            for found in _flat(each, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(errors, list | tuple):
        return [(path, str(message)) for message in errors]
    return [(path, str(errors))] if errors else []
