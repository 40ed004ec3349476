"""Our words in other languages: a catalog for each, read as it is written, for pages and mails."""

from functools import cache
from gettext import NullTranslations, c2py
from pathlib import Path

from babel.messages.pofile import read_po

COMPLETE = {"en": "English", "de": "Deutsch"}
"""The languages that all our words exist in."""

FOR_PROSPECTS = {**COMPLETE, "ar": "العربية"}
"""The languages that the prospects' pages exist in."""

_FOLDER = Path(__file__).parent / "translations"


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


def of(locale: str | None) -> NullTranslations:
    """What is said in a locale; a language without a catalog is spoken to in English."""
    return _of_language((locale or "en").split("-")[0])


@cache
def _of_language(language: str) -> NullTranslations:
    path = _FOLDER / f"{language}.po"
    return _Catalog(path) if language.isalpha() and path.is_file() else NullTranslations()
