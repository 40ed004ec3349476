"""Clients that are too slow for the server, on purpose or not."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from webapp.cli import slow_clients
from webapp.cli.slow_clients import SLOWEST_BYTES_A_S, Connection

# A control that is taken out would have them wait for minutes.
pytestmark = pytest.mark.timeout(20)

Both = tuple[Connection, socket.socket]


@pytest.fixture
def both() -> Iterator[Both]:
    """The server's end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with closing(Connection(fileno=ours.detach())) as served, theirs:
        yield served, theirs


def test_whoever_stops_in_the_middle_of_a_request_is_taken_to_have_hung_up(both: Both) -> None:
    served, client = both
    served.expect_request(patience=0)
    client.sendall(b"POST /f/contact/answers HTTP/1.1\r\nHost: q.example.com\r\nContent-Le")
    assert served.recv(8192).endswith(b"Content-Le")
    served.expect_request(patience=0)
    assert served.recv(8192) == b""


def test_what_keeps_coming_may_take_as_long_as_it_takes(both: Both) -> None:
    served, client = both
    served.expect_request()
    before = served.until
    client.sendall(b"a" * SLOWEST_BYTES_A_S)
    assert len(served.recv(SLOWEST_BYTES_A_S)) == SLOWEST_BYTES_A_S
    assert served.until == before + 1


def test_whoever_takes_no_reply_is_taken_to_have_hung_up(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, _ = both
    monkeypatch.setattr(slow_clients, "PATIENCE_S", 0.01)
    monkeypatch.setattr(slow_clients, "SLOWEST_BYTES_A_S", 10**9)
    with pytest.raises(BrokenPipeError):
        served.sendall(bytes(10_000_000))


def test_a_connection_stays_as_it_was_for_whoever_waits_for_it_elsewhere(both: Both) -> None:
    served, client = both
    served.expect_request()
    client.sendall(b"a")
    for mode in (True, False):
        served.setblocking(mode)
        usual = served.gettimeout()
        served.recv(1)
        client.sendall(b"a")
        assert served.gettimeout() == usual
