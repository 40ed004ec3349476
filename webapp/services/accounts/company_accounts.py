"""Signing in with one's company's account: OpenID Connect, by authorization code with PKCE.

Whoever the provider vouches for comes in if their verified e-mail address is that of somebody who
works here; from then on it is the account at the provider that counts, whatever its address. Nobody
gets an account this way.
"""

import hashlib
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import current_app

from webapp.config import Config, Provider
from webapp.core.errors import BatonError
from webapp.delivery.addresses import target
from webapp.delivery.errors import DeliveryFailed
from webapp.delivery.guard import Guard, Response
from webapp.services import throttle
from webapp.services.accounts import ceremonies, sessions
from webapp.services.accounts.staff import (
    WINDOW,
    Entry,
    StaffRefused,
    first_step_taken,
)
from webapp.store import staff as rows
from webapp.store.database import one_commit, writing
from webapp.store.staff import StaffRow

SIGNING_IN = "signing in with the company's account"
CALLBACK = "/sign-in/company/callback"
DEADLINE_S = 5.0
"""A web process waits for the provider: not for as long as a worker would."""

_LONGEST_CODE = 4_000


class ProviderFailed(BatonError):
    """The provider does not answer as it should. ``why`` is for whoever runs Baton."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "Your company's sign-in did not work. Try again. If it stays so, tell whoever runs "
            "Baton."
        )
        self.why = why


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a browser is sent to sign in, and the secret it keeps of it."""

    address: str
    token: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    posts_secret: bool


def offered() -> bool:
    """Whether there is a provider, and an address of ours that it can send people back to."""
    config = _config()
    return config.provider is not None and bool(config.base_url)


def begin(wanted: str | None, *, address: str, now: datetime) -> Asked:
    """Send a browser to the provider; ``wanted`` is the page to go on to.

    Raises: StaffRefused, ProviderFailed, Throttled.
    """
    provider = _provider()
    with writing():
        throttle.count("company account from", address, most=50, within=WINDOW, now=now)
    found = metadata()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    content = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "wanted": wanted,
        # The code goes to whom it was asked of, whatever the provider says of itself by then.
        "token_endpoint": found.token_endpoint,
        "jwks_uri": found.jwks_uri,
        "names_itself": found.names_itself,
        "posts_secret": found.posts_secret,
    }
    with writing(), one_commit("company_accounts.begin"):
        token = ceremonies.begin(SIGNING_IN, staff_id=None, content=content, now=now)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _back_to(),
        "scope": "openid email",
        "state": state,
        "nonce": nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in found.authorization_endpoint else "?"
    return Asked(f"{found.authorization_endpoint}{joint}{urlencode(asked)}", token)


def finish(token: str, answer: Mapping[str, str], *, now: datetime) -> tuple[Entry, str | None]:
    """Begin a session, or half of one, for whom the provider vouches; with it the page to go on to.

    The provider's word is more than a password. Who has a second step here is asked for it all the
    same. An answer is good once, also one that is refused.

    Raises: StaffRefused, ProviderFailed, TooLate.
    """
    from webapp.services.accounts import id_tokens

    provider = _provider()
    asked = _take(token, answer, now)
    if "error" in answer:
        raise StaffRefused("Your company's account was not shown. Begin again.")
    _check_who_answers(answer, provider, asked)
    try:
        claims = id_tokens.verified(
            _id_token_for(answer.get("code", ""), provider, asked),
            keys=_json(_guard().request("GET", asked["jwks_uri"]), "keys"),
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=asked["nonce"],
            now=now,
        )
    except DeliveryFailed as failed:
        raise ProviderFailed(str(failed)) from failed
    except id_tokens.ODD as odd:
        raise ProviderFailed(f"The ID token does not hold ({odd}).") from odd
    with writing(), one_commit("company_accounts.finish"):
        row = _colleague(claims, provider)
        if row.one_time:
            # It was handed round to get in once, which is done.
            row.password_hash, row.one_time = None, False
        by = {"by": "company account"}
        entry = first_step_taken(
            row, now, strong=True, lasts=sessions.LONGEST_BY_COMPANY, detail=by
        )
    return entry, asked["wanted"]


def metadata() -> Metadata:
    """What the provider says of itself, asked anew each time: keys and addresses may change.

    Raises: ProviderFailed.
    """
    provider = _provider()
    at = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        found = _json(_guard().request("GET", at), "configuration")
        if found.get("issuer") != provider.issuer:
            raise ProviderFailed(
                f"It calls itself {found.get('issuer')!r}. BATON_OIDC_ISSUER must be the same."
            )
        endpoints = {
            name: str(found.get(name, ""))
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        for each in endpoints.values():
            target(each, _config().allowed_receivers)
    except DeliveryFailed as failed:
        raise ProviderFailed(str(failed)) from failed
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        **endpoints,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_basic" not in ways,
    )


def _take(token: str, answer: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What this browser asked, which nothing can answer again. Raises: TooLate, StaffRefused."""
    with writing(), one_commit("company_accounts.take"):
        waiting = ceremonies.waiting(token, SIGNING_IN, now=now)
        asked = dict(waiting.content)
        ceremonies.finish(waiting)
    if not secrets.compare_digest(asked["state"].encode(), answer.get("state", "").encode()):
        raise StaffRefused("This answer was not asked for in this browser. Begin again.")
    return asked


def _check_who_answers(
    answer: Mapping[str, str], provider: Provider, asked: Mapping[str, Any]
) -> None:
    """Another provider's code must not be sent to ours, nor ours to another (RFC 9207)."""
    says = answer.get("iss", "" if asked["names_itself"] else provider.issuer)
    if says != provider.issuer:
        raise ProviderFailed("Another provider answered than was asked.")


def _id_token_for(code: str, provider: Provider, asked: Mapping[str, Any]) -> str:
    if not 0 < len(code) <= _LONGEST_CODE:
        raise ProviderFailed("It sent no code.")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _back_to(),
        "code_verifier": asked["verifier"],
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if asked["posts_secret"]:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        both = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
    sent = urlencode(form).encode()
    response = _guard().request("POST", asked["token_endpoint"], body=sent, headers=headers)
    token = _json(response, "token").get("id_token")
    if not isinstance(token, str):
        raise ProviderFailed("It sent no ID token.")
    return token


def _colleague(claims: Mapping[str, Any], provider: Provider) -> StaffRow:
    """Who works here and has this address, by the provider's word. Raises: StaffRefused."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise StaffRefused(
            "Your company's account names no verified e-mail address. Ask whoever looks after it."
        )
    # Lower case makes an ASCII letter of some that are none: the Kelvin sign becomes a k.
    plain = email == email.strip() and (email.isascii() or email == email.lower())
    account = f"{provider.issuer} {claims['sub']}"
    row = rows.by_company_account(account) or (rows.by_email(email) if plain else None)
    domain = email.lower().rpartition("@")[2]
    foreign = provider.email_domains and domain not in provider.email_domains
    if row is None or row.disabled_at is not None or foreign:
        raise StaffRefused("You have no account here yet. Ask an administrator for one.")
    known = (row.company_account or "").partition(" ")[0] == provider.issuer
    if known and row.company_account != account:
        raise StaffRefused(
            "Somebody else of your company signed in here with this address before. Ask whoever "
            "runs Baton to reset your password."
        )
    row.company_account = account
    return row


def _json(response: Response, what: str) -> dict[str, Any]:
    """Raises: ProviderFailed."""
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):
        found = None
    if response.status != 200 or not isinstance(found, dict):
        error = found.get("error") if isinstance(found, dict) else None
        said = f" {error}" if isinstance(error, str) else ""
        raise ProviderFailed(f"Its {what} was answered with {response.status}{said[:60]}.")
    return found


def _back_to() -> str:
    return f"{_config().base_url}{CALLBACK}"


def _guard() -> Guard:
    return Guard(_config().allowed_receivers, deadline_s=DEADLINE_S)


def _provider() -> Provider:
    provider = _config().provider
    if provider is None or not offered():
        raise StaffRefused("Signing in with a company's account is not set up here.")
    return provider


def _config() -> Config:
    config: Config = current_app.extensions["baton"]
    return config
