"""What surrounds every request: its id, its log line, and whether it may write."""

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, abort, g, request

from webapp.config import Config
from webapp.store import database
from webapp.web.shared import logs

log = logging.getLogger("baton.requests")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def init_app(app: Flask, config: Config) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    if not config.test:
        logs.to_stderr(as_json=config.log_format == "json")


def _begin() -> None:
    # By WSGI's own names: each look at ``request`` costs more than what is looked up.
    sent = request.environ
    given = sent.get("HTTP_X_REQUEST_ID", "")
    g.began = perf_counter()
    g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
    database.read_only(sent["REQUEST_METHOD"] in _READS)
    asked = request.args if sent.get("QUERY_STRING") else {}
    if "\x00" in sent["PATH_INFO"] or any("\x00" in each for each in asked.values()):
        # PostgreSQL keeps no NUL, so nothing of ours has one in its name.
        abort(404)


def _end(response: Response) -> Response:
    response.headers.add("X-Request-ID", g.request_id)
    # The rule and not the path: a path holds tokens and ids.
    rule = request.url_rule
    route = rule.rule if rule else "(none)"
    if rule is None or rule.endpoint != "static":
        milliseconds = round((perf_counter() - g.began) * 1000, 1)
        log.info(
            "%s %s %s",
            request.method,
            route,
            response.status_code,
            extra={"route": route, "status": response.status_code, "ms": milliseconds},
        )
    return response
