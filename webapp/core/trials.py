"""A/B tests: who sees which of two versions of a flow, how many people it takes to tell them apart,
and what may be said of them so far.

*A* is the live version and *B* the challenger. Somebody is one of those who *began*; a *share* is
of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, log10, sqrt
from types import MappingProxyType
from typing import Literal

from webapp.core.proportions import Z95, Share, share

Variant = Literal["A", "B"]
Goal = Literal["finished", "sales"]
Step = Literal["finished", "sales", "accepted"]

Z80 = 0.841621
"""The normal deviate that a power of 80% goes with."""

GOALS: Mapping[Goal, str] = MappingProxyType({"finished": "finish", "sales": "go to sales"})
"""What a test may be about, as one says it of people."""

DIFFERENCES = (2, 5, 10)
"""Differences that a test can be planned to show, in people of a hundred (percentage points)."""

SHARES = (50, 25, 10)
"""Of a hundred new visitors, how many may see the challenger."""


def draw(trial: str, who: str, percent: int) -> Variant:
    """Which version somebody sees: B for ``percent`` of a hundred. The same person always draws the
    same in one trial, and each trial draws anew."""
    drawn = int.from_bytes(sha256(f"{trial}\n{who}".encode("utf-8", "replace")).digest()[:8])
    return "B" if drawn * 100 < percent << 64 else "A"


@dataclass(frozen=True, slots=True)
class Plan:
    """Fixed before the first visitor: what is looked at, which ``difference`` (in people of a
    hundred, percentage points) is worth knowing of, and after how many of each variant the test is
    read."""

    goal: Goal
    difference: int
    a: int
    b: int

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise ValueError(f"{self.goal!r} is nothing a test can be about.")


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one variant. All began; of the first ones, that are ``read``, so many finished,
    went to sales and were accepted there."""

    began: int = 0
    read: int = 0
    finished: int = 0
    sales: int = 0
    accepted: int = 0

    def reached(self, step: Step) -> Share:
        """How many came that far; ``accepted`` of those who went to sales."""
        of = {"finished": self.read, "sales": self.read, "accepted": self.sales}
        count = {"finished": self.finished, "sales": self.sales, "accepted": self.accepted}
        return share(count[step], of[step])


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more often B reached the goal than A, with its 95% interval; between -1 and 1."""

    value: float
    low: float
    high: float


def planned(goal: Goal, *, difference: int, percent: int, before: Share) -> Plan:
    """How many of each variant it takes to show a difference of so many people of a hundred, with
    80% power at the 5% level, two-sided, where a share of ``before`` reaches the goal today.

    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (3rd ed., 2003), chapter
    4: the size of two samples, also of unequal size, for a given difference of two proportions. The
    larger of what a rise and a fall would take; where too few began to say, as if half reached it,
    which takes the most. Rounded up to two figures, so that people can keep it in mind.
    """
    p, d, b = 0.5 if before.few else before.value, difference / 100, percent / 100
    both = max(_both(p, q, b) for q in (p - d, p + d) if 0 <= q <= 1)
    return Plan(goal, difference, _round_up(both * (1 - b)), _round_up(both * b))


def difference(a: Share, b: Share) -> Difference:
    """How far apart two shares are, from their Wilson intervals.

    Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998), 873-890, method 10.
    """
    value = b.value - a.value
    low = sqrt((b.value - b.low) ** 2 + (a.high - a.value) ** 2)
    high = sqrt((b.high - b.value) ** 2 + (a.value - a.low) ** 2)
    return Difference(value, max(-1.0, value - low), min(1.0, value + high))


def is_read(plan: Plan, a: Side, b: Side) -> bool:
    """Whether as many began as were planned. Before that one is ahead of the other by chance, and
    who keeps looking would sooner or later see a winner."""
    return a.began >= plan.a and b.began >= plan.b


def finding(plan: Plan, a: Side, b: Side) -> str:
    """What may be said by now, in one sentence."""
    if not is_read(plan, a, b):
        return (
            f"Too early to tell: {a.began:,} and {b.began:,} began; {_each(plan)} would show a "
            f"difference of {plan.difference} of a hundred."
        )
    found = difference(a.reached(plan.goal), b.reached(plan.goal))
    low, high = sorted((abs(found.low), abs(found.high)))
    goal = GOALS[plan.goal]
    if found.low > 0:
        return f"With the challenger more people {goal}: {_from_to(low, high)} more of a hundred."
    if found.high < 0:
        return f"With the challenger fewer people {goal}: {_from_to(low, high)} fewer of a hundred."
    return (
        f"No difference was shown: with the challenger between {-100 * found.low:.1f} fewer and "
        f"{100 * found.high:.1f} more of a hundred people {goal}."
    )


def _both(p: float, q: float, b: float) -> float:
    """How many it takes in all, a share ``b`` of them in the second sample."""
    a = 1 - b
    middle = a * p + b * q
    even = Z95 * sqrt(middle * (1 - middle) * (1 / a + 1 / b))
    apart = Z80 * sqrt(p * (1 - p) / a + q * (1 - q) / b)
    return ((even + apart) / (p - q)) ** 2


def _round_up(number: float) -> int:
    unit: int = 10 ** max(0, int(log10(number)) - 1)
    return ceil(number / unit) * unit


def _each(plan: Plan) -> str:
    if plan.a == plan.b:
        return f"about {plan.a:,} each"
    return f"about {plan.a:,} and {plan.b:,}"


def _from_to(low: float, high: float) -> str:
    return f"between {100 * low:.1f} and {100 * high:.1f}"
