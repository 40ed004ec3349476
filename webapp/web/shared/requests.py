"""What surrounds every request: its id, its log line, and whether it may write."""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from time import perf_counter

from flask import Flask, Response, abort, g, has_request_context, request

from webapp.config import Config
from webapp.store import database

log = logging.getLogger("baton.requests")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# A token of ours anywhere, an e-mail address, a phone number: none has a place in a log.
_PRIVATE = re.compile(r"[A-Za-z0-9_-]{40,}|[\w.+'-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ()/-]{6,}\d")


def init_app(app: Flask, config: Config) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    if not config.test:
        log_to_stderr(as_json=config.log_format == "json")


def scrubbed(text: str) -> str:
    """The text without what could open a conversation or name a person."""
    return _PRIVATE.sub("…", text)


def log_to_stderr(*, as_json: bool) -> None:
    """Send everything this process logs to stderr, scrubbed, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if as_json else _Lines("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


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


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        for name in ("route", "status", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
