"""Texts for people as forms show them: a field for each language in use."""

from collections.abc import Iterable, Mapping

from werkzeug.datastructures import MultiDict

from webapp.core.values import clean
from webapp.flow_files.rendering import Plain


def shown(text: Plain | None, locale: str) -> dict[str, str]:
    """The text by language; one without languages is in the playbook's."""
    if isinstance(text, Mapping):
        return {key: str(value) for key, value in text.items()}
    return {} if text is None else {locale: str(text)}


def to(text: Plain | None, locale: str) -> str:
    """The text in one language, or whatever there is."""
    found = shown(text, locale)
    return found.get(locale) or next(iter(found.values()), "")


def read(form: MultiDict[str, str], name: str, locales: Iterable[str]) -> dict[str, str]:
    """What was typed, by language."""
    return {each: clean(form.get(f"{name}-{each}", "")).strip() for each in locales}


def written(before: Plain | None, typed: Mapping[str, str], locale: str) -> Plain | None:
    """The text as the file should hold it: as before where nothing else was typed."""
    was = shown(before, locale)
    others = {each: words for each, words in typed.items() if words != was.get(each, "").strip()}
    now = {**was, **others}
    now = {each: words for each, words in now.items() if words}
    if now == was:
        return before
    if now.keys() == {locale} and not isinstance(before, Mapping):
        return now[locale]
    return dict[str, Plain](now) or None


def locales_of(document: Plain | None, locale: str) -> list[str]:
    """The languages a file is written in, the playbook's first."""
    found = {locale: None}

    def look(node: Plain) -> None:
        if isinstance(node, Mapping):
            if locale in node and all(isinstance(each, str) for each in node.values()):
                found.update(dict.fromkeys(node))
            for each in node.values():
                look(each)
        elif isinstance(node, list):
            for each in node:
                look(each)

    if document is not None:
        look(document)
    return list(found)
