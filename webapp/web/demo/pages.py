"""/demo and the panel that follows one visitor of it."""

import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.exceptions import NotFound

from webapp.services.operations import demo
from webapp.web.demo.panel import panel

bp = Blueprint("demo", __name__)

FLOW = "demo-request"
CHAT = "contact"


@bp.get("/demo")
def index() -> ResponseReturnValue:
    """A visitor is made for each look at the page; ``key`` comes back to one that was made."""
    now = datetime.now(UTC)
    site = demo.site(now=now)
    key = request.args.get("key")
    visitor = _visitor(key) if key else secrets.token_urlsafe(12)
    key = key or _signer().dumps(visitor)
    frame: dict[str, Any] = {"site": site.key, "visitor": visitor, "theme": "light"}
    response = make_response(
        render_template(
            "demo/index.html",
            locale="en",
            flow=FLOW,
            site_key=site.key,
            visitor=visitor,
            form_address=url_for("prospect.flow", skin="f", flow=FLOW, **frame),
            loader_address=url_for(
                "embed.loader", site=site.key, visitor=visitor, flow=CHAT, mode="bubble"
            ),
            chat_address=url_for("prospect.flow", skin="c", flow=CHAT, **frame),
            seen_address=url_for(".seen", key=key),
            again_address=url_for(".index", key=key),
            origin=request.url_root.rstrip("/"),
            seen=panel(demo.seen(site, visitor, now=now), now=now),
        )
    )
    return _private(response)


@bp.get("/demo/seen/<key>")
def seen(key: str) -> ResponseReturnValue:
    """The panel as it is now; 204 when it is what the page shows already.

    The key is signed: a visitor's id alone, which every page of a site knows, reads nothing.
    """
    now = datetime.now(UTC)
    shown = panel(demo.seen(demo.site(now=now), _visitor(key), now=now), now=now)
    if request.args.get("version") == shown.version:
        return _private(make_response("", 204))
    return _private(make_response(render_template("demo/_seen.html", seen=shown)))


def _visitor(key: str) -> str:
    try:
        return str(_signer().loads(key[:200]))
    except BadData:
        raise NotFound from None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="demo visitor")


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
