"""What proving costs as flows grow: CPU seconds of one core, drawn for the documents."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from pathlib import Path

from tests.bench import goals
from tests.bench.grown import grown
from webapp.core.proof.moments import OutOfTime, Tick
from webapp.core.proof.prove import prove
from webapp.core.proof.report import Proof

SIZES = (10, 20, 40, 80, 160)
GOAL_AT = 40
TOO_LARGE = 500
BUDGET = 20.0
"""As `baton flows check` takes it, unless told otherwise."""
DRAWN = Path(__file__).parents[2] / "docs" / "images" / "proof-cost.svg"

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 64, 48, 24, 24
LEAST, MOST = 0.03, 100.0
COLOURS = {False: "#2563eb", True: "#b45309"}


@dataclass(frozen=True)
class Cost:
    """One size: with and without a budget of questions and early ends."""

    questions: int
    rules: int
    budget: bool
    seconds: float
    proof: Proof

    @property
    def open_points(self) -> int:
        return sum(self.proof.verdict(point) == "not proved" for point in range(1, 9))

    @property
    def cut_short(self) -> bool:
        """Whether the time ran out, be it only for the shares."""
        return self.open_points > 0 or any(flow.uncounted for flow in self.proof.flows)


def report(options: argparse.Namespace) -> Iterator[str]:
    yield f"Proving, CPU seconds of one core (at most {BUDGET:.0f} s)"
    yield "questions  rules    plain   budget and early ends  not proved"
    found = []
    for questions in SIZES:
        plain, full = (measured(questions, budget=each) for each in (False, True))
        found += [plain, full]
        left = plain.open_points + full.open_points
        costs = f"{plain.seconds:>9.2f}{full.seconds:>24.2f}{left:>12}"
        yield f"{questions:>9}{full.rules:>7}{costs}"
        if questions == GOAL_AT:
            goals.note("proof", plain.seconds, "questions and rules only")
            goals.note("proof", full.seconds, "with budget and early ends")
    large = measured(TOO_LARGE, budget=True)
    reasons = {each.sentence for each in large.proof.not_proved}
    yield (
        f"{TOO_LARGE} questions answer after {large.seconds:.0f} s: {large.open_points} of 8 "
        f"points not proved, {len(large.proof.refuted)} refuted. {' '.join(sorted(reasons)[:2])}"
    )
    if options.draw:
        DRAWN.write_text(drawing(found), encoding="utf-8")
        yield f"Drawn in {DRAWN}"


def measured(questions: int, *, budget: bool) -> Cost:
    release = grown(questions, budget=budget)
    start = time.process_time()
    proof = prove(release, _within(BUDGET))
    return Cost(questions, len(release.playbook.rules), budget, time.process_time() - start, proof)


def _within(seconds: float) -> Tick:
    """A limit of CPU time, so that a busy machine does not shorten the proof."""
    end = time.process_time() + seconds

    def tick() -> None:
        if time.process_time() > end:
            raise OutOfTime

    return tick


# The drawing: both axes grow by factors


def drawing(costs: Sequence[Cost]) -> str:
    """A line for each kind of flow, and one for the five seconds promised at 40 questions."""
    inner = [*_axes(costs), *_promise()]
    for budget, name in ((False, "questions and rules only"), (True, "with budget and early ends")):
        points = [(_x(c.questions), _y(c.seconds)) for c in costs if c.budget is budget]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        colour = COLOURS[budget]
        inner.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        inner += [_dot(cost, colour) for cost in costs if cost.budget is budget]
        x, y = points[1]
        anchor, down = ("end", -12) if budget else ("middle", 22)
        inner.append(_text(x, y + down, name, anchor=anchor, fill=colour))
    title = "CPU seconds to prove a flow, by number of questions"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="13">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(inner)
        + "\n</svg>\n"
    )


def _axes(costs: Sequence[Cost]) -> Iterator[str]:
    for questions in SIZES:
        rules = next(cost.rules for cost in costs if cost.questions == questions)
        x = _x(questions)
        yield _line(x, TOP, x, HEIGHT - BOTTOM, "#e5e7eb")
        yield _text(x, HEIGHT - BOTTOM + 18, f"{questions}")
        yield _text(x, HEIGHT - BOTTOM + 34, f"{rules} rules", fill="#6b7280")
    for seconds in (0.1, 1, 10, 100):
        yield _line(LEFT, _y(seconds), WIDTH - RIGHT, _y(seconds), "#e5e7eb")
        yield _text(LEFT - 8, _y(seconds) + 4, f"{seconds:g} s", anchor="end")


def _dot(cost: Cost, colour: str) -> str:
    """Hollow where the time ran out before everything was decided and counted."""
    fill = "#ffffff" if cost.cut_short else colour
    where = f'cx="{_x(cost.questions):.0f}" cy="{_y(cost.seconds):.0f}"'
    return f'<circle {where} r="5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'


def _promise() -> Iterator[str]:
    yield _line(LEFT, _y(5), _x(40), _y(5), "#6b7280", dashed=True)
    yield _text(
        LEFT + 4, _y(5) - 6, "at most 5 s up to 40 questions; hollow: out of time", anchor="start"
    )


def _x(questions: int) -> float:
    share = log10(questions / SIZES[0]) / log10(SIZES[-1] / SIZES[0])
    return LEFT + 24 + share * (WIDTH - RIGHT - 48 - LEFT)


def _y(seconds: float) -> float:
    share = log10(max(seconds, LEAST) / LEAST) / log10(MOST / LEAST)
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" stroke="{colour}"{dashes}/>'


def _text(x: float, y: float, words: str, *, anchor: str = "middle", fill: str = "#111827") -> str:
    where = f'x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {where}>{escape(words)}</text>"
