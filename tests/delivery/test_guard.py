"""One request out: to the address that was checked, within its time, and no further."""

import socket
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from tests.delivery.hostile import BOMB, HARMLESS, HOSTILE
from tests.delivery.receivers import (
    Answer,
    HttpReceiver,
    RawReceiver,
    certificate,
    tls_receiver,
)
from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.delivery.guard import Guard


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """How long we were ready to wait for a socket or a name, each time, in seconds."""
    ready: list[float | None] = []
    ours = threading.current_thread()

    def noting(wait: Callable[..., Any]) -> Callable[..., Any]:
        def noted(who: object, seconds: float | None = None) -> None:
            if threading.current_thread() is ours:
                ready.append(seconds)
            wait(who, seconds)

        return noted

    monkeypatch.setattr(socket.socket, "settimeout", noting(socket.socket.settimeout))
    monkeypatch.setattr(threading.Thread, "join", noting(threading.Thread.join))
    return ready


def of_one_deadline(waits: list[float | None], deadline_s: float) -> bool:
    """Whether each wait was for what those before it had left of the deadline."""
    # TLS takes its time over from the socket below it, which keeps nanoseconds.
    left = [round(seconds, 6) for seconds in waits if seconds is not None]
    return len(left) == len(waits) and deadline_s >= left[0] and left == sorted(left, reverse=True)


def test_a_request_arrives_as_it_was_meant():
    with HttpReceiver(lambda _: Answer(201, b"made", {"X-Id": "7"})) as receiver:
        found = Guard(receiver.listed).request(
            "POST", receiver.url + "/a?b=c", body=b"hello", headers={"X-Mine": "yes"}
        )

    [request] = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/a?b=c", b"hello")
    assert request.headers["x-mine"] == "yes"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (found.status, found.body, found.headers["x-id"]) == (201, b"made", "7")


def test_there_are_as_many_hostile_receivers_as_promised():
    assert len(HOSTILE) >= 25


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_receiver_holds_us_longer_or_makes_us_read_more_than_we_allow(kind, waits):
    with RawReceiver(HOSTILE[kind]) as receiver:
        guard = Guard(receiver.listed, deadline_s=0.3, most_body_bytes=200_000)
        tracemalloc.start()
        try:
            status = guard.request("POST", receiver.url, body=b"{}").status
        except DeliveryDelayed:
            status = None
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert status is None or status >= 300, "nothing here counts as delivered"
    assert of_one_deadline(waits, 0.3)
    assert peak < 5_000_000


def test_a_gzip_bomb_is_kept_shut():
    with RawReceiver(HARMLESS["gzip bomb"]) as receiver:
        assert Guard(receiver.listed).request("GET", receiver.url).body == BOMB


def test_a_redirect_is_not_followed():
    with HttpReceiver() as inside:
        away = Answer(302, headers={"Location": inside.url})
        with HttpReceiver(lambda _: away) as receiver:
            guard = Guard(receiver.listed | inside.listed)
            assert guard.request("POST", receiver.url).status == 302
        assert inside.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with HttpReceiver() as proxy, HttpReceiver() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        Guard(receiver.listed).request("POST", receiver.url)

        assert proxy.received == []
        assert len(receiver.received) == 1


def test_a_name_that_changes_its_mind_is_asked_only_once():
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with HttpReceiver() as receiver:
        guard = Guard(
            frozenset({f"hook.example:{receiver.port}"}), resolver=lambda *_: next(answers)
        )
        guard.request("POST", f"http://hook.example:{receiver.port}/")

    assert receiver.received[0].headers["host"] == f"hook.example:{receiver.port}"
    assert next(answers) == ["169.254.169.254"], "the second answer is still there"


def test_a_public_name_is_connected_to_at_the_address_that_was_checked(monkeypatch):
    asked, connected = [], []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(DeliveryDelayed):
        Guard(resolver=resolver).request("POST", "https://hook.example/")

    assert (asked, connected) == (["hook.example"], [("93.184.215.14", 443)])


def test_the_next_address_is_tried_when_one_is_down():
    with HttpReceiver() as receiver:
        listed = frozenset({f"hook.example:{receiver.port}"})
        guard = Guard(listed, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])

        assert guard.request("GET", f"http://hook.example:{receiver.port}/").status == 200


def test_tls_asks_for_the_name_and_checks_it_although_the_address_is_pinned(tmp_path):
    good = certificate(str(tmp_path), "hook.example")
    names: list[str | None] = []
    with tls_receiver(good.serve, names) as receiver:
        listed = frozenset({f"hook.example:{receiver.port}", f"other.example:{receiver.port}"})
        guard = Guard(listed, resolver=lambda *_: ["127.0.0.1"], tls=good.trust)

        assert guard.request("POST", f"https://hook.example:{receiver.port}/").status == 200
        assert names == ["hook.example"]
        with pytest.raises(DeliveryDelayed, match="no valid certificate"):
            guard.request("POST", f"https://other.example:{receiver.port}/")


def test_an_expired_or_unknown_certificate_is_not_trusted(tmp_path):
    old = certificate(str(tmp_path), "hook.example", expired=True)
    with tls_receiver(old.serve, []) as receiver:
        listed = frozenset({f"hook.example:{receiver.port}"})
        for trust in (old.trust, None):
            guard = Guard(listed, resolver=lambda *_: ["127.0.0.1"], tls=trust)
            with pytest.raises(DeliveryDelayed, match="no valid certificate"):
                guard.request("POST", f"https://hook.example:{receiver.port}/")


def test_a_receiver_that_speaks_no_tls_is_found_out():
    with HttpReceiver() as receiver:
        with pytest.raises(DeliveryDelayed, match=r"TLS|broke off|whole HTTP"):
            Guard(receiver.listed).request("POST", f"https://127.0.0.1:{receiver.port}/")
        assert receiver.received == []


def test_a_handshake_that_never_ends_is_left(waits):
    with (
        RawReceiver(HOSTILE["hangs before reading"]) as receiver,
        pytest.raises(DeliveryDelayed, match="in time"),
    ):
        Guard(receiver.listed, deadline_s=0.3).request(
            "POST", f"https://127.0.0.1:{receiver.port}/"
        )
    assert of_one_deadline(waits, 0.3)


def test_a_receiver_that_does_not_read_is_left(waits):
    big = b"x" * 20_000_000
    with (
        RawReceiver(HOSTILE["hangs before reading"]) as receiver,
        pytest.raises(DeliveryDelayed, match="in time"),
    ):
        Guard(receiver.listed, deadline_s=0.3).request("POST", receiver.url, body=big)
    assert of_one_deadline(waits, 0.3)
    assert len(waits) > 3, "each piece waits for what is left, or a slow reader holds us"


def test_a_name_server_that_never_answers_is_left(waits):
    release = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        release.wait()
        return []

    try:
        with pytest.raises(DeliveryDelayed, match="in time"):
            Guard(resolver=slow, deadline_s=0.2).request("POST", "https://hook.example/")
    finally:
        release.set()
    assert of_one_deadline(waits, 0.2)


def test_a_name_nobody_knows_is_tried_again_later():
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(DeliveryDelayed, match="could not be found"):
        Guard(resolver=unknown).request("POST", "https://nowhere.example/")


def test_a_line_break_in_a_header_is_refused_before_anything_is_sent():
    with HttpReceiver() as receiver:
        with pytest.raises(DeliveryRefused, match="line break"):
            Guard(receiver.listed).request("POST", receiver.url, headers={"X": "a\r\nBcc: b"})
        assert receiver.received == []


def test_nobody_listening_is_said_in_words():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DeliveryDelayed, match="broke off"):
        Guard(frozenset({f"127.0.0.1:{port}"})).request("POST", f"http://127.0.0.1:{port}/")
