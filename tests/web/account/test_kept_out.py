"""Nobody who guesses keeps the owner of an account out: not with their address, and not with their
password either."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.web.account.test_second_step import set_up
from webapp.services.accounts import known_browsers, second_step, staff
from webapp.services.accounts.second_step import CodeRefused
from webapp.services.accounts.staff import SignInRefused
from webapp.services.throttle import Throttled


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One kind of database is enough: what is counted is counted alike."""
    return prepared_sqlite.as_new()


def guess_codes(rep: Colleague) -> None:
    """As somebody who knows the password and has many addresses, until nothing is left to try."""
    now = datetime.now(UTC)
    with rep.app.app_context():
        half = staff.sign_in(rep.email, rep.password, address="192.0.2.1", now=now).token
        for n in range(10):
            with pytest.raises(CodeRefused):
                second_step.finish(half, "000000", address=f"192.0.2.{n}", now=now)
        with pytest.raises(Throttled):
            second_step.finish(half, "000000", address="192.0.2.99", now=now)


def signs_in_at(browser: Colleague, code: str) -> int:
    assert browser.signs_in().headers["Location"].startswith("/sign-in/code")
    browser.get("/sign-in/code")
    return browser.post("/sign-in/code", {"code": code}).status_code


def test_whoever_knows_a_password_does_not_use_up_its_owners_codes(rep: Colleague) -> None:
    phone, [recovery, *_] = set_up(rep)
    guess_codes(rep)
    assert signs_in_at(Colleague(rep.app, rep.email, rep.password), phone.next_code()) == 429
    assert signs_in_at(Colleague(rep.app, rep.email, rep.password), recovery) == 303
    rep.post("/sign-out")
    assert signs_in_at(rep, phone.next_code()) == 303


def test_a_browser_one_knows_has_attempts_of_its_own_and_no_more(rep: Colleague) -> None:
    set_up(rep)
    rep.post("/sign-out")
    rep.signs_in()
    rep.get("/sign-in/code")
    tried = [rep.post("/sign-in/code", {"code": "000000"}).status_code for _ in range(12)]
    assert tried == [422] * 10 + [429] * 2


def test_guessing_passwords_from_everywhere_keeps_nobody_out_of_a_browser_they_know(
    rep: Colleague,
) -> None:
    rep.post("/sign-out")
    now = datetime.now(UTC)
    with rep.app.app_context():
        for n in range(50):
            with pytest.raises((SignInRefused, Throttled)):
                staff.sign_in(rep.email, "guessed", address=f"192.0.2.{n}", now=now)
    assert Colleague(rep.app, rep.email, rep.password).signs_in().status_code == 429
    assert rep.signs_in().status_code == 303


def test_a_mark_of_somebody_else_or_made_up_or_too_old_counts_for_nothing(
    rep: Colleague,
) -> None:
    now = datetime.now(UTC)
    with rep.app.app_context():
        mark = known_browsers.mark("rita", now=now)
        assert known_browsers.known(mark, "rita", now=now)
        assert not known_browsers.known(mark, "adam", now=now)
        assert not known_browsers.known(mark, "rita", now=now + timedelta(days=181))
        for odd in ("", "x", mark[:-1], mark.replace(".", "!"), mark + "x"):
            assert not known_browsers.known(odd, "rita", now=now)


def test_a_mark_alone_opens_nothing(rep: Colleague) -> None:
    mark = rep.client.get_cookie("baton-known")
    assert mark is not None
    assert mark.http_only
    thief = Colleague(rep.app)
    thief.client.set_cookie("baton-known", mark.value)
    assert thief.get("/desk").headers["Location"].startswith("/sign-in")
