"""How old events may be: the spans of ages they lie in, and ages that suit several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from webapp.core.playbook import ScoringRule
from webapp.core.proof.moments import MOMENT
from webapp.core.proof.patterns import Kind

NEVER = timedelta.max


@dataclass(frozen=True, slots=True)
class Band:
    """Ages above ``over`` up to and including ``upto``."""

    over: timedelta
    upto: timedelta

    @property
    def typical(self) -> timedelta:
        """An age people would write, within the band."""
        if self.upto == NEVER:
            return max(self.over, timedelta(0)) + timedelta(days=1)
        middle = (self.over + self.upto) / 2
        for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
            rounded = middle - middle % unit
            if max(self.over, timedelta(0)) < rounded <= self.upto:
                return rounded
        return self.upto


@dataclass(frozen=True, slots=True)
class Seen:
    """One event of an option."""

    kind: Kind
    band: Band


class Between:
    """Ages between two layouts of the same events, and the fading sum of some of them."""

    def __init__(
        self,
        rule: ScoringRule,
        new: Sequence[timedelta],
        old: Sequence[timedelta],
        mine: Sequence[int],
    ) -> None:
        self.rule, self.new, self.old, self.mine = rule, new, old, mine

    def ages(self, share: float) -> tuple[timedelta, ...]:
        return tuple(a + (b - a) * share for a, b in zip(self.new, self.old, strict=True))

    def sum(self, share: float) -> float:
        ages = self.ages(share)
        assert self.rule.half_life is not None
        half_life = self.rule.half_life
        return float(sum(self.rule.points * 0.5 ** (ages[n] / half_life) for n in self.mine))

    def share_for(self, whole: int) -> float:
        """Where the sum is nearest to a whole number; it only ever fades towards nought."""
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            if abs(self.sum(middle)) > abs(whole):
                low = middle
            else:
                high = middle
        return min((low, high, 0.0, 1.0), key=lambda share: abs(self.sum(share) - whole))


def spread(seen: Sequence[Seen]) -> tuple[timedelta, ...]:
    """Ages people would write, a day or an hour apart."""
    ages = []
    for place, each in enumerate(seen):
        alike = [n for n, other in enumerate(seen) if other.band == each.band]
        if len(alike) == 1:
            ages.append(each.band.typical)
        elif each.band.upto == NEVER:
            ages.append(each.band.typical + alike.index(place) * timedelta(days=1))
        else:
            part = (each.band.upto - each.band.over) / len(alike)
            ages.append(each.band.over + part * (alike.index(place) + 1))
    return tuple(ages)


def packed(
    seen: Sequence[Seen], gap: timedelta, half_life: timedelta | None = None
) -> tuple[timedelta, ...] | None:
    """As old as possible, each ``gap`` after the one before; None where that cannot be.

    What lies beyond twelve half-lives is as good as gone.
    """
    ages: dict[int, timedelta] = {}
    last: timedelta | None = None
    far = 12 * half_life if half_life else timedelta(days=1)
    for place in sorted(range(len(seen)), key=lambda n: seen[n].band.upto, reverse=True):
        band = seen[place].band
        oldest = band.upto
        if oldest == NEVER:
            oldest = max(band.over, timedelta(0)) + far + (len(seen) + 1) * gap
        age = oldest if last is None else min(oldest, last - gap)
        if age <= band.over:
            return None
        ages[place] = last = age
    return tuple(ages[place] for place in range(len(seen)))


def newest(seen: Sequence[Seen], gap: timedelta) -> tuple[timedelta, ...] | None:
    """As new as possible, each ``gap`` before the one after."""
    ages: dict[int, timedelta] = {}
    last: timedelta | None = None
    for place in sorted(range(len(seen)), key=lambda n: (seen[n].band.upto, -n)):
        band = seen[place].band
        age = band.over + MOMENT
        if last is not None:
            age = max(age, last + gap)
        if age > band.upto:
            return None
        ages[place] = last = age
    return tuple(ages[place] for place in range(len(seen)))
