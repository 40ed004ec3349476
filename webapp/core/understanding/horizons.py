"""Choices that stand for times: "Within a month", "This quarter", "3 to 6 months", "Later"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.core.understanding.pieces import Certainty
from webapp.core.understanding.quantities import quantities
from webapp.core.understanding.times import AT_ONCE_IS, When, times
from webapp.core.understanding.words import Said

_AT_ONCE = frozenset({"now", "immediately", "immediate", "asap", "sofort", "urgent", "today"})
_LATER = frozenset({"later", "spaeter"})


@dataclass(frozen=True, slots=True)
class Horizon:
    """A choice with the days it stands for. No ``first``: from now on; no ``last``: no end."""

    choice: str
    first: date | None
    last: date | None


def horizon(choice: str, wordings: Iterable[str], today: date) -> Horizon | None:
    """The time that one of a choice's wordings tells, counted from a day."""
    open_ended = False
    for wording in wordings:
        said = Said(wording)
        if _AT_ONCE & set(said.words):
            return Horizon(choice, None, today + AT_ONCE_IS)
        found = times(said, quantities(said), today, day_first=True)
        if len(found) == 1:
            match found[0].manner:
                case "after":
                    return Horizon(choice, found[0].first, None)
                case "by":
                    return Horizon(choice, None, found[0].last)
                case "in":
                    return Horizon(choice, found[0].first, found[0].last)
        open_ended = open_ended or bool(_LATER & set(said.words))
    return Horizon(choice, None, None) if open_ended else None


def fitting(horizons: Sequence[Horizon], when: When, today: date) -> list[tuple[str, Certainty]]:
    """The choice a named time falls into; where it lies across or near a border, both, likely."""
    if not horizons or when.manner == "past" or when.last < today:
        return []
    first, last = max(when.first, today), max(when.last, today)
    if when.rough:
        last += (last - today) * 15 / 100
    if when.manner == "by":
        first = last
    if when.manner == "after":
        last = first + (first - today) / 2
    early, late = _at(horizons, first), _at(horizons, last)
    if early is None or late is None:
        furthest = max(horizons, key=lambda each: each.last or date.max)
        return [(furthest.choice, "likely")]
    if early is not late:
        middle = _at(horizons, first + (last - first) / 2) or early
        other = late if middle is early else early
        return [(middle.choice, "likely"), (other.choice, "likely")]
    beyond = None if when.at_once else _across_the_border(horizons, last, today)
    if beyond is None or beyond is early:
        return [(early.choice, "sure")]
    return [(early.choice, "likely"), (beyond.choice, "likely")]


def _at(horizons: Sequence[Horizon], day: date) -> Horizon | None:
    """The choice a day belongs to: of those that reach it, the one that ends first."""
    reaching = [each for each in horizons if each.last is not None and day <= each.last]
    begun = [each for each in reaching if each.first is None or each.first <= day]
    if reaching:
        return min(begun or reaching, key=lambda each: each.last or day)
    return next((each for each in horizons if each.last is None), None)


def _across_the_border(horizons: Sequence[Horizon], day: date, today: date) -> Horizon | None:
    """The choice on the other side of a border that a day is near.

    Near is within a tenth of the way there. On the dot it belongs to the choice that ends there,
    unless another begins on that day: "1–3 months" and "3–6 months".
    """
    begins = next((each for each in horizons if each.first == day and each.last != day), None)
    if begins:
        return begins
    away = max((day - today).days // 10, 2)
    ends = [each.last for each in horizons if each.last is not None]
    near = [end for end in ends if abs((day - end).days) <= away]
    if day in ends or not near:
        return None
    end = min(near, key=lambda each: abs((day - each).days))
    return _at(horizons, end if day > end else end + timedelta(days=1))
