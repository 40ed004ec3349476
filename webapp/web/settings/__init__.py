"""What administrators set up. Each page is a module that adds its routes to ``bp``."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from webapp.web.shared import auth

bp = Blueprint("settings", __name__, url_prefix="/settings")

PAGES = (
    ("settings.staff", "Staff", "Who may sign in, and how."),
    (
        "studio.sites",
        "Allowed sites",
        "The websites that may show your flows, and the script for them.",
    ),
    ("settings.connections", "Connections", "Where leads are sent beside the desk."),
    ("settings.api_keys_index", "API keys", "Programs that may call, and what they may do."),
    ("settings.suppressions", "Do not contact", "Who must be left alone, and why."),
    ("settings.deliveries", "Deliveries", "What receivers did not take, and sending it again."),
    ("settings.privacy", "Privacy", "How long people are kept; what is known of one; forgetting."),
    ("settings.audit_log", "Audit log", "Who did what, and that no line of it is missing."),
)


@bp.get("")
@auth.allowed("admin")
def index() -> ResponseReturnValue:
    """The pages there are."""
    return render_template("settings/index.html", pages=PAGES)


from webapp.web.settings import (  # noqa: E402 - add routes
    connections,  # noqa: F401
    deliveries,  # noqa: F401
    keys,  # noqa: F401
    log,  # noqa: F401
    privacy,  # noqa: F401
    staff,  # noqa: F401
    suppressions,  # noqa: F401
    unsubscribe,
)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(unsubscribe.bp)
