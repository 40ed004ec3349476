"""A provider is asked for as little as it needs, and whatever it answers does no harm."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.hostile import HOSTILE
from tests.delivery.receivers import Answer, HttpReceiver, RawReceiver
from webapp.config import Config
from webapp.delivery.channels import Channels
from webapp.delivery.errors import DeliveryDelayed, DeliveryFailed, DeliveryRefused
from webapp.delivery.guard import DEADLINE_S, Guard
from webapp.delivery.transport import Parcel

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKED = {"domain": "nordwind.example"}


def ask(
    receiver: HttpReceiver | RawReceiver,
    asked: dict[str, str] = ASKED,
    *,
    deadline_s: float = DEADLINE_S,
    path: str = "",
    key: str = "t0ken",
    **settings: Any,
) -> dict[str, Any]:
    """What is known after asking."""
    config = Config(secret_key="k" * 40, database_url="", data_dir=Path())
    channels = Channels(config, Guard(receiver.listed, deadline_s=deadline_s))
    set_up = {
        "url": f"{receiver.url}{path}", "method": "GET", "header": "Authorization",
        "mapping": "company: company.name\ncompany_size: company.employees", **settings,
    }  # fmt: skip
    parcel = Parcel("d1", "company.looked_up", asked, NOON)
    channels.transport("enrichment", set_up, channels.vault.lock({"token": key})).send(parcel)
    return dict(parcel.progress)


def answering(body: object, status: int = 200, **headers: str) -> Callable[..., Answer]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: Answer(status, content, headers)


def test_a_get_holds_the_domain_and_the_key_and_nothing_else_of_anybody() -> None:
    body = {"company": {"name": "Nordwind", "employees": 240, "ceo": "Ada"}}
    with HttpReceiver(answering(body)) as provider:
        known = ask(provider, path="/find?v=2")
    [request] = provider.received
    assert (request.method, request.path) == ("GET", "/find?v=2&domain=nordwind.example")
    assert request.headers["authorization"] == "Bearer t0ken"
    assert known == {
        "answer": {"company.name": "Nordwind", "company.employees": "240"}, "notes": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"domain": "a/../b?c#d.example"}, "/companies/a%2F..%2Fb%3Fc%23d.example?x=1"),
        ({"domain": "münchen.example"}, "/companies/xn--mnchen-3ya.example?x=1"),
        ({"domain": "{email}.example"}, "/companies/%7Bemail%7D.example?x=1"),
    ],
)
def test_a_domain_takes_its_place_in_the_address_and_goes_nowhere_else(
    asked: dict[str, str], path: str
) -> None:
    with HttpReceiver(answering({})) as provider:
        ask(provider, asked, path="/companies/{domain}?x=1")
    assert provider.received[0].path == path


def test_a_post_says_it_in_json_and_the_key_goes_into_the_header_named() -> None:
    asked = {"domain": "nordwind.example", "email": "ana@nordwind.example"}
    with HttpReceiver(answering({})) as provider:
        ask(provider, asked, method="POST", header="X-Api-Key")
        ask(provider, asked, key="Token abc")
    first, second = provider.received
    assert (first.method, first.path, json.loads(first.body)) == ("POST", "/", asked)
    assert first.headers["x-api-key"] == "t0ken"
    assert second.headers["authorization"] == "Token abc"


@pytest.mark.parametrize("status", [204, 404])
def test_a_company_it_does_not_know_is_an_answer(status: int) -> None:
    with HttpReceiver(lambda _: Answer(status)) as provider:
        known = ask(provider)
    assert known["answer"] == {}
    assert known["notes"] == [f"The provider knows nothing of nordwind.example ({status})."]


def test_what_is_known_already_is_not_asked_again() -> None:
    with HttpReceiver() as provider:
        config = Config(secret_key="k" * 40, database_url="", data_dir=Path())
        channels = Channels(config, Guard(provider.listed))
        settings = {"url": provider.url, "method": "GET", "header": "X-Key", "mapping": "a: b"}
        parcel = Parcel("d1", "company.looked_up", ASKED, NOON, progress={"answer": {}})
        secret = channels.vault.lock({"token": "t"})
        channels.transport("enrichment", settings, secret).send(parcel)
    assert provider.received == []


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer(200, b"<html>Welcome</html>"), DeliveryDelayed, "not JSON"),
        (Answer(200, b"\xff\xfe\x00"), DeliveryDelayed, "not JSON"),
        (Answer(200, b""), DeliveryDelayed, "not JSON"),
        (Answer(200, b'{"a":' * 100_000), DeliveryDelayed, "nested too deeply"),
        (Answer(200, b"[" * 200_000 + b"]" * 200_000), DeliveryDelayed, "nested too deeply"),
        (Answer(200, b" " * 1_100_000 + b"{}"), DeliveryDelayed, "longer answer"),
        (Answer(202), DeliveryDelayed, "still looking"),
        (Answer(429, b"slow down"), DeliveryDelayed, "429"),
        (Answer(401, b'{"error": "no such key"}'), DeliveryRefused, "no such key"),
        (Answer(302, b"", {"Location": "http://169.254.169.254/"}), DeliveryRefused, "redirect"),
    ],
)
def test_an_answer_that_is_none_is_told_in_a_sentence(
    answer: Answer, error: type[DeliveryFailed], said: str
) -> None:
    with HttpReceiver(lambda _: answer) as provider, pytest.raises(error, match=said):
        ask(provider)
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"company": {"name": NaN, "employees": Infinity}}', {}),
        (b'{"company": {"name": "\\u0000N\\ud800", "employees": 1e999}}',
         {"company.name": "N�", "company.employees": "1e999"}),
        (b'{"company": {"employees": ' + b"9" * 5_000 + b"}}", {}),
        (b'{"company": {"name": ["a", {}], "employees": [[1]]}}', {}),
        (b'[1, 2]', {}), (b'"text"', {}), (b"null", {}),
    ],
)  # fmt: skip
def test_odd_json_leaves_nothing_that_cannot_be_stored(body: bytes, kept: object) -> None:
    with HttpReceiver(answering(body)) as provider:
        assert ask(provider)["answer"] == kept


@pytest.mark.parametrize(
    "how", ["hangs after reading", "one byte a second in the body", "endless body", "binary noise"]
)
def test_a_provider_that_means_harm_only_fails(how: str) -> None:
    with RawReceiver(HOSTILE[how]) as provider, pytest.raises(DeliveryFailed):
        ask(provider, deadline_s=0.3)
