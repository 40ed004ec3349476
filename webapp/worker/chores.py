"""What the worker does from time to time beside sending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from webapp.services.figures import counting, digests
from webapp.services.operations import tidying
from webapp.services.people import retention
from webapp.services.prospects import partial_leads
from webapp.services.receivers import sending
from webapp.services.sales import assignment, calendars, deadlines, reminders
from webapp.store import assignments, releases
from webapp.store.database import reading


@dataclass(frozen=True)
class Chore:
    """Something to do every so often, and ``once_more_s`` after it found something to do. Two
    workers may do it at the same moment. ``aside`` is for what waits for others' servers, and must
    not keep the worker waiting."""

    name: str
    every_s: float
    do: Callable[[datetime], object]
    aside: bool = False
    once_more_s: float | None = None


def give_waiting_leads_away(now: datetime) -> None:
    with reading():
        teams = assignments.teams_with_a_queue()
    for team in teams:
        assignment.drain(team, now=now)


class MoveDeadlines:
    """Counts deadlines anew when something was published: a team may work other hours now."""

    def __init__(self) -> None:
        self.seen: int | None = None

    def __call__(self, now: datetime) -> None:
        with reading():
            live = releases.live_id()
        if live != self.seen:
            deadlines.move(now=now)
            self.seen = live


class ForgetTheOld:
    """Looks at no event twice."""

    def __init__(self) -> None:
        self.passed = retention.Passed()

    def __call__(self, now: datetime) -> None:
        retention.forget_the_old(now=now, passed=self.passed)


CHORES = (
    Chore("remind", 5, lambda now: reminders.remind(now=now)),
    Chore("escalate", 5, lambda now: reminders.escalate(now=now)),
    Chore("move deadlines", 10, MoveDeadlines()),
    Chore("give waiting leads away", 5, give_waiting_leads_away),
    Chore("write down who left", 60, lambda now: partial_leads.write_down(now=now)),
    Chore("forget the old", 600, ForgetTheOld()),
    Chore("read calendars", 2, lambda now: calendars.read_next(now=now), aside=True),
    Chore("count the past", 30, lambda now: counting.count_days(now=now), once_more_s=2),
    Chore("bury", 60, lambda _: sending.bury()),
    Chore("digests", 60, lambda now: digests.send_due(now=now)),
    Chore("tidy", 3600, lambda now: tidying.sweep(now=now)),
)
