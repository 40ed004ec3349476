"""Static files with a hash of their content in the address, so that browsers may keep them, and
style sheets to be included in a page (``css/...``), which then waits for nothing else."""

import json
from collections.abc import Callable
from os.path import isfile
from pathlib import Path

from flask import Flask, Response, request
from jinja2 import ChoiceLoader, FunctionLoader, PrefixLoader
from werkzeug.security import safe_join

from webapp.web.shared.lean import KINDS, lean, send

_A_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Give templates ``asset(file)`` and ``integrity(library)``; let static files be kept."""
    folder = Path(app.static_folder or "static")
    manifest = json.loads((folder / "vendor" / "MANIFEST.json").read_text(encoding="utf-8"))

    templates = app.jinja_loader
    assert templates is not None
    sheets = PrefixLoader({"css": FunctionLoader(lambda name: _sheet(folder / "css" / name))})
    app.jinja_loader = ChoiceLoader([templates, sheets])

    def asset(file: str) -> str:
        # Put together by hand: five of them by ``url_for`` were a twentieth of a first page's work.
        return f"{request.script_root}{app.static_url_path}/{file}?v={lean(folder / file).tag}"

    def static(filename: str) -> Response:
        path = Path(safe_join(str(folder), filename) or "")
        # Unlike Path.is_file, this also says no to a name that no file can have.
        is_ours = path.suffix in KINDS and isfile(path)
        response = send(path) if is_ours else app.send_static_file(filename)
        # Under the fingerprint of another version, what is kept for ever would be the wrong file:
        # for everybody behind a cache that somebody asked while not all of us were up to date.
        if response.status_code == 200 and request.args.get("v") == lean(path).tag:
            response.cache_control.public = True
            response.cache_control.max_age = _A_YEAR
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
        return response

    def integrity(library: str) -> str:
        return str(manifest[library]["integrity"])

    app.add_template_global(asset, "asset")
    app.add_template_global(integrity, "integrity")
    app.add_template_filter(lambda first, second: {**first, **second}, "combine")
    app.view_functions["static"] = static


def _sheet(path: Path) -> tuple[str, str, Callable[[], bool]]:
    """A style sheet as a template. It is the same as long as its fingerprint is."""
    sheet = lean(path)
    return sheet.plain.decode(), str(path), lambda: lean(path).tag == sheet.tag
