"""Files we serve: vendored code is what was published, and addresses change with content."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask

from webapp.web.shared import assets

STATIC = Path(__file__).parents[3] / "static"
MANIFEST = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text())


@pytest.fixture
def app() -> Flask:
    app = Flask("webapp", static_folder=str(STATIC), static_url_path="/static")
    assets.init_app(app)
    return app


def test_the_manifest_lists_every_vendored_script() -> None:
    scripts = {path.name for path in (STATIC / "vendor").glob("*.js")}
    assert scripts
    assert scripts == {entry["file"] for entry in MANIFEST.values()}


@pytest.mark.parametrize("library", MANIFEST)
def test_a_vendored_file_is_the_one_that_was_published(library: str) -> None:
    entry = MANIFEST[library]
    digest = hashlib.sha384((STATIC / "vendor" / entry["file"]).read_bytes()).digest()
    assert entry["integrity"] == "sha384-" + base64.b64encode(digest).decode()
    assert entry["licence"]
    assert entry["version"] in entry["file"]


def test_a_fingerprinted_file_may_be_kept_for_ever(app: Flask) -> None:
    with app.test_request_context():
        address = app.jinja_env.globals["asset"]("css/tokens.css")
    kept = app.test_client().get(address, buffered=True).headers["Cache-Control"]
    assert "immutable" in kept
    assert "public" in kept


def test_an_address_without_fingerprint_is_checked_again(app: Flask) -> None:
    kept = (
        app.test_client()
        .get("/static/css/tokens.css", buffered=True)
        .headers.get("Cache-Control", "")
    )
    assert "immutable" not in kept
