"""Nobody reads of a person what is not theirs to read, by whatever way round."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fixtures.people import Colleague
from tests.web.security.conftest import ANA, SOMEBODY, Key, Says
from webapp.services.accounts import api_keys, staff
from webapp.services.operations import demo
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.store.access import ApiKeyRow
from webapp.store.audit import AuditRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow
from webapp.store.sites import SiteRow


def audited(app: Flask, action: str) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditRow.subject).where(AuditRow.action == action)))


# ---------------------------------------------------------------------- a typed address


def test_who_types_somebodys_address_is_still_asked_what_that_person_said(
    app: Flask, says: Says
) -> None:
    says(ANA)
    says(SOMEBODY | {"email": ANA["email"]}, visitor_key="the attacker")

    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        arrival = Arrival(site=site, visitor_key="the attacker")
        begun = conversations.start("demo-request", arrival, now=datetime.now(UTC))
        row = db.session.get_one(ConversationRow, begun.id)
        known = {fact["property"] for fact in row.known_before}

    assert "challenge" in ANA
    assert known == SOMEBODY.keys()


def test_the_demo_tells_strangers_nothing_of_a_real_lead_whose_address_they_type(
    app: Flask, says: Says
) -> None:
    says(ANA)
    with app.app_context():
        lead = db.session.scalars(select(LeadRow)).one()
        lead.owner_email = "mia@example.com"
        db.session.commit()
        site = demo.site(now=datetime.now(UTC))

    says(SOMEBODY | {"email": ANA["email"]}, site=site, demo=True)

    with app.app_context():
        found = select(RecordRow).join(ConversationRow).where(ConversationRow.demo.is_(True))
        record = db.session.scalars(found).one().record
        assert record["history"] == []
        assert "mia@example.com" not in str(record)
        assert db.session.scalars(select(LeadRow.owner_email)).one() == "mia@example.com"


# --------------------------------------------------------------- conversations under way


@pytest.fixture
def under_way(app: Flask) -> str:
    """The id of a conversation that the team of desk@example.com would get."""
    now = datetime.now(UTC)
    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        begun = conversations.start("demo-request", Arrival(site=site), now=now)
        conversations.answer(begun.token, "goal", value="grow", now=now)
        return begun.id


@pytest.fixture
def other_rep(colleague: Callable[..., Colleague]) -> Colleague:
    """Somebody of a team that covers another part of the world."""
    somebody = colleague("rep", "ana@example.com")
    somebody.signs_in()
    return somebody


def test_a_rep_watches_what_their_team_would_get_and_nothing_else(
    colleague: Callable[..., Colleague], other_rep: Colleague, manager: Colleague, under_way: str
) -> None:
    mine = colleague("rep", "desk@example.com")
    mine.signs_in()
    address = f"/desk/live/{under_way}"

    assert mine.get(address).status_code == manager.get(address).status_code == 200
    assert other_rep.get(address).status_code == 404
    for act in ("presence", "absence", "messages"):
        assert other_rep.post(f"{address}/{act}", {"text": "Hello"}).status_code == 404
    assert under_way in mine.get("/desk/live").text
    assert under_way not in other_rep.get("/desk/live").text


def test_a_finished_conversation_is_watched_by_whoever_may_read_the_lead(
    owner: Colleague, other_rep: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/live/{lead.conversation_id}"
    assert owner.get(address).status_code == 200
    assert other_rep.get(address).status_code == 404


def test_nobody_ends_the_talk_of_a_colleague_unless_they_manage_them(
    colleague: Callable[..., Colleague], manager: Colleague, under_way: str, app: Flask
) -> None:
    lead_of_team = colleague("rep", "desk@example.com")
    lead_of_team.signs_in()
    manager.get("/desk")
    manager.post(f"/desk/live/{under_way}/presence")
    lead_of_team.get("/desk")
    lead_of_team.post(f"/desk/live/{under_way}/absence")
    with app.app_context():
        assert db.session.get_one(ConversationRow, under_way).taken_by_id is not None


def test_who_watched_whom_is_in_the_audit_log_once(
    app: Flask, manager: Colleague, under_way: str
) -> None:
    for headers in ({}, {"HX-Request": "true"}, {}):
        manager.get(f"/desk/live/{under_way}", headers=headers)
    assert audited(app, "conversation.read") == [under_way]


def test_the_lead_that_the_desk_opens_by_itself_counts_as_read(
    app: Flask, owner: Colleague, lead: HandoffRow
) -> None:
    assert ANA["email"] in owner.get("/desk").text
    assert audited(app, "handoff.read") == [lead.id]


# ------------------------------------------------------------------------ keys of the API


@pytest.mark.parametrize("role", ["rep", "marketer"])
def test_a_key_can_do_no_more_than_the_person_it_acts_for(
    client: FlaskClient, key: Key, lead: HandoffRow, role: str
) -> None:
    headers = key(role)
    for method, path in (
        ("GET", "/leads"),
        ("GET", f"/leads?email={ANA['email']}"),
        ("GET", f"/leads/{lead.lead_id}"),
        ("GET", f"/leads/{lead.lead_id}/export"),
        ("DELETE", f"/leads/{lead.lead_id}"),
        ("GET", f"/conversations/{lead.conversation_id}/score"),
    ):
        answer = client.open(f"/api/v1{path}", method=method, headers=headers)
        assert (path, answer.status_code) == (path, 403)
        assert ANA["email"] not in answer.text
    assert client.get(f"/api/v1/handoffs/{lead.id}", headers=headers).status_code == 404
    assert client.get("/api/v1/handoffs", headers=headers).json["items"] == []
    as_admin = client.get("/api/v1/handoffs?as=desk@example.com", headers=headers)
    assert as_admin.json["items"] == []


def test_a_rep_behind_a_key_publishes_nothing(client: FlaskClient, key: Key) -> None:
    body = {"files": {"contact.yaml": "x"}, "why": "Because I can do it"}
    answer = client.post("/api/v1/flows/publish", json=body, headers=key("rep"))
    assert answer.status_code == 403


def test_the_keys_of_somebody_who_left_open_nothing(
    app: Flask, client: FlaskClient, key: Key, lead: HandoffRow
) -> None:
    headers = key("admin")
    assert client.get("/api/v1/leads", headers=headers).status_code == 200
    with app.app_context():
        staff.disable("admin@acme.example", by="the tests", now=datetime.now(UTC))
    for path in ("/leads", "/flows", "/handoffs", f"/conversations/{lead.conversation_id}/score"):
        assert client.get(f"/api/v1{path}", headers=headers).status_code == 403
    with app.app_context():
        staff.reopen("admin@acme.example", by="the tests", now=datetime.now(UTC))
    assert client.get("/api/v1/leads", headers=headers).status_code == 401


@pytest.mark.parametrize(("ended", "status"), [("the key", 401), ("its owner's account", 403)])
def test_a_key_that_has_ended_does_not_hear_an_old_answer_again(
    app: Flask, client: FlaskClient, key: Key, lead: HandoffRow, ended: str, status: int
) -> None:
    headers = key("admin") | {"Idempotency-Key": "accept-it-once-only"}
    path = f"/api/v1/handoffs/{lead.id}/accept"
    assert client.post(path, headers=headers).status_code == 200
    now = datetime.now(UTC)
    with app.app_context():
        if ended == "the key":
            id = db.session.scalars(select(ApiKeyRow.id)).one()
            api_keys.revoke(id, by="the tests", now=now)
        else:
            staff.disable("admin@acme.example", by="the tests", now=now)
    assert client.post(path, headers=headers).status_code == status


def test_programs_that_read_about_people_are_in_the_audit_log(
    app: Flask, client: FlaskClient, key: Key, lead: HandoffRow
) -> None:
    headers = key("admin")
    client.get("/api/v1/leads", headers=headers)
    client.get(f"/api/v1/leads/{lead.lead_id}", headers=headers)
    assert len(audited(app, "leads.listed")) == 1
    assert audited(app, "lead.read") == [lead.lead_id]


def test_two_anonymous_callers_do_not_share_a_conversation_by_chance(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        site = db.session.scalars(select(SiteRow.key)).first()
    body = {"flow": "demo-request", "site": site}
    for guessed in ("1", "start", "2026-11-22"):
        tokens = {
            client.post(
                "/api/v1/conversations",
                json=body,
                headers={"Idempotency-Key": guessed},
                environ_base={"REMOTE_ADDR": address},
            ).json["token"]
            for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7")
        }
        assert len(tokens) == 2


# ------------------------------------------------------------------------------ the demo


def test_in_the_demo_marketers_see_no_mail_about_a_real_lead(
    app: Flask, marketer: Colleague, manager: Colleague
) -> None:
    from webapp.store.demo_messages import DemoMessageRow

    with app.app_context():
        payload = {"subject": "New lead: Ana", "html": "", "text": "", "to": "x@example.com"}
        db.session.add(
            DemoMessageRow(
                id="m1", at=datetime.now(UTC), kind="mail", event="handoff.created", payload=payload
            )
        )
        db.session.commit()
    assert "New lead: Ana" in manager.get("/demo/outbox").text
    assert "New lead: Ana" not in marketer.get("/demo/outbox").text
    assert marketer.get("/demo/outbox/m1").status_code == 404
