"""Points suggested from outcomes: how much more often leads with a reason were won.

A suggestion is a number to think about, with its doubt; a person decides.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log, sqrt

from webapp.core.tally import Tally

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


def suggestions(past: Tally) -> list[Suggestion]:
    """Suggest points for every rule from the reasons of closed leads, and how those ended.

    Each rule is looked at alone (a log odds ratio): reasons that always come together share what
    they explain, so change one at a time.
    """
    ends: Counter[str] = Counter()
    fired: defaultdict[str, Counter[str]] = defaultdict(Counter)
    points_of: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for (what, *key), number in past.items():
        if what == "ended":
            ends[key[1]] += number
        elif what == "fired":
            rule, points, end = key
            fired[rule][end] += number
            points_of[rule][int(points)] += number
    return [
        _suggestion(rule, counts, ends, points_of[rule].most_common(1)[0][0])
        for rule, counts in sorted(fired.items())
    ]


def _suggestion(rule: str, counts: Counter[str], ends: Counter[str], now: int) -> Suggestion:
    lost, won = counts["lost"], counts["won"]
    other_lost, other_won = ends["lost"] - lost, ends["won"] - won
    if min(won, lost, other_won, other_lost) < LEAST_EACH:
        return Suggestion(rule, now, won, lost, None, None, None)
    odds = log((won * other_lost) / (lost * other_won))
    error = 1.959964 * sqrt(1 / won + 1 / lost + 1 / other_won + 1 / other_lost)
    per = POINTS_PER_DOUBLING / log(2)
    points, low, high = (round(per * each) for each in (odds, odds - error, odds + error))
    return Suggestion(rule, now, won, lost, points, low, high)
