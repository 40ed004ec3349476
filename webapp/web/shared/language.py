"""The language a page speaks: chosen from what it is offered in and what the reader asks for."""

from collections.abc import Iterable
from functools import cache, lru_cache
from gettext import NullTranslations, c2py
from pathlib import Path

from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, g, request

from webapp.core.errors import AnswerRefused
from webapp.core.wording import locale_of

COMPLETE = ("en", "de")
"""The languages that all our words exist in. Arabic has the few of a plain question page."""

_FOLDER = Path(__file__).parents[2] / "translations"


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
    return _catalog(g.get("locale", "en")).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return _catalog(g.get("locale", "en")).ngettext(one, many, count)


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


class _Catalog(NullTranslations):
    """A .po file as it is, so that nothing has to be compiled before a page speaks."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with path.open(encoding="utf-8") as file:
            catalog = read_po(file)
        self._plural = c2py(catalog.plural_expr)
        self._said = {
            (each.id if isinstance(each.id, str) else each.id[0]): each.string
            for each in catalog
            if each.id and each.string and not each.fuzzy
        }

    def gettext(self, message: str) -> str:
        found = self._said.get(message)
        return found if isinstance(found, str) else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self._said.get(msgid1)
        if isinstance(found, tuple | list):
            return str(found[self._plural(n)])
        return msgid1 if n == 1 else msgid2


@cache
def _catalog(locale: str) -> NullTranslations:
    language = locale.split("-")[0]
    path = _FOLDER / f"{language}.po"
    return _Catalog(path) if language.isalpha() and path.is_file() else NullTranslations()
