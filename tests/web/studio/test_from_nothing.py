"""A marketer begins with an empty page and ends with a flow like those Baton comes with, and never
sees a file."""

import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.studio.builder import Builder
from tests.web.studio.test_flows import live_text, text_of
from webapp.config import ROOT
from webapp.web.studio.loaded import plain_of


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One database is enough: this is about what the pages offer."""
    return prepared_sqlite.as_new()


def test_the_starter_is_built_from_an_empty_page_by_forms_alone(marketer: Colleague) -> None:
    starter = plain_of((ROOT / "question_flows" / "demo-request.yaml").read_text(encoding="utf-8"))
    assert starter is not None

    outline = Builder(PlainBrowser(marketer.client), starter).builds("Ask for a demo")

    assert outline == "/studio/flows/ask-for-a-demo"
    built = plain_of(marketer.get("/studio/export/ask-for-a-demo.yaml").text)
    assert built == {**starter, "flow": "ask-for-a-demo"}
    assert text_of(marketer, "playbook.yaml") == live_text(marketer, "playbook.yaml")
    assert "to mend first" not in marketer.get("/studio/publish").text
