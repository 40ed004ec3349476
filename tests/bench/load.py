"""A load generator: some connections, one window of time, what it cost on both sides."""

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import psutil


class Caller(Protocol):
    """One connection's side of a conversation."""

    def next_request(self) -> bytes:
        """The bytes of the next request."""

    def take(self, status: int, head: bytes, body: bytes) -> bool:
        """Read the response; say whether it counts as one measured request."""


@dataclass(frozen=True)
class Window:
    """What happened in one window, in seconds; one latency per counted request."""

    seconds: float
    latencies: tuple[float, ...]
    requests: int
    errors: int
    server_cpu: float
    own_cpu: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.server_cpu / max(1, self.requests) * 1e6

    @property
    def own_cpu_us(self) -> float:
        return self.own_cpu / max(1, self.requests) * 1e6

    @property
    def tail(self) -> float:
        """How much longer the slowest hundredth waits than the usual request."""
        usual = self.percentile(0.5)
        return self.percentile(0.99) / usual if usual else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def window(
    port: int, callers: Sequence[Caller], server: psutil.Process, seconds: float = 1.0
) -> Window:
    """Let every caller call as fast as it is answered, for a while."""
    until = time.perf_counter() + seconds
    seen: list[tuple[list[float], int, int]] = []
    before, own_before, started = cpu(server), time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=lambda c=caller: seen.append(_call(port, c, until)))
        for caller in callers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Window(
        seconds=time.perf_counter() - started,
        latencies=tuple(latency for latencies, _, _ in seen for latency in latencies),
        requests=sum(requests for _, requests, _ in seen),
        errors=sum(errors for _, _, errors in seen),
        server_cpu=cpu(server) - before,
        own_cpu=time.process_time() - own_before,
    )


def cpu(server: psutil.Process) -> float:
    """Seconds of processor time that a server and its children have used."""
    total = 0.0
    for process in [server, *server.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def exchange(port: int, request: bytes, timeout: float = 30.0) -> tuple[int, bytes, bytes]:
    """Send one request on a connection of its own: status, head and body of the response."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head[9:12]), head, body


def _call(port: int, caller: Caller, until: float) -> tuple[list[float], int, int]:
    latencies: list[float] = []
    requests = errors = 0
    while time.perf_counter() < until:
        request = caller.next_request()
        started = time.perf_counter()
        try:
            status, head, body = exchange(port, request)
        except (OSError, ValueError):
            errors += 1
            continue
        took = time.perf_counter() - started
        requests += 1
        errors += status >= 500
        if caller.take(status, head, body):
            latencies.append(took)
    return latencies, requests, errors


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")
