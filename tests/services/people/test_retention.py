"""A site keeps people as long as it means to, and no longer."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.fixtures.listening import statements
from tests.services.conftest import Prospect
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.flows import sites
from webapp.services.people import imports, retention
from webapp.store import failpoints, removal
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.sites import SiteRow
from webapp.store.visitors import EventRow, VisitorRow


@pytest.fixture
def reader(prospect: Prospect) -> Prospect:
    """Somebody who looked around and said nothing, on a site that keeps people for thirty days."""
    prospect.site.retention_days = 30
    db.session.commit()
    seen = [Happened(id="e1", page="https://acme.example/prices", title="Prices")]
    visits.record(prospect.site, "a browser", seen, now=prospect.now)
    return prospect


def number_of(*kinds: type) -> tuple[int, ...]:
    return tuple(db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)


def sweep(person: Prospect, days: int) -> None:
    while retention.forget_the_old(now=person.now + timedelta(days=days)):
        pass


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_who_only_looked_around_is_forgotten_in_time(
    reader: Prospect, days: int, left: int
) -> None:
    sweep(reader, days)
    assert number_of(VisitorRow, EventRow) == (left, left)


def test_who_still_comes_is_known_without_what_they_read_long_ago(reader: Prospect) -> None:
    again = [Happened(id="e2", page="https://acme.example/", title="Home")]
    visits.record(reader.site, "a browser", again, now=reader.now + timedelta(days=20))
    sweep(reader, 31)
    assert number_of(VisitorRow) == (1,)
    assert db.session.scalars(select(EventRow.event_id)).all() == ["e2"]


def test_a_conversation_stays_while_a_rep_works_on_it_and_then_goes_with_the_person(
    reader: Prospect,
) -> None:
    everything = (ConversationRow, LeadRow, VisitorRow)
    reader.begins(visitor_key="a browser")
    reader.answers(**DEMO)
    sweep(reader, 31)
    assert number_of(*everything) == (1, 1, 1)

    db.session.scalars(select(HandoffRow)).unique().one().status = "lost"
    db.session.commit()
    sweep(reader, 31)

    assert number_of(*everything, EventRow) == (0, 0, 0, 0)


def test_who_is_worked_on_for_ever_keeps_nobody_else(
    reader: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    reader.begins()
    reader.answers(**DEMO)
    later = Prospect(reader.site, reader.now + timedelta(hours=1))
    later.begins()
    sweep(reader, 31)
    assert number_of(ConversationRow, LeadRow) == (1, 1)


def test_another_site_keeps_what_is_older(
    reader: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "PAGE", 1)
    other = SiteRow(
        id="other", key="other", name="Other", origins=[], settings={}, created_at=reader.now
    )
    db.session.add(other)
    db.session.commit()
    for key in ("one", "two"):
        seen = [Happened(id=key, page="https://acme.example/prices", title="Prices")]
        visits.record(other, key, seen, now=reader.now - timedelta(days=1))
    sweep(reader, 31)
    assert set(db.session.scalars(select(EventRow.site_id))) == {"other"}
    assert number_of(VisitorRow, EventRow) == (2, 2)


def test_a_site_without_a_span_keeps_everybody_until_they_are_erased(prospect: Prospect) -> None:
    prospect.begins(visitor_key="a browser")
    sweep(prospect, 10_000)
    assert number_of(ConversationRow) == (1,)


def test_who_comes_back_while_others_are_forgotten_stays(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.site.retention_days = 30
    file = "email\n" + "".join(f"{name}@north.example\n" for name in ("ann", "bob", "cy"))
    imports.import_leads(StringIO(file), now=prospect.now)
    back = another_prospect()
    back.now += timedelta(days=32)

    def comes_back() -> None:
        if not back.id:
            [left, *_] = db.session.scalars(select(LeadRow)).all()
            back.begins()
            back.answers(**DEMO | {"email": left.email})

    with failpoints.armed("erasure.erase.after_commit", comes_back):
        sweep(prospect, 31)
    assert number_of(LeadRow, ConversationRow, HandoffRow) == (1, 1, 1)


def test_what_a_site_keeps_for_longer_is_looked_through_once_for_one_that_keeps_less(
    reader: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "EVENTS_AT_ONCE", 2)
    keeps_all = sites.create("Keeps all", by="the tests", now=reader.now)
    for n in range(20):
        looked = [Happened(id=f"k{n}", page="https://keeps.example/", title="Home")]
        visits.record(keeps_all, "a browser", looked, now=reader.now)
    again = [Happened(id="e2", page="https://acme.example/", title="Home")]
    visits.record(reader.site, "a browser", again, now=reader.now + timedelta(days=20))
    passed = retention.Passed()

    def removed_and_looked_through(days: int) -> tuple[int, int]:
        with statements() as asked:
            gone = retention.forget_the_old(now=reader.now + timedelta(days=days), passed=passed)
        return gone, sum("FROM events" in each for each in asked)

    gone, first = removed_and_looked_through(31)
    assert gone == 1
    assert first > 20, "a window of two at a time"
    gone, again_looked = removed_and_looked_through(32)
    assert (gone, again_looked < 6) == (0, True)
    gone, later = removed_and_looked_through(51)
    assert (gone, later < 12) == (2, True), "what has come of age meanwhile, and the browser"
    assert number_of(EventRow) == (20,)
