"""What a data provider answers about a company, read as values of the playbook's properties.

A mapping says how: a property and the place in the answer it is read from, one a line, and under
it, where wanted, what the words or numbers found there stand for:

    country: company.geo.code
    company_size: company.employees
      1-49 -> small
      50+ -> large
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from webapp.core import values
from webapp.core.decision import Decision
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Playbook, Property
from webapp.core.values import Type, Value

MOST_LETTERS = 1_000
"""Of one value. What is longer is a page about the company and no fact."""

MOST_VALUES = 50
MOST_LINES = 500

_STEP = r"[^\s.]{1,100}"
_PLACE = re.compile(rf"{_STEP}(\.{_STEP}){{0,9}}")
_RANGE = re.compile(r"([\d.,]+)\s*(?:(\+)|[-–]\s*([\d.,]+))")
_TELLS_PEOPLE_APART = (Type.EMAIL, Type.CONSENT)

Answer = Mapping[str, str | list[str]]
"""What was found at each place of a mapping, as text."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A property and the place it is read from. Without ``meanings`` what stands there is taken as
    it is, with them only what they name. ``line`` is where the mapping says so."""

    property: str
    place: str
    line: int
    meanings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Learnt:
    """A value for a property, and what the provider said word for word."""

    property: Property
    value: Value
    said: str


def read_mapping(text: str) -> tuple[Mapped, ...]:
    """Raises: ValueError, with a sentence that names the line."""
    found: list[Mapped] = []
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise ValueError(f"Enter at most {MOST_LINES} lines.")
    for number, line in enumerate(lines, 1):
        said, arrow, meant = (part.strip() for part in line.partition("->"))
        if arrow and found and said and meant:
            found[-1] = replace(found[-1], meanings=(*found[-1].meanings, (said, meant)))
        elif arrow:
            raise ValueError(
                f"Line {number}: write what the provider says, -> and what it stands for, below "
                "the property it is about."
            )
        elif said:
            found.append(_mapped(said, number))
    return tuple(found)


def _mapped(line: str, number: int) -> Mapped:
    property, colon, place = (part.strip() for part in line.partition(":"))
    if not (property and colon and _PLACE.fullmatch(place)):
        raise ValueError(
            f"Line {number}: write a property, a colon and a place in the answer, like "
            "company.employees."
        )
    return Mapped(property, place, number)


def check_mapping(mapping: Sequence[Mapped], playbook: Playbook) -> None:
    """Raises: ValueError where it names what this playbook does not know."""
    properties = learnable(playbook)
    for each in mapping:
        property = properties.get(each.property)
        if property is None:
            raise ValueError(
                f"Line {each.line}: {each.property} is no property that a provider may tell."
            )
        for _, meant in each.meanings:
            if _read(property, meant) is None:
                raise ValueError(
                    f"Line {each.line}: {property.id} cannot be {meant}."
                    + (f" It is one of {', '.join(property.choices)}." if property.choices else "")
                )


def learnable(playbook: Playbook) -> dict[str, Property]:
    """What a provider may tell: neither an address, by which people are told apart, nor a consent,
    which only they can give, nor what is nobody else's business."""
    return {
        each.id: each
        for each in playbook.properties.values()
        if not (each.built_in or each.sensitive or each.type in _TELLS_PEOPLE_APART)
    }


def pick(
    document: object, mapping: Iterable[Mapped]
) -> tuple[dict[str, str | list[str]], list[str]]:
    """What a JSON answer holds at the mapping's places, and a sentence for each where it holds
    nothing that can be used. Nothing else of it is kept."""
    answer: dict[str, str | list[str]] = {}
    notes = []
    for place in dict.fromkeys(each.place for each in mapping):
        found = _at(document, place)
        several = isinstance(found, list)
        texts = [_text(each) for each in (found if isinstance(found, list) else [found])]
        kept = [text for text in texts if text]
        if found is None or found in ("", [], {}):
            notes.append(f"There is nothing at {place}.")
        elif len(kept) < len(texts) or len(texts) > MOST_VALUES:
            notes.append(f"What stands at {place} is no value that can be kept, so it is left out.")
        else:
            answer[place] = kept if several else kept[0]
    return answer, notes


def _at(document: object, place: str) -> object:
    for step in place.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and re.fullmatch(r"[0-9]{1,4}", step):
            document = next(iter(document[int(step) :]), None)
        else:
            return None
    return document


def _text(found: object) -> str | None:
    if isinstance(found, bool):
        return "true" if found else "false"
    if not isinstance(found, str | int | float) or len(str(found)) > MOST_LETTERS:
        return None
    return " ".join(values.clean(str(found)).split()) or None


def learn(
    mapping: Iterable[Mapped], answer: Answer, playbook: Playbook
) -> tuple[list[Learnt], list[str]]:
    """What an answer tells of the playbook's properties, and a sentence for each value that fits
    none: it is left out, and never guessed at."""
    properties, learnt, notes = learnable(playbook), [], []
    for each in mapping:
        said, property = answer.get(each.place), properties.get(each.property)
        if said is None:
            continue
        if property is None:
            notes.append(f"{each.property} is no longer a property that a provider may tell.")
            continue
        texts = [said] if isinstance(said, str) else said
        found = [(text, _value(each, property, text)) for text in texts]
        notes.extend(
            f"{property.label}: “{text[:100]}” stands for no value of it, so it is left out."
            for text, value in found
            if value is None
        )
        fitting = [(text, value) for text, value in found if value is not None]
        value = _together(property, [value for _, value in fitting])
        if value is not None:
            learnt.append(Learnt(property, value, ", ".join(text for text, _ in fitting)[:200]))
        elif fitting:
            notes.append(
                f"{property.label}: several values came where one is wanted, so none is taken."
            )
    return learnt, notes


def _value(mapped: Mapped, property: Property, text: str) -> Value | None:
    meant = _meaning(mapped.meanings, text) if mapped.meanings else text
    return _read(property, meant) if meant is not None else None


def _meaning(meanings: Sequence[tuple[str, str]], text: str) -> str | None:
    """The first meaning whose very words were said, else the first whose range holds the number:
    some providers say ``11-50`` in words."""
    key = values.key(Type.TEXT, text)
    for said, meant in meanings:
        if values.key(Type.TEXT, said) == key:
            return meant
    number = values.number(text)
    if number is not None:
        for said, meant in meanings:
            if _holds(said, number):
                return meant
    return None


def _holds(written: str, number: Decimal) -> bool:
    range = _RANGE.fullmatch(written)
    if range is None:
        return values.number(written) == number
    low, high = values.number(range[1]), values.number(range[3])
    if low is None or (high is None and not range[2]):
        return False
    return low <= number and (high is None or number <= high)


def _read(property: Property, text: str) -> Value | None:
    try:
        return values.read(property, text)
    except AnswerRefused:
        return None


def _together(property: Property, found: Sequence[Value]) -> Value | None:
    if property.type is Type.CHOICES:
        chosen = {choice for each in found if isinstance(each, tuple) for choice in each}
        return values.read(property, sorted(chosen))
    return found[0] if len(found) == 1 else None


def may_be_looked_up(decision: Decision, *, by_address: bool) -> bool:
    """Whether a provider may be asked about somebody: about their company unless they said no to a
    question for consent, and with their own address only if they said yes to one as well."""
    properties = decision.playbook.properties.values()
    asked = [each.id for each in properties if each.type is Type.CONSENT]
    said = {decision.situation.profile.value(id) for id in asked}
    return "no" not in said and ("yes" in said or not by_address)
