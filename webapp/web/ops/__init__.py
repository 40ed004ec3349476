"""For operators and their tools: does it answer, can it serve, what does it count, which is it."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.config import Config
from webapp.services.operations import health
from webapp.web.shared import pace

bp = Blueprint("ops", __name__)
log = logging.getLogger(__name__)

_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers. Asks nothing of the database."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether requests can be served; 503 names what stands in the way, and the log says more."""
    found = health.checks(now=datetime.now(UTC))
    wrong = [check for check in found if not check.ok]
    for check in wrong:
        log.warning("not ready: %s: %s", check.name, check.what)
    body = {check.name: "ok" if check.ok else check.aloud for check in found}
    return jsonify(body), 503 if wrong else 200


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Counts for Prometheus; only for this machine and the private network it is in."""
    address = pace.address()
    config: Config = current_app.extensions["baton"]
    # A proxy nobody told us of makes the whole world look like this machine.
    hidden = not config.trusted_proxies and any(each in request.headers for each in _FORWARDED)
    if hidden or address is None or not (address.is_loopback or address.is_private):
        abort(404)
    return Response(health.metrics(now=datetime.now(UTC)), content_type="text/plain; version=0.0.4")


@bp.get("/version")
def version() -> ResponseReturnValue:
    """Which release of Baton this is."""
    return jsonify(health.version())
