"""Security headers of every response: a strict content policy with a nonce, no sniffing,
no framing unless the view names who may frame it."""

import secrets
from collections.abc import Iterable

from flask import Flask, Response, current_app, g, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    # Not no-referrer: Flask-WTF refuses staff forms over https that come without a Referer.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)
"""What a response says of itself unless its view says else."""

_TWO_YEARS = 2 * 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.add_template_global(nonce, "nonce")
    app.after_request(_protect)


def nonce() -> str:
    """The one-time value that lets a ``<style>`` of this response count as ours."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def may_be_framed_by(origins: Iterable[str]) -> None:
    """Let pages of these origins (``'self'`` for ours) show this response in a frame."""
    g.frame_ancestors = " ".join(origins) or "'none'"


def _protect(response: Response) -> Response:
    named = {name.lower() for name, _ in response.headers}
    for name, value in (("Content-Security-Policy", _policy()), *_ALWAYS):
        if name.lower() not in named:
            response.headers.add(name, value)
    if "cache-control" not in named and request.endpoint != "static":
        # What names people, or was made for one of us, is on no disk once they have left.
        response.headers["Cache-Control"] = "no-store"
    if current_app.extensions["baton"].secure and "strict-transport-security" not in named:
        response.headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}"
    return response


def _policy() -> str:
    styles = f" 'nonce-{g.style_nonce}'" if "style_nonce" in g else ""
    framers = g.get("frame_ancestors", "'none'")
    return f"{_POLICY}; style-src 'self'{styles}; frame-ancestors {framers}"
