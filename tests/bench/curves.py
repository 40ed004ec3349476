"""Draws how costs grow: a line for each thing, multiples of the first size on a log-log paper."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "docs" / "images"
"""Where `--draw` puts what was measured."""
WIDTH, HEIGHT = 860, 470
LEFT, TOP, RIGHT, BOTTOM = 60, 24, 560, 420
COLOURS = ("#3a3fb5", "#b5483a", "#2e7d5b", "#8a6d1f", "#6b3fa0", "#1f7a8c", "#555555", "#c2477f")
LABEL_APART = 17


def ratios(costs: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Each cost as a multiple of the first of its kind."""
    return {name: [each / many[0] for each in many] for name, many in costs.items()}


def draw(name: str, of: str, sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> Path:
    """Put the picture of what costs come to, as there are more ``of`` something, into docs."""
    drawn = IMAGES / f"{name}.svg"
    drawn.write_text(svg(of, sizes, ratios(costs)), encoding="utf-8")
    return drawn


def svg(of: str, sizes: Sequence[int], multiples: Mapping[str, Sequence[float]]) -> str:
    """A picture that stands alone, readable in light and dark."""
    every = [each for many in multiples.values() for each in many]
    top, bottom = max(2.0, *every) * 1.1, min(0.7, *every)

    def x(size: float) -> float:
        share = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        return LEFT + (RIGHT - LEFT) * share

    def y(ratio: float) -> float:
        share = math.log(ratio / bottom) / math.log(top / bottom)
        return BOTTOM - (BOTTOM - TOP) * share

    def label(at: float, down: float, words: str, anchor: str, colour: str = "#555555") -> str:
        place = f'x="{at:.0f}" y="{down:.0f}" text-anchor="{anchor}" fill="{colour}"'
        return f"<text {place}>{escape(words)}</text>"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        f"<title>What things cost as {escape(of)} become many</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for tick in (1, 1.5, 2, 3, 5, 10, 20, 50, 100, 1_000, 10_000):
        if bottom <= tick <= top:
            parts.append(
                f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"'
                ' stroke="#dddddd"/>'
            )
            parts.append(label(LEFT - 8, y(tick) + 4, f"{tick:g}x", "end"))
    parts += [label(x(size), BOTTOM + 22, f"{size:,}", "middle") for size in sizes]
    parts.append(label((LEFT + RIGHT) / 2, BOTTOM + 44, of, "middle"))
    last = HEIGHT - 2.0
    lines = sorted(multiples.items(), key=lambda each: each[1][-1])
    room = len(lines)
    for number, (name, many) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(s):.1f},{y(r):.1f}" for s, r in zip(sizes, many, strict=True))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        # Labels keep their distance, with room left above for those still to come.
        last = max(min(last - LABEL_APART, y(many[-1]) + 4), TOP + LABEL_APART * (room - number))
        parts.append(label(RIGHT + 10, last, f"{name} {many[-1]:.2f}x", "start", colour))
    return "\n".join([*parts, "</svg>", ""])
