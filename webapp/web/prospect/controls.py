"""How a question is put: which control, its choices in the visitor's words, its attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from babel.core import Locale

from webapp.core import values, wording
from webapp.core.flow import Question
from webapp.core.playbook import Property
from webapp.core.values import Type, Value
from webapp.web.shared.language import gettext

Kind = Literal["radios", "checkboxes", "consent", "select", "textarea", "text"]
Options = tuple[tuple[str, str], ...]

_KINDS: Mapping[Type, Kind] = {
    Type.CHOICE: "radios",
    Type.YES_NO: "radios",
    Type.CHOICES: "checkboxes",
    Type.CONSENT: "consent",
    Type.COUNTRY: "select",
    Type.LONG_TEXT: "textarea",
}
_ATTRIBUTES: Mapping[Type, Mapping[str, str]] = {
    Type.EMAIL: {"type": "email", "autocomplete": "email", "spellcheck": "false", "dir": "ltr"},
    Type.PHONE: {"type": "tel", "autocomplete": "tel", "dir": "ltr"},
    Type.URL: {"type": "url", "autocomplete": "url", "spellcheck": "false", "dir": "ltr"},
    Type.COMPANY: {"autocomplete": "organization"},
    Type.NUMBER: {"inputmode": "numeric"},
    Type.DATE: {"type": "date"},
    Type.COUNTRY: {"autocomplete": "country"},
}
_AUTOCOMPLETE: Mapping[str, str] = {
    "name": "name",
    "job_title": "organization-title",
    "company": "organization",
    "website": "url",
}


@dataclass(frozen=True, kw_only=True)
class Control:
    """What a template needs to put one question. ``value`` is what stands in the control: what
    the visitor gave, as choice ids or text, never what others know of them."""

    id: str
    kind: Kind
    text: str
    help: str | None
    required: bool
    options: Options = ()
    value: str | tuple[str, ...] | None = None
    typed: str | None = None
    problem: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    short: bool = False


def control(
    question: Question,
    property: Property,
    locale: str,
    *,
    text: str,
    help: str | None,
    value: Value | None = None,
    typed: str | None = None,
    problem: str | None = None,
) -> Control:
    """Put the question with the value the visitor gave, or the text that was refused."""
    kind = _KINDS.get(property.type, "text")
    if kind == "radios" and question.input == "select":
        kind = "select"
    attributes = dict(_ATTRIBUTES.get(property.type, {}))
    if kind == "text" and property.id in _AUTOCOMPLETE:
        attributes["autocomplete"] = _AUTOCOMPLETE[property.id]
    return Control(
        id=question.id,
        kind=kind,
        text=text,
        help=help,
        required=question.required,
        options=options(question, property, locale),
        value=_in_control(value) if typed is None else typed,
        typed=typed,
        problem=problem,
        attributes=attributes,
        short=property.type in (Type.NUMBER, Type.MONEY, Type.DATE, Type.PHONE),
    )


def options(question: Question, property: Property, locale: str) -> Options:
    """The choices as (id, label), narrowed by the question, in the author's order."""
    match property.type:
        case Type.CHOICE | Type.CHOICES:
            ids = question.choices or tuple(property.choices)
            return tuple((id, property.choices[id].label.to(locale)) for id in ids)
        case Type.YES_NO:
            return tuple((id, wording.label(property, id, locale)) for id in ("yes", "no"))
        case Type.CONSENT:
            return (("yes", gettext("Yes, I agree")),)
        case Type.COUNTRY:
            return _countries(locale)
    return ()


def missing(property: Property) -> str:
    """What to do about a required question left empty."""
    match property.type:
        case Type.CHOICE | Type.YES_NO | Type.COUNTRY:
            return gettext("Select one answer.")
        case Type.CHOICES:
            return gettext("Select at least one answer.")
        case Type.CONSENT:
            return gettext("Tick the box if you agree.")
        case Type.EMAIL:
            return gettext("Enter your email address.")
        case Type.PHONE:
            return gettext("Enter your phone number.")
    return gettext("Enter your answer.")


def _in_control(value: Value | None) -> str | tuple[str, ...] | None:
    written = None if value is None else values.write(value)
    return tuple(written) if isinstance(written, list) else written


@lru_cache(maxsize=32)
def _countries(locale: str) -> Options:
    names = Locale.parse(locale, sep="-").territories
    found = ((code, str(names.get(code, name))) for code, name in values.countries().items())
    return tuple(sorted(found, key=lambda each: each[1].casefold()))
