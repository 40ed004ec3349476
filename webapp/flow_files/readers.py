"""Readers: functions from a node to a value, and ways to combine them.

A reader never fails. A node it cannot use is refused, which notes the problem, and a harmless
stand-in is returned so that reading goes on and every problem of a file is found in one go. A file
with a problem is never used, so no stand-in outlives its file.
"""

import re
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypeVar

from webapp.core.errors import Mend, Where
from webapp.flow_files.nodes import Entries, Items, Node, Scalar
from webapp.flow_files.problems import TAKE_OUT, Fix, did_you_mean, quoted

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
W = TypeVar("W", bound=str)
Reader = Callable[[Node], T]

MOST_ID = 80
MOST_WHOLE = 1_000_000_000
_NO_IDS = frozenset({"true", "false", "null", "~"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=36500)
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC) + _LONGEST
_LATEST = datetime(9999, 12, 31, tzinfo=UTC) - _LONGEST
"""What lies between can be reckoned with: no duration leads out of the calendar."""
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)",
    re.ASCII,
)


def string(node: Node) -> str:
    """Any text that is not blank, as written."""
    if isinstance(node, Scalar) and node.text.strip():
        return node.text.strip()
    if isinstance(node, Scalar):
        node.refuse("The text is empty.", "Write something, or leave the key out.")
    else:
        node.refuse(f"Text is expected here, not {kind(node)}.", "Write one line of text.")
    return ""


def _identifier(pattern: str, alphabet: str) -> Reader[str]:
    matches = re.compile(pattern, re.ASCII).fullmatch

    def identifier(node: Node) -> str:
        id = string(node)
        if id.casefold() in _NO_IDS:
            node.refuse(f"{quoted(id)} cannot be an id.", "Choose another word.")
        elif id and (not matches(id) or len(id) > MOST_ID):
            node.refuse(
                f"{quoted(id)} cannot be an id.", f"Use {alphabet}, at most {MOST_ID} characters."
            )
        return id

    return identifier


name_id = _identifier(
    r"[a-z][a-z0-9_-]*", "a small letter, then small letters, digits, `_` and `-`"
)
word_id = _identifier(r"[a-z][a-z0-9_]*", "a small letter, then small letters, digits and `_`")
choice_id = _identifier(
    r"[a-z0-9][a-z0-9_+-]*", "small letters, digits, `_`, `+` and `-`, no sign first"
)


def unique(reader: Reader[str], of: str) -> Reader[str]:
    """Refuses what it has read before. Make one for each list whose ids must differ."""
    first: dict[str, Where] = {}

    def read(node: Node) -> str:
        id = reader(node)
        if id in first:
            node.refuse(
                f"Two {of} are called {quoted(id)}, the first on line {first[id].line}.",
                Fix("Give each its own.", (Mend(_another(id, first)),)),
            )
        elif id:
            first[id] = node.where
        return id

    return read


def _another(id: str, taken: Collection[str]) -> str:
    return next(new for n in count(2) if (new := f"{id}_{n}") not in taken)


def reference(known: Collection[str], of: str) -> Reader[str]:
    """An id that must exist. ``of`` says of what, like ``destination``."""

    def read(node: Node) -> str:
        id = string(node)
        if id and id not in known:
            node.refuse(
                f"There is no {of} {quoted(id)}.",
                did_you_mean(id, known, f"Add it, or name a {of}."),
            )
        return id

    return read


def one_of(*words: W) -> Reader[W]:
    """One of a few fixed words."""

    def read(node: Node) -> W:
        word_said = string(node)
        for word in words:
            if word_said == word:
                return word
        if word_said:
            node.refuse(
                f"{quoted(word_said)} cannot stand here.",
                did_you_mean(word_said, words, "Choose a word."),
            )
        return words[0]

    return read


def flag(node: Node) -> bool:
    """``true`` or ``false``; ``yes`` and ``no`` are text."""
    if isinstance(node, Scalar) and node.plain:
        match node.text:
            case "true" | "True" | "TRUE":
                return True
            case "false" | "False" | "FALSE":
                return False
    node.refuse(f"{said(node)} is not `true` or `false`.", "Write `true` or `false`.")
    return False


def whole(least: int = -MOST_WHOLE, most: int = MOST_WHOLE) -> Reader[int]:
    """A whole number within bounds. ``010`` is refused: readers differ on what it means."""
    bounds = f" of at least {least}" if least >= 0 else ""

    def read(node: Node) -> int:
        text = node.text if isinstance(node, Scalar) else ""
        if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,11})", text):
            if least <= int(text) <= most:
                return int(text)
            if int(text) > most:
                node.refuse(f"{text} is too much.", f"{most} is the most.")
                return most
        node.refuse(f"{said(node)} is not a whole number{bounds}.", "Write it like 12.")
        return max(least, 0)

    return read


def duration(node: Node) -> timedelta:
    """One whole number above 0 and one of ``s m h d`` (rule A4)."""
    text = node.text if isinstance(node, Scalar) else ""
    if found := re.fullmatch(r"([1-9][0-9]{0,9})([smhd])", text, re.ASCII):
        seconds = int(found[1]) * _SECONDS[found[2]]
        if seconds <= _LONGEST.total_seconds():
            return timedelta(seconds=seconds)
    node.refuse(
        f"{said(node)} is not a duration.",
        "Write one whole number and `s`, `m`, `h` or `d`, like 90s, 15m, 4h or 30d.",
    )
    return timedelta(days=1)


def instant(node: Node) -> datetime:
    """A date, a time and an offset (rule A5), as UTC."""
    text = node.text if isinstance(node, Scalar) else ""
    try:
        if _INSTANT.fullmatch(text):
            found = datetime.fromisoformat(text.upper()).astimezone(UTC)
            if _EARLIEST <= found <= _LATEST:
                return found
    except (ValueError, OverflowError):
        pass
    node.refuse(
        f"{said(node)} is not an instant.",
        "Write date, time and offset, like 2026-11-20T10:00:00Z or 2026-11-20T11:00:00+01:00.",
    )
    return datetime(2000, 1, 1, tzinfo=UTC)


def day(node: Node) -> date:
    text = node.text if isinstance(node, Scalar) else ""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    node.refuse(f"{said(node)} is not a date.", "Write a real day like 2026-12-25.")
    return date(2000, 1, 1)


def listed(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list, never empty (rule A3), each item read by ``reader``."""

    def read(node: Node) -> tuple[T, ...]:
        if isinstance(node, Items) and node.items:
            return tuple(reader(item) for item in node.items)
        if isinstance(node, Items):
            node.refuse("The list is empty.", "Put something into it, or leave the key out.")
        else:
            node.refuse(f"A list is expected here, not {kind(node)}.", "Write `[..]` or `- ..`.")
        return ()

    return read


def one_or_more(reader: Reader[K]) -> Reader[tuple[K, ...]]:
    """One value or a list of them. A value said twice counts once, with a warning (rule A39)."""

    def read(node: Node) -> tuple[K, ...]:
        if not isinstance(node, Items):
            return (reader(node),)
        refused = node.problems.errors
        values = listed(reader)(node)
        seen: dict[K, None] = {}
        for item, value in zip(node.items, values, strict=False):
            if value in seen and node.problems.errors == refused:
                fix = Fix("Delete one of the two.", (TAKE_OUT,))
                item.warn(f"{said(item)} stands twice in this list.", fix)
            seen[value] = None
        return tuple(seen)

    return read


def pairs(node: Node) -> tuple[tuple[Scalar, Node], ...]:
    """The entries of a mapping."""
    if isinstance(node, Entries):
        return node.entries
    node.refuse(f"A mapping is expected here, not {kind(node)}.", "Write `key: value` lines.")
    return ()


def keyed(key: Reader[K], value: Callable[[K, Node], T]) -> Reader[dict[K, T]]:
    """A mapping from ids to things; ``value`` is told the id too."""

    def read(node: Node) -> dict[K, T]:
        return {(id := key(written)): value(id, each) for written, each in pairs(node)}

    return read


def kind(node: Node) -> str:
    """What a node is, for the end of a sentence."""
    match node:
        case Items():
            return "a list"
        case Entries():
            return "a mapping"
        case Scalar(text=text):
            return quoted(text)
        case _:
            return "nothing"


def said(node: Node) -> str:
    """The node at the beginning of a sentence."""
    words = kind(node)
    return words[0].upper() + words[1:]
