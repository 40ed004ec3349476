"""Administrators say who else is told of leads, try it out, and see what was not taken."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.fixtures.people import Colleague
from webapp.delivery.kinds import KINDS
from webapp.services.receivers import subscriptions
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.subscriptions import UnsubscribedRow

Rows = Callable[..., list[ConnectionRow]]

FILLED_IN = {
    "email": {"to": "sales@acme.example", "timezone": "Europe/Berlin"},
    "slack": {"url": "https://hooks.slack.com/services/T/B/x"},
    "webhook": {"url": "https://crm.acme.example/hook"},
    "hubspot": {"token": "pat-eu1-secret"},
    "salesforce": {
        "url": "https://acme.my.salesforce.com", "client_id": "id1", "client_secret": "s3cret"
    },
    "pipedrive": {"url": "https://acme.pipedrive.com", "token": "t0ken"},
    "enrichment": {
        "url": "https://api.acme.example/{domain}", "header": "X-Key", "token": "pr0vider",
        "days": "30", "method": "GET", "mapping": "industry: tag\r\n  Software -> technology",
    },
    "demo": {},
}  # fmt: skip


@pytest.fixture(autouse=True)
def flows(site_key: str) -> None:
    """The starter flows are live: a mapping may name their answers."""


def set_up(admin: Colleague, kind: str, **more: str) -> str:
    admin.get(f"/settings/connections/new/{kind}")
    given = {"name": f"Our {kind}", "events": ["handoff.created"], **FILLED_IN[kind], **more}
    response = admin.post(f"/settings/connections/new/{kind}", given)
    assert response.status_code in (200, 303), response.text
    with admin.app.app_context():
        return db.session.scalars(db.select(ConnectionRow.id)).one()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_connection_can_be_set_up_shown_and_changed(
    admin: Colleague, kind: str, rows: Rows
) -> None:
    id = set_up(admin, kind)

    page = admin.get(f"/settings/connections/{id}")
    assert f"Our {kind}" in page.text
    form = admin.get(f"/settings/connections/{id}/edit")
    assert form.status_code == 200
    given = {**FILLED_IN[kind], "name": "Renamed", "events": ["handoff.rejected"]}
    secret_left_blank = {n: v for n, v in given.items() if n not in ("token", "client_secret")}
    assert admin.post(f"/settings/connections/{id}/edit", secret_left_blank).status_code == 303

    [row] = rows(ConnectionRow)
    hears_of = [] if KINDS[kind].asked else ["handoff.rejected"]
    assert (row.name, row.events) == ("Renamed", hears_of)


@pytest.mark.parametrize("kind", ["slack", "hubspot", "salesforce", "pipedrive", "enrichment"])
def test_secrets_are_kept_encrypted_and_never_shown(
    admin: Colleague, kind: str, rows: Rows
) -> None:
    id = set_up(admin, kind)
    secrets = [FILLED_IN[kind][s.name] for s in KINDS[kind].settings if s.secret]
    assert secrets, "there must be a secret for this to mean anything"

    [row] = rows(ConnectionRow)
    pages = "".join(
        admin.get(f"/settings/connections{path}").text for path in ("", f"/{id}", f"/{id}/edit")
    )
    for secret in secrets:
        assert secret not in f"{row.secret}{row.config}"
        assert secret not in pages


def test_who_filled_in_a_connection_for_an_hour_signs_in_again_and_fills_in_nothing_anew(
    admin: Colleague,
) -> None:
    address, given = "/settings/connections/new/pipedrive", FILLED_IN["pipedrive"]
    admin.get(address)
    admin.signed_in_a_while_ago()
    waiting = admin.post(address, given | {"name": "Our deals", "events": ["handoff.created"]})
    assert "You signed in a while ago" in waiting.text
    assert given["token"] not in waiting.text
    [way] = re.findall(r'href="(/sign-in[^"]+)"', waiting.text)
    assert f'value="{admin.email}"' in admin.get(unescape(way)).text

    admin.signs_in()
    done = admin.sends_again(admin.sends_again(waiting))
    assert "Our deals is set up." in admin.get(done.headers["Location"]).text


def test_a_signing_key_is_shown_once_and_a_new_one_signs_beside_it(admin: Colleague) -> None:
    admin.get("/settings/connections/new/webhook")
    given = {"events": ["handoff.created"], **FILLED_IN["webhook"]}
    first = admin.post("/settings/connections/new/webhook", given)
    [key] = re.findall(r"whsec_[A-Za-z0-9+/=]+", first.text)
    assert first.headers["Cache-Control"] == "no-store"
    with admin.app.app_context():
        id = db.session.scalars(db.select(ConnectionRow.id)).one()

    assert "whsec_" not in admin.get(f"/settings/connections/{id}").text
    second = admin.post(f"/settings/connections/{id}/keys")

    [new] = re.findall(r"whsec_[A-Za-z0-9+/=]+", second.text)
    assert new != key


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("webhook", {"url": ""}, "Fill in “Address”."),
        ("webhook", {"url": "http://crm.acme.example/"}, "https://"),
        ("webhook", {"url": "https://127.0.0.1/"}, "not a public address"),
        ("webhook", {"url": "https://169.254.169.254/latest"}, "not a public address"),
        ("webhook", {"url": "https://[64:ff9b::a9fe:a9fe]/"}, "not a public address"),
        ("webhook", {"url": "https://2130706433/"}, "not a public address"),
        ("webhook", {"url": "https://me:pw@crm.acme.example/"}, "user name"),
        ("email", {"to": "sales"}, "Enter a mail address"),
        ("email", {"to": "a@x.example\r\nBcc: b@x.example"}, "cannot be sent"),
        ("email", {"timezone": "Mars/Olympus"}, "time zone"),
        (
            "hubspot",
            {"token": "tok\u00fcn"},
            "“Private app token” holds something that cannot be sent",
        ),
        ("hubspot", {"mapping": "contact.jobtitle lead.title"}, "Line 1"),
        ("hubspot", {"mapping": "contact.a: lead.title\ncontact.b: lead.shoe_size"}, "Line 2"),
        ("hubspot", {"mapping": "deal.name: lead.title"}, "Line 1"),
        ("hubspot", {"assign_owner": "sometimes"}, "owner"),
        ("enrichment", {"url": "https://{domain}/"}, "not the name of a host"),
        ("enrichment", {"url": "https://api.acme.example/{email}"}, "asks for {email}"),
        ("enrichment", {"url": "http://169.254.169.254/{domain}"}, "https://"),
        ("enrichment", {"method": "DELETE"}, "how it wants to be asked"),
        ("enrichment", {"header": "Host"}, "Enter a header"),
        ("enrichment", {"header": "X-Key: a"}, "Enter a header"),
        ("enrichment", {"token": "a\r\nX: b"}, "cannot be sent"),
        ("enrichment", {"days": "366"}, "from 1 to 365"),
        ("enrichment", {"mapping": " "}, "one property a line"),
        ("enrichment", {"mapping": "industry: tag\n a -> b"}, "Line 1: industry cannot be b"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field(
    admin: Colleague, kind: str, given: dict[str, str], said: str, rows: Rows
) -> None:
    admin.get(f"/settings/connections/new/{kind}")
    filled_in = {"events": ["handoff.created"], **FILLED_IN[kind], **given}
    response = admin.post(f"/settings/connections/new/{kind}", filled_in)

    assert response.status_code == 422
    assert said in response.text
    assert rows(ConnectionRow) == []


def test_letters_that_cannot_be_stored_are_left_out(admin: Colleague, rows: Rows) -> None:
    set_up(admin, "hubspot", name="Our\x00 CRM", mapping="contact.sta\x00ge: =le\x00ad")
    [row] = rows(ConnectionRow)
    assert (row.name, row.config["mapping"]["contact"]) == ("Our CRM", {"stage": "=lead"})


def test_a_connection_that_would_hear_of_nothing_is_refused(admin: Colleague) -> None:
    admin.get("/settings/connections/new/email")
    assert admin.post("/settings/connections/new/email", FILLED_IN["email"]).status_code == 422


def test_a_mapping_may_name_answers_and_fixed_text(admin: Colleague, rows: Rows) -> None:
    set_up(admin, "hubspot", mapping="contact.email: lead.email\ncontact.stage: =lead\n\n"
           "company.size: answer.company_size")  # fmt: skip

    [row] = rows(ConnectionRow)
    assert row.config["mapping"] == {
        "company": {"size": "answer.company_size"},
        "contact": {"email": "lead.email", "stage": "=lead"},
    }


def test_a_test_is_sent_through_the_outbox(admin: Colleague, rows: Rows) -> None:
    id = set_up(admin, "webhook")

    assert admin.post(f"/settings/connections/{id}/tests").status_code == 303

    [delivery] = rows(DeliveryRow)
    assert (delivery.event, delivery.state, delivery.connection_id) == (
        "connection.test", "pending", id
    )  # fmt: skip
    page = admin.get(f"/settings/connections/{id}")
    assert "A test" in page.text
    assert 'hx-trigger="every 2s"' in page.text


def test_a_provider_is_tried_with_an_example_and_says_what_would_be_learnt(
    admin: Colleague, rows: Rows
) -> None:
    id = set_up(admin, "enrichment")
    refused = admin.post(f"/settings/connections/{id}/tests", {"example": "not a domain"})
    assert (refused.status_code, rows(DeliveryRow)) == (422, [])
    assert "Enter a domain, like example.com." in refused.text

    admin.post(f"/settings/connections/{id}/tests", {"example": "Nordwind.example"})
    [delivery] = rows(DeliveryRow)
    assert delivery.payload == {"domain": "nordwind.example"}
    with admin.app.app_context():
        row = db.session.get_one(DeliveryRow, delivery.id)
        row.state, row.delivered_at = "delivered", row.created_at
        row.progress = {"notes": ["Industry: <b>Software</b>.", "Nothing else."]}
        db.session.commit()
    page = admin.get(f"/settings/connections/{id}")
    assert "<br>Industry: &lt;b&gt;Software&lt;/b&gt;.<br>Nothing else." in page.text


def test_what_was_typed_for_a_provider_stands_there_still_when_it_is_refused(
    admin: Colleague,
) -> None:
    admin.get("/settings/connections/new/enrichment")
    given = {**FILLED_IN["enrichment"], "method": "POST", "by_address": "yes", "days": "0"}
    page = admin.post("/settings/connections/new/enrichment", given)
    assert page.status_code == 422
    assert 'value="POST" checked' in page.text
    assert 'name="by_address" value="yes" checked' in page.text
    assert "Software -&gt; technology" in page.text
    assert "pr0vider" not in page.text


def test_a_connection_is_switched_off_and_on(admin: Colleague, rows: Rows) -> None:
    id = set_up(admin, "webhook")
    admin.post(f"/settings/connections/{id}/switch", {"on": "no"})
    assert "switched off" in admin.get("/settings/connections").text

    admin.post(f"/settings/connections/{id}/switch", {"on": "yes"})

    assert rows(ConnectionRow)[0].disabled_at is None
    done = [row.action for row in rows(AuditRow) if row.subject == id]
    assert done == ["connection.created", "connection.switched_off", "connection.switched_on"]


def test_what_was_given_up_is_seen_and_sent_again(admin: Colleague, rows: Rows) -> None:
    id = set_up(admin, "webhook")
    for _ in range(2):
        admin.post(f"/settings/connections/{id}/tests")
    with admin.app.app_context():
        for row in db.session.scalars(db.select(DeliveryRow)):
            row.state, row.attempts, row.last_error = "dead", 14, "It answered 500 <b>."
        db.session.commit()
    page = admin.get("/settings/deliveries")
    assert "It answered 500 &lt;b&gt;." in page.text

    one = rows(DeliveryRow)[0].id
    admin.post(f"/settings/deliveries/{one}/replay")
    assert {row.state for row in rows(DeliveryRow) if row.id == one} == {"pending"}
    assert {row.state for row in rows(DeliveryRow) if row.id != one} == {"dead"}
    admin.post("/settings/deliveries/replay", {"connection": id})
    assert [(row.state, row.attempts) for row in rows(DeliveryRow)] == [("pending", 0)] * 2


@pytest.mark.parametrize("who", ["rep", "marketer", "manager"])
def test_only_administrators_see_any_of_it(who: str, request: pytest.FixtureRequest) -> None:
    person: Colleague = request.getfixturevalue(who)
    for path in ("", "/connections", "/connections/new/webhook", "/deliveries"):
        assert person.get(f"/settings{path}").status_code == 403


def test_strangers_are_asked_to_sign_in(stranger: Colleague) -> None:
    assert stranger.get("/settings/connections").status_code == 303


@pytest.mark.parametrize("path", ["connections/x", "connections/x/edit", "connections/new/x"])
def test_what_is_not_there_is_not_found(admin: Colleague, path: str) -> None:
    assert admin.get(f"/settings/{path}").status_code == 404


def test_one_click_ends_a_digest_and_opening_the_link_does_not(
    stranger: Colleague, rows: Callable[..., list[UnsubscribedRow]]
) -> None:
    with stranger.app.app_context():
        token = subscriptions.token("Mia@acme.example", "daily")

    assert stranger.get(f"/unsubscribe/{token}").status_code == 200
    assert rows(UnsubscribedRow) == []
    body = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        response = stranger.client.post(
            f"/unsubscribe/{token}", data=body, headers={"Origin": "https://mail.example"}
        )
        assert response.status_code == 200

    [row] = rows(UnsubscribedRow)
    assert (row.email, row.mails) == ("mia@acme.example", "daily")
    assert stranger.get(f"/unsubscribe/{token}x").status_code == 404
