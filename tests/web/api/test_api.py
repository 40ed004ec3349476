"""A program can do what a page can: ask, answer, hand over, find, erase; and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from tests.fixtures.people import Colleague
from webapp.core.handoff_schema import SCHEMA
from webapp.services import api_keys
from webapp.services.api_keys import SCOPES
from webapp.store.database import db
from webapp.store.sites import SiteRow
from webapp.store.tables import metadata

PERSON = {
    "goal": "grow",
    "challenge": "The close takes nine days",
    "job_title": "CFO",
    "company_size": "200-500",
    "timeline": "quarter",
    "budget_range": "25k-100k",
    "email": "ana@nordwind.example",
}


class Program:
    """A program at the API: holds the token of its conversation, or a key."""

    def __init__(self, client: FlaskClient, bearer: str = "") -> None:
        self.client, self.bearer = client, bearer

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


@pytest.fixture
def site_key(app: Flask) -> str:
    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        return site.key


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client())


@pytest.fixture
def keyed(app: Flask, colleague: Callable[..., Colleague]) -> Callable[..., Program]:
    """A program with a key that an administrator made, for these scopes or all."""
    admin = colleague("admin")

    def made(*scopes: str) -> Program:
        with app.app_context():
            _, key = api_keys.create("CRM", scopes or SCOPES, by=admin.email, now=datetime.now(UTC))
        return Program(app.test_client(), key)

    return made


def finish(program: Program, site_key: str, person: dict[str, Any] = PERSON) -> str:
    """Run the demo request to its end and return the conversation's id."""
    started = program.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
    assert started.status_code == 201, started.text
    program.bearer = started.json["token"]
    id, state = str(started.json["conversation"]), started.json["state"]
    while question := state.get("question"):
        answer = {"value": person[question["id"]]} if question["id"] in person else {"skip": True}
        answered = program.call(
            "POST", f"/conversations/{id}/answers", {"question": question["id"], **answer}
        )
        assert answered.status_code == 200, answered.text
        state = answered.json["state"]
    assert state["ending"]["text"]
    return id


def test_a_headless_client_runs_the_demo_flow_to_its_end(program: Program, site_key: str) -> None:
    id = finish(program, site_key)

    state = program.call("GET", f"/conversations/{id}").json

    assert [g["question"] for g in state["transcript"]][:2] == ["goal", "challenge"]
    assert "score" not in str(state)


def test_a_handoff_is_listed_read_and_acted_on(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()

    [listed] = crm.call("GET", "/handoffs").json["items"]
    whole = crm.call("GET", f"/handoffs/{listed['id']}")
    words = crm.call("GET", f"/handoffs/{listed['id']}.md")
    accepted = crm.call("POST", f"/handoffs/{listed['id']}/accept")
    won = crm.call(
        "POST",
        f"/handoffs/{listed['id']}/outcome",
        {"stage": "won", "amount": 9000, "currency": "EUR"},
    )

    jsonschema.validate(whole.json["record"], SCHEMA)
    assert words.mimetype == "text/markdown"
    assert accepted.json["status"] == "accepted"
    assert won.json["status"] == "won"
    assert (
        crm.call("POST", f"/handoffs/{listed['id']}/reject", {"reason": "spam"}).status_code == 409
    )


def test_an_answer_that_is_none_names_its_field(program: Program, site_key: str) -> None:
    started = program.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
    program.bearer = started.json["token"]
    path = f"/conversations/{started.json['conversation']}/answers"

    refused = program.call("POST", path, {"question": "goal", "value": "everything"})
    elsewhere = program.call("POST", path, {"question": "email", "value": "a@b.example"})
    nothing = program.call("POST", path, {"question": "goal"})

    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert refused.json["errors"][0]["field"] == "goal"
    assert elsewhere.status_code == 409
    assert elsewhere.json["state"]["question"]["id"] == "goal"
    assert nothing.status_code == 422


def test_the_same_call_again_is_answered_the_same_and_kept_once(
    program: Program, site_key: str
) -> None:
    body = {"flow": "demo-request", "site": site_key}
    first, second = (
        program.call("POST", "/conversations", body, **{"Idempotency-Key": "1f0e5b0a-first-start"})
        for _ in range(2)
    )
    other = program.call(
        "POST",
        "/conversations",
        {**body, "locale": "de"},
        **{"Idempotency-Key": "1f0e5b0a-first-start"},
    )

    assert first.json == second.json
    assert other.status_code == 422
    assert other.json["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/handoffs"),
        ("GET", "/handoffs/x"),
        ("POST", "/handoffs/x/accept"),
        ("GET", "/leads"),
        ("GET", "/leads/x"),
        ("DELETE", "/leads/x"),
        ("GET", "/conversations/x/score"),
        ("GET", "/flows"),
        ("POST", "/flows/publish"),
    ],
)
def test_without_a_key_and_with_another_scope_nothing_opens(
    program: Program, keyed: Callable[..., Program], method: str, path: str
) -> None:
    body = {"files": {"a.yaml": "x"}, "why": "long enough why"} if "publish" in path else None
    narrow = keyed("webhooks:write")

    assert program.call(method, path, body).status_code == 401
    assert Program(program.client, "baton_wrong").call(method, path, body).status_code == 401
    assert narrow.call(method, path, body).status_code == 403


def test_a_conversation_opens_only_to_its_own_token(program: Program, site_key: str) -> None:
    mine = finish(program, site_key)
    other = Program(program.client)
    theirs = finish(other, site_key)

    assert program.call("GET", f"/conversations/{theirs}").status_code == 404
    assert Program(program.client).call("GET", f"/conversations/{mine}").status_code == 401


def test_the_live_score_is_for_staff(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    id = finish(program, site_key)

    score = keyed("scores:read").call("GET", f"/conversations/{id}/score").json

    assert score["total"] == sum(line["points"] for line in score["lines"])


def test_an_erased_person_is_nowhere_in_the_database(
    app: Flask, program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [lead] = crm.call("GET", "/leads?email=ANA@nordwind.example").json["items"]
    assert crm.call("GET", f"/leads/{lead['id']}/export").json["records"]

    assert crm.call("DELETE", f"/leads/{lead['id']}").status_code == 200

    assert crm.call("GET", f"/leads/{lead['id']}").status_code == 404
    with app.app_context():
        for table in metadata.sorted_tables:
            held = str(db.session.execute(text(f"SELECT * FROM {table.name}")).all())
            assert "ana@nordwind" not in held, table.name
            assert "nine days" not in held, table.name


def test_flows_are_checked_and_published_by_programs(keyed: Callable[..., Program]) -> None:
    crm = keyed()
    before = crm.call("GET", "/flows").json
    text_ = crm.call("GET", "/flows/contact.yaml").text

    bad = crm.call("POST", "/flows/check", {"files": {"contact.yaml": text_ + "\nwhat: x\n"}}).json
    done = crm.call(
        "POST",
        "/flows/publish",
        {"files": {"contact.yaml": text_ + "\n# a note\n"}, "why": "A note for ourselves"},
    )

    assert bad["valid"] is False
    assert bad["problems"][0]["file"] == "contact.yaml"
    assert done.json["release"] > before["release"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null", b'{"flow": 1}', b"[" * 5000])
def test_a_body_that_is_no_call_is_refused_in_words(program: Program, body: bytes) -> None:
    answer = program.client.post(
        "/api/v1/conversations", data=body, content_type="application/json"
    )

    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


def test_the_document_names_every_operation_and_its_scope(program: Program) -> None:
    document = program.client.get("/api/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/conversations/{id}/answers" in document["paths"]
    assert document["paths"]["/api/v1/leads/{id}"]["delete"]["x-scope"] == "leads:erase"
    assert "Scopes" in program.client.get("/api/docs").text
