"""Programs set up their own webhooks, see what those were sent, and have it sent again."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY
from tests.web.api.programs import Program, finish
from webapp.delivery.vault import Vault
from webapp.services.receivers import connections
from webapp.store.access import IdempotencyRow
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow, DeliveryRow

WANTED = {"url": "https://crm.example.com/baton", "events": ["handoff.created"], "name": "CRM"}
Keyed = Callable[..., Program]
Rows = Callable[[type[Any]], list[Any]]


@pytest.fixture
def crm(keyed: Keyed) -> Program:
    return keyed("webhooks:write")


def set_up(crm: Program, **more: Any) -> str:
    made = crm.call("POST", "/webhooks", {**WANTED, **more})
    assert made.status_code == 201, made.text
    id = str(made.json["webhook"]["id"])
    assert made.headers["Location"] == f"/api/v1/webhooks/{id}"
    return id


def refused(app: Flask, connection: str, *, times: int, payload: Any = None) -> list[str]:
    """What a webhook did not take: the ids, oldest first."""
    ids = [f"delivery{number:018}" for number in range(times)]
    with app.app_context():
        for number, id in enumerate(ids):
            row = DeliveryRow(
                id=id, connection_id=connection, channel="webhook", event="handoff.created",
                payload={"type": "x"} if payload is None else payload, progress={},
                state="refused", attempts=3, due_at=FRIDAY, fence=1,
                last_error="It answered 404.", created_at=FRIDAY + timedelta(seconds=number // 2),
            )  # fmt: skip
            db.session.add(row)
        db.session.commit()
    return ids


def test_a_webhook_is_set_up_read_changed_switched_and_taken_away(crm: Program, rows: Rows) -> None:
    id = set_up(crm)
    assert [each["id"] for each in crm.call("GET", "/webhooks").json["items"]] == [id]
    assert crm.call("GET", f"/webhooks/{id}").json["url"] == WANTED["url"]

    changed = crm.call("PATCH", f"/webhooks/{id}", {"events": ["lead.erased"]}).json
    off = crm.call("POST", f"/webhooks/{id}/switch", {"on": False}).json
    gone = crm.call("DELETE", f"/webhooks/{id}")

    assert (changed["url"], changed["name"]) == (WANTED["url"], "CRM")
    assert changed["events"] == ["lead.erased"]
    assert off["on"] is False
    assert (gone.status_code, gone.text) == (204, "")
    assert crm.call("GET", f"/webhooks/{id}").status_code == 404
    assert rows(ConnectionRow) == []
    assert [row.action for row in rows(AuditRow) if row.subject == id] == [
        "connection.created", "connection.changed", "connection.switched_off", "connection.deleted"
    ]  # fmt: skip


def test_a_signing_key_is_told_once_and_kept_readable_nowhere(
    app: Flask, crm: Program, rows: Rows
) -> None:
    same = {"Idempotency-Key": "set-it-up-just-once"}
    made = crm.call("POST", "/webhooks", WANTED, **same)
    again = crm.call("POST", "/webhooks", WANTED, **same)
    id, first = made.json["webhook"]["id"], made.json["key"]
    second = crm.call("POST", f"/webhooks/{id}/key").json["key"]

    assert again.json == made.json
    [row] = rows(ConnectionRow)
    with app.app_context():
        assert Vault(app.config["SECRET_KEY"]).unlock(row.secret) == {"keys": [second, first]}
    kept = f"{[row.response for row in rows(IdempotencyRow)]}{row.config}{row.secret}"
    shown = f"{crm.call('GET', f'/webhooks/{id}').text}{crm.call('GET', '/webhooks').text}"
    assert rows(IdempotencyRow)
    for key in (first, second):
        assert key.startswith("whsec_")
        assert key not in kept
        assert key not in shown


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://crm.example.com/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["everything"]}, "events.0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_work_is_refused_by_field(
    crm: Program, rows: Rows, change: dict[str, Any], field: str
) -> None:
    refused = crm.call("POST", "/webhooks", {**WANTED, **change})

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json["errors"]] == [field]
    assert rows(ConnectionRow) == []


def test_of_two_who_change_it_the_slower_is_told(crm: Program) -> None:
    id = set_up(crm)
    seen = crm.call("GET", f"/webhooks/{id}").headers["ETag"]

    quick = crm.call("PATCH", f"/webhooks/{id}", {"name": "Ours"}, **{"If-Match": seen})
    slow = crm.call("PATCH", f"/webhooks/{id}", {"name": "Mine"}, **{"If-Match": seen})
    gone = crm.call("DELETE", f"/webhooks/{id}", **{"If-Match": seen})

    assert [quick.status_code, slow.status_code, gone.status_code] == [200, 412, 412]
    assert quick.headers["ETag"] != seen
    assert crm.call("GET", f"/webhooks/{id}").json["name"] == "Ours"


def test_a_test_is_among_its_deliveries(crm: Program) -> None:
    id = set_up(crm)
    sent = crm.call("POST", f"/webhooks/{id}/test")

    assert sent.status_code == 202
    [listed] = crm.call("GET", f"/webhooks/{id}/deliveries?event=connection.test").json["items"]
    assert (listed["id"], listed["state"]) == (sent.json["id"], "pending")


def test_pages_of_deliveries_stay_put_while_more_come(app: Flask, crm: Program) -> None:
    id = set_up(crm)
    ids = refused(app, id, times=5)
    seen, address = [], f"/webhooks/{id}/deliveries?limit=2&state=refused"
    page = crm.call("GET", address).json
    crm.call("POST", f"/webhooks/{id}/test")
    while True:
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        page = crm.call("GET", f"{address}&cursor={page['next']}").json

    assert seen == ids[::-1]
    refusal = crm.call("GET", f"/webhooks/{id}/deliveries?cursor=x")
    assert refusal.status_code == 422
    assert [each["field"] for each in refusal.json["errors"]] == ["cursor"]


def test_what_was_not_taken_is_sent_again_one_by_one_and_all_at_once(
    app: Flask, crm: Program
) -> None:
    id, other = set_up(crm), set_up(crm, name="Other")
    one, *rest = refused(app, id, times=3)

    again = crm.call("POST", f"/webhooks/{id}/deliveries/{one}/replay")
    foreign = crm.call("POST", f"/webhooks/{other}/deliveries/{one}/replay")
    all_ = crm.call("POST", f"/webhooks/{id}/replay")

    assert (again.status_code, again.json["state"], again.json["attempts"]) == (202, "pending", 0)
    assert foreign.status_code == 404
    assert all_.json == {"replayed": len(rest)}


def test_words_that_are_gone_are_not_sent_again_as_nothing(app: Flask, crm: Program) -> None:
    id = set_up(crm)
    [emptied] = refused(app, id, times=1, payload={})

    refusal = crm.call("POST", f"/webhooks/{id}/deliveries/{emptied}/replay")

    assert refusal.status_code == 409
    assert "gone" in refusal.json["detail"]


def test_connections_that_people_set_up_are_not_there_for_programs(
    app: Flask, crm: Program
) -> None:
    with app.app_context():
        mail, _ = connections.create(
            "email", {"to": "sales@acme.example"}, ["handoff.created"], by="the tests", now=FRIDAY
        )

    assert crm.call("GET", "/webhooks").json["items"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/replay")):
        assert crm.call(method, f"/webhooks/{mail.id}{path}").status_code == 404


def test_receivers_hear_of_an_erasure_and_nothing_else_of_the_person_waits(
    program: Program, keyed: Keyed, site_key: str, rows: Rows
) -> None:
    crm = keyed()
    heard, deaf = set_up(crm), set_up(crm, name="Later", events=["delivery.failed"])
    finish(program, site_key)
    [lead] = crm.call("GET", "/leads?email=ana@nordwind.example").json["items"]
    assert "ana@nordwind" in json.dumps([row.payload for row in rows(DeliveryRow)])

    assert crm.call("DELETE", f"/leads/{lead['id']}").status_code == 200

    [told] = rows(DeliveryRow)
    assert (told.connection_id, told.event) == (heard, "lead.erased")
    assert told.payload["data"] == {"lead": lead["id"]}
    assert crm.call("GET", f"/webhooks/{deaf}/deliveries").json["items"] == []
    assert crm.call("GET", "/leads").json["items"] == []
    assert crm.call("GET", "/handoffs").json["items"] == []
