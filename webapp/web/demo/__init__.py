"""The demo: a company's website with a flow on it, and beside it what its team sees."""

from flask import Flask

from webapp.web.demo import outbox
from webapp.web.demo.pages import bp


def register(app: Flask) -> None:
    """There is no demo unless it was asked for: ``baton serve --demo``."""
    if app.extensions["baton"].demo:
        app.register_blueprint(bp)
        app.register_blueprint(outbox.bp)
