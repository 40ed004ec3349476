"""Signing in: for those who may, for as long as they may, and for nobody else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask, session
from sqlalchemy import update

from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from webapp.services.accounts import sessions, staff
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.staff import StaffRow, StaffSessionRow
from webapp.web.shared import auth

Hire = Callable[..., Colleague]


@pytest.fixture
def in_earnest(app: Flask) -> Iterator[None]:
    """As without --demo."""
    config = app.extensions["baton"]
    app.extensions["baton"] = replace(config, demo=False)
    yield
    app.extensions["baton"] = config


def test_somebody_who_tries_the_demo_comes_to_the_desk_at_once(colleague: Hire) -> None:
    assert colleague("rep").signs_in().headers["Location"] == "/desk"


def test_who_types_only_the_host_of_a_demo_comes_to_the_demo(colleague: Hire) -> None:
    assert colleague("rep").get("/").headers["Location"] == "/demo"


@pytest.mark.usefixtures("in_earnest")
def test_who_types_only_our_host_comes_to_their_work_by_way_of_signing_in(colleague: Hire) -> None:
    mara = colleague("marketer")
    assert mara.get("/").headers["Location"] == "/sign-in"
    mara.signs_in()
    assert mara.get("/").headers["Location"] == "/studio"


@pytest.mark.usefixtures("in_earnest")
def test_a_rep_signs_in_with_the_one_time_password_and_chooses_another(colleague: Hire) -> None:
    rita = colleague("rep")
    assert rita.signs_in().headers["Location"] == "/account"

    changed = rita.post("/account/password", {"old": rita.password, "new": "four words in a row"})

    assert changed.status_code == 303
    assert rita.get("/account").status_code == 200
    rita.client = rita.app.test_client()
    assert rita.signs_in().status_code == 422
    assert rita.signs_in("four words in a row").headers["Location"] == "/desk"


def test_who_came_with_a_one_time_password_chooses_their_own_before_anything_else(
    colleague: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    rita = colleague("rep")
    config = rita.app.extensions["baton"]
    monkeypatch.setitem(rita.app.extensions, "baton", replace(config, demo=False))
    rita.signs_in()
    assert rita.get("/desk").headers["Location"] == "/account"
    rita.get("/account")
    rita.post("/account/password", {"old": rita.password, "new": "four words in a row"})
    assert rita.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "new", ["short", "rep@acme.example", "aaaaaaaaaaaaaaaa", "x" * 201, "", "{old}"]
)
def test_a_password_that_is_easy_to_guess_is_refused(rep: Colleague, new: str) -> None:
    tried = rep.post(
        "/account/password", {"old": rep.password, "new": new.format(old=rep.password)}
    )
    assert tried.status_code == 422
    assert rep.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rep@acme.example", "wrong"),
        ("rep@acme.example", ""),
        ("nobody@acme.example", "wrong"),
        ("", ""),
        ("rep@acme.example\x00", "\x00"),
    ],
)
def test_whoever_is_refused_learns_nothing_about_who_has_an_account(
    colleague: Hire, email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guesser = colleague("rep")
    guesser.email = email
    hashed, verify = list[str](), PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:
        hashed.append(hash)
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    refused = guesser.signs_in(password or " ")
    assert len(hashed) == 1, "an unknown address costs what a wrong password costs"
    assert refused.status_code == 422
    assert "The e-mail address or the password is not right." in refused.text


def test_a_colleague_who_left_cannot_come_back(rep: Colleague) -> None:
    with rep.app.app_context():
        staff.disable(rep.email, by="admin", now=_now())
    assert rep.get("/account").status_code == 303
    assert rep.signs_in().status_code == 422


@pytest.mark.parametrize("what", [{"epoch": 7}, {"disabled_at": FRIDAY}], ids=str)
def test_a_session_that_began_just_as_all_of_them_ended_opens_nothing(
    rep: Colleague, what: dict[str, object]
) -> None:
    with rep.app.app_context():
        db.session.execute(update(StaffRow).values(what))
        db.session.commit()
    assert rep.get("/account").status_code == 303


def test_changing_the_password_ends_every_other_session(rep: Colleague) -> None:
    phone = Colleague(rep.app, rep.email, rep.password)
    phone.signs_in()
    assert phone.get("/account").status_code == 200

    rep.post("/account/password", {"old": rep.password, "new": "four words in a row"})

    assert phone.get("/account").status_code == 303
    assert rep.get("/account").status_code == 200


def test_signing_out_ends_the_session_even_for_a_copied_cookie(rep: Colleague) -> None:
    thief = rep.app.test_client()
    cookie = rep.client.get_cookie("baton")
    assert cookie is not None
    thief.set_cookie("baton", cookie.value)
    assert thief.get("/account").status_code == 200
    rep.post("/sign-out")
    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("seen", "later"),
    [(timedelta(), timedelta(minutes=31)), (timedelta(hours=11.9), timedelta(hours=12))],
    ids=["unused for half an hour", "in use for twelve hours"],
)
def test_a_session_ends_by_itself(
    rep: Colleague,
    seen: timedelta,
    later: timedelta,
    rows: Callable[..., list[StaffSessionRow]],
) -> None:
    [session] = rows(StaffSessionRow)
    token, began = _token_of(rep), session.created_at
    with rep.app.app_context():
        db.session.execute(update(StaffSessionRow).values(seen_at=began + seen))
        db.session.commit()
        assert sessions.find(token, now=began + seen + timedelta(minutes=1))
        assert sessions.find(token, now=began + later) is None


def test_a_guesser_is_slowed_down_and_the_owner_elsewhere_is_not(colleague: Hire) -> None:
    guesser = colleague("rep")
    answers = [guesser.signs_in("wrong").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert guesser.signs_in().status_code == 429
    owner = Colleague(guesser.app, guesser.email, guesser.password)
    owner.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert owner.signs_in().status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\t/[evil",
        "desk",
        "",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(elsewhere: str) -> None:
    assert auth.local_path(elsewhere) is None


def test_who_wanted_a_page_gets_it_after_signing_in(colleague: Hire) -> None:
    rita = colleague("rep")
    asked = rita.get("/account?tab=2")
    assert asked.headers["Location"] == "/sign-in?next=/account?tab%3D2"
    with rita.app.app_context():
        staff.change_password(_id(rita), rita.password, "four words in a row", now=_now())
    arrived = rita.signs_in("four words in a row", next="/account?tab=2")
    assert arrived.headers["Location"] == "/account?tab=2"


PROFILE = {"timezone": "Europe/Berlin", "back_on": "2099-02-03", "locale": ""}
OURS = {"Origin": "http://localhost"}


@pytest.mark.parametrize(
    ("sent_from", "next"),
    [
        ("http://localhost/account?tab=2", "?next=/account?tab%3D2"),
        ("http://localhost/account/password", "?next=/account"),
        ("http://localhost/nowhere/at/all", ""),
        ("https://evil.example/account", ""),
        ("http://[broken", ""),
    ],
)
def test_who_sends_a_form_after_their_session_ended_comes_back_to_its_page(
    colleague: Hire, sent_from: str, next: str
) -> None:
    rita = colleague("rep")
    rita.get("/sign-in")
    asked = rita.post("/account/password", headers={"Referer": sent_from})
    assert asked.headers["Location"] == f"/sign-in{next}"


def test_what_is_sent_after_a_session_ended_waits_on_its_page_and_is_saved_from_there(
    rep: Colleague,
) -> None:
    other_tab = rep.at_another_browser()
    rep.get("/account")
    rep.post("/sign-out")
    waiting = other_tab.post("/account/profile", PROFILE, headers=OURS)
    assert "What you typed is kept on this page." in waiting.text
    assert "You are signed out." in waiting.text
    assert "Sign in in a new tab" in waiting.text
    assert PROFILE["back_on"] not in waiting.text, "nobody reads there what may be a secret"
    still_out = other_tab.sends_again(waiting)
    assert "You are signed out." in still_out.text

    other_tab.signs_in()
    from_before = other_tab.sends_again(still_out, csrf_token="of another session")
    assert f"You are signed in as {rep.email}" in from_before.text
    assert other_tab.sends_again(from_before).headers["Location"] == "/account"
    assert PROFILE["back_on"] in other_tab.get("/account").text


def test_a_page_that_saves_by_itself_hears_that_its_reader_signed_out_at_another_tab(
    rep: Colleague,
) -> None:
    other_tab = rep.at_another_browser()
    rep.get("/account")
    rep.post("/sign-out")
    other_tab.client.delete_cookie("baton")
    for told in ({"HX-Request": "true"}, {"X-Autosave": "1"}):
        saved = other_tab.post("/account/profile", PROFILE, headers=OURS | told)
        assert saved.status_code == 401


def test_what_waits_is_saved_where_it_was_meant_for_and_nowhere_else(rep: Colleague) -> None:
    rep.get("/account")
    old_page = rep.post("/account/profile", PROFILE | {"csrf_token": "old"}, headers=OURS)
    [waits] = re.findall('name="kept" value="([^"]+)"', old_page.text)
    for where, what in (
        ("/account/password", waits),
        ("/account/profile", waits[:-9]),
        ("/sign-in", "é"),
    ):
        rep.get("/account")
        assert rep.post(where, {"kept": what}).status_code == 400
    nobody_knows_whose = rep.post("/account/profile", PROFILE | {"csrf_token": "old"})
    assert "What you typed" not in nobody_knows_whose.text


@pytest.mark.parametrize(
    ("boosted", "next"), [({}, "/desk?view%3Dall"), ({"HX-Boosted": "true"}, "/account")]
)
def test_who_has_a_page_open_while_their_session_ends_comes_back_to_it(
    colleague: Hire, boosted: dict[str, str], next: str
) -> None:
    page = {"Referer": "http://localhost/desk?view=all"}
    asked = colleague("rep").get("/account", headers={"HX-Request": "true", **page, **boosted})
    assert asked.status_code == 401
    assert asked.headers["HX-Redirect"] == f"/sign-in?next={next}"


def test_a_form_without_its_token_does_nothing(rep: Colleague) -> None:
    refused = rep.client.post("/sign-out")
    assert refused.status_code == 400
    assert rep.get("/account").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_from_another_site_does_nothing(
    rep: Colleague, headers: dict[str, str]
) -> None:
    assert rep.post("/sign-out", headers=headers).status_code == 403
    assert rep.get("/account").status_code == 200


def test_a_cookie_changes_nothing_for_a_prospect(rep: Colleague) -> None:
    for path in ("/f/demo-request", "/c/demo-request"):
        with rep.client:
            with_cookie = rep.client.get(path)
            assert dict(session) == {}
        assert with_cookie.status_code == 200
        assert "Set-Cookie" not in with_cookie.headers
        assert "Cookie" not in with_cookie.headers.get("Vary", "")


def test_the_database_holds_nothing_to_sign_in_with(
    rep: Colleague, rows: Callable[..., list[StaffSessionRow]]
) -> None:
    token = _token_of(rep)
    [session] = rows(StaffSessionRow)
    assert token not in repr(vars(session))
    assert rep.password not in repr(vars(session.staff))
    assert session.staff.password_hash.startswith("$argon2id$")


def test_the_cookie_is_out_of_reach_of_scripts(colleague: Hire) -> None:
    cookie = colleague("rep").signs_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_what_is_done_with_accounts_is_in_the_audit_log(
    rep: Colleague, rows: Callable[..., list[AuditRow]]
) -> None:
    rep.post("/sign-out")
    log = rows(AuditRow)
    assert [line.action for line in log] == [
        "flows.published",
        "staff.added",
        "staff.signed_in",
        "staff.signed_out",
    ]
    assert rep.email not in repr([vars(line) for line in log])


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _id(somebody: Colleague) -> str:
    from webapp.store import staff as rows

    return rows.by_email(somebody.email).id


def _token_of(somebody: Colleague) -> str:
    with somebody.client.session_transaction() as session:
        return session["_user_id"]
