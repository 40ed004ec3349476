"""Whatever a page may say to a prospect, it can say in every language we speak."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
LANGUAGES = sorted(path.stem for path in (ROOT / "translations").glob("*.po"))
SPOKEN_BY = {"gettext": None, "ngettext": (1, 2), "_": None, "spoken": (2,)}


def said_by_pages() -> Iterator[str]:
    for folder, method in (("templates/prospect", "jinja2"), ("webapp/web/prospect", "python")):
        options = {"**.*": {"trim_blocks": "true", "lstrip_blocks": "true"}}
        found = extract_from_dir(
            ROOT / folder, [("**.html", "jinja2"), ("**.py", "python")], options, SPOKEN_BY
        )
        messages = [m if isinstance(m, str) else m[0] for _, _, m, _, _ in found]
        assert messages, f"{method} found nothing in {folder}"
        yield from messages


def said_by_refusals() -> Iterator[str]:
    """The sentences of the core and of services for an answer that cannot be taken."""
    for path in [ROOT / "webapp/core/values.py", ROOT / "webapp/services/hearing.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="AnswerRefused"), args=[_, ast.Constant(str(said)), *_]
                ):
                    yield said
                case ast.Return(value=ast.Constant(str(said))) if said.endswith("."):
                    yield said


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_in_english_to_somebody_who_reads_another_language(language: str) -> None:
    with (ROOT / "translations" / f"{language}.po").open(encoding="utf-8") as file:
        catalog = read_po(file, locale=language)
    wanted = {*said_by_pages(), *said_by_refusals()}
    assert len(wanted) > 50
    missing = [each for each in wanted if (found := catalog.get(each)) is None or not found.string]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_fills_the_same_blanks(language: str) -> None:
    with (ROOT / "translations" / f"{language}.po").open(encoding="utf-8") as file:
        catalog = read_po(file, locale=language)
    assert [error for _, errors in catalog.check() for error in errors] == []
