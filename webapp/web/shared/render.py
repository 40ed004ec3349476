"""A whole page, or only the part that htmx swaps in."""

from flask import Response, make_response, render_template

from webapp.extensions import htmx


def swapping() -> bool:
    """Whether the request wants a part: boosted links and history restores need the page."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page: str, *, part: str, status: int = 200, **context: object) -> Response:
    """Render ``part`` for an htmx swap; for anyone else ``page``, which includes it.

    ``Vary`` keeps a cache from serving the one in place of the other.
    """
    response = make_response(render_template(part if swapping() else page, **context), status)
    response.vary.add("HX-Request")
    return response
