"""What a browser is told that it may do with our pages."""

import json
import re

from flask.testing import FlaskClient

from tests.fixtures.people import Colleague
from webapp.config import ROOT


def policy_of(response: object) -> dict[str, set[str]]:
    said = response.headers["Content-Security-Policy"].split("; ")  # type: ignore[attr-defined]
    return {name: set(rest) for name, *rest in (each.split() for each in said)}


def test_a_page_may_load_and_run_what_is_ours_and_nothing_else(
    browser: FlaskClient, rep: Colleague
) -> None:
    ours = {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "img-src": {"'self'", "data:"},
        "font-src": {"'self'"},
        "connect-src": {"'self'"},
        "frame-src": {"'self'"},
        "form-action": {"'self'"},
        "base-uri": {"'none'"},
        "style-src": {"'self'"},
        "frame-ancestors": {"'none'"},
    }
    assert policy_of(rep.get("/desk")) == ours
    for address in ("/f/demo-request", "/c/demo-request"):
        page = browser.get(address)
        [nonce] = set(re.findall(r'nonce="([^"]+)"', page.text))
        assert policy_of(page) == ours | {"style-src": {"'self'", f"'nonce-{nonce}'"}}
        assert nonce not in browser.get(address).text


def test_htmx_is_set_to_run_nothing_keep_nothing_and_ask_nobody_else(
    browser: FlaskClient, rep: Colleague
) -> None:
    for page in (browser.get("/f/demo-request"), browser.get("/c/demo-request"), rep.get("/desk")):
        [settings] = re.findall(r"""name="htmx-config" content='(.*?)'""", page.text)
        said = json.loads(settings)
        assert (said["allowEval"], said["allowScriptTags"]) == (False, False)
        assert (said["selfRequestsOnly"], said["historyCacheSize"]) == (True, 0)


def test_no_page_brings_htmx_without_its_settings() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        if "vendor/htmx" in text:
            assert '{% include "layouts/_htmx.html" %}' in text.partition("vendor/htmx")[0]
