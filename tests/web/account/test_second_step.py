"""The second step of signing in: a stolen password alone opens nothing."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from webapp.services import throttle
from webapp.services.accounts import second_step, staff
from webapp.services.accounts.second_step import CodeRefused, TooLate
from webapp.services.operations import tidying
from webapp.services.throttle import Throttled
from webapp.store import staff as staff_rows
from webapp.store.audit import AuditRow
from webapp.store.second_steps import CeremonyRow, RecoveryCodeRow
from webapp.store.staff import StaffRow

Rows = Callable[..., list]


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One kind of database is enough; where they could differ, services are tested on both."""
    return prepared_sqlite.as_new()


class Phone:
    """An authenticator app that was told the key. Nobody waits half a minute for its next code."""

    def __init__(self, key: str) -> None:
        self.app = pyotp.TOTP(key)

    def code(self, at: datetime | None = None) -> str:
        return self.app.at(at or datetime.now(UTC))

    def next_code(self) -> str:
        return self.code(datetime.now(UTC) + timedelta(seconds=30))


def set_up(person: Colleague) -> tuple[Phone, list[str]]:
    """Turn it on as a person does; returns their phone and what they wrote down."""
    person.get("/account")
    begun = person.post("/account/codes", {"password": person.password})
    assert begun.headers["Location"] == "/account/codes"
    page = person.get("/account/codes").text
    assert 'src="data:image/svg+xml' in page
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown
    phone = Phone(shown[1].replace(" ", ""))
    done = person.post("/account/codes/confirmation", {"code": phone.code()})
    assert done.status_code == 200
    person.get("/account")
    return phone, re.findall(r"<li><code>([a-z2-9-]+)</code>", done.text)


@pytest.fixture
def phone(rep: Colleague) -> Phone:
    return set_up(rep)[0]


def half_way(rep: Colleague) -> Colleague:
    """The same person at another browser, after the right password."""
    other = Colleague(rep.app, rep.email, rep.password)
    assert other.signs_in().headers["Location"].startswith("/sign-in/code")
    other.get("/sign-in/code")
    return other


def test_with_a_password_alone_one_gets_half_way_and_sees_nothing(
    rep: Colleague, phone: Phone
) -> None:
    thief = half_way(rep)
    for path in ("/desk", "/account", "/insights"):
        assert thief.get(path).headers["Location"].startswith("/sign-in")


def test_somebody_without_script_signs_in_with_password_and_code(
    rep: Colleague, phone: Phone
) -> None:
    browser = PlainBrowser(rep.app.test_client()).open("/account")
    browser.press("Sign in", email=rep.email, password=rep.password)
    assert browser.heading == "Enter your code"

    browser.press("Sign in", code="000000")
    assert browser.status == 422
    assert "This code is not right" in browser.words

    spaced = phone.next_code()
    browser.press("Sign in", code=f" {spaced[:3]} {spaced[3:]} ")
    assert browser.address == "/account"


def test_a_code_is_used_once(rep: Colleague, phone: Phone) -> None:
    earlier, code = phone.code(), phone.next_code()
    assert half_way(rep).post("/sign-in/code", {"code": code}).status_code == 303
    assert half_way(rep).post("/sign-in/code", {"code": code}).status_code == 422
    assert half_way(rep).post("/sign-in/code", {"code": earlier}).status_code == 422


def test_half_a_sign_in_is_finished_once_and_soon(rep: Colleague, phone: Phone) -> None:
    begun = datetime.now(UTC)

    def finishes(half: str, minutes: int) -> bool:
        at = begun + timedelta(minutes=minutes)
        try:
            return bool(second_step.finish(half, phone.code(at), address="192.0.2.1", now=at))
        except TooLate:
            return False

    with rep.app.app_context():
        half, other = (
            staff.sign_in(rep.email, rep.password, address="192.0.2.1", now=begun).token
            for _ in range(2)
        )
        tried = [("made up", 1), (half, 1), (half, 2), (other, 11)]
        assert [finishes(*each) for each in tried] == [False, True, False, False]


def test_a_recovery_code_lets_in_once(rep: Colleague, rows: Rows) -> None:
    _, codes = set_up(rep)
    assert len(set(codes)) == 10
    written = codes[3].upper().replace("-", " ")
    assert half_way(rep).post("/sign-in/code", {"code": written}).status_code == 303
    assert half_way(rep).post("/sign-in/code", {"code": written}).status_code == 422
    assert len(rows(RecoveryCodeRow)) == 9


def test_new_recovery_codes_replace_the_old(rep: Colleague) -> None:
    _, old = set_up(rep)
    page = rep.post("/account/recovery-codes", {"password": rep.password})
    assert page.status_code == 200
    assert old[0] not in page.text
    assert half_way(rep).post("/sign-in/code", {"code": old[0]}).status_code == 422


def test_a_code_of_one_person_is_none_of_another(
    rep: Colleague, manager: Colleague, phone: Phone
) -> None:
    _, codes = set_up(manager)
    for code in (codes[0], phone.next_code()):
        wrong = manager if code != codes[0] else rep
        assert half_way(wrong).post("/sign-in/code", {"code": code}).status_code == 422


def test_the_secret_of_one_person_is_of_no_use_in_anothers_row(
    rep: Colleague, manager: Colleague, phone: Phone
) -> None:
    with rep.app.app_context():
        mine, theirs = (staff_rows.by_email(each.email) for each in (rep, manager))
        assert mine
        assert theirs
        theirs.totp_secret = mine.totp_secret
        assert second_step.enrolment(theirs.id) is None


def test_a_guesser_of_codes_is_stopped_wherever_they_come_from(
    rep: Colleague, phone: Phone
) -> None:
    now = datetime.now(UTC)
    with rep.app.app_context():
        half = staff.sign_in(rep.email, rep.password, address="192.0.2.1", now=now).token
        answers = []
        for n in range(12):
            try:
                second_step.finish(half, "000000", address=f"192.0.2.{n}", now=now)
            except (CodeRefused, Throttled) as refusal:
                answers.append(type(refusal))
        assert answers == [CodeRefused] * 10 + [Throttled] * 2
        # As many more as a day allows, in windows of their own.
        later = now + timedelta(minutes=16)
        whose = staff_rows.by_email(rep.email)
        assert whose
        for _ in range(40):
            throttle.count("code today of", whose.id, most=50, within=timedelta(days=1), now=later)
        half = staff.sign_in(rep.email, rep.password, address="192.0.2.1", now=later).token
        with pytest.raises(Throttled):
            second_step.finish(half, phone.code(later), address="192.0.2.1", now=later)


def test_setting_up_takes_the_password_and_ends_every_other_session(
    rep: Colleague, rows: Rows
) -> None:
    laptop = Colleague(rep.app, rep.email, rep.password)
    laptop.signs_in()
    for path in ("/account/codes", "/account/recovery-codes", "/account/codes/removal"):
        assert rep.post(path, {"password": "found the browser open"}).status_code == 422
    assert {row.totp_secret for row in rows(StaffRow)} == {None}

    set_up(rep)

    assert rep.get("/account").status_code == 200
    assert laptop.get("/account").status_code == 303


def test_nothing_is_asked_for_before_a_first_code_was_right(rep: Colleague) -> None:
    rep.post("/account/codes", {"password": rep.password})
    page = rep.get("/account/codes")
    assert page.status_code == 200
    assert rep.post("/account/codes/confirmation", {"code": "000000"}).status_code == 422
    assert Colleague(rep.app, rep.email, rep.password).signs_in().headers["Location"] == "/desk"


def test_turning_it_off_takes_the_password_and_forgets_secret_and_codes(
    rep: Colleague, phone: Phone, rows: Rows
) -> None:
    assert rep.post("/account/codes", {"password": rep.password}).status_code == 422
    assert rep.post("/account/codes/removal", {"password": rep.password}).status_code == 303
    assert {row.totp_secret for row in rows(StaffRow)} == {None}
    assert rows(RecoveryCodeRow) == []
    assert Colleague(rep.app, rep.email, rep.password).signs_in().headers["Location"] == "/desk"


def test_a_new_password_ends_what_was_begun_with_the_old(rep: Colleague, phone: Phone) -> None:
    thief = half_way(rep)
    rep.post("/account/password", {"old": rep.password, "new": "four words in a row"})
    too_late = thief.post("/sign-in/code", {"code": phone.next_code()})
    assert "That took too long. Begin again." in too_late.text
    assert rep.get("/desk").status_code == 200


def test_the_database_holds_no_key_and_no_code(rep: Colleague, rows: Rows) -> None:
    phone, codes = set_up(rep)
    half_way(rep)
    kept = [vars(row) for kind in (StaffRow, RecoveryCodeRow, CeremonyRow) for row in rows(kind)]
    assert kept
    for secret in (phone.app.secret, *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in repr(kept)


def test_an_admin_lets_a_colleague_back_in_with_their_own_password_and_leaves_a_trace(
    rep: Colleague, admin: Colleague, phone: Phone, rows: Rows
) -> None:
    with rep.app.app_context():
        person = staff_rows.by_email(rep.email)
        assert person
        id = person.id
    address = f"/settings/staff/{id}/second-step/removal"
    assert "On. Lost their phone?" in admin.get("/settings/staff").text
    assert admin.post(address, {f"password-{id}": "guessed"}).status_code == 422
    assert rep.get("/account").status_code == 200

    assert admin.post(address, {f"password-{id}": admin.password}).status_code == 303

    assert rep.get("/account").status_code == 303
    assert rep.signs_in().headers["Location"] == "/desk"
    actions = [row.action for row in rows(AuditRow)]
    assert actions.count("staff.second_step_reset") == 1
    assert {"staff.codes_begun", "staff.codes_on"} <= set(actions)


def test_a_wrong_code_after_the_right_password_is_in_the_audit_log(
    rep: Colleague, phone: Phone, rows: Rows
) -> None:
    half_way(rep).post("/sign-in/code", {"code": "000000"})
    assert "staff.code_refused" in {row.action for row in rows(AuditRow)}


def test_who_must_have_a_second_step_does_nothing_before_it_is_set_up(
    rep: Colleague, manager: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(rep.app.extensions["baton"], two_step_roles=frozenset({"rep"}))
    monkeypatch.setitem(rep.app.extensions, "baton", config)
    assert rep.get("/desk").headers["Location"] == "/account"
    assert "Your role needs one" in rep.get("/account").text
    assert manager.get("/desk").status_code == 200

    set_up(rep)

    assert rep.get("/desk").status_code == 200
    rep.post("/account/password", {"old": rep.password, "new": "four words in a row"})
    assert rep.get("/desk").status_code == 200


def test_what_was_begun_and_never_finished_is_swept_away(
    rep: Colleague, phone: Phone, rows: Rows
) -> None:
    now = datetime.now(UTC)
    with rep.app.app_context():
        staff.sign_in(rep.email, rep.password, address="192.0.2.1", now=now)
    for minutes, left in ((5, 1), (11, 0)):
        with rep.app.app_context():
            tidying.sweep(now=now + timedelta(minutes=minutes))
        assert len(rows(CeremonyRow)) == left
