"""Edits files as their authors would: the part meant changes, every other byte and remark stays."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

from webapp.core.errors import FlowError
from webapp.flow_files.changes import delete_at, insert_at, layout_at, piece_of, set_at
from webapp.flow_files.document import EditRefused, NoSuchPlace, Path, exactly, pruned, value_at
from webapp.flow_files.layout import Unusual
from webapp.flow_files.rendering import Plain


def set_value(text: str, path: Path, value: Plain | None) -> str:
    """Make what stands at ``path`` equal ``value`` with the fewest changes.

    The last key of ``path`` may be new. Nothing (None, an empty text, list or mapping) takes the
    key away; fields of ``value`` that hold nothing are left out.

    Raises: FlowError, EditRefused.
    """
    wanted = pruned(value, _found(text, path))
    if wanted is None:
        return delete_item(text, path)

    def change(document: Any) -> Any:
        if not path:
            return wanted
        _at(document, path[:-1])[path[-1]] = wanted
        return document

    return _made(text, path, lambda edited: set_at(edited, tuple(path), wanted), change)


def delete_item(text: str, path: Path) -> str:
    """Take away an item or field with its remarks; a list that would be empty goes with its key.

    Raises: FlowError, EditRefused.
    """

    def change(document: Any) -> Any:
        short = tuple(path)
        while len(short) > 1 and len(_at(document, short[:-1])) == 1:
            short = short[:-1]
        del _at(document, short[:-1])[short[-1]]
        return document

    return _made(text, path, lambda edited: delete_at(edited, tuple(path)), change)


def insert_item(text: str, path: Path, place: int, value: Plain) -> str:
    """Put a new item into the list at ``path``, written like its neighbours.

    Raises: FlowError, EditRefused.
    """
    wanted = pruned(value)
    if wanted is None:
        raise EditRefused("There is nothing to insert.")
    item = wanted

    def change(document: Any) -> Any:
        _at(document, path).insert(place, item)
        return document

    def edit(edited: str) -> str:
        return insert_at(edited, tuple(path), place, None, item)

    return _made(text, path, edit, change)


def move_item(text: str, path: Path, place: int, to: int) -> str:
    """Move an item of a list, or a field of a mapping, with its remarks.

    Raises: FlowError, EditRefused.
    """

    def change(document: Any) -> Any:
        found = _at(document, path)
        if isinstance(found, dict):
            entries = list(found.items())
            entries.insert(to, entries.pop(place))
            found.clear()
            found.update(entries)
        else:
            found.insert(to, found.pop(place))
        return document

    return _made(text, path, lambda edited: layout_at(edited, path).moved(place, to).text(), change)


def block_at(text: str, path: Path) -> str:
    """An item of a list as its own piece of YAML, remarks included, for editing by hand.

    Raises: FlowError, EditRefused.
    """
    layout, place = layout_at(text, path[:-1]), int(path[-1])
    piece = layout.pieces[place]
    body = piece.body if layout.in_flow else " " * (layout.column + 1) + piece.body[1:]
    return dedent(piece.above) + dedent(body + piece.beside).strip() + "\n"


def insert_block(text: str, path: Path, place: int, block: str) -> str:
    """Put a piece of YAML into the list at ``path`` as a new item.

    Raises: FlowError, EditRefused.
    """
    value = value_at(block)

    def change(document: Any) -> Any:
        _at(document, path).insert(place, value)
        return document

    def edit(edited: str) -> str:
        layout = layout_at(edited, path)
        return layout.inserted(place, piece_of(block, layout)).text()

    return _made(text, path, edit, change)


def _made(text: str, path: Path, edit: Callable[[str], str], change: Callable[[Any], Any]) -> str:
    """Make an edit, and make sure that it changed what it should and nothing else."""
    bare = text.removeprefix("\ufeff")
    windows = bare.count("\r\n") == bare.count("\n") > 0
    unix = bare.replace("\r\n", "\n") if windows else bare
    before = value_at(unix)
    try:
        wanted = change(before)
        edited = edit(unix)
        if exactly(value_at(edited)) != exactly(wanted):
            raise Unusual
    except (Unusual, FlowError):
        raise EditRefused("This part is written unusually. Edit the text itself.") from None
    except (AttributeError, IndexError, KeyError, TypeError):
        raise NoSuchPlace(path) from None
    return text[: len(text) - len(bare)] + (edited.replace("\n", "\r\n") if windows else edited)


def _found(text: str, path: Path) -> Plain | None:
    try:
        return value_at(text, path)
    except NoSuchPlace:
        return None


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document
