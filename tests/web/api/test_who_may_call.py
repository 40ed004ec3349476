"""Every operation of the API, made from its document: whoever lacks the key, the scope, the role or
the conversation's own token is turned away before anything is read or done."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.api.programs import Program, finish
from tests.web.api.test_document import operations
from webapp.config import ROLES as ROLES_OF_STAFF
from webapp.services.accounts import api_keys
from webapp.services.accounts.api_keys import OF_A_SITE, SCOPES
from webapp.services.flows import sites
from webapp.web.api.callers import ROLES


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One kind of database is enough: who may call is decided before any is asked."""
    return prepared_sqlite.as_new()


def guarded(program: Program, kind: str) -> list[tuple[str, str, str]]:
    """Method, path and scope of every operation that wants this kind of bearer."""
    document = program.client.get("/api/openapi.json").json
    return [
        (name.split()[0], name.split()[1].removeprefix("/api/v1"), told.get("x-scope", ""))
        for name, told in operations(document).items()
        if kind in str(told.get("security", ""))
    ]


def test_without_a_bearer_or_with_a_made_up_one_nothing_opens(program: Program) -> None:
    found = [*guarded(program, "key"), *guarded(program, "token")]
    assert len(found) > len(SCOPES)
    for method, path, scope in found:
        refused = program.call(method, path)
        assert refused.status_code == 401, path
        assert refused.headers["WWW-Authenticate"] == "Bearer", path
        if scope:
            made_up = Program(program.client, "baton_made_up")
            assert made_up.call(method, path).status_code == 401, path


def test_with_every_scope_but_the_one_nothing_opens(
    program: Program, keyed: Callable[..., Program]
) -> None:
    for method, path, scope in guarded(program, "key"):
        others = keyed(*(SCOPES.keys() - {scope}))
        assert others.call(method, path).status_code == 403, path


@pytest.mark.parametrize("role", ROLES_OF_STAFF)
def test_a_key_opens_nothing_its_maker_may_not_do(
    app: Flask, program: Program, colleague: Callable[[str], Colleague], role: str
) -> None:
    maker = colleague(role)
    with app.app_context():
        _, key = api_keys.create(
            "Key", SCOPES, acts_for=maker.email, by="tests", now=datetime.now(UTC)
        )
    theirs = Program(program.client, key)
    for method, path, scope in guarded(program, "key"):
        refused = theirs.call(method, path).status_code == 403
        assert refused == (role not in ROLES[scope]), path


def test_the_token_of_another_conversation_opens_none(program: Program, site_key: str) -> None:
    body = {"flow": "demo-request", "site": site_key}
    mine, theirs = (program.call("POST", "/conversations", body).json for _ in range(2))
    other = Program(program.client, theirs["token"])
    for method, path, _ in guarded(program, "token"):
        answer = {"question": "goal", "skip": True} if path.endswith("answers") else None
        path = path.replace("{id}", mine["conversation"])
        assert other.call(method, path, answer).status_code == 404, path


def test_the_key_of_another_site_finds_nothing_of_this_one(
    app: Flask, program: Program, site_key: str, keyed: Callable[..., Program]
) -> None:
    id = finish(program, site_key)
    handoff = keyed().call("GET", "/handoffs").json["items"][0]["id"]
    with app.app_context():
        other = sites.create("Another", by="the tests", now=datetime.now(UTC))
        own, foreign = (
            Program(program.client, _key_of(site, app)) for site in (site_key, other.key)
        )
    things = {"/conversations": id, "/handoffs": handoff}
    for method, path, scope in guarded(program, "key"):
        if scope not in OF_A_SITE:
            assert foreign.call(method, path).status_code == 403, path
            continue
        thing = next(things[kind] for kind in things if path.startswith(kind))
        body = BODIES.get(path.rpartition("/")[2])
        refused = foreign.call(method, path.replace("{id}", thing), body)
        if "{id}" in path:
            assert refused.status_code == 404, path
        else:
            assert refused.json["items"] == [], path
        assert own.call(method, path.replace("{id}", thing), body).status_code in (200, 409), path


def test_a_key_of_another_team_finds_no_lead_of_this_one(
    app: Flask,
    program: Program,
    site_key: str,
    keyed: Callable[..., Program],
    colleague: Callable[..., Colleague],
) -> None:
    finish(program, site_key)
    handoff = keyed().call("GET", "/handoffs").json["items"][0]["id"]
    rep = colleague("rep", "ana@example.com")
    with app.app_context():
        _, key = api_keys.create(
            "Key", SCOPES, acts_for=rep.email, by="tests", now=datetime.now(UTC)
        )
    theirs = Program(program.client, key)
    assert theirs.call("GET", "/handoffs").json["items"] == []
    of_one = [op for op in guarded(program, "key") if op[1].startswith("/handoffs/{id}")]
    assert len(of_one) >= 6
    for method, path, _ in of_one:
        body = BODIES.get(path.rpartition("/")[2])
        assert theirs.call(method, path.replace("{id}", handoff), body).status_code == 404, path


BODIES = {
    "reject": {"reason": "spam"},
    "outcome": {"stage": "opportunity"},
    "contact": {"note": "Called"},
}


def _key_of(site: str, app: Flask) -> str:
    _, key = api_keys.create(
        "Of a site",
        OF_A_SITE,
        acts_for="admin@acme.example",
        site=site,
        by="the tests",
        now=datetime.now(UTC),
    )
    return key
