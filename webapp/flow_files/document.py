"""A file as plain values: what stands where, and whether two values say the same."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import yaml

from webapp.core.errors import BatonError
from webapp.core.values import clean
from webapp.flow_files.problems import Problems
from webapp.flow_files.releases import only
from webapp.flow_files.rendering import Plain
from webapp.flow_files.yaml_text import parse

Path = Sequence[str | int]


class EditRefused(BatonError):
    """The edit cannot be made without touching more than was meant. The text is unchanged."""


class NoSuchPlace(EditRefused):
    def __init__(self, path: Path) -> None:
        super().__init__(f"The file holds nothing at {'.'.join(map(str, path))}.")


def value_at(text: str, path: Path = ()) -> Plain:
    """What stands at ``path``; every scalar as its text.

    Raises: FlowError, NoSuchPlace.
    """
    try:
        return plain(find(composed(text), path))
    except (IndexError, KeyError, TypeError):
        raise NoSuchPlace(path) from None


@lru_cache(maxsize=2)  # an edit looks at the text before it and after it, several times each
def composed(text: str) -> yaml.Node:
    """The tree with the marks of its ends, of a text that is fit to be read. To be read only.

    Raises: FlowError.
    """
    problems = Problems("text")
    only(problems, lambda: parse(text, problems))
    return cast(yaml.Node, yaml.compose(text, Loader=yaml.CSafeLoader))


def find(root: yaml.Node, path: Path) -> yaml.Node:
    """The node at ``path``.

    Raises: IndexError, KeyError, TypeError.
    """
    found: Any = root
    for step in path:
        if not isinstance(found, yaml.CollectionNode):
            raise KeyError(step)
        inside = found.value
        if isinstance(found, yaml.MappingNode):
            inside = {key.value: value for key, value in inside}
        found = inside[step]
    return cast(yaml.Node, found)


def plain(node: yaml.Node) -> Plain:
    """The node without its layout."""
    match node:
        case yaml.MappingNode(value=entries):
            return {key.value: plain(value) for key, value in entries}
        case yaml.SequenceNode(value=items):
            return [plain(item) for item in items]
    return str(node.value)


def exactly(value: Plain) -> object:
    """What two values that read alike have in common; the order of keys counts."""
    match value:
        case dict():
            return tuple((key, exactly(each)) for key, each in value.items())
        case list():
            return [exactly(each) for each in value]
        case bool():
            return str(value).lower()
    # The line end after a block of text comes and goes with what follows it.
    return str(value).rstrip("\n")


def pruned(value: Plain | None, found: Plain | None = None) -> Plain | None:
    """The value without anything empty that was not ``found`` empty; None if nothing is left."""
    match value:
        case dict():
            known = found if isinstance(found, dict) else {}
            fields = {key: pruned(each, known.get(key)) for key, each in value.items()}
            return {key: each for key, each in fields.items() if each is not None} or None
        case list():
            items = [each for item in value if (each := pruned(item)) is not None]
            return items or ([] if found == [] else None)
        case str():
            return clean(value) or None
    return value
