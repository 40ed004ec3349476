"""The loader that host sites put on their pages: ``/embed.js``."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request

bp = Blueprint("embed", __name__)

AN_HOUR = 3600
"""Hosts get our corrections within an hour; until then no request is made."""

_LEFT_OUT = re.compile(rb"^\s*(?://.*\n)?", re.MULTILINE)


@bp.get("/embed.js")
def loader() -> Response:
    """The same for every site: its query is for the script itself."""
    path = Path(current_app.static_folder or "static") / "embed" / "embed.js"
    plain, packed, tag = _packed(path, path.stat().st_mtime_ns)
    small = request.accept_encodings["gzip"] > 0
    response = Response(packed if small else plain, mimetype="text/javascript")
    if small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{tag}-gzip" if small else tag)
    response.cache_control.public = True
    response.cache_control.max_age = AN_HOUR
    # Pages that are isolated from other origins may load us all the same.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response


@cache
def _packed(path: Path, changed: int) -> tuple[bytes, bytes, str]:
    """The file without indents and comment lines, the same compressed, and its fingerprint."""
    plain = _LEFT_OUT.sub(b"", path.read_bytes())
    return plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:16]
