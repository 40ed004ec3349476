"""Writes a case as people would: a line for each part, longer parts one entry to a line."""

from collections.abc import Mapping

from webapp.flow_files.rendering import MOST_COLUMNS, Plain, block, flow


def case_text(document: Mapping[str, Plain]) -> str:
    """The text of a case file. Reading it gives the case back."""
    return "".join(f"{key}:{_value(key, value)}\n" for key, value in document.items())


def _value(key: str, value: Plain) -> str:
    line = flow(value)
    if not isinstance(value, dict | list) or len(key) + len(line) + 2 <= MOST_COLUMNS:
        return f" {line}"
    if isinstance(value, list):
        return "\n" + "\n".join(f"  - {flow(each)}" for each in value)
    return "\n  " + block(value, 2)
