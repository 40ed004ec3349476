"""What an answer means: a value of the property that was asked about, and what else was said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import values
from webapp.core.errors import AnswerRefused, sentence
from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.playbook import Property
from webapp.core.values import Type
from webapp.services.standing import Standing

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """``written`` is the value as JSON keeps it, None for a skip; ``said`` the words behind it.

    ``others`` are facts about other properties found in the words, as ``core.inputs`` writes them.
    """

    written: str | list[str] | None
    said: str | None
    others: list[Json]


def hear(
    standing: Standing,
    put: Question,
    *,
    value: object,
    text: str | None,
    skip: bool,
    now: datetime,
) -> Heard:
    """Read an answer to this question.

    Raises: AnswerRefused, with a sentence for the person who answered.
    """
    property = standing.release.playbook.properties[put.property]
    said = values.clean(text)[: values.MAX_TEXT] if text else None
    found = None if skip else values.read(property, text if value is None else value)
    if found is None:
        if put.required:
            raise AnswerRefused(property.id, _missing(property))
        return Heard(None, said, [])
    if not fits(put, found):
        raise AnswerRefused(property.id, "Select one of the choices listed.")
    return Heard(values.write(found), said, [])


def _missing(property: Property) -> str:
    match property.type:
        case Type.CHOICE | Type.YES_NO | Type.COUNTRY:
            return sentence("Select one answer.")
        case Type.CHOICES:
            return sentence("Select at least one answer.")
        case Type.CONSENT:
            return sentence("Tick the box if you agree.")
        case Type.EMAIL:
            return sentence("Enter your email address.")
        case Type.PHONE:
            return sentence("Enter your phone number.")
    return sentence("Enter your answer.")
