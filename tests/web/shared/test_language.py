"""Which language a page speaks."""

import pytest
from flask import Flask

from webapp.web.shared import language


@pytest.fixture
def page() -> Flask:
    app = Flask("webapp")
    language.init_app(app)
    return app


@pytest.mark.parametrize(
    ("address", "browser", "spoken"),
    [
        ("/", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("/", "fr,en;q=0.5", "en"),
        ("/", "fr", "en"),
        ("/?lang=de", "en", "de"),
        ("/?lang=../../x", "de", "de"),
        ("/?lang=pt-BR", "en", "pt-BR"),
        ("/", "", "en"),
    ],
)
def test_a_visitor_is_answered_in_a_language_that_is_offered(
    page: Flask, address: str, browser: str, spoken: str
) -> None:
    with page.test_request_context(address, headers={"Accept-Language": browser}):
        assert language.wanted(["en", "de", "pt-BR"], "en") == spoken


@pytest.mark.parametrize(
    ("locale", "direction"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("fa", "rtl"),
        ("ur-PK", "rtl"),
        ("de-AT", "ltr"),
        ("nonsense!", "ltr"),
    ],
)
def test_text_runs_the_way_of_its_language(locale: str, direction: str) -> None:
    assert language.direction(locale) == direction


def test_what_has_no_translation_is_said_in_english(page: Flask) -> None:
    with page.test_request_context():
        language.speak("../../etc/passwd")
        assert language.gettext("Continue") == "Continue"
        assert language.ngettext("%(n)s answer", "%(n)s answers", 2) == "%(n)s answers"
