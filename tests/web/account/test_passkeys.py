"""Signing in with a passkey: its owner can, with nothing else; nobody else can."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.fixtures.applications import Prepared
from tests.fixtures.passkey import SoftPasskey
from tests.fixtures.people import Colleague
from webapp.services.accounts import passkeys, staff
from webapp.services.operations import tidying
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.second_steps import CeremonyRow, PasskeyRow, RecoveryCodeRow

Rows = Callable[..., list]
HERE = "https://q.example.com"


@pytest.fixture
def app(prepared_sqlite: Prepared, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """At an address of its own: passkeys are bound to one. One kind of database is enough."""
    app = prepared_sqlite.as_new()
    at_home = replace(app.extensions["baton"], base_url=HERE)
    monkeypatch.setitem(app.extensions, "baton", at_home)
    return app


def options_in(page: TestResponse) -> str:
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def adds(person: Colleague, passkey: SoftPasskey, name: str = "Laptop") -> TestResponse:
    person.get("/account")
    asked = person.post("/account/passkeys/question", {"passkey-password": person.password})
    answer = {"credential": passkey.made(options_in(asked)), "name": name}
    return person.post("/account/passkeys", answer)


def told_of(person: Colleague) -> list[str]:
    """The subjects of the mails on their way to somebody, newest last."""
    with person.app.app_context():
        mails = db.session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))
        return [each.payload["subject"] for each in mails if each.recipient == person.email]


def asked(stranger: Colleague) -> str:
    stranger.get("/sign-in")
    return options_in(stranger.post("/sign-in/passkey/question"))


def comes_with(stranger: Colleague, passkey: SoftPasskey) -> TestResponse:
    return stranger.post("/sign-in/passkey", {"credential": passkey.proves(asked(stranger))})


@pytest.fixture
def passkey(rep: Colleague) -> SoftPasskey:
    """The rep's, added on their account."""
    device = SoftPasskey(HERE, "q.example.com")
    done = adds(rep, device)
    assert done.status_code == 200
    assert "Your recovery codes" in done.text
    assert told_of(rep) == ["A passkey was added to your account"]
    rep.get("/account")
    return device


def test_the_owner_signs_in_with_it_and_types_nothing(
    stranger: Colleague, passkey: SoftPasskey, rows: Rows
) -> None:
    for browser in (Colleague(stranger.app), stranger):
        assert comes_with(browser, passkey).headers["Location"] == "/desk"
    assert "rep@acme.example" in stranger.get("/account").text
    [kept] = rows(PasskeyRow)
    assert (kept.sign_count, kept.name) == (2, "Laptop")
    assert kept.used_at is not None


def test_beside_a_passkey_a_password_alone_opens_nothing(
    rep: Colleague, passkey: SoftPasskey
) -> None:
    thief = Colleague(rep.app, rep.email, rep.password)
    assert thief.signs_in().headers["Location"].startswith("/sign-in/code")
    assert thief.get("/desk").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://q.example.com.evil.example"},
        {"origin": "http://q.example.com"},
        {"rp_id": "evil.example"},
        {"verified": False},
        {"owner": "c29tZWJvZHk"},
        {"id": b"somebody else's"},
        {"key": SoftPasskey("", "").key},
        {"count": -1},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_whoever_is_not_its_owner_at_our_address_is_refused(
    stranger: Colleague, passkey: SoftPasskey, lie: dict[str, object]
) -> None:
    comes_with(stranger, passkey)
    refused = comes_with(Colleague(stranger.app), replace(passkey, **lie))
    assert refused.status_code == 422
    assert "This passkey was not accepted." in refused.text


def test_a_copy_that_counts_behind_is_refused_and_noted(
    stranger: Colleague, passkey: SoftPasskey, rows: Rows
) -> None:
    copy = replace(passkey)
    comes_with(Colleague(stranger.app), passkey)
    comes_with(Colleague(stranger.app), passkey)
    assert comes_with(stranger, copy).status_code == 422
    assert "staff.passkey_refused" in [row.action for row in rows(AuditRow)]


@pytest.mark.parametrize("count", [0, -1], ids=["a device that counts", "one that does not"])
def test_an_answer_is_good_once_and_for_the_browser_that_was_asked(
    stranger: Colleague, passkey: SoftPasskey, count: int
) -> None:
    passkey.count = count
    answer = {"credential": passkey.proves(asked(stranger))}
    other = Colleague(stranger.app)
    other.get("/sign-in")
    assert other.post("/sign-in/passkey", answer).status_code == 422
    asked(other)
    assert other.post("/sign-in/passkey", answer).status_code == 422
    cookie = stranger.client.get_cookie("baton")
    assert cookie is not None
    assert stranger.post("/sign-in/passkey", answer).status_code == 303
    thief = Colleague(stranger.app)
    thief.get("/sign-in")
    thief.client.set_cookie("baton", cookie.value)
    thief.get("/sign-in")
    assert thief.post("/sign-in/passkey", answer).status_code == 422


def test_a_wrong_answer_uses_the_question_up(stranger: Colleague, passkey: SoftPasskey) -> None:
    question = asked(stranger)
    wrong = replace(passkey, origin="https://evil.example").proves(question)
    assert stranger.post("/sign-in/passkey", {"credential": wrong}).status_code == 422
    right = passkey.proves(question)
    late = stranger.post("/sign-in/passkey", {"credential": right})
    assert "That took too long. Begin again." in late.text


@pytest.mark.parametrize(
    "odd", ["", "null", "[]", "{}", "[" * 20_000, '{"id": 1}', '{"id": "\\ud800"}', "\x00", "{"]
)
def test_what_no_browser_sends_is_refused(stranger: Colleague, odd: str) -> None:
    asked(stranger)
    assert stranger.post("/sign-in/passkey", {"credential": odd}).status_code == 422


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("odd", [None, "", 1, [], "!!", "AA"])
def test_an_answer_with_an_odd_part_is_refused(
    stranger: Colleague, passkey: SoftPasskey, part: str, odd: object
) -> None:
    answer = json.loads(passkey.proves(asked(stranger)))
    answer["response"][part] = odd
    refused = stranger.post("/sign-in/passkey", {"credential": json.dumps(answer)})
    assert refused.status_code == 422


def test_adding_one_takes_the_password_and_ends_every_other_session(
    rep: Colleague, rows: Rows
) -> None:
    laptop = Colleague(rep.app, rep.email, rep.password)
    laptop.signs_in()
    refused = rep.post("/account/passkeys/question", {"passkey-password": "found it open"})
    assert refused.status_code == 422
    adds(rep, SoftPasskey(HERE, "q.example.com"))
    assert laptop.get("/account").status_code == 303
    assert rep.get("/account").status_code == 200
    assert len(rows(RecoveryCodeRow)) == 10


def test_what_a_browser_makes_without_asking_for_finger_or_pin_is_not_kept(
    rep: Colleague, rows: Rows
) -> None:
    for lie in ({"verified": False}, {"origin": "https://evil.example"}, {"rp_id": "x.example"}):
        device = replace(SoftPasskey(HERE, "q.example.com"), **lie)
        assert adds(rep, device).status_code == 422
    assert rows(PasskeyRow) == []


def test_one_passkey_belongs_to_one_person(
    rep: Colleague, manager: Colleague, passkey: SoftPasskey, rows: Rows
) -> None:
    assert adds(manager, replace(passkey)).status_code == 422
    [kept] = rows(PasskeyRow)
    manager.get("/account")
    manager.post("/account/passkeys/name", {"id": kept.id, f"name-{kept.id}": "Mine"})
    taken = {"id": kept.id, f"password-{kept.id}": manager.password}
    assert manager.post("/account/passkeys/removal", taken).headers["Location"] == "/account"
    assert [row.name for row in rows(PasskeyRow)] == ["Laptop"]


def test_a_passkey_is_renamed_and_with_the_password_removed(
    rep: Colleague, stranger: Colleague, passkey: SoftPasskey, rows: Rows
) -> None:
    [kept] = rows(PasskeyRow)
    rep.post("/account/passkeys/name", {"id": kept.id, f"name-{kept.id}": "Key <b>ring</b>"})
    assert "Key &lt;b&gt;ring&lt;/b&gt;" in rep.get("/account").text
    for password, left in (("guessed", 1), (rep.password, 0)):
        rep.post("/account/passkeys/removal", {"id": kept.id, f"password-{kept.id}": password})
        assert len(rows(PasskeyRow)) == left
    assert rows(RecoveryCodeRow) == []
    assert told_of(rep)[-1] == "A passkey was removed from your account"
    assert comes_with(stranger, passkey).status_code == 422
    assert Colleague(rep.app, rep.email, rep.password).signs_in().headers["Location"] == "/desk"


def test_a_colleague_who_left_does_not_come_back_with_a_passkey(
    rep: Colleague, stranger: Colleague, passkey: SoftPasskey
) -> None:
    with rep.app.app_context():
        staff.disable(rep.email, by="the tests", now=datetime.now(UTC))
    assert comes_with(stranger, passkey).status_code == 422


def test_questions_that_nobody_answers_are_slowed_down_and_swept_away(
    stranger: Colleague, rows: Rows
) -> None:
    now = datetime.now(UTC)
    with stranger.app.app_context():
        for _ in range(100):
            passkeys.begin_sign_in(address="127.0.0.1", now=now)
    stranger.get("/sign-in")
    refused = stranger.post("/sign-in/passkey/question")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    with stranger.app.app_context():
        tidying.sweep(now=now + timedelta(minutes=11))
    assert rows(CeremonyRow) == []


def test_where_the_address_is_no_name_passkeys_are_not_offered(
    stranger: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "passkey" in stranger.get("/sign-in").text
    for address in ("", "https://192.0.2.7", "http://q.example.com", "https://[::1]:8000"):
        config = replace(stranger.app.extensions["baton"], base_url=address)
        monkeypatch.setitem(stranger.app.extensions, "baton", config)
        assert "passkey" not in stranger.get("/sign-in").text
        assert stranger.post("/sign-in/passkey/question").status_code == 422
