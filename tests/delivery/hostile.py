"""Twenty-five ways for a receiver to be unhelpful. Each is run on every connection it gets."""

import gzip
import socket
import time
from collections.abc import Callable, Mapping

from tests.delivery.receivers import drip, forever, read_request, reset

Behave = Callable[[socket.socket], None]

HEAD = b"HTTP/1.1 200 OK\r\n"
LINGER_S = 30.0


def hang(connection: socket.socket) -> None:
    """Takes the request and says nothing, until the other side hangs up."""
    read_request(connection)
    connection.settimeout(LINGER_S)
    connection.recv(1)


def hang_before_reading(connection: socket.socket) -> None:
    time.sleep(LINGER_S)


def says(data: bytes) -> Behave:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(data)

    return behave


def then(start: bytes, more: Callable[[socket.socket], None]) -> Behave:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(start)
        more(connection)

    return behave


def refuse_at_once(connection: socket.socket) -> None:
    reset(connection)


def status(code: int, *headers: str) -> Behave:
    lines = [f"HTTP/1.1 {code} X", *headers, "Content-Length: 0", "", ""]
    return says("\r\n".join(lines).encode())


def status_closing(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\nshort")


BOMB = gzip.compress(b"\0" * 5_000_000)

HOSTILE: Mapping[str, Behave] = {
    "hangs after reading": hang,
    "hangs before reading": hang_before_reading,
    "one byte a second in the head": then(b"", lambda c: drip(c, HEAD * 20, 0.3)),
    "closes in the middle of the head": then(HEAD + b"Content-Type: te", lambda c: c.close()),
    "one byte a second in the body": then(
        HEAD + b"Content-Length: 500\r\n\r\n", lambda c: drip(c, b"x" * 500, 0.3)
    ),
    "endless body": then(HEAD + b"\r\n", lambda c: forever(c, b"x" * 65_536)),
    "endless chunks": then(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda c: forever(c, b"4000\r\n" + b"x" * 0x4000 + b"\r\n"),
    ),
    "claims ten gigabytes": then(
        HEAD + b"Content-Length: 10737418240\r\n\r\n", lambda c: forever(c, b"x" * 65_536)
    ),
    "endless header line": then(HEAD + b"X: ", lambda c: forever(c, b"x" * 65_536)),
    "header flood": then(HEAD, lambda c: forever(c, b"X-Flood: x\r\n" * 100)),
    "endless 100 Continue": then(b"", lambda c: forever(c, b"HTTP/1.1 100 Continue\r\n\r\n")),
    "endless trailers": then(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", lambda c: forever(c, b"X: y\r\n" * 99)
    ),
    "reset at once": refuse_at_once,
    "reset after the status": then(HEAD + b"Content-Length: 9\r\n\r\nabc", reset),
    "closes in the middle of the body": status_closing,
    "closes without a word": lambda c: None,
    "speaks no HTTP": says(b"220 mail.example ESMTP ready\r\n"),
    "binary noise": says(bytes(range(256)) * 40),
    "a status of four digits": says(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
    "bad chunk size": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
    "500": status(500),
    "400": status(400),
    "410": status(410),
    "429 for a year": status(429, "Retry-After: 31536000"),
    "503 with a negative wait": status(503, "Retry-After: -60"),
    "redirects to the metadata service": status(
        302, "Location: http://169.254.169.254/latest/meta-data/"
    ),
}

HARMLESS: Mapping[str, Behave] = {
    "negative length": says(HEAD + b"Content-Length: -5\r\n\r\n"),
    # A bomb does nothing to somebody who does not open it.
    "gzip bomb": says(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB
    ),
}
