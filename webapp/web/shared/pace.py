"""How fast somebody may go, counted in this process: cheap enough for every answer.

What must hold across processes and restarts (sign-in) is counted in the database instead.
"""

import re
from collections import OrderedDict, defaultdict
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Lock
from time import monotonic as clock

from flask import request

from webapp.services.throttle import Throttled

MOST_KEPT = 20_000
OWN_NETWORK_FACTOR = 20
"""Addresses inside our own network stand for many people (a proxy, an office, a load test)."""

_WITH_PORT = re.compile(r"(?P<v4>[\d.]+):\d+|\[(?P<v6>[^]]+)\](:\d+)?", re.ASCII)

_windows: defaultdict[str, OrderedDict[str, tuple[float, int]]] = defaultdict(OrderedDict)
"""By kind: when each one's window ends, and how often they came in it. Who came last stands last.
"""
_lock = Lock()


def keep_to(kind: str, who: str, *, most: int, seconds: float) -> None:
    """Count one more. Raises: Throttled, with the seconds to wait, once there are too many."""
    now = clock()
    with _lock:
        windows = _windows[kind]
        ends, count = windows.pop(who, (now, 0))
        if ends <= now:
            ends, count = now + seconds, 0
        windows[who] = (ends, count + 1)
        while len(windows) > MOST_KEPT or next(iter(windows.values()))[0] <= now:
            windows.popitem(last=False)
    if count >= most:
        raise Throttled(max(1, round(ends - now)))


def keep_address_to(
    kind: str, *, most: int, seconds: float, own_network_factor: int = OWN_NETWORK_FACTOR
) -> None:
    """The same for the caller's address."""
    found = address()
    if found is None:
        return
    if found.is_private or found.is_loopback:
        most *= own_network_factor
    keep_to(kind, whereabouts(), most=most, seconds=seconds)


def whereabouts() -> str:
    """Where the caller is, as they are counted: an IPv6 customer has a /64 and is one."""
    found = address()
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found or "")


def address() -> IPv4Address | IPv6Address | None:
    """The caller's address; None where there is none, as behind a proxy on a socket of its own.
    Where both kinds come in by one door, an IPv4 address comes dressed as an IPv6 one; and some
    proxies write the caller's port behind it."""
    told = request.remote_addr or ""
    with_port = _WITH_PORT.fullmatch(told)
    try:
        found = ip_address(with_port["v4"] or with_port["v6"] if with_port else told)
    except ValueError:
        return None
    return found if isinstance(found, IPv4Address) else found.ipv4_mapped or found


def forget_everybody() -> None:
    """Begin counting anew, as a process does when it starts."""
    with _lock:
        _windows.clear()
