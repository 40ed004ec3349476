"""What visitors did in the past, in figures: days that are over are counted once, the rest when
asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from math import ceil

from webapp.core import tally
from webapp.core.tally import Tally
from webapp.store import days, reports
from webapp.store.database import one_commit, reading

A_DAY = timedelta(days=1)
STRAGGLING = timedelta(minutes=10)
"""How long after midnight nothing of the day before can still be on its way into the database."""
LOOKED_BACK = timedelta(days=366)
"""As far as any report goes."""
MOST_READ = 1_000
MOST_DAYS = 50
A_DAY_TAKES = timedelta(seconds=4)
"""To count a busy one, with the pause before the next."""
EACH_ONCE = ("begun", "became")
"""What a tally counts once for each conversation, and for each handoff."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Of the ``days`` of a period so many are ``counted``; the others take about so many
    ``minutes``."""

    counted: int
    days: int
    minutes: int


def past(*, since: datetime, now: datetime) -> Tally:
    """What became of the real conversations that began on the day of ``since`` or later, by UTC,
    and of what sales was handed since then."""
    return together(by_week(since=since, now=now).items())


def by_week(*, since: datetime, now: datetime) -> dict[date, Tally]:
    """The same, by the Monday on which each week began; the first and the last may not be whole."""
    found: defaultdict[date, Tally] = defaultdict(Counter)
    for of in days.KINDS:
        counted = days.counted(of, since.date())
        missing = [day for day in _days(since.date(), now.date()) if day not in counted]
        if missing:
            for week, some in _read(of, missing, most=reports.MOST_ROWS):
                found[week].update(some)
        for day, each in counted.items():
            tally.add(found[monday(day)], each)
    return found


def together(weeks: Iterable[tuple[date, Tally]]) -> Tally:
    """What they come to."""
    found: Tally = Counter()
    for _, each in weeks:
        found.update(each)
    return found


def monday(day: date) -> date:
    """The first day of its week."""
    return day - day.weekday() * A_DAY


def behind(*, since: datetime, now: datetime) -> Behind | None:
    """How far the counting is, where ``past`` tells too little: of very many that are not counted
    it reads the newest only."""
    known = days.known(since.date())
    period = list(_days(since.date(), now.date()))
    missing = {of: [day for day in period if (of, day) not in known] for of in days.KINDS}
    waiting = {day for each in missing.values() for day in each} - {now.date()}
    if not waiting or not (
        reports.conversations_go_on(_spans(missing[days.CONVERSATIONS]), reports.MOST_ROWS)
        or reports.handoffs_go_on(_spans(missing[days.HANDOFFS]), reports.MOST_ROWS)
    ):
        return None
    # The last of the period is today, which nobody waits for.
    minutes = ceil(len(waiting) * A_DAY_TAKES / timedelta(minutes=1))
    return Behind(len(period) - 1 - len(waiting), len(period) - 1, minutes)


def count_days(*, now: datetime) -> int:
    """Count days that are over, so that ``past`` need not read them: the latest first, and a few
    at a time, so that nobody has to wait for it. Returns how many."""
    with reading():
        missing = _uncounted(now)
    read = 0
    for number, (day, kinds) in enumerate(missing[:MOST_DAYS]):
        if read >= MOST_READ:
            return number
        for of in kinds:
            found = _count(of, day)
            read += sum(number for (what, *_), number in found.items() if what in EACH_ONCE)
    return len(missing[:MOST_DAYS])


def wrong() -> Iterator[tuple[str, date]]:
    """Of what and for which days the reports are told figures that did not come of what is kept."""
    for of, day, kept in days.every():
        found: Tally = Counter()
        tally.add(found, kept)
        if found != together(_read(of, [day])):
            yield of, day


def recount() -> list[tuple[str, date]]:
    """Count the days anew whose figures are wrong, and say which those were."""
    with reading():
        found = list(wrong())
    for of, day in found:
        _count(of, day)
    return found


def _count(of: str, day: date) -> Tally:
    with one_commit("counting.count_days"):
        found = together(_read(of, [day], hold=True))
        days.keep(of, day, tally.write(found))
    return found


def _read(
    of: str, some: Sequence[date], *, hold: bool = False, most: int | None = None
) -> Iterator[tuple[date, Tally]]:
    """By week, and that of those which come one after the other."""
    spans = _spans(some)
    if of == days.CONVERSATIONS:
        conversations = reports.conversations(spans, hold=hold, most=most)
        for week, each in groupby(conversations, lambda row: monday(row.started_at.date())):
            yield week, tally.of_conversations(each)
    else:
        handoffs = reports.handoffs(spans, hold=hold, most=most)
        for week, found in groupby(handoffs, lambda one: monday(one[0].created_at.date())):
            yield week, tally.of_handoffs(found)


def _uncounted(now: datetime) -> list[tuple[date, list[str]]]:
    first = reports.first_conversation()
    if first is None:
        return []
    last = (now - STRAGGLING - A_DAY).date()
    oldest = max(first.date(), last - LOOKED_BACK)
    known = days.known(oldest)
    missing = [
        (day, [of for of in days.KINDS if (of, day) not in known]) for day in _days(oldest, last)
    ]
    return [(day, kinds) for day, kinds in reversed(missing) if kinds]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _spans(some: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """The days from first to last, those that follow each other as one."""
    spans: list[tuple[datetime, datetime]] = []
    for day in some:
        begins = datetime.combine(day, time(), UTC)
        first = spans.pop()[0] if spans and spans[-1][1] == begins else begins
        spans.append((first, begins + A_DAY))
    return spans
