"""Days that are over are counted once; and whatever changes one of their conversations later, the
reports say what reading everything anew would say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import FRIDAY
from tests.fixtures.listening import statements
from tests.services.conftest import Prospect
from tests.services.selling import answer_the_rest, asks_for_a_demo, colleague
from webapp.core import tally
from webapp.core.tally import Tally
from webapp.services.figures import counting
from webapp.services.figures.counting import Behind
from webapp.services.operations.verification import verify
from webapp.services.people import erasure, retention
from webapp.services.prospects import kept_aside
from webapp.services.sales import handoffs, in_earnest
from webapp.store import reports
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.days import DayRow
from webapp.store.handoffs import HandoffRow

LONG_AGO = FRIDAY - timedelta(days=80)
A_WEEK_LATER = FRIDAY + timedelta(days=7)


def read_anew() -> Tally:
    long = [(LONG_AGO, A_WEEK_LATER + timedelta(days=1))]
    return tally.of_conversations(reports.conversations(long)) + tally.of_handoffs(
        reports.handoffs(long)
    )


def told(now: datetime = A_WEEK_LATER) -> Tally:
    return counting.past(since=LONG_AGO, now=now)


@pytest.fixture
def ana(prospect: Prospect) -> Prospect:
    """She asked for a demo on a day that is over and counted; one more visitor left half way, one
    looks like spam, and one was sent a test."""
    site = prospect.site
    prospect.begins(source={"utm_source": "nordwind mail"})
    prospect.answers(**DEMO)
    left = Prospect(site, FRIDAY - timedelta(days=1))
    left.begins()
    left.says("goal", "grow")
    suspect = Prospect(site, FRIDAY)
    suspect.begins(spam_because=["trap"])
    answer_the_rest(suspect, "sue@south.example")
    asks_for_a_demo(Prospect(site, FRIDAY), "tia", test=True)
    counting.count_days(now=A_WEEK_LATER)
    return prospect


def test_counted_days_tell_what_reading_them_tells_without_reading_them(ana: Prospect) -> None:
    expected = read_anew()
    assert expected["begun", "demo-request"] == 2
    assert sum(n for (what, *_), n in expected.items() if what == "left") == 1
    with statements() as read:
        found = counting.past(since=FRIDAY - timedelta(days=1), now=FRIDAY)
    assert found == expected
    assert [each for each in read if "conversations" in each or "handoffs" in each] == []


def test_what_code_of_another_release_counted_is_counted_anew(ana: Prospect) -> None:
    """An old worker may run on beside the new one, and knows its own form only."""
    expected, days = read_anew(), len(db.session.scalars(select(DayRow.day)).all())
    as_before = [["brought", "hot", "3.2", "500", "EUR", 1]]
    db.session.execute(update(DayRow).values(tally=as_before))
    db.session.commit()
    assert told() == expected
    assert verify().problems == []
    assert counting.count_days(now=A_WEEK_LATER) == days // 2
    assert as_before not in db.session.scalars(select(DayRow.tally)).all()
    assert told() == expected


def test_a_day_is_counted_when_nothing_of_it_can_be_on_its_way_any_more(
    prospect: Prospect,
) -> None:
    prospect.begins()
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    counting.count_days(now=midnight + timedelta(minutes=9))
    assert db.session.scalars(select(DayRow.day)).all() == []
    counting.count_days(now=midnight + timedelta(minutes=10))
    counted = db.session.execute(select(DayRow.of, DayRow.day).order_by(DayRow.of)).all()
    assert counted == [("conversations", FRIDAY.date()), ("handoffs", FRIDAY.date())]


def test_much_is_counted_a_little_at_a_time(
    prospect: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_DAYS", 3)
    prospect.begins()
    rounds = [counting.count_days(now=A_WEEK_LATER) for _ in range(4)]
    assert rounds == [3, 3, 1, 0]
    assert told() == read_anew()


def goes_on_another_day(ana: Prospect) -> None:
    ana.now = FRIDAY + timedelta(days=2)
    ana.says("challenge", "Eleven days", turn="again")


def is_erased(ana: Prospect) -> None:
    erasure.erase("ana@nordwind.example", by="ana", now=A_WEEK_LATER)
    assert "nordwind" not in str(told())


def is_kept_no_longer(ana: Prospect) -> None:
    ana.site.retention_days = 3
    for row in db.session.scalars(select(HandoffRow)):
        row.status, row.closed_at = "lost", FRIDAY
    db.session.commit()
    retention.forget_the_old(now=A_WEEK_LATER)
    assert read_anew()["begun", "demo-request"] == 0


def is_no_spam(ana: Prospect) -> None:
    spam = db.session.scalars(select(ConversationRow.id).where(ConversationRow.spam)).one()
    before = told()["begun", "demo-request"]
    kept_aside.release(spam, colleague("maja@example.com", "manager"), now=A_WEEK_LATER)
    assert told()["begun", "demo-request"] == before + 1


def was_no_test(ana: Prospect) -> None:
    test = db.session.scalars(select(HandoffRow.id).where(HandoffRow.test)).one()
    before = told()["begun", "demo-request"]
    in_earnest.take(test, colleague("maja@example.com", "manager"), now=A_WEEK_LATER)
    assert told()["begun", "demo-request"] == before + 1


def is_won_for_less(ana: Prospect) -> None:
    """The second time the handoff is as it was, and only what was said of it another."""
    manager = colleague("maja@example.com", "manager")
    [row] = db.session.scalars(select(HandoffRow).where(~HandoffRow.test))
    for amount in (900, 800):
        handoffs.record_outcome(
            row.id,
            manager,
            stage="won",
            amount=Decimal(amount),
            currency="EUR",
            at=A_WEEK_LATER,
            now=A_WEEK_LATER + timedelta(seconds=amount),
        )
        assert told() == read_anew()
        counting.count_days(now=A_WEEK_LATER)


def is_sent_back(ana: Prospect) -> None:
    [row] = db.session.scalars(select(HandoffRow).where(~HandoffRow.test))
    manager = colleague("maja@example.com", "manager")
    handoffs.reject(row.id, manager, reason="duplicate", now=A_WEEK_LATER)


CHANGES = (
    goes_on_another_day,
    is_erased,
    is_kept_no_longer,
    is_no_spam,
    was_no_test,
    is_won_for_less,
    is_sent_back,
)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_becomes_of_somebody_later_the_reports_are_right(
    ana: Prospect, change: Callable[[Prospect], None]
) -> None:
    assert told() == read_anew()
    change(ana)
    assert told() == read_anew()
    counting.count_days(now=A_WEEK_LATER)
    assert told() == read_anew()


def test_who_reads_reports_while_the_past_is_counted_again_is_told_how_far_that_is(
    ana: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.execute(delete(DayRow))
    db.session.commit()
    assert counting.behind(since=LONG_AGO, now=A_WEEK_LATER) is None, "what there is can be read"
    monkeypatch.setattr(reports, "MOST_ROWS", 1)
    assert counting.behind(since=LONG_AGO, now=A_WEEK_LATER) == Behind(0, 87, 6)
    assert counting.count_days(now=A_WEEK_LATER) > 0
    assert counting.behind(since=LONG_AGO, now=A_WEEK_LATER) is None
