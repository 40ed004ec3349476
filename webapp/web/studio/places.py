"""Where things stand in flow and playbook files: items by id, and edits that find them again."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from webapp.flow_files import edit
from webapp.flow_files.document import NoSuchPlace, Path, value_at
from webapp.flow_files.merging import Edit, Locate
from webapp.flow_files.rendering import Plain


def at(document: Plain | None, *path: str | int) -> Any:
    """What stands at a path, or None."""
    found: Any = document
    for step in path:
        try:
            found = found[step]
        except (IndexError, KeyError, TypeError):
            return None
    return found


def question_ids(document: Plain | None) -> list[str]:
    """The ids of a flow's questions, in order, as the loader gives them."""
    seen: dict[str, int] = {}
    ids = []
    for item in listed(document, "questions"):
        property = str(item.get("property", ""))
        seen[property] = seen.get(property, 0) + 1
        again = f"-{seen[property]}" if seen[property] > 1 else ""
        ids.append(str(item.get("id") or f"{property}{again}"))
    return ids


def question(id: str) -> Locate:
    def locate(document: Plain) -> Path | None:
        ids = question_ids(document)
        return ("questions", ids.index(id)) if id in ids else None

    return locate


def place_in_list(path: Path, name: str) -> Locate:
    """An item of a list: by its id or, where it has none, by its place (``@3``)."""

    def locate(document: Plain) -> Path | None:
        items = at(document, *path)
        if not isinstance(items, list):
            return None
        for place, item in enumerate(items):
            if name == item_name(item, place):
                return (*path, place)
        return None

    return locate


def item_name(item: Plain, place: int) -> str:
    return str(item["id"]) if isinstance(item, Mapping) and "id" in item else f"@{place}"


def field(*path: str | int) -> Locate:
    """What stands at a fixed path, there or not."""
    return lambda document: path if at(document, *path) is not None else None


def listed(document: Plain | None, *path: str | int) -> list[dict[str, Plain]]:
    """The mappings in a list; empty where there is none."""
    found = at(document, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def put(item: dict[str, Plain], key: str, value: Plain | None) -> None:
    """Set a key, or take it out where there is nothing to say."""
    if value is None:
        item.pop(key, None)
    else:
        item[key] = value


def with_new(path: Path, value: Plain) -> Edit:
    """Set something that is not there yet, making what must lie around it."""

    def apply(text: str, seen: str) -> str:
        whole, there = value, list(path)
        while len(there) > 1 and not _is_there(text, there[:-1]):
            whole = {str(there.pop()): whole}
        return edit.set_value(text, there, whole)

    return apply


def appended(path: Path, value: Plain) -> Edit:
    """Put an item at the end of a list, made if need be."""

    def apply(text: str, seen: str) -> str:
        if not _is_there(text, path):
            return with_new(path, [value])(text, seen)
        items = value_at(text, path)
        return edit.insert_item(text, path, len(items) if isinstance(items, list) else 0, value)

    return apply


def put_first(path: Path, value: Plain) -> Edit:
    """Put an item at the beginning of a list, made if need be."""

    def apply(text: str, seen: str) -> str:
        if not _is_there(text, path):
            return with_new(path, [value])(text, seen)
        return edit.insert_item(text, path, 0, value)

    return apply


def put_before_last(path: Path, value: Plain) -> Edit:
    """Put an item into a list before the last, which catches the rest."""

    def apply(text: str, seen: str) -> str:
        if not _is_there(text, path):
            return with_new(path, [value])(text, seen)
        items = value_at(text, path)
        end = len(items) if isinstance(items, list) else 0
        return edit.insert_item(text, path, max(0, end - 1), value)

    return apply


def inserted_after(locate: Locate, path: Path, value: Plain | str, *, block: bool = False) -> Edit:
    """Put an item into a list below another; at the end where that one is gone.

    With ``block`` the value is a piece of YAML.
    """

    def apply(text: str, seen: str) -> str:
        if not _is_there(text, path):
            return with_new(path, [value])(text, seen)
        found, items = locate(value_at(text)), value_at(text, path)
        end = len(items) if isinstance(items, list) else 0
        place = int(found[-1]) + 1 if found else end
        if block:
            return edit.insert_block(text, path, place, str(value))
        return edit.insert_item(text, path, place, value)

    return apply


def moved(locate: Locate, by: int) -> Edit:
    """Move an item of a list up or down; further than its ends it does not go."""

    def apply(text: str, seen: str) -> str:
        found = locate(value_at(text))
        if found is None:
            return text
        items = value_at(text, found[:-1])
        place = int(found[-1])
        to = max(0, min(place + by, len(items) - 1 if isinstance(items, list) else 0))
        return text if to == place else edit.move_item(text, found[:-1], place, to)

    return apply


def deleted(locate: Locate) -> Edit:
    """Take an item away; gone already is gone."""

    def apply(text: str, seen: str) -> str:
        found = locate(value_at(text))
        return text if found is None else edit.delete_item(text, found)

    return apply


def slug(words: str, *, dash: str = "_") -> str:
    """An id made of words: small letters, digits, no accents."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", dash, plain).strip(dash)[:40].strip(dash)


def unused(id: str, taken: object) -> str:
    """The id, or the next free one after it."""
    names = set(taken) if isinstance(taken, list | dict | set) else set()
    found, number = id, 2
    while found in names:
        found, number = f"{id}_{number}", number + 1
    return found


def _is_there(text: str, path: Path) -> bool:
    try:
        value_at(text, path)
    except NoSuchPlace:
        return False
    return True
