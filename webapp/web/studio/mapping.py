"""A flow drawn as boxes in order: what is asked, under which condition, and where it ends."""

from dataclasses import dataclass
from textwrap import wrap

from webapp.flow_files.rendering import Plain
from webapp.flow_files.subjects import Stage
from webapp.web.studio import places
from webapp.web.studio.loaded import Studied
from webapp.web.studio.outline import in_words, outline

WIDTH, INDENT, LINE, GAP, PAD = 268, 32, 18, 26, 12
"""In pixels: all of it fits a phone, and nobody has to push the picture to and fro."""


@dataclass(frozen=True)
class Box:
    """``lines`` are text; ``when`` stands above the box. ``end`` marks where the flow ends."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    when: tuple[str, ...]
    end: bool


@dataclass(frozen=True)
class Drawing:
    boxes: tuple[Box, ...]
    width: int
    height: int


def drawn(found: Studied) -> Drawing:
    """The whole flow, from the first question to every way it can end."""
    boxes: list[Box] = []
    y = 10
    for number, entry in enumerate(outline(found), start=1):
        points = f" ({entry.points} points)" if entry.points else ""
        y = _add(boxes, y, f"{number}. {entry.label}{points}", entry.ask, entry.when)
    for rule in places.listed(found.document, "finish_when"):
        to = _called(found, rule.get("to")) or "routing decides"
        when = in_words(rule.get("when"), found.playbook, Stage.gates)
        y = _add(boxes, y, f"Ends early → {to}", "", when, end=True)
    for rule in places.listed(found.book, "routing"):
        when = in_words(rule.get("when"), found.playbook, Stage.verdict) or "Everything else"
        y = _add(boxes, y, f"→ {_called(found, rule.get('to'))}", "", when, end=True)
    return Drawing(tuple(boxes), WIDTH + INDENT + 2, y)


def _called(found: Studied, destination: Plain | None) -> str:
    known = found.playbook.destinations.get(str(destination))
    return str(known.label or known.id) if known else str(destination or "")


def _add(
    boxes: list[Box], y: int, title: str, words: str, when: str | None, *, end: bool = False
) -> int:
    x = INDENT if when else 10
    conditions = tuple(wrap(f"when {when}", 40)) if when else ()
    lines = (*wrap(title, 32), *wrap(words, 34))
    y += len(conditions) * LINE
    height = len(lines) * LINE + PAD
    boxes.append(Box(x, y, WIDTH, height, lines, conditions, end))
    return y + height + GAP
