"""Mends a problem at the place where it stands: one word becomes another, or is taken out."""

from collections.abc import Iterator

import yaml

from webapp.core.errors import FlowError, Mend, Problem
from webapp.flow_files.document import EditRefused, Path, composed
from webapp.flow_files.edit import delete_item
from webapp.flow_files.problems import quoted
from webapp.flow_files.rendering import scalar

Found = tuple[Path, yaml.ScalarNode, bool]
"""Where a word stands, the word, and whether it can go without changing what is left: one of
several keys or items can; the value of a condition, with which the condition would go, cannot."""


def possible(text: str, problem: Problem) -> tuple[Mend, ...]:
    """The mends of a problem that can be made without a thought."""
    if not problem.mends:
        return ()
    found = _found(text, problem)
    if found is None:
        return ()
    return tuple(mend for mend in problem.mends if mend.text or found[2])


def mended(text: str, problem: Problem, mend: Mend) -> str:
    """The text with the problem mended.

    Raises: EditRefused.
    """
    found = _found(text, problem)
    if found is None:
        raise EditRefused("This was changed in the meantime. Look again.")
    path, node, _ = found
    if not mend.text:
        return delete_item(text, path)
    lines = text.split("\n")
    start, end = node.start_mark, node.end_mark
    line = lines[start.line]
    lines[start.line] = line[: start.column] + scalar(mend.text) + line[end.column :]
    return "\n".join(lines)


def _found(text: str, problem: Problem) -> Found | None:
    """The word that the problem is about; it, or what it stands under, is named there."""
    try:
        root = composed(text)
    except FlowError:
        return None
    for path, node, spare in _words(root, ()):
        start = node.start_mark
        if (start.line + 1, start.column + 1) == (problem.where.line, problem.where.column):
            named = (quoted(word) in problem.what for word in (node.value, str(path[-1])))
            return (path, node, spare) if start.line == node.end_mark.line and any(named) else None
    return None


def _words(node: yaml.Node, path: Path, *, spare: bool = False) -> Iterator[Found]:
    """Every key and value, a key with the path to what stands under it."""
    match node:
        case yaml.MappingNode(value=entries):
            for key, value in entries:
                yield (*path, key.value), key, len(entries) > 1
                yield from _words(value, (*path, key.value))
        case yaml.SequenceNode(value=items):
            for place, item in enumerate(items):
                yield from _words(item, (*path, place), spare=len(items) > 1)
        case yaml.ScalarNode():
            yield path, node, spare
