"""Whoever asks what is kept about them is told all of it."""

from sqlalchemy import select

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.people import exports
from webapp.store import handoffs
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow


def test_they_are_told_what_sales_planned_and_why_it_ended_and_where_they_came_from(
    prospect: Prospect,
) -> None:
    now = prospect.now
    seen = Happened(id="e1", page="/prices", title="What it costs", utm_source="a letter")
    visits.record(prospect.site, "her browser", [seen], now=now)
    prospect.begins(visitor_key="her browser", source={"page": "/from-a-friend"})
    prospect.answers(**DEMO)
    with one_commit("a test"):
        case = db.session.scalars(select(HandoffRow)).unique().one()
        case.next_step = "Ask her again in spring"
        handoffs.add_event(case, "lost", at=now, by="ana", reason="Her budget went")

    told = exports.of_person(db.session.scalars(select(LeadRow)).one(), by="ana", now=now)

    [visit] = told["visits"]
    assert (visit["title"], visit["utm_source"]) == ("What it costs", "a letter")
    [talk] = told["conversations"]
    assert talk["source"] == {"page": "/from-a-friend"}
    assert talk["case"]["next_step"] == "Ask her again in spring"
    assert talk["case"]["history"][-1]["reason"] == "Her budget went"
