"""The OpenAPI document: valid, complete, and the same however often it is asked for."""

import re
from typing import Any

import pytest
from flask import Flask

from webapp.config import ROOT

REFUSALS = {"400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "503"}


@pytest.fixture
def app(prepared_sqlite: Any) -> Flask:
    """One kind of database is enough: the document is asked of none."""
    return prepared_sqlite.as_new()


@pytest.fixture
def document(app: Flask) -> Any:
    return app.test_client().get("/api/openapi.json").json


def operations(document: Any) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_every_route_of_the_api_is_in_the_document(app: Flask, document: Any) -> None:
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/")
    }
    assert routes == operations(document).keys()


def test_an_operation_says_who_may_call_it_and_how_it_refuses(document: Any) -> None:
    for name, operation in operations(document).items():
        scope = operation.get("x-scope")
        kinds = [kind for each in operation.get("security", []) for kind in each]
        assert kinds in ([], ["token"], ["key"]), name
        assert bool(scope) == (kinds == ["key"]), name
        for status, response in operation["responses"].items():
            shared = response.get("$ref", "").rpartition("/")[2]
            told = document["components"]["responses"][shared] if shared else response
            expected = status in REFUSALS
            assert ("application/problem+json" in told.get("content", {})) == expected, name
        if name.startswith("POST"):
            assert "Idempotency-Key" in [each["name"] for each in operation["parameters"]], name


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [each["operationId"] for each in operations(document).values()]
    assert len(set(names)) == len(names)


def test_the_document_is_the_same_when_asked_again(app: Flask, document: Any) -> None:
    assert app.test_client().get("/api/openapi.json").json == document


def test_the_page_about_the_api_names_every_operation_with_its_scope(document: Any) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name, operation in operations(document).items():
        who = "anyone" if "security" not in operation else "the conversation's token"
        scope = operation.get("x-scope")
        row = f"| `{name.replace('/api/v1', '')}` | {f'`{scope}`' if scope else who} |"
        assert row in page


def test_the_page_links_clients_that_are_there(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/api/docs").text
    linked = re.findall(r'href="(/api/[^"]+)"', page)
    assert [each for each in linked if "examples" in each]
    for address in linked:
        assert client.get(address).status_code == 200
