"""Security headers of every response: a strict content policy with a nonce, no sniffing,
no framing unless the view names who may frame it."""

import secrets
from collections.abc import Iterable

from flask import Flask, Response, g, request

from webapp.config import Config

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


def init_app(app: Flask, config: Config) -> None:
    app.add_template_global(nonce, "nonce")
    secure = (("Strict-Transport-Security", f"max-age={_TWO_YEARS}"),) if config.secure else ()
    always = [(name.lower(), name, value) for name, value in (*_ALWAYS, *secure)]

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        said = {name.lower() for name, _ in headers}
        for key, name, value in always:
            if key not in said:
                headers.add(name, value)
        if "content-security-policy" not in said:
            headers.add("Content-Security-Policy", _policy())
        if "cache-control" not in said and request.endpoint != "static":
            # What names people, or was made for one of us, is on no disk once they have left.
            headers.add("Cache-Control", "no-store")
        return response


def nonce() -> str:
    """The one-time value that lets a ``<style>`` of this response count as ours."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def may_be_framed_by(origins: Iterable[str]) -> None:
    """Let pages of these origins (``'self'`` for ours) show this response in a frame."""
    g.frame_ancestors = " ".join(origins) or "'none'"


def _policy() -> str:
    styles = f" 'nonce-{g.style_nonce}'" if "style_nonce" in g else ""
    framers = g.get("frame_ancestors", "'none'")
    return f"{_POLICY}; style-src 'self'{styles}; frame-ancestors {framers}"
