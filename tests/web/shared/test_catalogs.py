"""Whatever our pages may say, they can say in every language we speak."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.catalogs import FOLDER, catalog, fields, missing, sentences
from webapp import catalogs
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Property, Text
from webapp.core.values import Type, read
from webapp.web.shared import language

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.po"))
WHOLE = [each for each in catalogs.COMPLETE if each != "en"]


@pytest.mark.parametrize("language", WHOLE)
def test_nothing_is_said_in_english_to_somebody_who_reads_another_language(language: str) -> None:
    assert len(sentences()) > 60
    # To add what is named here: python -m tests.catalogs
    assert missing(language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_holds_nothing_that_is_said_no_more(language: str) -> None:
    said = {each[0] if isinstance(each, tuple) else each for each in sentences()}
    held = {each.id if isinstance(each.id, str) else each.id[0] for each in catalog(language)}
    assert held - said - {""} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_fills_the_same_blanks(language: str) -> None:
    for message in catalog(language):
        if message.id:
            originals = [message.id] if isinstance(message.id, str) else message.id
            said = [message.string] if isinstance(message.string, str) else message.string
            wanted = set().union(*map(fields, originals))
            assert all(fields(each) == wanted for each in said), message.id


def test_the_prospects_pages_can_be_read_in_arabic() -> None:
    lacking = [message for message, file in missing("ar").items() if "/prospect/" in file]
    assert lacking == []
    buttons = {"Continue", "Back", "Skip this question", "Change", "Talk to a person"}
    assert not (buttons | {"There is a problem"}) & set(missing("ar"))


def test_a_refused_answer_is_explained_in_the_visitors_language() -> None:
    size = Property("size", Text({"en": "Size"}, "en"), Type.LONG_TEXT)
    with pytest.raises(AnswerRefused) as refused:
        read(size, "x" * 20_000)
    assert str(refused.value) == "Enter at most 10,000 characters."
    with Flask("webapp").test_request_context():
        language.speak("de-AT")
        assert language.explained(refused.value) == "Geben Sie höchstens 10.000 Zeichen ein."


@pytest.mark.parametrize(("asked", "said"), [("de", "Hier ist nichts"), ("en", "There is nothing")])
def test_a_wrong_address_is_explained_in_the_browsers_language(
    browser: FlaskClient, asked: str, said: str
) -> None:
    page = browser.get("/nowhere", headers={"Accept-Language": asked}).text
    assert said in page
    assert f'<html lang="{asked}" dir="ltr"' in page
