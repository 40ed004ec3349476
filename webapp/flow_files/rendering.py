"""Writes values as YAML that every reader understands alike."""

import json
import re

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"]
"""What a file holds, without its layout. Read from a file, every scalar is text."""

MOST_COLUMNS = 100

_PLAIN = re.compile(r"[^\W\d_](?:[\w .@'’()/+&%€$!?;–—-]*[\w.)!?%])?|[a-z0-9][a-z0-9_.+-]*")
_NUMBER_OR_DATE = re.compile(
    r"[-+.]?\d[\d_]*(\.\d*)?([eE][-+]?\d+)?|0[xo][0-9a-fA-F]+|\d{4}-\d\d?-\d\d?", re.ASCII
)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


def scalar(value: str | int | bool, quote: str = "") -> str:
    """One value; ``quote`` is the one used so far, which is kept where it can be.

    Quoted where a reader of YAML 1.1 would see a number, a date or a boolean.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    typed = _NUMBER_OR_DATE.fullmatch(value) or value.casefold() in _WORDS
    if quote != '"' and _PLAIN.fullmatch(value) and not typed:
        return value
    # JSON's quotes are YAML's, but for a few characters YAML wants escaped.
    written = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def flow(value: Plain) -> str:
    """The value on one line."""
    match value:
        case dict():
            inside = (f"{scalar(key)}: {flow(each)}" for key, each in value.items())
            return "{" + ", ".join(inside) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return scalar(value)


def block(value: Plain, column: int) -> str:
    """The value over as many lines as it needs; lines after the first begin at ``column``."""
    pad = "\n" + " " * column
    match value:
        case dict():
            return pad.join(entry(key, each, column) for key, each in value.items())
        case list():
            return pad.join("- " + _item(each, column + 2) for each in value)
        case _:
            return scalar(value)


def entry(key: str, value: Plain, column: int) -> str:
    """``key: value``, the value below its key where it is long."""
    line = f"{scalar(key)}: {flow(value)}"
    if isinstance(value, dict | list) and column + len(line) > MOST_COLUMNS:
        return f"{scalar(key)}:\n{' ' * (column + 2)}{block(value, column + 2)}"
    return line


def _item(value: Plain, column: int) -> str:
    line = flow(value)
    return line if column + len(line) <= MOST_COLUMNS else block(value, column)
