"""Points suggested from outcomes: how much more often leads with a reason were won.

A suggestion is a number to think about, with its doubt; a person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

LEAST_EACH = 5
"""Fewer wins or losses with (or without) a reason than this suggest nothing."""
POINTS_PER_DOUBLING = 10
"""A reason that doubles the odds of winning is worth this many points."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """For one scoring rule: points now (as it fired most often), and what outcomes suggest.

    ``low`` and ``high`` are the 95% interval of ``points``; all None where there are too few.
    """

    rule: str
    now: int
    won: int
    lost: int
    points: int | None
    low: int | None
    high: int | None


def suggestions(
    past: Iterable[tuple[Iterable[Mapping[str, Any]], bool]],
) -> list[Suggestion]:
    """Suggest points for every rule from closed leads: score lines, and whether they were won.

    Each rule is looked at alone (a log odds ratio): reasons that always come together share what
    they explain, so change one at a time.
    """
    fired: dict[str, list[int]] = {}
    brought: dict[str, list[int]] = {}
    totals = [0, 0]
    for lines, won in past:
        totals[won] += 1
        for line in lines:
            if line["status"] in ("known", "inferred") and line["points"] > 0:
                fired.setdefault(line["rule"], [0, 0])[won] += 1
                brought.setdefault(line["rule"], []).append(line["points"])
    return [
        _suggestion(rule, counts, totals, brought[rule]) for rule, counts in sorted(fired.items())
    ]


def _suggestion(rule: str, counts: list[int], totals: list[int], brought: list[int]) -> Suggestion:
    lost, won = counts
    other_lost, other_won = totals[0] - lost, totals[1] - won
    now = max(set(brought), key=brought.count)
    if min(won, lost, other_won, other_lost) < LEAST_EACH:
        return Suggestion(rule, now, won, lost, None, None, None)
    odds = log((won * other_lost) / (lost * other_won))
    error = 1.959964 * sqrt(1 / won + 1 / lost + 1 / other_won + 1 / other_lost)
    per = POINTS_PER_DOUBLING / log(2)
    points, low, high = (round(per * each) for each in (odds, odds - error, odds + error))
    return Suggestion(rule, now, won, lost, points, low, high)
