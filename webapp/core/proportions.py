"""Shares with the doubt that belongs to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt

Z95 = 1.959964
FEW = 20
"""Below this a share says little, and is shown in grey."""


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``, with a 95% Wilson interval. All of them between 0 and 1."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def few(self) -> bool:
        return self.of < FEW

    def __str__(self) -> str:
        if not self.of:
            return "no cases"
        return f"{self.value:.0%} ({self.low:.0%} to {self.high:.0%}, n={self.of})"


def share(count: int, of: int) -> Share:
    """A share with its Wilson interval, which stays honest for small numbers."""
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    p, z2 = count / of, Z95 * Z95
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 / (1 + z2 / of) * sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return Share(count, of, max(0.0, middle - half), min(1.0, middle + half))


def quantile(counted: Mapping[float, int], q: float) -> float | None:
    """The least value that at least a share ``q`` does not exceed, of values that were counted so
    many times each; infinity stands for never (yet), and is told as None."""
    wanted, so_far = q * sum(counted.values()), 0
    for value, number in sorted(counted.items()):
        so_far += number
        if so_far >= wanted:
            return None if value == inf else value
    return None
