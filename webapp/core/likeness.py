"""Whether two leads look like one person. It only suggests: a person decides."""

import re
from dataclasses import dataclass

from webapp.core.search import plain

_LONGEST_NAME = 200
"""Longer is nobody's name, and PostgreSQL's indexes take no text of any length."""
_TAIL = 8
"""Digits at the end of a phone number that tell subscribers apart, however it begins."""
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Mail providers to whom dots in a mailbox mean nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one lead. ``account`` is their company, told apart by its domain."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    account: str | None = None


def likeness(one: Known, other: Known) -> tuple[str, ...]:
    """Why these two may be one person, in words for a rep; empty where they probably are not.

    Another name speaks against it: colleagues share a company, and often a phone. Only the same
    mailbox outweighs that.
    """
    found = []
    if _same(mailbox_key(one.email), mailbox_key(other.email)):
        found.append("the same mailbox")
    names = name_key(one.name), name_key(other.name)
    if not found and all(names) and names[0] != names[1]:
        return ()
    if _same_phone(one.phone, other.phone):
        found.append("the same phone number")
    if _same(*names) and _same_company(one, other):
        found.append("the same name at the same company")
    return tuple(found)


def name_key(name: str | None) -> str | None:
    """A full name without order, accents and signs; None where it has only one word, or is longer
    than names are."""
    words = re.findall(r"[^\W\d_]+", plain(name or ""))
    key = " ".join(sorted(words))
    return key if len(words) > 1 and len(key) <= _LONGEST_NAME else None


def phone_key(phone: str | None) -> str | None:
    """The end of a phone number; None for one too short to belong to one person."""
    digits = _digits(phone)
    return digits[-_TAIL:] if len(digits) >= _TAIL else None


def mailbox_key(email: str | None) -> str | None:
    """The mailbox an address delivers to: without ``+tag``, and dots where they mean nothing."""
    local, at, domain = (email or "").strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if not at or not local:
        return None
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _same_phone(one: str | None, other: str | None) -> bool:
    if not _same(phone_key(one), phone_key(other)):
        return False
    international = [_digits(each) for each in (one, other) if _is_international(each)]
    return len(set(international)) < 2


def _is_international(phone: str | None) -> bool:
    return (phone or "").strip().startswith(("+", "00"))


def _digits(phone: str | None) -> str:
    found = "".join(c for c in phone or "" if c.isdigit())
    return found.removeprefix("00")


def _same_company(one: Known, other: Known) -> bool:
    return _same(one.account, other.account) or _same(_company(one), _company(other))


def _company(known: Known) -> str | None:
    return " ".join(known.company.casefold().split()) if known.company else None
