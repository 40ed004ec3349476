"""Files we serve: vendored code is what was published, and addresses change with content."""

import base64
import gzip
import hashlib
import json
import re
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


def test_nobody_makes_a_cache_keep_a_file_under_the_fingerprint_of_another(app: Flask) -> None:
    for version in ("0123456789abcdef", ""):
        sent = app.test_client().get(f"/static/css/tokens.css?v={version}", buffered=True)
        assert sent.status_code == 200
        assert "immutable" not in sent.headers.get("Cache-Control", "")


def test_an_address_without_fingerprint_is_checked_again(app: Flask) -> None:
    kept = (
        app.test_client()
        .get("/static/css/tokens.css", buffered=True)
        .headers.get("Cache-Control", "")
    )
    assert "immutable" not in kept


@pytest.mark.parametrize("file", ["js/turn.js", "css/prospect.css"])
def test_what_is_only_for_whoever_reads_a_file_does_not_travel(app: Flask, file: str) -> None:
    browser = app.test_client()
    sent = browser.get(f"/static/{file}")
    written = (STATIC / file).read_bytes()
    assert sent.mimetype in ("text/javascript", "text/css")
    assert len(sent.data) < len(written)
    assert not re.search(rb"^\s|^//|/\*", sent.data, re.MULTILINE)
    packed = browser.get(f"/static/{file}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == sent.data
    again = browser.get(f"/static/{file}", headers={"If-None-Match": sent.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("sheet", sorted((STATIC / "css").iterdir()), ids=lambda each: each.name)
def test_what_a_sheet_has_within_quotes_travels_as_it_was_written(app: Flask, sheet: Path) -> None:
    comments = re.compile(rb"/\*.*?\*/", re.DOTALL)
    quotes = re.compile(rb'"[^"]*"')
    sent = app.test_client().get(f"/static/css/{sheet.name}").data
    assert quotes.findall(sent) == quotes.findall(comments.sub(b"", sheet.read_bytes()))


def test_a_vendored_file_travels_compressed_and_as_it_was_published(app: Flask) -> None:
    name = MANIFEST["htmx"]["file"]
    packed = app.test_client().get(f"/static/vendor/{name}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == (STATIC / "vendor" / name).read_bytes()


def test_nothing_beside_the_static_files_is_served(app: Flask) -> None:
    too_long = f"js/{'a' * 300}.js"
    for elsewhere in (
        "../webapp/config.py",
        "js/nothing.js",
        "js",
        "%2e%2e/pyproject.toml",
        too_long,
        f"{too_long}?v=1",
    ):
        assert app.test_client().get(f"/static/{elsewhere}").status_code == 404
