"""The language a page speaks: chosen from what it is offered in and what the reader asks for."""

from collections.abc import Iterable
from functools import lru_cache
from gettext import NullTranslations

from babel.numbers import format_decimal
from flask import Flask, g, request
from markupsafe import Markup

from webapp import catalogs
from webapp.core.errors import AnswerRefused
from webapp.core.wording import locale_of


def init_app(app: Flask) -> None:
    """Let templates say ``_("...")`` in the language of the page (see ``speak``)."""
    app.add_template_global(_said, "_")
    app.context_processor(page)


def _said(message: str, **words: object) -> Markup:
    """A sentence of a template, whose own markup counts, with words put into it, whose does not."""
    text = Markup(gettext(message))  # noqa: S704 - ours, not a visitor's
    return text % words if words else text


def page() -> dict[str, str]:
    """For the layout: the language of the page and the way it runs, unless a view says else."""
    locale = g.get("locale", "en")
    return {"locale": locale, "direction": direction(locale)}


def speak(locale: str) -> None:
    """Answer this request in the locale; without a call to this, pages are in English."""
    g.locale = locale
    g.catalog = catalogs.of(locale)


def gettext(message: str) -> str:
    return _catalog().gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return _catalog().ngettext(one, many, count)


def _catalog() -> NullTranslations:
    found: NullTranslations = g.get("catalog") or catalogs.of("en")
    return found


def explained(refusal: AnswerRefused) -> str:
    """Why an answer was refused, with its numbers written as the language writes them."""
    locale = locale_of(g.get("locale", "en"))
    filled = {
        name: format_decimal(value, locale=locale) if isinstance(value, int) else value
        for name, value in refusal.params.items()
    }
    return gettext(refusal.message).format(**filled)


def wanted(offered: Iterable[str], default: str) -> str:
    """The first of what the address asks for (``?lang=``) and the browser prefers that is offered.

    ``de-AT`` is served by ``de``. Nothing fitting: ``default``.
    """
    by_tag = {tag.casefold(): tag for tag in offered}
    asked = request.args.get("lang", "")[:35]
    for tag in (asked, *request.accept_languages.values()):
        tag = tag.casefold().replace("_", "-")
        for candidate in (tag, tag.split("-")[0]):
            if candidate in by_tag:
                return by_tag[candidate]
    return default


@lru_cache(maxsize=256)
def direction(locale: str) -> str:
    """``rtl`` or ``ltr``."""
    return locale_of(locale).text_direction
