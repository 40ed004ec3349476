"""The JSON API below /api/v1, documented by its own schemas."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from webapp.web.api import conversations, docs, events, flows, handoffs, idempotency, inputs, leads

PARTS = (conversations, handoffs, leads, flows)

for _part in PARTS:
    _part.bp.before_request(inputs.refuse_what_is_no_json)
    _part.bp.before_request(idempotency.replay)
    _part.bp.after_request(idempotency.remember)


class QuietApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Leaves the errors of other pages alone: it would answer a page's 404 with JSON."""

    def _register_error_handlers(self) -> None:
        pass


def register(app: Flask) -> None:
    app.config.update(
        API_TITLE="Baton",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = QuietApi(app, spec_kwargs={"info": {"description": "Qualify leads in conversation."}})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for part in PARTS:
        api.register_blueprint(part.bp)
    app.register_blueprint(events.bp)
    app.register_blueprint(docs.bp)
    _document_events(app, api.spec)


def _document_events(app: Flask, spec: Any) -> None:
    """Events are read by hand, since a beacon can only send plain text; they are documented so."""
    [rule] = app.url_map.iter_rules("api_events.create_events")
    spec.path(
        rule=rule,
        operations={
            "post": {
                "tags": ["api_events"],
                "summary": "Keep what a visitor did on a page, in batches.",
                "requestBody": {
                    "content": {"application/json": {"schema": events.BatchSchema}},
                },
                "responses": {"202": {"description": "Accepted"}},
            }
        },
    )
