"""Choices that stand for ranges of numbers: "10,000 to 50,000 EUR", "200–500 people"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from webapp.core.understanding.pieces import Certainty
from webapp.core.understanding.quantities import Quantity, quantities
from webapp.core.understanding.words import Said

_THOUSAND = Decimal(1000)
_IN_A_YEAR: Mapping[str | None, int] = {"week": 52, "month": 12, "quarter": 4}


@dataclass(frozen=True, slots=True)
class Band:
    """A choice with its range. None is open."""

    choice: str
    low: Decimal | None
    high: Decimal | None
    currency: str | None = None
    per: str | None = None

    def shares(self, low: Decimal, high: Decimal) -> Decimal:
        """How much of a range lies in the band: 0 where they only touch, negative if apart."""
        top = high if self.high is None else min(high, self.high)
        bottom = low if self.low is None else max(low, self.low)
        return top - bottom

    def away(self, number: Decimal) -> Decimal:
        return min(abs(number - end) for end in (self.low, self.high) if end is not None)


def band(choice: str, wordings: Iterable[str]) -> Band | None:
    """The range that one of a choice's wordings tells, if it holds one amount and no time."""
    for wording in wordings:
        found = quantities(Said(wording))
        if len(found) == 1 and not found[0].time_unit:
            one = found[0]
            return Band(choice, one.low, one.high, one.currency, one.per)
    return None


def fitting(bands: Sequence[Band], amount: Quantity) -> list[tuple[str, Certainty]]:
    """The choice an amount falls into: sure where it is all in one band, of one currency.

    "Under 40k" or "more than 50k" is sure only for the lowest and the highest band. An amount
    that touches several bands is each of them, likely, the best first.
    """
    if amount.thing == "m" and not amount.scaled:
        millions = replace(amount, low=_times(amount.low, 10**6), high=_times(amount.high, 10**6))
        return [(choice, "likely") for choice, _ in _fitting(bands, millions)]
    if amount.per in _IN_A_YEAR and all(each.per != amount.per for each in bands):
        # What they name is a year's, or what it says: only they can tell.
        times = _IN_A_YEAR[amount.per]
        yearly = replace(amount, low=_times(amount.low, times), high=_times(amount.high, times))
        both = [*_fitting(bands, yearly), *_fitting(bands, amount)]
        return [(choice, "likely") for choice in dict.fromkeys(choice for choice, _ in both)]
    if _means_thousands(bands, amount):
        thousands = replace(amount, low=_times(amount.low, 1000), high=_times(amount.high, 1000))
        both = [*fitting(bands, replace(thousands, scaled=True)), *_fitting(bands, amount)]
        return [(choice, "likely") for choice in dict.fromkeys(choice for choice, _ in both)]
    return _fitting(bands, amount)


def _means_thousands(bands: Sequence[Band], amount: Quantity) -> bool:
    """ "20" where every border is in the thousands may well mean 20,000."""
    borders = [end for band in bands for end in (band.low, band.high) if end]
    bare = not amount.scaled and not amount.currency and not amount.counts_people
    return bare and amount.least < _THOUSAND <= min(borders, default=Decimal(0))


def _times(number: Decimal | None, scale: int) -> Decimal | None:
    return None if number is None else number * scale


def _fitting(bands: Sequence[Band], amount: Quantity) -> list[tuple[str, Certainty]]:
    low = amount.low if amount.low is not None else amount.least / 2
    high = amount.high if amount.high is not None else amount.least * Decimal("1.5")
    if amount.rough and low == high:
        low, high = low * Decimal("0.9"), high * Decimal("1.1")
    middle, width = (low + high) / 2, high - low
    touched = [each for each in bands if each.shares(low, high) >= 0]
    if not touched:
        nearest = min(bands, key=lambda each: each.away(middle))
        near = nearest.away(middle) <= max(Decimal(1), middle / 10)
        return [(nearest.choice, "likely")] if near else []
    touched.sort(key=lambda each: (-each.shares(low, high), -(each.low or 0)))
    best = touched[0]
    lowest = min(bands, key=lambda each: each.low or 0)
    alone = len(touched) == 1 or (width > 0 and best.shares(low, high) >= width * 19 / 20)
    sure = (
        alone
        and (amount.currency is None or best.currency in (None, amount.currency))
        and amount.per in (None, "year", best.per)
        and (amount.low is not None or best is lowest)
        and (amount.high is not None or best.high is None)
        and (high < low * 5 or not width)
    )
    if sure:
        return [(best.choice, "sure")]
    held = [each for each in touched if each.shares(low, high) > 0 or not width]
    return [(each.choice, "likely") for each in held]
