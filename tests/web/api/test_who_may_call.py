"""Every operation of the API, made from its document: whoever lacks the key, the scope, the role or
the conversation's own token is turned away before anything is read or done."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.api.programs import Program
from tests.web.api.test_document import operations
from webapp.config import ROLES as ROLES_OF_STAFF
from webapp.services import api_keys
from webapp.services.api_keys import SCOPES
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
        assert program.call(method, path).status_code == 401, path
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
        _, key = api_keys.create("Key", SCOPES, by=maker.email, now=datetime.now(UTC))
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
