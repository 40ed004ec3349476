"""What the bench is for: what was to be reached, and at the end of a run, whether it was.

A part notes what it measured; what no part of this run measured is listed as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """``floor`` must hold, ``goal`` is where it would be good. Less is better, or else more."""

    what: str
    floor: float
    goal: float
    unit: str = "x"
    more: bool = False

    def reached(self, limit: float, found: float) -> bool:
        return found >= limit if self.more else found <= limit


GOALS = {
    "rate": Goal("answers a second at 8 connections, of core", 0.6, 0.8, more=True),
    "cpu": Goal("processor time of an answer, of bare", 8, 6),
    "tail": Goal("p99 beside p50 at 8 connections", 4, 2.5),
    "errors": Goal("errors at 32 connections", 0, 0, ""),
    "calls": Goal("Python calls of an answer, of core", 2, 1.5),
    "statements": Goal("statements of an answer", 8, 5, ""),
    "commits": Goal("commits of an answer", 1, 1, ""),
    "turn": Goal("HTML of one turn", 4, 2.5, "kB"),
    "loader": Goal("loader, gzipped", 8, 5, "kB"),
    "page": Goal("first hosted page, all told, gzipped", 30, 20, "kB"),
    "hosted": Goal("first question, hosted, of a blank page", 1.3, 1.1),
    "embedded": Goal("first question, embedded, of a blank page", 2.2, 1.8),
    "blocked": Goal("blocking time added on a slow phone", 60, 10, "ms"),
    "scoring": Goal("score, lines, bounds and sentences, of closures", 3, 1.5),
    "rules": Goal("deciding by 1,000 rules, of 10", 110, 100),
    "questions": Goal("deciding with 500 questions, of 10", 8, 3),
    "an answer": Goal("an answer among the most leads, of 1,000", 2, 1.4),
    "inbox": Goal("inbox among the most leads, of 1,000", 2, 1.2),
    "briefing": Goal("briefing among the most leads, of 1,000", 2, 1.2),
    "events": Goal("events a second and core, in batches of 20", 3_000, 10_000, "", more=True),
    "replay": Goal("conversations replayed a second and core", 30_000, 80_000, "", more=True),
    "proof": Goal("proof of 40 questions and 120 rules", 5, 1, "s"),
    "start": Goal("processor time from start to first page", 2.6, 1.7, "s"),
    "memory": Goal("memory of a web process", 85, 60, "MiB"),
    "growth": Goal("memory more with each 100,000 requests", 5, 1, "MiB"),
}
"""By what a part calls it. One is missing: beside docassemble, which runs elsewhere."""

_noted: list[tuple[str, str, float]] = []


def note(name: str, found: float, where: str = "") -> None:
    """Say what was measured of a goal, on which database if it matters."""
    _noted.append((name, where, found))


def table() -> Iterator[str]:
    """Each goal beside what was found of it in this run."""
    yield f"{'What was to be reached':64}{'found':>12}{'floor':>10}{'goal':>10}"
    for name, goal in GOALS.items():
        for where, found in [(where, found) for noted, where, found in _noted if noted == name]:
            what = ", ".join(filter(None, (goal.what, where)))
            cells = f"{_said(found, goal):>12}{_said(goal.floor, goal):>10}"
            yield f"{what:64}{cells}{_said(goal.goal, goal):>10}  {_verdict(goal, found)}"
    measured = {name for name, _, _ in _noted}
    if left := [goal.what for name, goal in GOALS.items() if name not in measured]:
        yield f"Not measured in this run: {'; '.join(left)}."


def _said(number: float, goal: Goal) -> str:
    digits = f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"
    return f"{digits}{goal.unit}" if goal.unit in ("", "x") else f"{digits} {goal.unit}"


def _verdict(goal: Goal, found: float) -> str:
    if goal.reached(goal.goal, found):
        return "goal reached"
    return "floor reached" if goal.reached(goal.floor, found) else "not reached"
