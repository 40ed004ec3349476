"""No spelling of an address on our own network gets a delivery sent there."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from webapp.delivery.addresses import is_public, target
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.guard import Guard

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1",
    "100.100.100.200", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
]  # fmt: skip
INSIDE_6 = [
    "::", "::1", "fe80::1", "fe80::1%eth0", "fe80::1%25eth0", "fec0::1", "fc00::1",
    "fd00:ec2::254", "fd12:3456::1", "ff02::1", "ff0e::1", "2001:db8::1", "2001::1",
    "2001:0:7f00:1::1", "2001:10::1", "2001:20::1", "2620:4f:8000::1", "3fff::1", "100::1",
    "64:ff9b:1::1", "5f00::1", "4000::1", "::ffff:0:127.0.0.1", "8000::1"
]  # fmt: skip


def embedded(four: str) -> list[str]:
    """The IPv6 addresses that carry this IPv4 address somewhere inside."""
    number = int(IPv4Address(four))
    high, low = number >> 16, number & 0xFFFF
    return [
        f"::ffff:{four}",
        f"::ffff:{high:x}:{low:x}",
        f"0:0:0:0:0:ffff:{high:x}:{low:x}",
        f"::{four}",
        f"64:ff9b::{four}",
        f"64:ff9b::{high:x}:{low:x}",
        f"2002:{high:x}:{low:x}::",
        f"2002:{high:x}:{low:x}::1",
        f"2a00:1450::5efe:{four}",
        f"2a00:1450::200:5efe:{four}",
        f"::ffff:0:{four}",
        f"2001:0:{high:x}:{low:x}::1",
        IPv6Address(f"::ffff:{four}").exploded,
    ]


def disguised(four: str) -> list[str]:
    """What ``inet_aton``, and so the system's resolver, reads as this IPv4 address."""
    a, b, c, d = four.split(".")
    number = int(IPv4Address(four))
    last_three = number & 0xFFFFFF
    last_two = number & 0xFFFF
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{last_three}",
        f"{a}.{b}.{last_two}",
        f"0x{int(a):x}.{b}.{c}.{d}",
        ".".join(f"0x{int(part):x}" for part in (a, b, c, d)),
        ".".join(f"0{int(part):o}" for part in (a, b, c, d)),
        ".".join(f"{int(part):03d}" for part in (a, b, c, d)),
        f"{a}.{b}.{c}.{d}.",
        f"{a}.{b}.{c}.0x{int(d):x}",
        f"{four.translate(str.maketrans('0123456789', '０１２３４５６７８９'))}",
        four.replace(".", "。"),
        "".join(f"%{ord(letter):02x}" for letter in four),
    ]


URLS = (
    [f"https://{four}/" for four in INSIDE]
    + [f"https://{each}/" for four in INSIDE for each in disguised(four)]
    + [f"https://[{six}]/" for six in INSIDE_6]
    + [f"https://[{six}]/" for four in INSIDE for six in embedded(four)]
)
TRICKS = [
    "http://example.com/", "http://example.com:443/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
    "//example.com/", "example.com", "", "https://", "https:///x", "https://:443/",
    "https://user@example.com/", "https://user:pw@example.com/", "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/", "https://127.0.0.1\\@example.com/",
    "https://example.com\\@127.0.0.1/", "https://exam\tple.com/", "https://exam\nple.com/",
    "https://example.com/\r\nX: y", " https://example.com/", "https://example.com/ x",
    "https://example.com:22/", "https://example.com:25/", "https://example.com:6379/",
    "https://example.com:0/", "https://example.com:/", "https://example.com:99999/",
    "https://example.com:x/", "https://[::1", "https://[::1]x/", "https://[v1.x]/",
    "https://exam ple.com/", "https://-a.example/", "https://a..example/", "https://.example/",
    "https://example.com./", "https://*.example.com/", "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/", "https://münchen.example/", "https://example.com/ü",
    "https://0x/", "https://1.2.3.4.5/", "https://256.1.1.1/", "https://a.0x7f/", "https://1/",
    "https://example.com\x00.evil.example/", "HTTPS://127.0.0.1/", "https://[::FFFF:7F00:1]/",
]  # fmt: skip


def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


def test_the_corpus_is_as_large_as_promised():
    assert len(set(URLS + TRICKS)) >= 400


@pytest.mark.parametrize("url", [*URLS, *TRICKS])
def test_an_address_inside_is_refused_before_anything_is_looked_up(url):
    with pytest.raises(DeliveryRefused):
        Guard(resolver=never).request("POST", url)


@pytest.mark.parametrize(
    "address", [*INSIDE, *INSIDE_6, *(six for four in INSIDE for six in embedded(four))]
)
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(address):
    for found in ([address], ["93.184.215.14", address], [address, "93.184.215.14"]):
        with pytest.raises(DeliveryRefused, match="not public"):
            Guard(resolver=lambda *_, found=found: found).request("POST", "https://a.example/")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::200e",
     "64:ff9b::8.8.8.8", "2002:808:808::1"],
)  # fmt: skip
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.com/a?b=c", "https://example.com:8443/", "https://8.8.8.8/",
     "https://[2606:4700:4700::1111]/", "https://xn--mnchen-3ya.example/", "https://a_b.example/"],
)  # fmt: skip
def test_ordinary_receivers_are_accepted(url):
    assert not target(url).listed


def test_what_the_operator_lists_may_be_inside_and_plain():
    where = target("http://127.0.0.1:8025/hook", frozenset({"127.0.0.1:8025"}))

    assert (where.scheme, where.host, where.port, where.listed) == ("http", "127.0.0.1", 8025, True)
    with pytest.raises(DeliveryRefused):
        target("http://127.0.0.1:8026/hook", frozenset({"127.0.0.1:8025"}))
    with pytest.raises(DeliveryRefused):
        target("http://x@127.0.0.1:8025/hook", frozenset({"127.0.0.1:8025"}))
