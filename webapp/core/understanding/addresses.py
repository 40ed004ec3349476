"""E-mail addresses, telephone numbers and web addresses in a text."""

import re
from collections.abc import Iterator

from webapp.core.mailboxes import FREE
from webapp.core.understanding.pieces import Piece
from webapp.core.understanding.words import Said, distance

# Bounded runs, so that a hostile text costs at most the bound for each of its letters.
_SIGN = r"[^\s@<>()\[\],;:\"']"
_EMAIL = re.compile(rf"(?<!{_SIGN}){_SIGN}{{1,64}}@{_SIGN}{{1,200}}(?!{_SIGN})")
# As some write it who fear programs: "bob (at) acme.com" or "bob at acme dot com".
_EMAIL_IN_WORDS = re.compile(
    r"\b([\w.+-]{1,64}) ?[(\[]at[)\]] ?([\w.-]{1,200})|"
    r"\b([\w.+-]{1,64}) at ([\w-]{1,63}(?: dot [\w-]{1,63}){1,4})\b",
    re.IGNORECASE,
)
_DOT = re.compile(" dot ", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|\b)\(?\d[\d ()./\u00a0-]{4,24}\d(?!\w)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{2,400}", re.IGNORECASE)
_BARE_DOMAIN = re.compile(
    r"(?<![\w@.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,12}(?:/[^\s<>\"]{0,300})?(?![\w@])",
    re.IGNORECASE,
)
_OFTEN_MISTYPED = (
    "gmail.com googlemail.com yahoo.com yahoo.de hotmail.com hotmail.de outlook.com outlook.de "
    "icloud.com t-online.de protonmail.com"
).split()
_CALL = frozenset(
    "call phone tel telephone mobile cell number ring reach anrufen telefon telefonnummer handy "
    "nummer mobil mobilnummer erreichbar ruft rufen durchwahl whatsapp".split()
)


def emails_in(text: str) -> Iterator[Piece]:
    """E-mail addresses; one with its signs put in words is likely only."""
    if "@" not in text and (spelled := _EMAIL_IN_WORDS.search(text)):
        mailbox, domain = spelled[1] or spelled[3], spelled[2] or spelled[4]
        value = f"{mailbox}@{_DOT.sub('.', domain).rstrip('.')}"
        yield Piece(value, spelled.start(), spelled.end(), "likely")
    for found in _EMAIL.finditer(text):
        value = found[0].rstrip(".!?*…")
        if "." in value.rpartition("@")[2] and text[found.end() : found.end() + 1] != "@":
            yield Piece(value, found.start(), found.start() + len(value))


def meant_email(email: str) -> str | None:
    """The address probably meant, where the domain is one slip from a well-known one.

    Only an offer: gmial.com may exist.
    """
    mailbox, _, domain = email.rpartition("@")
    domain = domain.casefold()
    if domain in FREE:
        return None
    near = [known for known in _OFTEN_MISTYPED if distance(domain, known, 1) == 1]
    return f"{mailbox}@{near[0]}" if len(near) == 1 else None


def phone_in(text: str, territory: str | None, *, asked: bool) -> Piece | None:
    """A telephone number. Not asked for one, it must be international or come with "call me"."""
    for found in _PHONE.finditer(text):
        value = found[0].strip()
        digits = sum(c.isdigit() for c in value)
        start = found.start() + found[0].index(value)
        called = asked or value.startswith(("+", "00")) or _told_to_call(text, start)
        if not called or not 6 <= digits <= 17 or re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            continue
        if _dialable(value, territory):
            return Piece(value, start, start + len(value))
        if asked and digits >= 7:
            return Piece(value, start, start + len(value), "likely")
    return None


def url_in(text: str, *, asked: bool) -> Piece | None:
    """A web address; "nordwind.example" without www only if one was asked for."""
    for pattern in (_URL, _BARE_DOMAIN) if asked else (_URL,):
        for found in pattern.finditer(text):
            value = found[0].rstrip(".,!?;:)'")
            if "." in value:
                return Piece(value, found.start(), found.start() + len(value))
    return None


def _told_to_call(text: str, start: int) -> bool:
    before = Said(text[max(0, start - 60) : start]).words[-5:]
    return any(word in _CALL for word in before)


def _dialable(value: str, territory: str | None) -> bool:
    # Loading the number plans costs 60 ms once, so only those who type a number pay.
    import phonenumbers

    if value.startswith("00"):
        value = "+" + value[2:]
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(value, territory))
    except phonenumbers.NumberParseException:
        return False
