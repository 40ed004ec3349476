"""Values and placeholders in words for people, in their locale."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal

from webapp.core.playbook import Playbook, Property
from webapp.core.values import YES_OR_NO, Money, Type, Value

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WITH_BLANK_BEFORE = re.compile(r"([^\S\n])?\{([a-z][a-z0-9_]*)\}")
_BEGUN_BY_THE_REP = re.compile(r"(?:^|[.!?]\s+)\{rep_name\}")
_COMMA_LEFT_OVER = re.compile(r",[^\S\n]?\{([a-z][a-z0-9_]*)\}(?=[.!?…]|\s*$)")

# CLDR as Babel ships it has no words for these.
_YES_NO = {
    "ar": ("نعم", "لا"),
    "de": ("Ja", "Nein"),
    "en": ("Yes", "No"),
    "es": ("Sí", "No"),
    "fa": ("بله", "خیر"),
    "fr": ("Oui", "Non"),
    "he": ("כן", "לא"),
    "it": ("Sì", "No"),
    "nl": ("Ja", "Nee"),
    "pl": ("Tak", "Nie"),
    "pt": ("Sim", "Não"),
    "ur": ("ہاں", "نہیں"),
}
_OUR_TEAM = {
    "ar": "فريقنا",
    "de": "unser Team",
    "en": "our team",
    "es": "nuestro equipo",
    "fr": "notre équipe",
    "it": "il nostro team",
    "nl": "ons team",
    "pl": "nasz zespół",
    "pt": "a nossa equipa",
}
_UNITS: tuple[tuple[Literal["day", "hour", "minute", "second"], timedelta], ...] = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, each once, in the order they appear."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def fill(
    text: str, values: Mapping[str, str], *, unknown: Callable[[str], str | None] = lambda _: None
) -> str:
    """Replace every ``{name}`` once, in one pass; what is put in is never read again.

    ``unknown`` says what stands in for a name without a value. None, as in texts for visitors,
    drops it together with the blank (and a comma left hanging) before it: "Thanks, {first_name}."
    becomes "Thanks.". For texts to staff see ``its_label``.
    """

    def drop_comma(found: re.Match[str]) -> str:
        name = found[1]
        return "" if not values.get(name) and unknown(name) is None else found[0]

    def put(found: re.Match[str]) -> str:
        blank, name = found[1] or "", found[2]
        value = values.get(name) or unknown(name)
        return "" if value is None else blank + value

    return _WITH_BLANK_BEFORE.sub(put, _COMMA_LEFT_OVER.sub(drop_comma, text))


def its_label(playbook: Playbook, locale: str | None = None) -> Callable[[str], str]:
    """For ``fill`` in texts to staff: an unknown value is named, as in "confirm timeline"."""

    def named(name: str) -> str:
        known = playbook.properties.get(name)
        if known is None:
            return name.replace("_", " ")
        return in_sentence(known.label.to(locale), locale or playbook.locale)

    return named


def in_sentence(label: str, locale: str | None) -> str:
    """A label as it stands inside a sentence: small first letter, save in German and acronyms."""
    if (locale or "").startswith("de") or label[1:2].isupper():
        return label
    return label[:1].lower() + label[1:]


def label(property: Property, value: Value | None, locale: str | None) -> str:
    """The value as people read it; empty for no value."""
    where = locale_of(locale)
    match value:
        case None:
            return ""
        case tuple():
            return listed([_choice(property, each, locale) for each in value], locale)
        case Money(amount, currency):
            cents = "" if amount == amount.to_integral_value() else ".00######"
            return f"{format_decimal(amount, '#,##0' + cents, where)} {currency}"
        case Decimal():
            return format_decimal(value, locale=where, decimal_quantization=False)
        case date():
            return format_date(value, "long", where)
        case str() if property.type is Type.CHOICE:
            return _choice(property, value, locale)
        case str() if property.type in YES_OR_NO:
            yes, no = _YES_NO.get(where.language, _YES_NO["en"])
            return {"yes": yes, "no": no}.get(value, value)
        case str() if property.type is Type.COUNTRY:
            return where.territories.get(value) or value
        case _:
            return str(value)


def listed(labels: list[str], locale: str | None) -> str:
    """Several labels with commas and the locale's last "and"."""
    return format_list(labels, "standard", locale_of(locale))


def either(labels: list[str], locale: str | None) -> str:
    """One of these, whichever."""
    return format_list(labels, "or", locale_of(locale))


def day(at: datetime, zone: tzinfo, locale: str | None) -> str:
    """ "Tuesday, November 24" on that clock. Costs ten times what a time of day does."""
    return format_skeleton("MMMMEEEEd", at.astimezone(zone), locale=locale_of(locale))


def time_of_day(at: datetime, zone: tzinfo, locale: str | None) -> str:
    """ "10:30 AM" on that clock."""
    return format_time(at.astimezone(zone), "short", locale=locale_of(locale))


def our_team(words: str, locale: str | None) -> str:
    """What stands for ``{rep_name}`` in these words where nobody has the case."""
    named = _OUR_TEAM.get(locale_of(locale).language, _OUR_TEAM["en"])
    return named[0].upper() + named[1:] if _BEGUN_BY_THE_REP.search(words) else named


def duration(span: timedelta, locale: str | None) -> str:
    """A span in the largest unit that divides it: "15 minutes", "90 minutes", "2 days"."""
    exact = (unit for unit, length in _UNITS if span >= length and not span % length)
    unit = next(exact, _UNITS[-1][0])
    # Babel's format_unit has gaps in Arabic and Persian plurals; this call has none. Its
    # threshold keeps it from moving to a larger, rounded unit.
    return format_timedelta(span, unit, threshold=float("inf"), locale=locale_of(locale))


def wait(span: timedelta, locale: str | None) -> str:
    """A wait as people say it: in whole hours, or minutes within the last one, never too short."""
    unit = timedelta(hours=1) if span > timedelta(hours=1) else timedelta(minutes=1)
    name: Literal["hour", "minute"] = "hour" if span > timedelta(hours=1) else "minute"
    whole = -(-span // unit) * unit
    return format_timedelta(whole, name, threshold=float("inf"), locale=locale_of(locale))


@lru_cache(maxsize=256)
def locale_of(tag: str | None) -> Locale:
    """The locale for a BCP 47 tag, its language where the region is unknown, else English."""
    parts = (tag or "en").replace("_", "-").split("-")
    for candidate in ("_".join(parts), parts[0]):
        try:
            return Locale.parse(candidate)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")


def _choice(property: Property, id: str, locale: str | None) -> str:
    known = property.choices.get(id)
    return known.label.to(locale) if known else id
