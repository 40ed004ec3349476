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


@dataclass(frozen=True)
class Attempt:
    """An answer as it was sent, and what to do about it where it was refused. ``typed`` is what
    stood in the field for free words, ``values`` what was chosen or written in the question's own
    control."""

    problem: str | None
    typed: str | None = None
    values: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it stands in the control in place of what the visitor gave before."""
        return bool(self.problem or self.values)

    def in_control(self, kind: Kind) -> str | tuple[str, ...] | None:
        if kind == "checkboxes":
            return self.values
        return self.values[0] if self.values else None


@dataclass(frozen=True, kw_only=True)
class Control:
    """What a template needs to put one question. ``value`` is what stands in the control: what
    the visitor gave, as choice ids or text, never what others know of them. What is written into
    one with ``in_words`` is read as its writer's language writes it, and a slip is asked back."""

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
    in_words: bool = False


def control(
    question: Question,
    property: Property,
    locale: str,
    *,
    text: str,
    help: str | None,
    value: Value | None = None,
    attempt: Attempt | None = None,
) -> Control:
    """Put the question with the value the visitor gave, or with the attempt that was refused."""
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
        value=attempt.in_control(kind) if attempt and attempt.counts else _in_control(value),
        typed=attempt.typed if attempt else None,
        problem=attempt.problem if attempt else None,
        attributes=attributes,
        short=property.type in (Type.NUMBER, Type.MONEY, Type.DATE, Type.PHONE),
        in_words=property.type in (Type.NUMBER, Type.MONEY, Type.EMAIL),
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


def _in_control(value: Value | None) -> str | tuple[str, ...] | None:
    written = None if value is None else values.write(value)
    return tuple(written) if isinstance(written, list) else written


@lru_cache(maxsize=32)
def _countries(locale: str) -> Options:
    names = Locale.parse(locale, sep="-").territories
    found = ((code, str(names.get(code, name))) for code, name in values.countries().items())
    return tuple(sorted(found, key=lambda each: each[1].casefold()))
