"""Edits by two people at once: each change is made to what the other left, or both are shown."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Literal

from webapp.core.errors import BatonError
from webapp.flow_files import edit
from webapp.flow_files.document import EditRefused, NoSuchPlace, Path, exactly, value_at
from webapp.flow_files.rendering import Plain

Locate = Callable[[Plain], Path | None]
"""Finds an item in a whole file, by its id rather than its place; None where it is not there."""

Edit = Callable[[str, str], str]
"""Changes a text. The second argument is the text as its editor saw it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people changed differently. None stands for nothing there."""

    field: str
    before: Plain | None
    theirs: Plain | None
    mine: Plain | None


class Clash(BatonError):
    """Somebody changed the same thing in the meantime. Nothing was saved."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        self.differences = differences
        super().__init__("Somebody else changed the same thing in the meantime.")


Side = Literal["mine", "theirs"]

ALL = "all of it"
"""What a difference is about that is not in one field."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change the item that ``locate`` finds; ``change`` gets it as its editor saw it.

    Fields that only somebody else changed stay as they left them. None takes the item away.
    ``kept`` says of fields that both changed whose version counts.
    Raises, when applied: Clash, EditRefused, FlowError.
    """

    locate: Locate
    change: Callable[[Plain], Plain | None]
    kept: Mapping[str, Side] = field(default_factory=dict)

    def __call__(self, text: str, seen: str) -> str:
        now = _found(text, self.locate)
        before = now if seen == text else _found(seen, self.locate)
        if before is None:
            raise Clash((Difference(ALL, None, now[1] if now else None, None),))
        mine = self.change(deepcopy(before[1]))
        if now is None:
            raise Clash((Difference(ALL, before[1], None, mine),))
        merged, clashes = merge(before[1], now[1], mine, self.kept)
        if clashes:
            raise Clash(tuple(clashes))
        if exactly_or_none(merged) == exactly(now[1]):
            return text
        if merged is None:
            return edit.delete_item(text, now[0])
        return edit.set_value(text, now[0], merged)


def merge(
    before: Plain | None,
    theirs: Plain | None,
    mine: Plain | None,
    kept: Mapping[str, Side] = MappingProxyType({}),
    field: str = "",
) -> tuple[Plain | None, list[Difference]]:
    """What holds both changes, and the fields where that cannot be unless one is ``kept``."""
    if exactly_or_none(mine) == exactly_or_none(before):
        return theirs, []
    if exactly_or_none(theirs) in (exactly_or_none(before), exactly_or_none(mine)):
        return mine, []
    if isinstance(theirs, Mapping) and isinstance(mine, Mapping):
        was: Mapping[str, Plain] = before if isinstance(before, Mapping) else {}
        merged: dict[str, Plain] = {}
        clashes: list[Difference] = []
        for key in dict.fromkeys((*theirs, *mine)):
            inside = f"{field} {key}".strip()
            found, more = merge(was.get(key), theirs.get(key), mine.get(key), kept, inside)
            clashes += more
            if found is not None:
                merged[key] = found
        return merged, clashes
    about = field or ALL
    if about in kept:
        return (mine if kept[about] == "mine" else theirs), []
    return mine, [Difference(about, before, theirs, mine)]


def without(now: str, before: str, after: str) -> str:
    """The text as it is now, but for the lines that were changed from ``before`` to ``after``.

    Raises: EditRefused where what was changed since stands in the way.
    """
    base = after.splitlines(keepends=True)
    changed = [
        (first, last, lines[start:end])
        for lines in (before.splitlines(keepends=True), now.splitlines(keepends=True))
        for kind, first, last, start, end in SequenceMatcher(None, base, lines).get_opcodes()
        if kind != "equal"
    ]
    found: list[str] = []
    kept, inserted = 0, -1
    for first, last, lines in sorted(changed, key=lambda each: each[:2]):
        if first < kept or first == last == inserted:
            raise EditRefused("Later changes rest on this one. Undo those first.")
        found += [*base[kept:first], *lines]
        kept, inserted = last, first if first == last else -1
    return "".join([*found, *base[kept:]])


def exactly_or_none(value: Plain | None) -> object:
    return None if value is None else exactly(value)


def _found(text: str, locate: Locate) -> tuple[Path, Plain] | None:
    path = locate(value_at(text))
    if path is None:
        return None
    try:
        return path, value_at(text, path)
    except NoSuchPlace:
        return None
