"""Every route, as everybody: whom it serves, whom it turns away, and that a guessed id opens
nothing. Made from the routes themselves, so that a new one cannot be forgotten."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.faults.walking import Walker
from tests.fixtures.applications import FRIDAY, SECRET_KEY, Prepared, contents_of
from tests.fixtures.people import Colleague
from tests.web.access import ACCESS, ANYONE, LATELY, PUBLIC_WORDS, THINGS
from tests.web.markup import faults_of
from webapp import create_app
from webapp.config import Config
from webapp.services.accounts import api_keys, staff
from webapp.services.flows import sites
from webapp.services.people import suppression
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.receivers import connections, subscriptions
from webapp.services.sales import meetings
from webapp.store import audit, deliveries, suppressions
from webapp.store import staff as rows
from webapp.store.database import db
from webapp.store.demo_messages import DemoMessageRow
from webapp.store.handoffs import HandoffRow
from webapp.store.resume_links import ResumeLinkRow
from webapp.store.trials import TrialRow
from webapp.web.shared import auth

UNKNOWN = "0123456789abcdefghjkmnpqrs"
STAFF = {
    "rep": ("rep", "desk@example.com"),
    "other rep": ("rep", "ana@example.com"),
    "marketer": ("marketer", "marketer@example.com"),
    "manager": ("manager", "manager@example.com"),
    "admin": ("admin", "admin@example.com"),
}
ODD = ("0", "-1", "\x00", "%00", "..", "𝒜\u202e", "{{7*7}}", "' OR 1=1 --", "a" * 5000)


def _routes() -> list[tuple[str, Rule]]:
    config = Config(
        secret_key=SECRET_KEY, database_url="sqlite://", data_dir=Path(), demo=True, test=True
    )
    rules = create_app(config).url_map.iter_rules()
    return [
        (method, rule)
        for rule in sorted(rules, key=str)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _named(rule: Rule) -> dict[str, str]:
    """Which word of the route's address names which kind of thing."""
    found = [words for prefix, words in THINGS.items() if rule.rule.startswith(prefix)]
    return found[0] if found else {}


ROUTES = _routes()


def _for_each(routes: list[tuple[str, Rule]]) -> pytest.MarkDecorator:
    assert routes
    ids = [f"{method} {rule}" for method, rule in routes]
    return pytest.mark.parametrize(("method", "rule"), routes, ids=ids)


every_route = _for_each(ROUTES)
every_route_with_words = _for_each([(m, rule) for m, rule in ROUTES if rule.arguments])
every_route_of_weight = _for_each([(m, rule) for m, rule in ROUTES if rule.endpoint in LATELY])
every_route_of_a_lead = _for_each(
    [(m, rule) for m, rule in ROUTES if {"handoff", "open conversation"} & {*_named(rule).values()}]
)


@dataclass(frozen=True)
class World:
    """Somebody of each kind, and one of each thing that an address can name.

    ``rep`` has the handoff; ``other rep`` works in another team.
    """

    people: dict[str, Colleague]
    things: dict[str, str]

    def call(self, who: str, method: str, rule: Rule, **words: str) -> TestResponse:
        """Call the route; what is not given in ``words`` is an id of nothing."""
        person = self.people[who]
        values = {name: words.get(name, UNKNOWN) for name in rule.arguments}
        path = person.app.url_map.bind("localhost").build(rule.endpoint, values, method)
        return person.get(path) if method == "GET" else person.sends(method, path)

    def words(self, rule: Rule) -> dict[str, str]:
        """Words for the route's address that name things which exist."""
        return PUBLIC_WORDS | {name: self.things[thing] for name, thing in _named(rule).items()}


@pytest.fixture(scope="module")
def made(prepared_sqlite: Prepared) -> tuple[Prepared, World]:
    """The world and its database, made once. One kind of database is enough: who may do what is
    decided before any is asked."""
    app = prepared_sqlite.as_new()
    people = {"stranger": Colleague(app)}
    for who, (role, email) in STAFF.items():
        with app.app_context():
            _, password = staff.add(email, role=role, by="the tests", now=FRIDAY)
        people[who] = Colleague(app, email, password)
        people[who].signs_in()
    people["stranger"].get("/sign-in")
    for _ in Walker(app).answers():
        pass
    demo = people["stranger"].get("/demo")
    with app.app_context():
        handoff = db.session.scalars(select(HandoffRow)).unique().one()
        assert handoff.owner_email == people["rep"].email
        arrival = Arrival(site=sites.seed(now=FRIDAY))
        begun = conversations.start("demo-request", arrival, now=FRIDAY)
        odd = replace(arrival, spam_because=["trap"])
        aside = conversations.start("demo-request", odd, now=FRIDAY)
        given = {"name": "Events", "url": "https://hooks.example.com/baton"}
        connection, _ = connections.create(
            "webhook", given, ["handoff.created"], by="the tests", now=FRIDAY
        )
        colleague = rows.by_email(people["rep"].email)
        assert colleague
        suppression.add("rival.example", colleague, reason="competitor", now=FRIDAY)
        key, _ = api_keys.create(
            "A program", ["flows:read"], acts_for=colleague.email, by="the tests", now=FRIDAY
        )
        link = ResumeLinkRow(
            secret_hash=conversations.token_hash("a secret"),
            conversation_id=aside.id,
            expires_at=FRIDAY + timedelta(days=3650),
            used_at=None,
        )
        db.session.add(link)
        db.session.commit()
        things = {
            "API key": key.id,
            "colleague": colleague.id,
            "connection": connection.id,
            "conversation": begun.token,
            "conversation kept aside": aside.id,
            "delivery": deliveries.of_handoff(handoff.id)[0].id,
            "demo message": _demo_message(handoff),
            "demo visitor": _demo_key(demo.text),
            "flow": "demo-request",
            "handoff": handoff.id,
            "lead": str(handoff.lead_id),
            "meeting": meetings.token(handoff.id),
            "open conversation": begun.id,
            "resume link": "a secret",
            "site": sites.seed(now=FRIDAY).id,
            "suppression": suppressions.everything()[0].id,
            "trial": _trial(),
            "unsubscription": subscriptions.token(people["rep"].email, "daily"),
        }
    return Prepared(app, contents_of(app)), World(people, things)


@pytest.fixture
def world(made: tuple[Prepared, World]) -> World:
    """The world as it was made, everybody at a browser that nobody has used since."""
    as_made, world = made
    as_made.as_new()
    return World(
        {who: each.at_another_browser() for who, each in world.people.items()}, world.things
    )


def test_the_table_names_every_route_and_no_other() -> None:
    assert {rule.endpoint for _, rule in ROUTES} == set(ACCESS)


@every_route
def test_a_route_serves_whom_it_should_and_turns_the_others_away(
    world: World, method: str, rule: Rule
) -> None:
    """And whom it serves can have its page read out, and click on its labels."""
    found = {who: _outcome(world, who, method, rule) for who in sorted(ANYONE, reverse=True)}
    assert found == {
        who: "served" if who in ACCESS[rule.endpoint] else "turned away" for who in found
    }


@every_route_with_words
def test_an_id_that_belongs_to_nothing_opens_nothing_and_breaks_nothing(
    world: World, method: str, rule: Rule
) -> None:
    for who in ACCESS[rule.endpoint]:
        response = world.call(who, method, rule, **PUBLIC_WORDS)
        assert response.status_code != 500
        if rule.arguments - PUBLIC_WORDS.keys():
            assert response.status_code in (400, 404, 410, 422)


@every_route_of_a_lead
def test_a_lead_of_another_team_is_not_there(world: World, method: str, rule: Rule) -> None:
    assert world.call("other rep", method, rule, **world.words(rule)).status_code == 404


def test_the_list_of_what_asks_again_names_every_route_that_does(world: World) -> None:
    views = world.people["admin"].app.view_functions
    assert {name for name, view in views.items() if getattr(view, "lately", False)} == LATELY


@every_route_of_weight
def test_an_open_browser_is_not_yet_its_owner(world: World, method: str, rule: Rule) -> None:
    with world.people["admin"].app.app_context():
        an_hour_ago = datetime.now(UTC) - auth.LATELY
        db.session.execute(update(rows.StaffSessionRow).values(created_at=an_hour_ago))
        db.session.commit()
        before = _id(audit.last())
    asked = world.call("admin", method, rule, **world.words(rule))
    assert (asked.status_code, asked.headers["Location"][:8]) == (303, "/sign-in")
    assert "again=yes" in asked.headers["Location"]
    with world.people["admin"].app.app_context():
        assert _id(audit.last()) == before, "nothing was done"


@every_route_with_words
def test_odd_words_in_an_address_break_nothing(world: World, method: str, rule: Rule) -> None:
    for odd in ODD:
        words = {name: "f" if name == "skin" else odd for name in rule.arguments}
        assert world.call("admin", method, rule, **words).status_code != 500


def _id(line: audit.AuditRow | None) -> int | None:
    return line.id if line else None


def _demo_message(handoff: HandoffRow) -> str:
    """The mail about a lead of the demo, as the demo's receiver got it."""
    handoff.demo = True
    id = deliveries.of_handoff(handoff.id)[0].id
    payload = {"subject": "New lead", "html": "<p>New</p>", "text": "New", "to": "x@example.com"}
    row = DemoMessageRow(
        id=id, at=FRIDAY, kind="mail", event="handoff.created", recipient=None, payload=payload
    )
    db.session.add(row)
    db.session.commit()
    return id


def _trial() -> str:
    """An A/B test of a flow against itself, ended long ago."""
    row = TrialRow(
        id="0123456789abcdefghjkmnpqrt", flow="demo-request", base_id=1, challenger_id=1,
        percent=50, goal="sales", difference=5, planned_a=10, planned_b=10, why="To see",
        started_by="mo", started_at=FRIDAY, ended_why="Seen", ended_by="mo", ended_at=FRIDAY,
        outcome="kept", result={},
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.id


def _demo_key(page: str) -> str:
    found = re.search(r"/demo/seen/([^\"?]+)", page)
    assert found
    return found[1]


def _outcome(world: World, who: str, method: str, rule: Rule) -> str:
    response = world.call(who, method, rule, **world.words(rule))
    assert response.status_code not in (404, 500)
    if who == "admin" and response.mimetype == "text/html":
        assert faults_of(response.text) == []
    to_sign_in = response.headers.get("Location", "").startswith("/sign-in")
    signs_out = rule.endpoint == "account.destroy_session" and who != "stranger"
    if response.status_code in (401, 403) or (to_sign_in and not signs_out):
        return "turned away"
    if who not in ACCESS[rule.endpoint] and response.status_code == 400:
        return "turned away"  # the form lacks the token that only a session has
    return "served"
