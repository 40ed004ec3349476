"""The JSON API below /api/v1: cookies mean nothing to it."""

from flask import Blueprint

from webapp.web.api import events

bp = Blueprint("api", __name__, url_prefix="/api/v1")
bp.register_blueprint(events.bp)
