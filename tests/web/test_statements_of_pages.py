"""No page asks the database more often for many rows than for one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, somebody_listens
from webapp.services.accounts import api_keys, staff
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.flows import releases, sites
from webapp.services.people import suppression
from webapp.services.sales import handoffs, live
from webapp.store import sites as site_rows
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

MANY = 5


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    return prepared_sqlite.as_new()


@pytest.fixture
def office(app: Flask, admin: Colleague) -> "Office":
    return Office(app, admin)


class Office:
    """A lead, a conversation and somebody's case that are looked at, and ever more beside them."""

    def __init__(self, app: Flask, admin: Colleague) -> None:
        self.app, self.admin, self.count = app, admin, 0
        with app.app_context():
            self.grow()
            self.lead = db.session.scalars(select(HandoffRow.id).order_by(HandoffRow.id)).first()
            query = select(ConversationRow.id).where(ConversationRow.finished_at.is_(None))
            self.conversation = db.session.scalars(query).first()

    def grow(self) -> None:
        """One more of everything."""
        n, now = self.count, datetime.now(UTC)
        self.count += 1
        site = site_rows.first()
        assert site is not None
        actor = db.session.scalars(select(StaffRow).where(StaffRow.role == "admin")).one()
        seen = [Happened(id=f"e{n}", page=f"/pricing/{n}")]
        visits.record(site, "one browser", seen, now=now)
        for name in (f"open{n}", f"closed{n}"):
            person = Prospect(site, now)
            browser = {"visitor_key": "one browser"} if name == "open0" else {}
            row = asks_for_a_demo(person, name, f"{name}@shared.example", **browser)
            if name.startswith("closed"):
                handoffs.reject(row.id, actor, reason="misrouted", now=now)
            elif n == 0:
                self.lead = row.id
        handoffs.add_note(self.lead, actor, note="Called again.", now=now)
        talking = Prospect(site, now)
        talking.begins("demo-request")
        talking.says("goal", "grow")
        leader, _ = staff.add(f"lead{n}@acme.example", role="manager", by="the tests", now=now)
        live.say(talking.id, leader, text="Hello", now=now)
        suspect = Prospect(site, now)
        suspect.begins("demo-request", spam_because=["trap"])
        api_keys.create(f"key {n}", ["leads:read"], acts_for=actor.email, by="the tests", now=now)
        somebody_listens("handoff.created")
        suppression.add(f"x{n}@gone.example", actor, reason="asked", now=now)
        sites.create(f"Site {n}", by="the tests", now=now)
        releases.publish(
            releases.texts_of(releases.live_manifest()), by="the tests", why=str(n), now=now
        )


def test_no_page_asks_more_often_for_many_than_for_one(office: Office) -> None:
    few = dict(statements(office))
    with office.app.app_context():
        for _ in range(MANY - 1):
            office.grow()
    many = dict(statements(office))
    assert {page: (few[page], many[page]) for page in few if few[page] != many[page]} == {}


def statements(office: Office) -> Iterator[tuple[str, int]]:
    with office.app.app_context():
        engine = db.engine
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *more: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    for page in PAGES:
        path = page.format(lead=office.lead, conversation=office.conversation)
        for _ in range(2):  # the first may note that it was read
            asked.clear()
            response = office.admin.get(path)
            assert response.status_code == 200, path
        yield page, len(asked)
    event.remove(engine, "before_cursor_execute", note)


PAGES = (
    "/desk?view=all",
    "/desk?view=closed",
    "/desk?view=all&q=shared",
    "/desk/handoffs/{lead}",
    "/desk/live",
    "/desk/live/{conversation}",
    "/desk/spam",
    "/insights",
    "/settings/connections",
    "/settings/deliveries",
    "/settings/do-not-contact",
    "/settings/keys",
    "/settings/staff",
    "/studio",
    "/studio/history",
    "/studio/playbook",
    "/studio/publish",
    "/studio/sites",
    "/studio/flows/demo-request",
    "/studio/flows/demo-request/personas",
    "/studio/flows/demo-request/trials",
)
