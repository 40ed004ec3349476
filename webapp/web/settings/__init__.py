"""What administrators set up. Each page is a module that adds its routes to ``bp``."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from webapp.web.shared import auth

bp = Blueprint("settings", __name__, url_prefix="/settings")

PAGES = (
    (
        "studio.sites",
        "Allowed sites",
        "The websites that may show your flows, and the script for them.",
    ),
    ("settings.connections", "Connections", "Where leads are sent beside the desk."),
    ("settings.deliveries", "Deliveries", "What receivers did not take, and sending it again."),
)


@bp.get("")
@auth.allowed("admin")
def index() -> ResponseReturnValue:
    """The pages there are."""
    return render_template("settings/index.html", pages=PAGES)


from webapp.web.settings import connections, deliveries, unsubscribe  # noqa: E402, F401 - add routes


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(unsubscribe.bp)
