"""The loader that host sites put on their pages: ``/embed.js``."""

from pathlib import Path

from flask import Blueprint, Response, current_app

from webapp.web.shared import lean

bp = Blueprint("embed", __name__)

AN_HOUR = 3600
"""Hosts get our corrections within an hour; until then no request is made."""


@bp.get("/embed.js")
def loader() -> Response:
    """The same for every site: its query is for the script itself."""
    response = lean.send(Path(current_app.static_folder or "static") / "embed" / "embed.js")
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = AN_HOUR
    # Pages that are isolated from other origins may load us all the same.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
