"""What the past tells: where people stop, whether scores predict, how fast we answer."""

from flask import Blueprint

bp = Blueprint("insights", __name__, url_prefix="/insights")

READERS = ("rep", "marketer", "manager", "admin")

from webapp.web.insights import pages  # noqa: E402, F401 - adds its routes to bp
