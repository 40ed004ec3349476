"""Static files with a hash of their content in the address, so that browsers may keep them, and
style sheets to be included in a page (``css/...``), which then waits for nothing else."""

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

_A_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Give templates ``asset(file)`` and ``integrity(library)``; let static files be kept."""
    folder = Path(app.static_folder or "static")
    manifest = json.loads((folder / "vendor" / "MANIFEST.json").read_text(encoding="utf-8"))

    templates = app.jinja_loader
    assert templates is not None
    sheets = PrefixLoader({"css": FileSystemLoader(folder / "css")})
    app.jinja_loader = ChoiceLoader([templates, sheets])

    def asset(file: str) -> str:
        path = folder / file
        return url_for("static", filename=file, v=_fingerprint(path, path.stat().st_mtime_ns))

    def integrity(library: str) -> str:
        return str(manifest[library]["integrity"])

    def keep(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.cache_control.public = True
            response.cache_control.max_age = _A_YEAR
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
        return response

    app.add_template_global(asset, "asset")
    app.add_template_global(integrity, "integrity")
    app.add_template_filter(lambda first, second: {**first, **second}, "combine")
    app.after_request(keep)


@cache
def _fingerprint(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
