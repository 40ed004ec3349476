"""Every route, as everybody: whom it serves, whom it turns away, and that a guessed id opens
nothing. Made from the routes themselves, so that a new one cannot be forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.fixtures.applications import FRIDAY, SECRET_KEY, Prepared
from tests.fixtures.people import Colleague
from tests.web.access import ACCESS, ANYONE, PUBLIC_WORDS
from webapp import create_app
from webapp.config import Config
from webapp.services import conversations, sites
from webapp.services.conversations import Arrival

UNKNOWN = "0123456789abcdefghjkmnpqrs"
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


ROUTES = _routes()
every_route = pytest.mark.parametrize(
    ("method", "rule"), ROUTES, ids=[f"{method} {rule}" for method, rule in ROUTES]
)


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """Who may do what is decided before any database is asked: one of them is enough."""
    return prepared_sqlite.as_new()


@dataclass(frozen=True)
class World:
    """Somebody of each kind, and ids of things that exist."""

    people: dict[str, Colleague]
    ids: dict[str, str]

    def calls(self, who: str, method: str, rule: Rule, **ids: str) -> TestResponse:
        person = self.people[who]
        values = {name: ids.get(name, UNKNOWN) for name in rule.arguments}
        with person.app.test_request_context():
            path = person.app.url_map.bind("localhost").build(rule.endpoint, values, method)
        if method == "GET":
            return person.get(path)
        return person.post(path, method=method)


@pytest.fixture
def world(app: Flask, colleague: Callable[[str], Colleague], stranger: Colleague) -> World:
    people = {role: colleague(role) for role in sorted(ANYONE - {"stranger"})}
    for person in people.values():
        person.signs_in()
    stranger.get("/sign-in")
    with app.app_context():
        arrival = Arrival(site=sites.seed(now=FRIDAY))
        begun = conversations.start("demo-request", arrival, now=FRIDAY)
    return World({**people, "stranger": stranger}, {**PUBLIC_WORDS, "token": begun.token})


def test_the_table_names_every_route_and_no_other() -> None:
    assert {rule.endpoint for _, rule in ROUTES} == set(ACCESS)


@every_route
def test_a_route_serves_whom_it_should_and_turns_the_others_away(
    world: World, method: str, rule: Rule
) -> None:
    assert {who: _outcome(world, who, method, rule) for who in ANYONE} == {
        who: "served" if who in ACCESS[rule.endpoint] else "turned away" for who in ANYONE
    }


@every_route
def test_an_id_that_belongs_to_nothing_opens_nothing_and_breaks_nothing(
    world: World, method: str, rule: Rule
) -> None:
    for who in ACCESS[rule.endpoint]:
        response = world.calls(who, method, rule, **PUBLIC_WORDS)
        assert response.status_code != 500
        if rule.arguments - PUBLIC_WORDS.keys():
            assert response.status_code in (400, 404, 410, 422)


@every_route
def test_odd_words_in_an_address_break_nothing(world: World, method: str, rule: Rule) -> None:
    for odd in ODD:
        ids = {name: "f" if name == "skin" else odd for name in rule.arguments}
        assert world.calls("admin", method, rule, **ids).status_code != 500


def _outcome(world: World, who: str, method: str, rule: Rule) -> str:
    response = world.calls(who, method, rule, **world.ids)
    assert response.status_code != 500
    to_sign_in = response.headers.get("Location", "").startswith("/sign-in")
    signs_out = rule.endpoint == "account.destroy_session" and who != "stranger"
    if response.status_code in (401, 403) or (to_sign_in and not signs_out):
        return "turned away"
    if who not in ACCESS[rule.endpoint] and response.status_code == 400:
        return "turned away"  # the form lacks the token that only a session has
    return "served"
