"""Calls that Schemathesis makes up from our own document, right and wrong, against a live server:
none breaks it, and every answer is what the document says."""

import warnings
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.api.programs import Program, finish
from webapp.services.flows import sites
from webapp.web.api.document import PROBLEMS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


# Who may call is for other tests, and HTTP lets everybody add words to a query that ask nothing.
CONFIG = {
    "generation": {"with-security-parameters": False, "allow-extra-parameters": False},
    "checks": {"negative_data_rejection": {"expected-statuses": sorted(PROBLEMS)}},
}


@dataclass
class Report:
    """How many calls were made, what they were answered, and what was wrong with any answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return self.statuses.total()

    def __str__(self) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        wrong = "\n".join(f"{what}\n{example}" for what, example in self.wrong.items())
        return f"{self.calls} calls ({told}), {len(self.wrong)} kinds of wrong answers\n{wrong}"


@dataclass(frozen=True)
class World:
    """One of each thing that an address can name, and who may ask for it."""

    things: dict[str, str]
    headers: dict[str, str]


def fuzz(app: Flask, url: str, key: str, report: Report, *, each: int, number: int) -> None:
    """Call every operation so many times, half of them with things that exist, and add to the
    report. Another ``number`` makes other calls."""
    client = app.test_client()
    with app.app_context():
        site_key = sites.seed(now=datetime.now(UTC)).key
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = client.get("/api/openapi.json").json
        schema = schemathesis.openapi.from_dict(
            document, config=SchemathesisConfig.from_dict(CONFIG)
        )
        operations = [result.ok() for result in schema.get_all_operations()]
        assert operations
        for operation in operations:
            world = _world(Program(client), Program(client, key), site_key, operation)
            _call_many(operation, url, world, report, each, number)


def _call_many(
    operation: Any, url: str, world: World, report: Report, most: int, number: int
) -> None:
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @seed(number)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(right, wrong), known=st.booleans(), site=st.booleans())
    def call(case: Any, known: bool, site: bool) -> None:
        if known:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = quote(world.things[name])
        if site and isinstance(case.body, dict) and "site" in case.body:
            case.body |= {"site": world.things["site"], "flow": "demo-request"}
        answer = case.call(base_url=url, headers=world.headers)
        report.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                what = f"{operation.label}: {type(failure).__name__} {answer.status_code}"
                report.wrong.setdefault(what, f"{failure}\n{case.as_curl_command()}")

    call()


def _world(visitor: Program, crm: Program, site_key: str, operation: Any) -> World:
    path = operation.path
    things = {"site": site_key, "id": "x", "delivery": "x"}
    bearer = crm.bearer
    if "/conversations" in path:
        begun = visitor.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
        things["id"] = begun.json["conversation"]
        bearer = bearer if path.endswith("/score") else begun.json["token"]
    elif "/handoffs" in path or "/leads" in path:
        finish(visitor, site_key)
        noun = "handoffs" if "/handoffs" in path else "leads"
        things["id"] = crm.call("GET", f"/{noun}").json["items"][0]["id"]
    elif "/webhooks" in path:
        wanted = {"url": "https://crm.example.com/baton", "events": ["handoff.created"]}
        things["id"] = crm.call("POST", "/webhooks", wanted).json["webhook"]["id"]
        things["delivery"] = crm.call("POST", f"/webhooks/{things['id']}/test").json["id"]
    elif "/flows" in path:
        things["id"] = "demo-request"
    return World(things, {"Authorization": f"Bearer {bearer}"})
