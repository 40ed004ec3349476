"""The JSON API below /api/v1, documented by its own schemas."""

from flask import Flask
from flask_smorest import Api

from webapp.web.api import (
    conversations,
    docs,
    events,
    flows,
    handoffs,
    leads,
    scores,
    webhooks,
)

PARTS = (conversations, events, handoffs, leads, scores, flows, webhooks)


class QuietApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Leaves the errors of other pages alone: it would answer a page's 404 with JSON. Which
    refusals an operation knows, ``document`` says."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def register(app: Flask) -> None:
    app.config.update(
        API_TITLE="Baton",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = QuietApi(app)
    for part in PARTS:
        api.register_blueprint(part.bp)
    app.register_blueprint(docs.bp)
