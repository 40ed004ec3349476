"""The documents name every key of the language, every command and every table there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from webapp.cli import main
from webapp.core.values import Type
from webapp.flow_files import load_case, load_release
from webapp.flow_files.fields import Fields
from webapp.store.tables import metadata

ROOT = Path(__file__).parent.parent
REFERENCE = (ROOT / "docs" / "flow-reference.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", REFERENCE))
DOCUMENTS = "".join(
    path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
)
MANY_KEYS = 80

CASE = """
flow: demo-request
at: 2026-11-20T10:00:00Z
known: {goal: {value: grow, at: 2026-11-01T10:00:00Z, certainty: stated}}
events: [{page: /pricing, at: 2026-11-20T09:00:00Z}]
expect: {score: {total: {at_least: 1}}}
"""


@pytest.fixture(scope="module")
def keys() -> set[str]:
    """Every key some reader asked a file about, whether it was there or not."""
    found: set[str] = set()

    class Noting(Fields):
        def __exit__(self, *raised: object) -> bool:  # type: ignore[override]
            found.update(self.asked)
            return super().__exit__(*raised)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        for module in ("case", "conditions", "expectations", "flow", "playbook"):
            patch.setattr(f"webapp.flow_files.{module}.Fields", Noting)
        for module in ("properties", "routing", "scoring", "signals", "teams"):
            patch.setattr(f"webapp.flow_files.{module}.Fields", Noting)
        load_case(CASE, "case.yaml", load_release(ROOT / "question_flows"))
    return found


def test_the_flow_reference_names_every_key(keys: set[str]) -> None:
    assert len(keys) > MANY_KEYS, "the readers were not heard"
    assert {key for key in keys if key not in NAMED and "-" not in key} == set()


def test_the_flow_reference_names_every_type_of_question() -> None:
    assert {type_ for type_ in Type if type_ not in NAMED} == set()


def test_the_privacy_page_names_every_table() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert [name for name in metadata.tables if f"`{name}`" not in page] == []


def commands(group: click.Group, name: str) -> Iterator[str]:
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")
        else:
            yield f"{name} {each}"


def test_every_command_is_explained_somewhere() -> None:
    found = list(commands(main, "baton"))
    assert "baton flows check" in found
    assert [command for command in found if command not in DOCUMENTS] == []
