"""The page that tells people what is stored tells all of it, and nothing that is not."""

import re
from pathlib import Path

from webapp.store.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def told() -> dict[str, str]:
    """What the page says of each table."""
    parts = re.split(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_stored_field_is_told_with_its_reason_and_no_other() -> None:
    stored = {(table.name, column.name) for table in metadata.tables.values() for column in table.c}
    explained = {
        (table, field)
        for table, part in told().items()
        for fields, why in re.findall(r"^\| (`.+?) \| (.+) \|$", part, re.MULTILINE)
        for field in re.findall(r"`(\w+)`", fields)
        if why.strip()
    }
    assert stored - explained == set(), "docs/data.md says nothing of these"
    assert explained - stored == set(), "docs/data.md tells of what is stored no more"


def test_every_table_says_how_long_it_is_kept() -> None:
    silent = [table for table, part in told().items() if not re.match(r"\nKept: \S.+", part)]
    assert silent == []
