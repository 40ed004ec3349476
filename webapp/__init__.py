"""Baton qualifies leads in conversation and hands sales a case. Put together in ``create_app``."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.config import Config

PARTS = (
    "ops",
    "account",
    "prospect",
    "embed",
    "demo",
    "desk",
    "studio",
    "insights",
    "settings",
    "api",
)
"""The parts of the web, in the order their routes are added. Each is a package below
``webapp.web`` with a blueprint called ``bp`` or, where more is to be done, ``register(app)``."""


def create_app(config: "Config | None" = None) -> "Flask":
    """Make the application. The only place that knows every part.

    Raises: ConfigError, when ``config`` is left to the environment and that cannot be used.
    """
    # Imported here because every command imports this package, and most do without the web.
    from flask import Flask

    from webapp.config import ROOT, from_environment
    from webapp.store import database
    from webapp.web.shared import assets, headers, language

    config = config or from_environment()
    app = Flask(
        "webapp",
        root_path=str(ROOT / "webapp"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["baton"] = config
    database.init_app(app, config.database_url)
    assets.init_app(app)
    headers.init_app(app)
    language.init_app(app)
    app.secret_key = config.secret_key
    for part in PARTS:
        # A part that is not built yet is simply absent.
        if find_spec(f"webapp.web.{part}") is None:
            continue
        module = import_module(f"webapp.web.{part}")
        if hasattr(module, "register"):
            module.register(app)
        else:
            app.register_blueprint(module.bp)
    return app
