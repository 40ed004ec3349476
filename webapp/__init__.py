"""Baton qualifies leads in conversation and hands sales a case. Put together in ``create_app``."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.config import Config

MOST_SENT = 64 * 1024
"""Bytes a request may bring. The studio, whose files may be larger, says so for itself."""

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
    from webapp.web.shared import (
        assets,
        auth,
        errors,
        headers,
        language,
        moments,
        numbers,
        render,
        requests,
    )

    config = config or from_environment()
    app = Flask(
        "webapp",
        root_path=str(ROOT / "webapp"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    # No view or hook is a coroutine, and Flask asks that of each of them for every request.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.jinja_environment = render.Templates
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["baton"] = config
    app.secret_key = config.secret_key
    _limit(app, config)
    database.init_app(app, config.database_url)
    requests.init_app(app, config)
    errors.init_app(app)
    auth.init_app(app, config)
    assets.init_app(app)
    headers.init_app(app, config)
    language.init_app(app)
    moments.init_app(app)
    numbers.init_app(app)
    for part in PARTS:
        module = import_module(f"webapp.web.{part}")
        if hasattr(module, "register"):
            module.register(app)
        else:
            app.register_blueprint(module.bp)
    return app


def _limit(app: "Flask", config: "Config") -> None:
    """Take no more than a form needs, from no other host than ours, through proxies we know."""
    from urllib.parse import urlsplit

    from werkzeug.middleware.proxy_fix import ProxyFix

    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MOST_SENT
    app.config["MAX_FORM_PARTS"] = 200
    if config.secure:
        host = urlsplit(config.base_url).hostname
        app.config["TRUSTED_HOSTS"] = [host, "localhost", "127.0.0.1", "[::1]"]
    if hops := config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask says to do it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
