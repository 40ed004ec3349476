"""Whoever sends or reads too slowly, or stops half way, holds no thread that others need."""

import errno
import socket
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

PATIENCE_S = 10.0
"""For a request to begin to arrive, and for a piece of a reply to be taken."""
SLOWEST_BYTES_A_S = 2_000
"""What comes at least as fast may take as long as it takes."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own lets a connection that sends nothing wait outside its threads; one that sends
    half a request would keep a thread for as long as it likes."""

    def enqueue_req(self, conn: Any) -> None:
        """A request begins to arrive on a connection, new or kept."""
        if not isinstance(conn.sock, Connection):
            conn.sock = Connection(fileno=conn.sock.detach())
        conn.sock.expect_request()
        super().enqueue_req(conn)


class Connection(socket.socket):
    """A client's connection; one that is too slow looks as if the client had hung up."""

    until: float

    def expect_request(self, patience: float = PATIENCE_S) -> None:
        self.until = monotonic() + patience

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        usual = self.gettimeout()
        left = max(self.until - monotonic(), 0.001)
        self.settimeout(left if usual is None else min(left, usual))
        try:
            found = super().recv(bufsize, flags)
        except TimeoutError:
            return b""
        finally:
            self.settimeout(usual)
        self.until += len(found) / SLOWEST_BYTES_A_S
        return found

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        usual = self.gettimeout()
        self.settimeout(PATIENCE_S + len(data) / SLOWEST_BYTES_A_S)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "The client reads too slowly.") from None
        finally:
            self.settimeout(usual)
