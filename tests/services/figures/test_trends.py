"""How it goes from week to week: whole weeks, and this one told apart."""

from datetime import UTC, date, datetime, timedelta

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import FRIDAY
from tests.fixtures.listening import statements
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague
from webapp.services.figures import counting, trends
from webapp.services.figures.trends import Week
from webapp.services.flows import releases
from webapp.services.sales import handoffs
from webapp.store.sites import SiteRow

A_WEEK = timedelta(weeks=1)
MONDAY = date(2026, 11, 16)


def weekly(now: datetime, days: int = 90) -> list[Week]:
    since = now - timedelta(days=days)
    return trends.weekly(counting.by_week(since=since, now=now), since=since, now=now)


def test_each_week_tells_what_began_in_it_counted_before_or_not(site: SiteRow) -> None:
    """Half of the days were counted by the worker, the others nobody has counted yet."""
    asks_for_a_demo(Prospect(site, FRIDAY), "ann")
    Prospect(site, FRIDAY + timedelta(days=2)).begins()  # on Sunday
    Prospect(site, FRIDAY + timedelta(days=3)).begins()  # on Monday
    counting.count_days(now=FRIDAY + A_WEEK)
    later = Prospect(site, FRIDAY + 2 * A_WEEK)
    later.begins()
    later.answers(**DEMO)
    now = FRIDAY + 3 * A_WEEK

    found = weekly(now)

    assert [(week.begins, week.begun, week.finished) for week in found] == [
        (MONDAY, 2, 1),
        (MONDAY + A_WEEK, 1, 0),
        (MONDAY + 2 * A_WEEK, 1, 1),
        (MONDAY + 3 * A_WEEK, 0, 0),
    ]
    assert [week.leads for week in found] == [1, 0, 1, 0]
    assert [week.over for week in found] == [True, True, True, False]


def test_weeks_that_are_counted_are_not_read_again(site: SiteRow) -> None:
    Prospect(site, FRIDAY - timedelta(days=4)).begins()  # on Monday
    asks_for_a_demo(Prospect(site, FRIDAY), "ann")
    now = datetime(2026, 12, 14, 0, 30, tzinfo=UTC)
    counting.count_days(now=now)
    yesterday = now - timedelta(days=1)
    with statements() as read:
        found = weekly(yesterday, days=27)
    assert [week.leads for week in found] == [1, 0, 0, 0]
    assert [each for each in read if "conversations" in each or "handoffs" in each] == []


def test_of_fewer_than_three_weeks_that_are_over_nothing_is_told(site: SiteRow) -> None:
    assert weekly(FRIDAY) == []
    Prospect(site, FRIDAY).begins()
    a_sunday = datetime(2026, 12, 6, 23, 59, tzinfo=UTC)
    assert weekly(a_sunday) == []
    assert len(weekly(a_sunday + timedelta(minutes=1))) == 4


def test_a_week_that_the_period_cuts_is_left_out(site: SiteRow) -> None:
    for weeks in range(5):
        Prospect(site, FRIDAY + weeks * A_WEEK).begins()
    now = FRIDAY + 4 * A_WEEK
    assert weekly(now, days=32)[0].begins == MONDAY
    assert weekly(now, days=31)[0].begins == MONDAY + A_WEEK


def test_who_heard_in_time_is_a_share_of_the_weeks_own_leads(site: SiteRow) -> None:
    manager = colleague("maja@example.com", "manager")
    for weeks, waited in ((0, timedelta(minutes=1)), (1, timedelta(days=5))):
        row = asks_for_a_demo(Prospect(site, FRIDAY + weeks * A_WEEK), f"ann{weeks}")
        handoffs.log_contact(row.id, manager, result="reached", now=row.created_at + waited)
    found = weekly(FRIDAY + 3 * A_WEEK)
    assert [(week.in_time.count, week.in_time.of) for week in found[:3]] == [(1, 1), (0, 1), (0, 0)]
    *_, in_time = trends.lines(found)
    assert in_time.heights == [1, 0, None, None]


def test_a_release_stands_in_the_week_it_was_published_in(site: SiteRow) -> None:
    Prospect(site, FRIDAY).begins()
    texts = releases.texts_of(releases.live_manifest())
    texts["playbook.yaml"] += "# shorter\n"
    then = FRIDAY + A_WEEK
    new = releases.publish(texts, by="ana@example.com", why="Ask less", now=then)
    found = weekly(FRIDAY + 3 * A_WEEK)
    assert [[each.id for each in week.published] for week in found[1:]] == [[new.id], [], []]
