"""How it goes from week to week, and which releases were published meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from webapp.core.proportions import Share
from webapp.core.tally import Tally
from webapp.services.figures import insights
from webapp.store import releases
from webapp.store.releases import ReleaseRow

A_WEEK = timedelta(days=7)
FEWEST = 3
"""Weeks that are over. Of fewer nobody can say where it goes."""


@dataclass(frozen=True, slots=True)
class Week:
    """What began on its days, by UTC, and the releases that went live on them."""

    begins: date
    over: bool
    begun: int
    finished: int
    leads: int
    in_time: Share
    published: Sequence[ReleaseRow]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over the weeks: None where there was nothing to take a share of."""

    name: str
    values: Sequence[float | None]
    percent: bool = False

    @property
    def most(self) -> float:
        """As high as its picture goes."""
        return 1 if self.percent else max(each or 0 for each in self.values)

    @property
    def heights(self) -> list[float | None]:
        """Each as a part of that."""
        most = self.most or 1
        return [None if each is None else each / most for each in self.values]


def weekly(past: Mapping[date, Tally], *, since: datetime, now: datetime) -> list[Week]:
    """The weeks that lie in the period as a whole, and this one so far, from the first on which
    anything happened; none where fewer than ``FEWEST`` are over."""
    begun = [monday for monday, each in past.items() if each and since.date() <= monday]
    if not begun:
        return []
    first = min(begun)
    published = releases.published_since(datetime.combine(first, time(), UTC))
    weeks = [
        _week(first + n * A_WEEK, past, published, now.date())
        for n in range((now.date() - first) // A_WEEK + 1)
    ]
    return weeks if sum(each.over for each in weeks) >= FEWEST else []


def lines(weeks: Sequence[Week]) -> list[Line]:
    """What is drawn of them."""
    return [
        Line("Conversations begun", [each.begun for each in weeks]),
        Line("Conversations finished", [each.finished for each in weeks]),
        Line("Leads to sales", [each.leads for each in weeks]),
        Line(
            "Heard from us in time",
            [each.in_time.value if each.in_time.of else None for each in weeks],
            percent=True,
        ),
    ]


def _week(
    monday: date, past: Mapping[date, Tally], published: Iterable[ReleaseRow], today: date
) -> Week:
    found, next_monday = past.get(monday, Tally()), monday + A_WEEK
    return Week(
        begins=monday,
        over=next_monday <= today,
        begun=_sum(found, "begun"),
        finished=_sum(found, "finished"),
        leads=_sum(found, "became"),
        in_time=insights.responses(found).within_deadline,
        published=[each for each in published if monday <= each.published_at.date() < next_monday],
    )


def _sum(found: Tally, what: str) -> int:
    return sum(number for (name, *_), number in found.items() if name == what)
