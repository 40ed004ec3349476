"""Single changes to a text, each as small as it can be. ``edit`` makes them and checks them."""

import re
from difflib import SequenceMatcher
from textwrap import indent

import yaml

from webapp.flow_files import rendering
from webapp.flow_files.document import EditRefused, Path, composed, exactly, find, plain, value_at
from webapp.flow_files.layout import Layout, Piece, content_end, layout_of
from webapp.flow_files.rendering import Plain


def set_at(text: str, path: tuple[str | int, ...], value: Plain) -> str:
    """Make what stands at ``path`` say ``value``, part by part where it can be."""
    parent = value_at(text, path[:-1])
    if path and isinstance(parent, dict) and path[-1] not in parent:
        return insert_at(text, path[:-1], len(parent), str(path[-1]), value)
    node = find(composed(text), path)
    found = plain(node)
    if exactly(found) == exactly(value):
        return text
    if isinstance(found, dict) and isinstance(value, dict):
        return _set_fields(text, path, found, value)
    if isinstance(found, list) and isinstance(value, list):
        return _set_items(text, path, found, value)
    start, end = node.start_mark.index, content_end(text, node)
    quote = (isinstance(node, yaml.ScalarNode) and node.style) or ""
    if isinstance(value, dict | list):
        written = rendering.flow(value)
    else:
        written = rendering.scalar(value, quote)
    if below := re.search(r"(?<=:)\s*\n\s*\Z", text[:start]):
        start, written = below.start(), f" {written}"
    return text[:start] + written + text[end:]


def _set_fields(
    text: str, path: tuple[str | int, ...], found: dict[str, Plain], value: dict[str, Plain]
) -> str:
    keys = list(found)
    for place, (key, each) in enumerate(value.items()):
        if key in found:
            if exactly(found[key]) != exactly(each):
                text = set_at(text, (*path, key), each)
        else:
            text = insert_at(text, path, min(place, len(keys)), key, each)
            keys.insert(place, key)
    for key in found:
        if key not in value:
            text = delete_at(text, (*path, key))
            keys.remove(key)
    for place, key in enumerate(value):
        if keys[place] != key:
            text = layout_at(text, path).moved(keys.index(key), place).text()
            keys.remove(key)
            keys.insert(place, key)
    return text


def _set_items(
    text: str, path: tuple[str | int, ...], found: list[Plain], value: list[Plain]
) -> str:
    """From the end, so that the places still to come stay where they are."""
    old, new = [rendering.flow(item) for item in found], [rendering.flow(item) for item in value]
    same = SequenceMatcher(None, old, new)
    for kind, start, end, new_start, new_end in reversed(same.get_opcodes()):
        if kind == "equal":
            continue
        paired = min(end - start, new_end - new_start)
        if start + paired < end:
            text = _without(text, path, range(start + paired, end))
        if new_start + paired < new_end:
            text = insert_at(text, path, start + paired, None, *value[new_start + paired : new_end])
        for ahead in reversed(range(paired)):
            text = set_at(text, (*path, start + ahead), value[new_start + ahead])
    return text


def insert_at(
    text: str, path: tuple[str | int, ...], place: int, key: str | None, *values: Plain
) -> str:
    """Put in items, or a field called ``key``, written like its neighbours."""
    node = find(composed(text), path)
    layout = layout_at(text, path)
    if key is not None:
        [value] = values
        bodies = [f"{rendering.scalar(key)}: {rendering.flow(value)}"]
        if not layout.in_flow:
            bodies = [rendering.entry(key, value, layout.column)]
    elif layout.in_flow:
        bodies = [rendering.flow(value) for value in values]
    else:
        neighbour = node.value[min(place, len(node.value) - 1)]
        if isinstance(neighbour, yaml.CollectionNode) and not neighbour.flow_style:
            bodies = [f"- {rendering.block(value, layout.column + 2)}" for value in values]
        else:
            bodies = [f"- {rendering.flow(value)}" for value in values]
    return layout.inserted(place, *map(Piece, bodies)).text()


def _without(text: str, path: tuple[str | int, ...], places: range) -> str:
    """The text without these items of a list; without the list where they are all of it."""
    layout = layout_at(text, path)
    if len(places) == len(layout.pieces):
        return delete_at(text, path)
    for place in reversed(places):
        layout = layout.without(place)
    return layout.text()


def delete_at(text: str, path: tuple[str | int, ...]) -> str:
    """Take out an item or field, and whatever would be left empty around it."""
    if not path:
        raise EditRefused("A file cannot lose all it holds.")
    layout = layout_at(text, path[:-1])
    if len(layout.pieces) == 1:
        return delete_at(text, path[:-1])
    return layout.without(_place(text, path)).text()


def _place(text: str, path: tuple[str | int, ...]) -> int:
    """Which item or field of its parent a path names, counted from 0."""
    parent, step = value_at(text, path[:-1]), path[-1]
    if isinstance(parent, dict):
        return list(parent).index(str(step))
    return range(len(parent))[int(step)] if isinstance(parent, list) else 0


def layout_at(text: str, path: Path) -> Layout:
    """The list or mapping at ``path``, taken apart.

    Raises: KeyError for anything else.
    """
    node = find(composed(text), path)
    if not isinstance(node, yaml.CollectionNode):
        raise KeyError(path)
    return layout_of(text, node)


def piece_of(block: str, layout: Layout) -> Piece:
    """A piece of YAML as an item: the remarks at its top stay above it."""
    if layout.in_flow:
        return Piece(rendering.flow(value_at(block)))
    lines = block.strip("\n").split("\n")
    top = next(place for place, line in enumerate(lines) if not line.lstrip().startswith("#"))
    above = "".join(f"{line.strip()}\n" for line in lines[:top])
    body = indent("\n".join(lines[top:]), " " * (layout.column + 2)).lstrip()
    return Piece("- " + body, indent(above, " " * layout.column))
