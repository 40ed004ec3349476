"""Signing in with one's company's account: whoever works here can, by the provider's word; nobody
else can, whatever they make up."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from tests.fixtures.provider import CLIENT_ID, CLIENT_SECRET, SignInProvider, signing_key
from tests.web.account.test_second_step import Phone, set_up
from webapp.config import Provider
from webapp.services.accounts import staff
from webapp.store.audit import AuditRow
from webapp.store.second_steps import CeremonyRow
from webapp.store.staff import StaffRow, StaffSessionRow

Rows = Callable[..., list]
HERE = "https://q.example.com"
DID_NOT_WORK = "sign-in did not work"


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One kind of database is enough: what is kept is kept as for any sign-in."""
    return prepared_sqlite.as_new()


@pytest.fixture
def provider(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignInProvider]:
    """The company's, which we are told of."""
    with SignInProvider() as there:
        told = Provider(there.issuer, CLIENT_ID, CLIENT_SECRET)
        knowing(app, monkeypatch, there, told)
        yield there


def knowing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, there: SignInProvider, told: Provider
) -> None:
    config = app.extensions["baton"]
    at = {"base_url": HERE, "allowed_receivers": there.listed, "provider": told, "demo": False}
    monkeypatch.setitem(app.extensions, "baton", replace(config, **at))


@pytest.fixture
def rita(colleague: Callable[..., Colleague]) -> Colleague:
    """A rep who has not signed in yet."""
    return colleague("rep")


def sent_away(browser: Colleague, next: str | None = None) -> str:
    """The address of the provider's page."""
    begun = browser.get("/sign-in/company" + (f"?next={next}" if next else ""))
    assert begun.status_code == 303, begun.text
    return str(begun.headers["Location"])


def comes_back(browser: Colleague, query: str) -> TestResponse:
    return browser.get(f"/sign-in/company/callback?{query}")


def signs_in(browser: Colleague, provider: SignInProvider) -> TestResponse:
    return comes_back(browser, provider.shown(sent_away(browser)))


def refused(response: TestResponse, why: str = DID_NOT_WORK) -> bool:
    return response.status_code == 422 and why in response.text.replace("&#39;", "'")


def test_somebody_who_works_here_signs_in_and_goes_on_to_the_page_they_wanted(
    rita: Colleague, provider: SignInProvider, rows: Rows
) -> None:
    assert "Sign in with your company's account" in rita.get("/sign-in").text
    back = comes_back(rita, provider.shown(sent_away(rita, next="/account?tab=2")))
    assert back.headers["Location"] == "/account?tab=2"
    assert rita.get("/account").status_code == 200
    [line] = [line for line in rows(AuditRow) if line.action == "staff.signed_in"]
    assert line.detail == {"by": "company account"}
    assert rows(CeremonyRow) == []


def test_what_the_provider_is_asked_holds_no_secret_and_nobody_elses_page(
    rita: Colleague, provider: SignInProvider
) -> None:
    asked = dict(parse_qsl(urlsplit(sent_away(rita, next="//evil.example")).query))
    assert asked["redirect_uri"] == f"{HERE}/sign-in/company/callback"
    assert asked["scope"] == "openid email"
    assert CLIENT_SECRET not in str(asked)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    back = comes_back(rita, provider.shown(sent_away(rita, next="https://evil.example/")))
    assert back.headers["Location"] == "/desk"


def test_the_one_time_password_that_was_handed_round_ends_with_the_first_sign_in(
    rita: Colleague, provider: SignInProvider, rows: Rows
) -> None:
    assert signs_in(rita, provider).headers["Location"] == "/desk"
    assert "You have no password here." in rita.get("/account").text
    assert rita.get("/desk").status_code == 200
    assert [row.password_hash for row in rows(StaffRow)] == [None]
    assert Colleague(rita.app, rita.email, rita.password).signs_in().status_code == 422
    tried = rita.post("/account/password", {"old": rita.password, "new": "four words in a row"})
    assert tried.status_code == 422


def test_a_password_of_ones_own_stays(rita: Colleague, provider: SignInProvider) -> None:
    rita.signs_in()
    rita.post("/account/password", {"old": rita.password, "new": "four words in a row"})
    assert signs_in(Colleague(rita.app), provider).headers["Location"] == "/desk"
    again = Colleague(rita.app, rita.email, "four words in a row")
    assert again.signs_in().headers["Location"] == "/desk"


def test_who_has_a_second_step_here_is_asked_for_it_all_the_same(
    rep: Colleague, provider: SignInProvider
) -> None:
    phone, _ = set_up(rep)
    browser = Colleague(rep.app)
    assert signs_in(browser, provider).headers["Location"] == "/sign-in/code"
    assert browser.get("/desk").status_code == 303
    browser.get("/sign-in/code")
    assert browser.post("/sign-in/code", {"code": next_code(phone)}).status_code == 303
    assert browser.get("/desk").status_code == 200


@pytest.mark.parametrize("second_step", [False, True])
def test_whose_account_the_company_closed_is_out_within_two_hours(
    rep: Colleague, provider: SignInProvider, rows: Rows, *, second_step: bool
) -> None:
    phone = set_up(rep)[0] if second_step else None
    browser = Colleague(rep.app)
    signs_in(browser, provider)
    if phone:
        browser.get("/sign-in/code")
        browser.post("/sign-in/code", {"code": next_code(phone)})
    assert browser.get("/desk").status_code == 200
    by_company = max(rows(StaffSessionRow), key=lambda each: each.created_at)
    assert by_company.expires_at - by_company.created_at == timedelta(hours=2)


def next_code(phone: Phone) -> str:
    return phone.app.at(datetime.now(UTC) + timedelta(seconds=30))


def test_the_providers_word_is_more_than_a_password_where_a_role_needs_more(
    rita: Colleague, provider: SignInProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(rita.app.extensions["baton"], two_step_roles=frozenset({"rep"}))
    monkeypatch.setitem(rita.app.extensions, "baton", config)
    signs_in(rita, provider)
    assert rita.get("/desk").status_code == 200


def test_a_provider_may_change_its_keys_between_two_sign_ins(
    rita: Colleague, provider: SignInProvider
) -> None:
    assert signs_in(rita, provider).status_code == 303
    provider.kid = "second"
    assert signs_in(Colleague(rita.app), provider).status_code == 303


def test_a_provider_may_want_the_secret_in_the_form(
    rita: Colleague, provider: SignInProvider
) -> None:
    provider.configuration["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert signs_in(rita, provider).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@acme.example"},
        {"email": "rep@acme.example.evil.example"},
        {"email": "\u212aep@acme.example"},
        {"email": "rep@acme.example "},
    ],
)
def test_nobody_gets_an_account_by_signing_in(
    rita: Colleague, provider: SignInProvider, claims: dict[str, str], rows: Rows
) -> None:
    provider.claims |= claims
    assert refused(signs_in(rita, provider), "You have no account here yet.")
    assert len(rows(StaffRow)) == 1
    assert rita.get("/desk").status_code == 303


def test_who_was_given_a_former_colleagues_address_does_not_get_their_account(
    rita: Colleague, provider: SignInProvider
) -> None:
    assert signs_in(rita, provider).status_code == 303
    provider.claims["sub"] = "somebody else"
    successor = Colleague(rita.app)
    assert refused(signs_in(successor, provider), "Somebody else of your company signed in here")
    assert successor.get("/desk").status_code == 303

    with rita.app.app_context():
        staff.reset_password(rita.email, by="admin", now=datetime.now(UTC))
    assert signs_in(successor, provider).headers["Location"] == "/desk"


def test_a_new_address_at_the_company_stays_the_same_colleague(
    rita: Colleague, provider: SignInProvider
) -> None:
    assert signs_in(rita, provider).status_code == 303
    provider.claims["email"] = "married.name@acme.example"
    again = Colleague(rita.app)
    assert signs_in(again, provider).headers["Location"] == "/desk"
    assert rita.email in again.get("/account").text


@pytest.mark.parametrize("subject", [None, "", 7, ["somebody"], "x" * 256])
def test_an_account_without_a_name_opens_nothing(
    rita: Colleague, provider: SignInProvider, subject: object
) -> None:
    provider.claims["sub"] = subject
    assert refused(signs_in(rita, provider))


def test_capitals_in_an_address_make_nobody_else(rita: Colleague, provider: SignInProvider) -> None:
    provider.claims["email"] = "Rep@ACME.example"
    assert signs_in(rita, provider).status_code == 303


def test_a_colleague_who_left_cannot_come_back(rita: Colleague, provider: SignInProvider) -> None:
    with rita.app.app_context():
        staff.disable(rita.email, by="admin", now=datetime.now(UTC))
    assert refused(signs_in(rita, provider), "You have no account here yet.")


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_an_address_that_the_provider_has_not_verified_opens_nothing(
    rita: Colleague, provider: SignInProvider, verified: object
) -> None:
    provider.claims["email_verified"] = verified
    assert refused(signs_in(rita, provider), "names no verified e-mail address")


def test_only_addresses_of_the_domains_that_are_set_count(
    rita: Colleague, provider: SignInProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for domains, comes_in in (({"other.example"}, False), ({"acme.example"}, True)):
        told = Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET, frozenset(domains))
        knowing(rita.app, monkeypatch, provider, told)
        assert (signs_in(Colleague(rita.app), provider).status_code == 303) is comes_in


LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": [CLIENT_ID, "another client"]},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"exp": LONG_AGO},
        {"exp": None},
        {"exp": "soon"},
        {"iat": FAR_AHEAD},
        {"nbf": FAR_AHEAD},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_opens_nothing(
    rita: Colleague, provider: SignInProvider, changed: dict[str, object]
) -> None:
    provider.changed = changed
    assert refused(signs_in(rita, provider))
    assert rita.get("/desk").status_code == 303


def _part(document: object) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _forged(provider: SignInProvider, how: str, asked: dict[str, str]) -> str:
    real = provider.id_token(asked)
    header, claims, signature = real.split(".")
    match how:
        case "unsigned":
            return f"{_part({'alg': 'none'})}.{claims}."
        case "unsigned, with a signature":
            return f"{_part({'alg': 'none', 'kid': 'first'})}.{claims}.{signature}"
        case "by the public key as a secret":
            secret = signing_key("first").as_pem(private=False)
            signed = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{claims}"
            seal = hmac.digest(secret, signed.encode(), "sha256")
            return f"{signed}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"
        case "by another key under the same name":
            return provider.id_token(asked, signing_key("other"))
        case "by a key that it brings along":
            own = signing_key("other")
            return provider.id_token(asked, own, jwk=own.as_dict(private=False))
        case "with other claims":
            return f"{header}.{_part({'email': 'admin@acme.example'})}.{signature}"
        case "by nobody":
            return "not a token"
    return "a.b.c.d.e"


@pytest.mark.parametrize(
    "how",
    [
        "unsigned",
        "unsigned, with a signature",
        "by the public key as a secret",
        "by another key under the same name",
        "by a key that it brings along",
        "with other claims",
        "by nobody",
        "encrypted",
    ],
)
def test_a_token_that_the_provider_has_not_signed_opens_nothing(
    rita: Colleague, provider: SignInProvider, how: str
) -> None:
    address = sent_away(rita)
    asked = dict(parse_qsl(urlsplit(address).query))
    provider.token = _forged(provider, how, asked)
    assert refused(comes_back(rita, provider.shown(address)))
    assert rita.get("/desk").status_code == 303


def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(
    rita: Colleague, provider: SignInProvider
) -> None:
    query = provider.shown(sent_away(rita))
    thief = Colleague(rita.app)
    assert refused(comes_back(thief, query), "That took too long.")
    sent_away(thief)
    assert refused(comes_back(thief, query), "was not asked for in this browser")
    copied = rita.at_another_browser()
    assert comes_back(rita, query).status_code == 303
    for browser in (rita, copied):
        assert refused(comes_back(browser, query), "That took too long.")


def test_somebody_elses_code_under_ones_own_state_opens_nothing(
    rita: Colleague, provider: SignInProvider
) -> None:
    stolen = parse_qs(provider.shown(sent_away(rita)))["code"][0]
    thief = Colleague(rita.app)
    state = parse_qs(urlsplit(sent_away(thief)).query)["state"][0]
    assert refused(comes_back(thief, urlencode({"code": stolen, "state": state})))
    assert provider.granted == 0


def test_an_answer_of_another_provider_is_refused_before_its_code_goes_anywhere(
    rita: Colleague, provider: SignInProvider
) -> None:
    query = provider.shown(sent_away(rita)) + "&iss=https://other.example"
    assert refused(comes_back(rita, query))
    provider.configuration["authorization_response_iss_parameter_supported"] = True
    assert refused(signs_in(rita, provider))
    assert "/token" not in provider.paths
    query = provider.shown(sent_away(rita)) + "&" + urlencode({"iss": provider.issuer})
    assert comes_back(rita, query).status_code == 303


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"jwks_uri": "https://127.0.0.1/keys"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_provider_that_names_another_or_leads_inside_is_not_used(
    rita: Colleague, provider: SignInProvider, configuration: dict[str, str]
) -> None:
    provider.configuration = configuration
    assert refused(rita.get("/sign-in/company"))
    assert provider.paths == ["/.well-known/openid-configuration"]


def test_a_provider_inside_is_not_asked_unless_it_is_listed(
    rita: Colleague, provider: SignInProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(rita.app.extensions["baton"], allowed_receivers=frozenset())
    monkeypatch.setitem(rita.app.extensions, "baton", config)
    assert refused(rita.get("/sign-in/company"))
    assert provider.paths == []


@pytest.mark.parametrize(
    "query", ["", "state=x", "error=access_denied&error_description=<script>", "code=&state=x"]
)
def test_whoever_comes_back_with_nothing_is_told_what_to_do(
    rita: Colleague, provider: SignInProvider, query: str
) -> None:
    assert comes_back(rita, query).status_code == 422
    asked = dict(parse_qsl(urlsplit(sent_away(rita)).query))
    back = comes_back(rita, f"{query}&state={asked['state']}")
    assert back.status_code == 422
    assert 'role="alert"' in back.text
    assert "<script>" not in back.text


def test_where_only_the_company_counts_no_password_and_no_passkey_opens_anything(
    rita: Colleague, provider: SignInProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET, only=True)
    knowing(rita.app, monkeypatch, provider, told)
    page = rita.get("/sign-in").text
    assert 'name="password"' not in page
    assert "passkey" not in page
    other = Colleague(rita.app, rita.email, rita.password)
    rita.get("/account/nothing")
    assert signs_in(rita, provider).status_code == 303
    rita.get("/account")
    everybody = "Everybody signs in with their company's account here."
    assert refused(rita.post("/sign-in/passkey/question"), everybody)
    typed = {"email": other.email, "password": other.password}
    assert refused(rita.post("/sign-in", typed), everybody)


def test_where_no_provider_is_set_nothing_leads_to_one(rita: Colleague) -> None:
    assert "company" not in rita.get("/sign-in").text
    for address in ("/sign-in/company", "/sign-in/company/callback?code=x&state=y"):
        assert refused(rita.get(address), "is not set up here")


def test_nobody_has_us_ask_the_provider_without_end(
    rita: Colleague, provider: SignInProvider
) -> None:
    answers = [rita.get("/sign-in/company").status_code for _ in range(52)]
    assert answers == [303] * 50 + [429] * 2
