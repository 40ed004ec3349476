"""Reads YAML into nodes.

YAML 1.2 without its surprises: no anchors, aliases, tags, second documents or duplicate keys, and
no guessing of types, so ``no``, ``010`` and ``12:30`` stay the text they are. libyaml's events are
read one by one, so nothing is built from a file before its limits are checked.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator

import yaml

from webapp.core.errors import Where
from webapp.flow_files.nodes import Absent, Entries, Items, Node, Scalar
from webapp.flow_files.problems import Problems, quoted

MAX_BYTES = 256 * 1024
MAX_LINES = 10_000  # what two texts have in common takes the square of that to find out
MAX_DEPTH = 20
MAX_NODES = 60_000  # more than any flow that fits into MAX_BYTES has use for, read in half a second

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # YAML 1.2, 5.1
)
_TOO_BIG = (f"The file has more than {MAX_BYTES // 1024} KiB.", "Delete what it does not need.")
_TOO_LONG = (f"The file has more than {MAX_LINES:,} lines.", "Delete what it does not need.")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class _Unreadable(Exception):
    """The rest of the file cannot be read; the problem is noted."""


def too_big(text: str) -> tuple[str, str] | None:
    """Why a text is more than we read or compare, and what to do; None for one that is not."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return _TOO_BIG
    return _TOO_LONG if len(text.splitlines()) > MAX_LINES else None


def parse(text: str, problems: Problems) -> Node:
    """The root node of a file's text; ``Absent`` when it cannot be read as YAML at all."""
    text = text.removeprefix("\ufeff")
    try:
        _refuse_hostile(text, problems)
        return _Parser(text, problems).root()
    except _Unreadable:
        return Absent(Where(problems.file, 1, 1), problems)


def decode(read: Callable[[], bytes], problems: Problems) -> str | None:
    """A file's bytes as text (a leading BOM dropped), or None with the problem noted."""
    start = Where(problems.file, 1, 1)
    try:
        data = read()
        if len(data) > MAX_BYTES + len(BOM_UTF8):
            problems.error(start, *_TOO_BIG)
            return None
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            problems.error(start, "The file is in UTF-16.", "Save it as UTF-8.")
            return None
        return data.decode("utf-8-sig")
    except OSError as error:
        problems.error(start, f"The file cannot be read: {error.strerror}.", "Check its rights.")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        problems.error(
            _place(before, len(before), problems.file),
            f"The byte 0x{error.object[error.start]:02x} is not UTF-8.",
            "Save the file as UTF-8.",
        )
    return None


def _refuse_hostile(text: str, problems: Problems) -> None:
    start = Where(problems.file, 1, 1)
    if too_much := too_big(text):
        problems.error(start, *too_much)
        raise _Unreadable
    if odd := _UNPRINTABLE.search(text):
        problems.error(
            _place(text, odd.start(), problems.file),
            f"The character U+{ord(odd[0]):04X} cannot stand in YAML.",
            "Delete it.",
        )
        raise _Unreadable


def _place(text: str, index: int, file: str) -> Where:
    line_start = text.rfind("\n", 0, index) + 1
    return Where(file, text.count("\n", 0, index) + 1, index - line_start + 1)


class _Parser:
    """Builds nodes from libyaml's events. Depth is bounded, so recursion is too."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.opened: list[Where] = []
        self.nodes = 0

    def root(self) -> Node:
        try:
            event = self._next()
            while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                event = self._next()
            if isinstance(event, yaml.StreamEndEvent) or _is_null(event):
                self._stop(None, "The file is empty.", "Write its first lines, or delete it.")
            root = self._node(event, "The file", 1)
            self._next()
            if isinstance(extra := self._next(), yaml.DocumentStartEvent):
                self._stop(
                    extra, "A second document starts here.", "Put it into a file of its own."
                )
            return root
        except yaml.MarkedYAMLError as error:
            self._explain(error)
        except yaml.YAMLError:
            self._stop(None, "The file is not YAML.", "Write it anew from an example.")
        raise _Unreadable

    def _next(self) -> yaml.Event:
        return next(self.events)

    def _node(self, event: yaml.Event, name: str, depth: int) -> Node:
        where = self._where(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(event, f"The file holds more than {MAX_NODES:,} values.", "Split it.")
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor or event.tag:
                self._refuse_anchor_and_tag(event, where)
            if not event.style and event.value in _NULLS:
                return self._empty(where, name)
            return Scalar(where, self.problems, event.value, not event.style)
        if isinstance(event, yaml.CollectionStartEvent):
            self._refuse_anchor_and_tag(event, where)
            return self._collection(event, where, name, depth)
        self.problems.error(
            where, f"{_short(name)} is an alias (*).", "Write the value out where it is used."
        )
        return Absent(where, self.problems)

    def _collection(
        self, event: yaml.CollectionStartEvent, where: Where, name: str, depth: int
    ) -> Node:
        if depth > MAX_DEPTH:
            self._stop(event, f"Nested more than {MAX_DEPTH} levels deep.", "Nest less.")
        self.opened.append(where)
        node: Node
        if isinstance(event, yaml.SequenceStartEvent):
            node = Items(where, self.problems, tuple(self._items(name, depth)))
        elif entries := tuple(self._entries(depth)):
            node = Entries(where, self.problems, entries)
        else:
            node = self._empty(where, name)
        self.opened.pop()
        return node

    def _items(self, name: str, depth: int) -> Iterator[Node]:
        item = f"An item of {name[0].lower()}{name[1:]}"
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._node(event, item, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, depth)
            value = self._node(self._next(), f"`{key.text}`" if key else "The value", depth + 1)
            if key and key.text in lines:
                key.refuse(
                    f"{quoted(key.text)} stands twice in this mapping, first on line "
                    f"{lines[key.text]}.",
                    "Keep one of the two.",
                )
            elif key:
                lines[key.text] = key.where.line
                yield key, value

    def _key(self, event: yaml.Event, depth: int) -> Scalar | None:
        """The key, or None with the problem noted and the key's events used up."""
        if not isinstance(event, yaml.ScalarEvent):
            self._node(event, "A key", depth + 1)
            self.problems.error(
                self._where(event), "A key must be a single word.", "Write `key: value`."
            )
            return None
        key = self._node(event, "A key", depth + 1)
        return key if isinstance(key, Scalar) else None

    def _empty(self, where: Where, name: str) -> Absent:
        self.problems.error(where, f"{_short(name)} is empty.", "Give it a value, or leave it out.")
        return Absent(where, self.problems)

    def _refuse_anchor_and_tag(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, where: Where
    ) -> None:
        if event.anchor:
            self.problems.error(
                where, f"The anchor {quoted('&' + event.anchor)} is not allowed.", "Delete it."
            )
        if event.tag:
            self.problems.error(where, f"The tag {quoted(event.tag)} is not allowed.", "Delete it.")

    def _explain(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        where = Where(self.problems.file, mark.line + 1, mark.column + 1) if mark else self._where()
        said = error.problem or "the text cannot be read"
        if mark and self.text[mark.index : mark.index + 1] == "\t":
            said, fix = "A tab cannot indent YAML", "Indent with blanks."
        elif mark and mark.index >= len(self.text.rstrip()) and error.context_mark:
            opened = error.context_mark
            where = Where(self.problems.file, opened.line + 1, opened.column + 1)
            if opened.index >= len(self.text.rstrip()) and self.opened:
                where = self.opened[-1]
            said, fix = "What begins here is never closed", "Add the closing quote or bracket."
        else:
            context = f" {error.context}" if error.context else ""
            said, fix = f"This is not YAML: {said}{context}", _fix(said)
        self.problems.error(where, said + ".", fix)

    def _stop(self, event: yaml.Event | None, what: str, fix: str) -> None:
        self.problems.error(self._where(event), what, fix)
        raise _Unreadable

    def _where(self, event: yaml.Event | None = None) -> Where:
        if event is None or event.start_mark is None:
            return Where(self.problems.file, 1, 1)
        mark = event.start_mark
        return Where(self.problems.file, mark.line + 1, mark.column + 1)


def _short(name: str) -> str:
    """A name fit to be read, whatever the author's key was."""
    return name if len(name) < 80 and name.isprintable() else "A value"


def _is_null(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and event.value in _NULLS


def _fix(said: str) -> str:
    """What usually helps, by what libyaml complains about."""
    if "mapping values are not allowed" in said:
        return "Put text that holds a colon into quotes."
    if "cannot start any token" in said:
        return "Put the text into quotes."
    if "did not find expected" in said or "could not find expected" in said:
        return "Check the indentation and the brackets of this line and the one before."
    return "Check this line and the one before."
