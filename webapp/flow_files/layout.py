"""A list or mapping of a file as pieces, with everything that is written around them.

Each piece takes along the remarks that speak of it: those right above it, beside it, and right
below it when they are indented deeper or end with a blank line. What else lies between pieces (line
ends, blank lines, headings that stand alone) keeps its place. All of it joined is the text again,
to the byte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import yaml


class Unusual(Exception):
    """Valid YAML, written in a way that cannot be taken apart."""


@dataclass(frozen=True)
class Piece:
    """``above`` holds whole lines; ``beside`` ends before a line end."""

    body: str
    above: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Layout:
    """``indents`` and ``gaps`` belong to the places, so they stay when pieces move.

    ``column`` is where pieces begin that have a line of their own.
    """

    head: str
    pieces: tuple[Piece, ...]
    indents: tuple[str, ...]
    gaps: tuple[str, ...]
    tail: str
    column: int
    in_flow: bool
    ends_with_comma: bool = False

    def text(self) -> str:
        """The whole text again."""
        said, after = [self.head], [*self.gaps, self.tail]
        last = len(self.pieces) - 1
        for place, piece in enumerate(self.pieces):
            indent = self.indents[place]
            if piece.above and not said[-1].endswith("\n"):
                indent = " " * self.column
            comma = "," if self.in_flow and (place < last or self.ends_with_comma) else ""
            said += [piece.above, indent, piece.body, comma, piece.beside]
            if "#" in piece.beside and not re.match(r"[ \t]*(\r?\n|\Z)", after[place]):
                said.append("\n")
            said.append(after[place])
        return "".join(said)

    def moved(self, start: int, end: int) -> "Layout":
        """The piece at ``start`` taken out and put in at ``end``."""
        pieces = list(self.pieces)
        pieces.insert(end, pieces.pop(start))
        return replace(self, pieces=tuple(pieces))

    def inserted(self, place: int, *new: Piece) -> "Layout":
        """More pieces, set off like the others."""
        plain = [gap for gap in self.gaps if "#" not in gap]
        gap = min(plain, key=len) if plain else " " if self.in_flow else "\n"
        gaps, indents = list(self.gaps), list(self.indents)
        gaps[place:place] = [gap] * len(new)
        at = place or 1
        indents[at:at] = [" " * self.column if gap.endswith("\n") else ""] * len(new)
        pieces = (*self.pieces[:place], *new, *self.pieces[place:])
        return replace(self, pieces=pieces, gaps=tuple(gaps), indents=tuple(indents))

    def without(self, place: int) -> "Layout":
        """One piece and one gap less; headings in gaps stay."""
        gaps, indents = list(self.gaps), list(self.indents)
        head, tail = self.head, self.tail
        if place == len(self.pieces) - 1:
            gap = gaps.pop()
            tail = gap.rstrip() + tail if "#" in gap else tail
            del indents[place]
        elif place == 0:
            gap = gaps.pop(0)
            head = head + gap.lstrip("\n") if "#" in gap else head
            del indents[0 if "#" in gap else 1]
        elif "#" in gaps[place]:
            before = gaps.pop(place - 1)
            gaps[place - 1] = (before if "#" in before else "") + gaps[place - 1]
            del indents[place]
        else:
            del gaps[place], indents[place + 1]
        pieces = (*self.pieces[:place], *self.pieces[place + 1 :])
        return replace(
            self, head=head, tail=tail, pieces=pieces, gaps=tuple(gaps), indents=tuple(indents)
        )


def layout_of(text: str, node: yaml.CollectionNode) -> Layout:
    """Take the text apart around one list or mapping of it."""
    spans = list(_spans(text, node))
    in_flow = bool(node.flow_style)
    column = _column(text, spans[0][0])
    head_end, above, indent = _first(text, node, spans[0][0])
    pieces, gaps, indents = [], [], [indent]
    for (start, end), (following, _) in pairwise(spans):
        pad, between = _cut_comma(text[end:following]) if in_flow else ("", text[end:following])
        beside, gap, next_above, indent = _between(between, column, in_flow=in_flow)
        pieces.append(Piece(text[start:end] + pad, above, beside))
        gaps.append(gap)
        indents.append(indent)
        above = next_above
    start, end = spans[-1]
    rest_end = _rest(text, node, end)
    rest, pad = text[end:rest_end], ""
    ends_with_comma = in_flow and rest.lstrip().startswith(",")
    if ends_with_comma:
        pad, rest = _cut_comma(rest)
    beside = _between(rest, column, in_flow=in_flow, is_last=True)[0]
    pieces.append(Piece(text[start:end] + pad, above, beside))
    tail = rest[len(beside) :] + text[rest_end:]
    if len(spans) > 1 and gaps[0].endswith("\n"):
        column = len(indents[1].expandtabs())
    return Layout(
        text[:head_end],
        tuple(pieces),
        tuple(indents),
        tuple(gaps),
        tail,
        column,
        in_flow,
        ends_with_comma,
    )


def content_end(text: str, node: yaml.Node) -> int:
    """Where the last character of a node stands; libyaml counts what follows it, too."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return content_end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return len(text[:end].rstrip())
    return end


def _spans(text: str, node: yaml.CollectionNode) -> Iterator[tuple[int, int]]:
    """Where each item (with its dash) or entry (with its key) begins and ends."""
    before = node.start_mark.index
    for each in node.value:
        if isinstance(each, tuple):
            start, last = each[0].start_mark.index, each[1]
        elif node.flow_style:
            start, last = each.start_mark.index, each
        else:
            start, last = _dash(text, before, each.start_mark.index, node), each
        before = content_end(text, last)
        yield start, before


def _dash(text: str, start: int, end: int, node: yaml.Node) -> int:
    """The dash of an item that begins at ``end``: in the list's column, alone before it."""
    if start == node.start_mark.index:
        return start
    for line in re.finditer(r"^( *)-(?=\s)", text[start:end], re.MULTILINE):
        if len(line[1]) == node.start_mark.column:
            return start + line.end(1)
    raise Unusual


def _column(text: str, index: int) -> int:
    return index - (text.rfind("\n", 0, index) + 1)


def _first(text: str, node: yaml.CollectionNode, start: int) -> tuple[int, str, str]:
    """Where the first piece's remarks begin, they themselves, and its indentation."""
    if node.flow_style:
        opened = node.start_mark.index + 1
        beside, gap, above, indent = _between(text[opened:start], column=0, in_flow=True)
        return opened + len(beside) + len(gap), above, indent
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip(" "):
        return start, "", ""
    top = line
    while top and text[text.rfind("\n", 0, top - 1) + 1 : top].lstrip(" ").startswith("#"):
        top = text.rfind("\n", 0, top - 1) + 1
    if top == 0:  # remarks at the top of a file speak of the file
        top = line
    return top, text[top:line], text[line:start]


def _rest(text: str, node: yaml.CollectionNode, end: int) -> int:
    """Where the blanks and remarks after the last piece end."""
    if node.flow_style:
        closed: int = node.end_mark.index - 1
        return closed
    found = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:[ \t]*#[^\n]*\Z)?").match(text, end)
    return found.end() if found else end


def _cut_comma(between: str) -> tuple[str, str]:
    """What stands before a comma and what after it."""
    found = re.match(r"(\s*),", between)
    if not found:
        raise Unusual
    return found[1], between[found.end() :]


def _between(
    text: str, column: int, *, in_flow: bool, is_last: bool = False
) -> tuple[str, str, str, str]:
    """Share what lies between two pieces: beside the first, gap, above the second, indentation."""
    beside_end = _beside(text)
    line_end = text.find("\n", beside_end) + 1
    if not line_end:
        return text[:beside_end], text[beside_end:], "", ""
    *lines, indent = re.split(r"(?<=\n)", text[line_end:])
    if "#" in indent:  # the last line of a file, without a line end
        lines, indent = [*lines, indent], ""
    below = 0 if in_flow else _below(lines, column, is_last=is_last)
    blanks = [place for place, line in enumerate(lines) if not line.strip()]
    above = max([below, *(place + 1 for place in blanks)])
    if below:
        beside_end = line_end + len("".join(lines[:below]).rstrip("\n"))
    gap = text[beside_end : line_end + len("".join(lines[:above]))]
    return text[:beside_end], gap, "".join(lines[above:]), indent


def _below(lines: list[str], column: int, *, is_last: bool) -> int:
    """How many lines of remarks belong to the piece above them."""
    columns = [_remark_column(line) for line in lines]
    deeper = next((place for place, at in enumerate(columns) if at <= column), len(lines))
    level = next((place for place, at in enumerate(columns) if at < column), len(lines))
    ends_with_blank = level < len(lines) and not lines[level].strip()
    return level if ends_with_blank and not is_last else deeper


def _beside(text: str) -> int:
    """Where the remark on the same line ends; 0 without one."""
    found = re.match(r"[ \t]*#[^\r\n]*", text)
    return found.end() if found else 0


def _remark_column(line: str) -> int:
    """Where a remark begins; -1 for a line without one."""
    bare = line.lstrip(" ")
    return len(line) - len(bare) if bare.startswith("#") else -1
