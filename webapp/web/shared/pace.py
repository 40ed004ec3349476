"""How fast somebody may go, counted in this process: cheap enough for every answer.

What must hold across processes and restarts (sign-in) is counted in the database instead.
"""

from collections import OrderedDict
from ipaddress import ip_address, ip_network
from threading import Lock
from time import monotonic

from flask import request

from webapp.services.throttle import Throttled

MOST_KEPT = 20_000
OWN_NETWORK_FACTOR = 20
"""Addresses inside our own network stand for many people (a proxy, an office, a load test)."""

_windows: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
_lock = Lock()


def keep_to(kind: str, who: str, *, most: int, seconds: float) -> None:
    """Count one more. Raises: Throttled, with the seconds to wait, once there are too many."""
    now = monotonic()
    with _lock:
        began, count = _windows.pop((kind, who), (now, 0))
        if now - began >= seconds:
            began, count = now, 0
        _windows[kind, who] = (began, count + 1)
        while len(_windows) > MOST_KEPT:
            _windows.popitem(last=False)
    if count >= most:
        raise Throttled(max(1, round(seconds - (now - began))))


def keep_address_to(
    kind: str, *, most: int, seconds: float, own_network_factor: int = OWN_NETWORK_FACTOR
) -> None:
    """The same for the caller's address; an IPv6 customer has a /64 and is counted as one."""
    address = request.remote_addr or "nobody"
    try:
        found = ip_address(address)
    except ValueError:
        return
    if found.is_private or found.is_loopback:
        most *= own_network_factor
    if found.version == 6:
        address = str(ip_network(f"{found}/64", strict=False))
    keep_to(kind, address, most=most, seconds=seconds)


def forget_everybody() -> None:
    """Begin counting anew, as a process does when it starts."""
    with _lock:
        _windows.clear()
