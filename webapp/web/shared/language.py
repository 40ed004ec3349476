"""The language a page speaks: chosen from what it is offered in and what the reader asks for."""

from collections.abc import Iterable
from functools import lru_cache

from babel.numbers import format_decimal
from flask import Flask, g, request

from webapp import catalogs
from webapp.core.errors import AnswerRefused
from webapp.core.wording import locale_of


def init_app(app: Flask) -> None:
    """Let templates say ``_("...")`` in the language of the page (see ``speak``)."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.context_processor(_page)


def _page() -> dict[str, str]:
    """For the layout: the language of the page and the way it runs, unless a view says else."""
    locale = g.get("locale", "en")
    return {"locale": locale, "direction": direction(locale)}


def speak(locale: str) -> None:
    """Answer this request in the locale; without a call to this, pages are in English."""
    g.locale = locale


def gettext(message: str) -> str:
    return catalogs.of(g.get("locale", "en")).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return catalogs.of(g.get("locale", "en")).ngettext(one, many, count)


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
