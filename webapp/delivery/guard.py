"""The one way out: an HTTP client that cannot be led astray and cannot be held up.

The name is resolved once, every address found must be public, and the connection goes to the very
address that was checked, so a name that changes its mind (DNS rebinding) gains nothing. Redirects
are not followed and proxy settings of the environment are not read. One deadline covers name
lookup, handshake, sending and the whole answer; what is read is bounded, and never unpacked.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from webapp.delivery.addresses import LIST_IT, Target, is_public, target
from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused

DEADLINE_S = 20.0
MOST_HEADER_BYTES = 32 * 1024
MOST_BODY_BYTES = 1024 * 1024
USER_AGENT = "Baton"

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address the system knows for the name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Response:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Guard:
    """``listed`` are the ``host:port`` the operator vouches for. ``resolver`` and ``tls`` are for
    tests; the defaults are the system's."""

    listed: frozenset[str] = frozenset()
    resolver: Resolve = resolve
    tls: ssl.SSLContext | None = None
    deadline_s: float = DEADLINE_S
    most_body_bytes: int = MOST_BODY_BYTES
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def request(
        self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send one request and read the whole answer, whatever its status.

        Raises: DeliveryRefused where the address may not be spoken to; DeliveryDelayed where no
        whole answer came in time.
        """
        where = target(url, self.listed)
        ends = self.clock() + self.deadline_s
        connection = _Connection(self, where, ends)
        try:
            connection.connect()
            connection.putrequest(method, where.path, skip_host=True, skip_accept_encoding=True)
            sent = {
                "Host": where.authority,
                "User-Agent": USER_AGENT,
                "Accept-Encoding": "identity",
                "Connection": "close",
                "Content-Length": str(len(body)),
                **(headers or {}),
            }
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            return connection.answer()
        except (OSError, http.client.HTTPException) as problem:
            raise DeliveryDelayed(_in_words(problem, where)) from problem
        except ValueError:
            raise DeliveryRefused(
                "A header holds a line break or a letter that cannot be sent. Type it again."
            ) from None
        finally:
            connection.close()

    def addresses(self, where: Target, ends: float) -> Sequence[str]:
        """The addresses that may be connected to: all the name has, or none."""
        found = _in_time(lambda: self.resolver(where.host, where.port), ends - self.clock())
        if not found:
            raise DeliveryDelayed(f"{where.host} has no address.")
        if not where.listed and not all(is_public(address) for address in found):
            raise DeliveryRefused(f"{where.host} leads to an address that is not public. {LIST_IT}")
        return found


class _Connection(http.client.HTTPConnection):
    """A connection to one checked address. The socket under it keeps the deadline."""

    def __init__(self, guard: Guard, where: Target, ends: float) -> None:
        super().__init__(where.host, where.port)
        self._guard, self._where, self._ends = guard, where, ends
        self._read = _Bounded(self, MOST_HEADER_BYTES)

    def connect(self) -> None:
        problem: OSError | None = None
        for address in self._guard.addresses(self._where, self._ends):
            try:
                raw = socket.create_connection((address, self._where.port), timeout=self.left())
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.sock = self._wrapped(raw) if self._where.scheme == "https" else raw
            except OSError as failed:
                problem = failed
            else:
                return
        raise problem or TimeoutError

    def _wrapped(self, raw: socket.socket) -> socket.socket:
        context = self._guard.tls or _tls()
        try:
            raw.settimeout(self.left())
            return context.wrap_socket(raw, server_hostname=self._where.host)
        except OSError:
            raw.close()
            raise

    def left(self) -> float:
        left = self._ends - self._guard.clock()
        if left <= 0:
            raise TimeoutError
        return left

    def send(self, data: object) -> None:
        # SSLSocket.sendall allows its timeout anew for every piece: a slow reader would hold us.
        view = (
            memoryview(data).cast("B") if isinstance(data, bytes | bytearray) else memoryview(b"")
        )
        while view:
            self.sock.settimeout(self.left())
            view = view[self.sock.send(view[:16_384]) :]

    def answer(self) -> Response:
        response = http.client.HTTPResponse(self._read)  # type: ignore[arg-type]
        try:
            response.begin()
            self._read.allow_body(self._guard.most_body_bytes)
            body = _whole_body(response)
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, headers, body)
        finally:
            response.close()


def _whole_body(response: http.client.HTTPResponse) -> bytes:
    """Read piece by piece: asked for everything, Python 3.11 sets aside as much memory as the
    receiver's Content-Length claims."""
    pieces = []
    while piece := response.read(16_384):
        pieces.append(piece)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)


class _TooMuch(http.client.HTTPException):
    pass


class _Bounded(io.RawIOBase):
    """What the receiver sends: each piece within the time left, all of it within a bound, and a
    head that is whole: ``http.client`` takes one that is cut short for an answer."""

    def __init__(self, connection: _Connection, most: int) -> None:
        self._connection, self._left = connection, most
        self._in_head = True

    def allow_body(self, most: int) -> None:
        self._left += most
        self._in_head = False

    def makefile(self, mode: str) -> io.BufferedReader:
        """What ``HTTPResponse`` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._left <= 0:
            raise _TooMuch
        view = memoryview(buffer)[: self._left]
        self._connection.sock.settimeout(self._connection.left())
        got = self._connection.sock.recv_into(view)
        if not got and self._in_head:
            raise http.client.IncompleteRead(b"")
        self._left -= got
        return got


@cache
def _tls() -> ssl.SSLContext:
    # Reading the system's certificates takes longer than most deliveries.
    return ssl.create_default_context()


def _in_time(look_up: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """The system's resolver takes no deadline, so it runs aside and is left behind when late."""
    found: list[Sequence[str]] = []
    failed: list[OSError] = []

    def run() -> None:
        try:
            found.append(look_up())
        except OSError as problem:
            failed.append(problem)
        except UnicodeError:
            failed.append(socket.gaierror(socket.EAI_NONAME, "not a name"))

    thread = threading.Thread(target=run, name="resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError
    return found[0]


def _in_words(problem: Exception, where: Target) -> str:
    match problem:
        case _TooMuch():
            return f"{where.host} sent a longer answer than anybody needs."
        case socket.gaierror():
            return f"{where.host} could not be found. Check the name."
        case ssl.SSLCertVerificationError():
            return f"{where.host} has no valid certificate: {problem.verify_message}."
        case ssl.SSLError():
            return f"{where.host} does not speak TLS as it should ({problem.reason})."
        case TimeoutError():
            return f"{where.host} did not answer in time."
        case http.client.HTTPException():
            return f"{where.host} sent something that is not a whole HTTP answer."
        case _:
            return f"{where.host} broke off ({getattr(problem, 'strerror', None) or problem})."
