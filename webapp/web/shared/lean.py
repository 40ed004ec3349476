"""Scripts and style sheets as they travel: without what is only for whoever reads them, and
compressed, also where no proxy does it. What was published minified is left as it was."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from flask import Response, request

KINDS = (".js", ".css")

_LEFT_OUT = {
    ".js": re.compile(rb"^\s*(?://.*\n)?", re.MULTILINE),  # indents, and comments on their own line
    # No sheet has a blank behind such a sign within quotes: a test looks.
    ".css": re.compile(rb"^\s+|/\*.*?\*/\s*|(?<=[{}:;,])\s+|\s+(?=\{)", re.MULTILINE | re.DOTALL),
}


@dataclass(frozen=True)
class Lean:
    """A file to send, as it is and compressed, and the fingerprint of what is sent."""

    plain: bytes
    packed: bytes
    tag: str


def lean(path: Path) -> Lean:
    return _read(path, path.stat().st_mtime_ns)


def send(path: Path) -> Response:
    """Answer the request with the file, or with the news that the browser has it."""
    file = lean(path)
    small = request.accept_encodings["gzip"] > 0
    response = Response(file.packed if small else file.plain, mimetype=guess_type(path.name)[0])
    if small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{file.tag}-gzip" if small else file.tag)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@cache
def _read(path: Path, changed: int) -> Lean:
    plain = path.read_bytes()
    if path.suffix in _LEFT_OUT and not path.stem.endswith(".min"):
        plain = _LEFT_OUT[path.suffix].sub(b"", plain)
    return Lean(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:16])
