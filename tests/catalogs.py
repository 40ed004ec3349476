"""The sentences marked for translation, and the catalogs that hold them in other languages.

``python -m tests.catalogs`` prints what a catalog still lacks, ready to be pasted and translated.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "webapp" / "translations"
# Beside gettext's own: the second argument of a refusal, and what is marked as a sentence.
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "say", "sentence")),
    "ngettext": (1, 2),
    "AnswerRefused": (2,),
}

Message = str | tuple[str, str]


@cache
def sentences() -> dict[Message, str]:
    """Every sentence marked for translation, with a file it stands in."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[Message, str] = {}
    for mapping in config["tool"]["babel"]["mappings"]:
        folder, _, pattern = mapping["pattern"].partition("/")
        options = {k: v for k, v in mapping.items() if k not in ("pattern", "method")}
        for file, _, message, _, _ in extract_from_dir(
            ROOT / folder, [(pattern, mapping["method"])], {pattern: options}, KEYWORDS
        ):
            found.setdefault(message, f"{folder}/{file}")
    return found


def catalog(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open(encoding="utf-8") as file:
        return read_po(file, locale=language)


def missing(language: str) -> dict[Message, str]:
    """What a catalog has no words for."""
    known = catalog(language)
    return {m: file for m, file in sentences().items() if not _said(known, m)}


def fields(text: str) -> set[str]:
    """What is filled into a sentence: ``%(name)s`` and ``{name}``."""
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))


def _said(known: Catalog, message: Message) -> bool:
    found = known.get(message[0] if isinstance(message, tuple) else message)
    said = found.string if found and not found.fuzzy else ""
    return all(said) if isinstance(said, tuple | list) else bool(said)


def main() -> None:
    for message, file in missing("de").items():
        print(f"# {file}")
        if isinstance(message, tuple):
            print(
                f'msgid "{message[0]}"\nmsgid_plural "{message[1]}"\nmsgstr[0] ""\nmsgstr[1] ""\n'
            )
        else:
            print(f'msgid "{message}"\nmsgstr ""\n')


if __name__ == "__main__":
    main()
