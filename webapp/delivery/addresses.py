"""Which addresses we may speak to: public ones, and those the operator has listed.

A receiver's address is typed by a person, so it may point at our own network: at a database, or
at the cloud's metadata service, which hands out keys. Python's ``is_global`` lets through some of
the ways to write such an address (NAT64, IPv4-compatible, site-local, 6to4 on some versions),
so the tables are ours.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from webapp.delivery.errors import DeliveryRefused

PORTS = frozenset({443, 8443})

# IANA's special-purpose registry, multicast, the reserved top, and one public address that answers
# only inside Azure, with secrets.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, benchmarking, ORCHID and other protocol assignments
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: str) -> bool:
    """Whether this is an address out on the internet, an IPv4 one inside an IPv6 one included."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_public_4(found)
    if found.scope_id is not None:
        return False
    number = int(found)
    if (number >> 32) & 0xFFFFFFFF in _ISATAP and not _is_public_4(_low_32(number)):
        return False
    if found in _NAT64:
        return _is_public_4(_low_32(number))
    if found in _SIX_TO_FOUR:
        return _is_public_4(_low_32(number >> 80))
    return found in _GLOBAL_UNICAST_6 and not any(found in network for network in _NOT_PUBLIC_6)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC_4)


def _low_32(number: int) -> IPv4Address:
    return IPv4Address(number & 0xFFFFFFFF)


@dataclass(frozen=True)
class Target:
    """Where a request goes. ``listed`` says that the operator allows it whatever it resolves to."""

    scheme: str
    host: str
    port: int
    path: str
    listed: bool

    @property
    def authority(self) -> str:
        """The ``Host`` header: the name as written, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def target(url: str, listed: frozenset[str] = frozenset()) -> Target:
    """Take a receiver's address apart, or refuse it.

    ``listed`` holds ``host:port`` the operator vouches for; only those may be plain http, on any
    port, or inside our own network.

    Raises: DeliveryRefused, saying how to write it.
    """
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise DeliveryRefused(
            "The address holds a space, a backslash or a letter that is not ASCII. "
            "Write it as the address bar of a browser copies it."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DeliveryRefused(
            "The address cannot be read. Write it like https://crm.example.com/hook."
        ) from None
    if "[" in parts.netloc and ":" not in host:
        raise DeliveryRefused(f"[{host}] is not an address.")
    if parts.scheme not in ("https", "http") or not host:
        raise DeliveryRefused("The address must begin with https:// and name a host.")
    if "@" in parts.netloc:
        raise DeliveryRefused(
            "The address holds a user name. Put credentials into their own field."
        )
    if parts.netloc.endswith(":") or port == 0:
        raise DeliveryRefused("The address names no usable port. Leave the colon out.")
    port = port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if f"{host}:{port}" in listed:
        return Target(parts.scheme, host, port, path, listed=True)
    if parts.scheme != "https":
        raise DeliveryRefused("The address must begin with https://: handoffs are personal data.")
    if port not in PORTS:
        ports = " or ".join(map(str, sorted(PORTS)))
        raise DeliveryRefused(f"Port {port} is not used for deliveries. Use {ports}.")
    _check_host(host)
    return Target("https", host, port, path, listed=False)


def _check_host(host: str) -> None:
    """Refuse what is no host, and addresses in disguise (``0x7f.1``, ``2130706433``): the system
    resolver reads those."""
    labels = host.split(".")
    if ":" in host or re.fullmatch(r"\d*|0x[0-9a-f]*", labels[-1]):
        if not is_public(host):
            raise DeliveryRefused(f"{host} is not a public address. {LIST_IT}")
    elif len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise DeliveryRefused(f"{host} is not the name of a host.")


_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
LIST_IT = "If it is yours, ask the operator to list it in BATON_ALLOWED_RECEIVERS."
