"""What people and programs are told when something goes wrong: a page, or problem details."""

import logging
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from webapp import catalogs
from webapp.services.throttle import Throttled
from webapp.store.database import AWAY, db
from webapp.web.shared import language
from webapp.web.shared.language import gettext

log = logging.getLogger(__name__)

RETRY_AFTER = 2

STAFF = ("/desk", "/insights", "/studio", "/settings", "/account")
"""Where somebody of ours has lost the way: they are led to where they work."""


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Throttled, _throttled)
    for kind in AWAY:
        app.register_error_handler(kind, _database_is_away)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: str | None = None) -> Response:
    """An error in the form the caller can read: problem details below /api, else a page."""
    if not request.path.startswith("/api/"):
        language.speak(language.wanted(catalogs.COMPLETE, "en"))
    what, fix = _words(status)
    if request.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail or f"{what}. {fix}",
            "request": g.get("request_id"),
        }
        response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        response = make_response(
            render_template(
                "errors/error.html",
                what=what,
                fix=detail or fix,
                status=status,
                for_staff=status < 500 and request.path.startswith(STAFF),
                request_id=g.get("request_id"),
            )
        )
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _words(status: int) -> tuple[str, str]:
    """What happened, and what to do about it."""
    match status:
        case 403:
            return (
                gettext("This is not yours to see"),
                gettext("Ask an administrator if you think it should be."),
            )
        case 404:
            return (
                gettext("There is nothing here"),
                gettext("Check the address, or go back to where you came from."),
            )
        case 405:
            return (
                gettext("This cannot be done here"),
                gettext("Go back and use the buttons of the page."),
            )
        case 413:
            return (
                gettext("That is more than we can take at once"),
                gettext("Make it shorter and send it again."),
            )
        case 429:
            return gettext("That was a little fast"), gettext("Wait a moment, then try again.")
    if status < 500:
        return (
            gettext("This did not arrive in one piece"),
            gettext("Go back, reload the page and send it again."),
        )
    safe = gettext(
        "What you sent before is safe; this last step was not stored. Try it again in a moment."
    )
    if status == 503:
        return gettext("We are busy for a moment"), safe
    return gettext("Something broke on our side"), safe


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    if isinstance(error, SecurityError):
        # Somebody else's name in the Host header: no page of ours has an address under it.
        return Response("This is not the address of this site.\n", 400, mimetype="text/plain")
    response = problem(error.code or 500)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _throttled(error: Throttled) -> Response:
    response = problem(429, str(error))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _database_is_away(error: Exception) -> Response:
    db.session.rollback()
    log.error("The database did not take it: %s", type(getattr(error, "orig", error)).__name__)
    response = problem(503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _unexpected(error: Exception) -> Response:
    log.exception("Not expected")
    return problem(500)
