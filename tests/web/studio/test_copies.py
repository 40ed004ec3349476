"""A marketer begins a flow with the text of another, and only its title and id are its own."""

import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.studio.test_flows import live_text, text_of

TITLE = "{en: Request a demo, de: Demo anfragen}"


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One database is enough: this is about what the pages offer."""
    return prepared_sqlite.as_new()


@pytest.fixture
def copying(marketer: Colleague) -> PlainBrowser:
    """The form that the page of a flow leads to."""
    return PlainBrowser(marketer.client).open("/studio/flows/demo-request").follow("Copy this flow")


def test_a_copied_flow_is_a_draft_with_every_remark_under_its_own_title_and_id(
    copying: PlainBrowser, marketer: Colleague
) -> None:
    copying.press("Copy")

    assert copying.address == "/studio/flows/copy-of-request-a-demo"
    assert copying.heading == "Copy of Request a demo New draft"
    original = live_text(marketer, "demo-request.yaml")
    assert original.count(TITLE) == 1
    named = TITLE.replace("Request", "Copy of Request").replace("Demo", "Copy of Demo")
    renamed = original.replace("flow: demo-request\n", "flow: copy-of-request-a-demo\n")
    assert text_of(marketer, "copy-of-request-a-demo.yaml") == renamed.replace(TITLE, named)
    assert text_of(marketer, "demo-request.yaml") == original
    assert "to mend first" not in marketer.get("/studio/publish").text
    again = copying.open("/studio/flows/demo-request").follow("Copy this flow")
    assert ("id", "copy-of-request-a-demo-2") in again.page.forms[-1].fields


def test_undo_on_the_page_of_a_copy_takes_it_back_and_redo_makes_it_again(
    copying: PlainBrowser, marketer: Colleague
) -> None:
    copying.press("Copy").press("Undo: Copied “demo-request” to “copy-of-request-a-demo”")

    assert (copying.address, copying.heading) == ("/studio", "Flows")
    assert "Undone: Copied" in copying.words
    assert "copy-of-request-a-demo" not in copying.page.links.values()
    copying.press("Redo: Copied “demo-request” to “copy-of-request-a-demo”")
    assert copying.open("/studio/flows/copy-of-request-a-demo").response.status_code == 200


def test_names_that_cannot_be_are_refused_in_words_and_what_was_typed_stays(
    copying: PlainBrowser, marketer: Colleague
) -> None:
    for id, says in {
        "contact": "There is a flow “contact” already. Enter another id.",
        "Spring Event": "cannot be an id. Use a small letter, then small letters, digits",
        "../x": "cannot be an id.",
        "playbook": "A flow cannot be called playbook .",
        "": "Enter an id, like spring-event.",
    }.items():
        refused = copying.press("Copy", **{"title-en": "See it in spring", "id": id})

        assert refused.response.status_code == 422
        assert says in refused.words
        assert {("title-en", "See it in spring"), ("id", id)} <= set(refused.page.forms[-1].fields)

    untitled = copying.press("Copy", **{"title-en": " ", "title-de": "Frühling", "id": "spring"})
    assert "Enter a title." in untitled.words
    assert ("title-de", "Frühling") in untitled.page.forms[-1].fields
    assert "There is nothing to publish" in marketer.get("/studio/publish").text


def test_a_file_that_cannot_be_read_is_not_copied(
    copying: PlainBrowser, marketer: Colleague
) -> None:
    copying.open("/studio/files/demo-request.yaml").press("Save the text", text="flow: [")

    refused = copying.open("/studio/flows/demo-request/copy").press("Copy", id="spring-event")

    assert refused.response.status_code == 422
    assert marketer.get("/studio/export/spring-event.yaml").status_code == 404
