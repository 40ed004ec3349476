"""A whole page, or only the part that htmx swaps in."""

from collections.abc import MutableMapping
from typing import Any

from flask import Response, current_app, request
from flask.templating import Environment

from webapp.web.shared import language


class Templates(Environment):
    """Flask's templates, without a layer of its own of globals around each: no template here has
    any, and looking through the layers was the dearest part of every ``import`` in a template."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def swapping() -> bool:
    """Whether the request wants a part: boosted links and history restores need the page."""
    sent = request.environ  # looking through its headers takes five times the calls
    restored = sent.get("HTTP_HX_HISTORY_RESTORE_REQUEST") == "true"
    boosted = sent.get("HTTP_HX_BOOSTED") == "true"
    return sent.get("HTTP_HX_REQUEST") == "true" and not restored and not boosted


def render(page: str, *, part: str, status: int = 200, **context: object) -> Response:
    """Render ``part`` for an htmx swap; for anyone else ``page``, which includes it."""
    return respond(part if swapping() else page, status=status, **context)


def respond(template: str, *, status: int = 200, **context: object) -> Response:
    """Render whichever of the two was chosen. ``Vary`` keeps a cache from serving the one in place
    of the other."""
    # Not Flask's way, which goes through lists of what might want to add something to a page.
    page = current_app.jinja_env.get_template(template)
    return Response(page.render(language.page() | context), status, {"Vary": "HX-Request"})
