"""The values a property can hold: reading them from anything a person or program sends,
comparing them, and writing them as JSON."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from webapp.core.errors import AnswerRefused

if TYPE_CHECKING:
    from webapp.core.playbook import Property

MAX_TEXT = 10_000
MAX_NUMBER = Decimal(10) ** 15
MAX_TEXT_OF_NUMBER = 60
PLAIN_ADDRESS = re.compile(
    r"\w+(?:[.+-]\w+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?P<last>[a-z]{2,})", re.ASCII | re.IGNORECASE
)
PLAIN_ADDRESS_LENGTH = 64
"""As nearly all addresses are written: what looks like this is one, unless its domain is reserved,
and is told a hundred times sooner than what may be in quotes or in any alphabet."""


class Type(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    COMPANY = "company"
    COUNTRY = "country"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    CONSENT = "consent"


TEXT_LIKE = frozenset({Type.TEXT, Type.LONG_TEXT, Type.EMAIL, Type.PHONE, Type.URL, Type.COMPANY})
YES_OR_NO = frozenset({Type.YES_NO, Type.CONSENT})
EXACT = frozenset({Type.CHOICE, Type.YES_NO, Type.CONSENT})
"""Types whose values are equal only where they are spelled alike."""
CONTACT = frozenset({Type.EMAIL, Type.PHONE})


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 code). Never converted."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"


Value = str | Decimal | Money | date | tuple[str, ...]


def plain(number: Decimal) -> str:
    """Write a decimal without exponent, trailing zeros or a negative zero."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def clean(text: str) -> str:
    """Make any text storable alike on every database.

    NUL and other control characters (save tab and newline) go, a lone surrogate becomes U+FFFD,
    line ends become newlines. Markup and template syntax stay: they are inert data here.
    """
    if text.isprintable():  # nearly always: then there is nothing of that kind in it
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\t\n" or unicodedata.category(c) != "Cc")


def read(property: "Property", raw: object) -> Value | None:
    """Turn what was sent into a value of the property; None where nothing was said.

    ``raw`` is what a form, JSON or YAML gives: text, number, boolean, date or a list of texts.

    Raises: AnswerRefused, with a sentence for the person who answered.
    """
    if isinstance(raw, str):
        raw = clean(raw)
        if not raw.strip():
            return None
    if raw is None or raw in ([], ()):
        return None
    if property.type is Type.CHOICES:
        return _choices(property, raw)
    if isinstance(raw, list | tuple) and len(raw) == 1:
        return read(property, raw[0])
    return _READERS[property.type](property, raw)


def write(value: Value) -> str | list[str]:
    """The value as JSON and YAML store it: text, or a list of choice ids."""
    match value:
        case Decimal():
            return plain(value)
        case tuple():
            return list(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def stored(property: "Property", raw: object) -> Value | None:
    """The value that ``write`` wrote. Words that were taken once are not judged again: whether an
    e-mail address can be one is dear to tell, and asked of every answer after it.

    Raises: AnswerRefused, where the property has changed since.
    """
    if isinstance(raw, str) and (property.type in TEXT_LIKE or _is_choice(property, raw)):
        return raw
    return read(property, raw)


def fits(property: "Property", raw: object) -> bool:
    """Whether the property can hold what was written for it, or for another of its name."""
    if isinstance(raw, str) and _is_choice(property, raw):
        return True
    try:
        return read(property, raw) is not None
    except AnswerRefused:
        return False


def _is_choice(property: "Property", written: str) -> bool:
    return property.type is Type.CHOICE and written in property.choices


def shown(value: Value | None) -> str | int | float | list[str] | None:
    """The value as documents for programs show it: like ``write``, but numbers are numbers."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return write(value)


def key(type: Type, value: Value) -> object:
    """What two equal values have in common: hashable, case ignored, blanks as in a line."""
    match value:
        case str() if type is Type.PHONE:
            return re.sub(r"\D", "", value) or value
        case str() if type is Type.URL:
            return value.strip().casefold().rstrip("/")
        case str() if type in TEXT_LIKE or type is Type.COUNTRY:
            return " ".join(unicodedata.normalize("NFC", value).casefold().split())
        case _:
            return value


def words(text: str) -> tuple[str, ...]:
    """The words of a text: runs of letters and digits, NFC, case-folded, accents kept."""
    return tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold()))


def mentions(text: str, phrase: str) -> bool:
    """Whether the phrase's words stand one after another in the text, as whole words."""
    return mentions_any(text, (phrase,))


def mentions_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether the text mentions one of the phrases at least."""
    return first_mentioned(text, {"": phrases}) is not None


def first_mentioned(text: str, named: Mapping[str, Iterable[str]]) -> str | None:
    """The first name one of whose phrases the text mentions."""
    found = _spaced(text)
    for name, phrases in named.items():
        for phrase in _spaced_phrases(tuple(phrases)):
            if phrase in found:
                return name
    return None


def _spaced(text: str) -> str:
    """The words with a blank around each, so that whole words are found as text is."""
    return " ".join(("", *words(text), ""))


@lru_cache(maxsize=1024)
def _spaced_phrases(phrases: tuple[str, ...]) -> tuple[str, ...]:
    # Kept, since phrases are a playbook's; what people said is never kept in the process.
    return tuple(_spaced(phrase) for phrase in phrases)


def _choices(property: "Property", raw: object) -> Value | None:
    sent: Collection[object] = raw if isinstance(raw, list | tuple | set | frozenset) else [raw]
    chosen = {_choice_id(property, each) for each in sent if each != ""}
    return tuple(choice for choice in property.choices if choice in chosen) or None


def _choice(property: "Property", raw: object) -> Value:
    return _choice_id(property, raw)


def _choice_id(property: "Property", raw: object) -> str:
    text = str(raw).strip() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if text not in property.choices:
        raise AnswerRefused(property.id, "Select one of the choices listed.")
    return text


def _yes_no(property: "Property", raw: object) -> Value:
    match str(raw).strip().casefold() if isinstance(raw, str | bool) else raw:
        case "yes" | "true":
            return "yes"
        case "no" | "false":
            return "no"
    raise AnswerRefused(property.id, "Select yes or no.")


def _text(property: "Property", raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal | date):
        raise AnswerRefused(property.id, "Enter your answer as text.")
    text = raw if isinstance(raw, str) else str(raw)
    if len(text) > MAX_TEXT:
        raise AnswerRefused(property.id, "Enter at most {most} characters.", {"most": MAX_TEXT})
    return text.strip()


def _line(property: "Property", raw: object) -> str:
    return " ".join(_text(property, raw).split())


def _email(property: "Property", raw: object) -> Value:
    text = _line(property, raw)
    plain = PLAIN_ADDRESS.fullmatch(text) if len(text) <= PLAIN_ADDRESS_LENGTH else None
    if plain and plain["last"].lower() not in _reserved_domains():
        return text
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        found = None
    if found is None or "." not in found.ascii_domain:
        raise AnswerRefused(
            property.id, "Enter an email address in the correct format, like name@example.com."
        )
    # A domain has many spellings (full-width letters, those of the wire) that reach one mailbox: by
    # another than its own it would be no free mailbox, no company known, nobody to leave alone.
    local, _, domain = text.rpartition("@")
    return text if domain.casefold() == found.domain.casefold() else f"{local}@{found.domain}"


@cache
def _reserved_domains() -> frozenset[str]:
    """The last parts of domain names that are nobody's, or of which some are."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    return frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


def _phone(property: "Property", raw: object) -> Value:
    text = _line(property, raw)
    digits = sum(c.isdigit() for c in text)
    if not 5 <= digits <= 20 or re.search(r"[^\d+\-()./ extEXT]", text):
        raise AnswerRefused(property.id, "Enter a phone number, like +44 808 157 0192.")
    return text


def _url(property: "Property", raw: object) -> Value:
    text = _line(property, raw)
    if " " in text or "." not in text:
        raise AnswerRefused(property.id, "Enter a web address, like www.example.com.")
    return text


@cache
def countries() -> Mapping[str, str]:
    """ISO 3166 codes with their English names."""
    from babel import Locale

    not_a_country = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    return {c: names[c] for c in names if len(c) == 2 and c.isalpha() and c not in not_a_country}


def _country(property: "Property", raw: object) -> Value:
    code = _line(property, raw).upper()
    if code not in countries():
        raise AnswerRefused(property.id, "Select a country.")
    return code


def number(raw: object) -> Decimal | None:
    """A finite decimal of at most fifteen digits before the point, or None.

    ``1e-400000000`` is a dozen bytes to send and 400 MB once written out, so tiny is refused too.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if len(text) > MAX_TEXT_OF_NUMBER or "_" in text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) >= MAX_NUMBER:
        return None
    if found == 0:
        return Decimal(0)
    return found if found.adjusted() > -MAX_TEXT_OF_NUMBER else None


def _number(property: "Property", raw: object) -> Value:
    found = number(raw)
    if found is None:
        raise AnswerRefused(property.id, "Enter a number, like 25.")
    return found


def money(raw: object) -> Money | None:
    """Read ``10000 EUR``: an amount, a blank, an ISO code. None for anything else."""
    match raw:
        case Money():
            return raw
        case str():
            found = re.fullmatch(r"\s*(\S+)\s+([A-Za-z]{3})\s*", raw)
            amount = number(found[1]) if found else None
            if found and amount is not None and amount >= 0:
                return Money(amount, found[2].upper())
    return None


def _money(property: "Property", raw: object) -> Value:
    found = money(raw)
    if found is None:
        raise AnswerRefused(property.id, "Enter an amount with its currency, like 10000 EUR.")
    return found


def _date(property: "Property", raw: object) -> Value:
    if isinstance(raw, date) and type(raw) is date:
        return raw
    text = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else ""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise AnswerRefused(property.id, "Enter a real date, like 2027-03-31.") from None


_READERS = {
    Type.TEXT: _line,
    Type.LONG_TEXT: _text,
    Type.COMPANY: _line,
    Type.EMAIL: _email,
    Type.PHONE: _phone,
    Type.URL: _url,
    Type.COUNTRY: _country,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.DATE: _date,
    Type.YES_NO: _yes_no,
    Type.CONSENT: _yes_no,
    Type.CHOICE: _choice,
}
