"""What an answer means: a value of the property that was asked about, and what else was said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core import values
from webapp.core.errors import AnswerRefused, BatonError, sentence
from webapp.core.facts import Certainty
from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.playbook import Property
from webapp.core.understanding import Reading, Understanding, understand
from webapp.core.values import Type, Value
from webapp.services.prospects.standing import Standing

Json = dict[str, Any]


class Unsure(BatonError):
    """The words may mean one of these values, and only the person can say which."""

    def __init__(self, question: Question, readings: tuple[Reading, ...]) -> None:
        super().__init__("It is not clear which answer is meant.")
        self.question = question
        self.readings = readings


class PersonWanted(BatonError):
    """The words are no answer: they ask to speak with somebody."""

    def __init__(self) -> None:
        super().__init__("They would rather talk to a person.")


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
    guess: Callable[[], Value | None] | None = None,
) -> Heard:
    """Read an answer to this question: a value as it is, freely typed words by what they mean.

    ``guess`` tells what the question was put to confirm; words that are no yes or no do without.

    Raises: AnswerRefused, with a sentence for the person who answered; Unsure, PersonWanted.
    """
    property = standing.release.playbook.properties[put.property]
    said = values.clean(text)[: values.MAX_TEXT].strip() or None if text else None
    meant = None
    if skip:
        found = None
    elif value is None and said:
        meant = _understood(standing, put, said, now, guess)
        found = _meant(put, property, meant, said)
    else:
        found = values.read(property, value)
        words = said or (str(found) if property.type is Type.LONG_TEXT and found else None)
        meant = _understood(standing, put, words, now) if words else None
    if found is None:
        if put.required:
            raise AnswerRefused(property.id, _missing(property))
        return Heard(None, said, [])
    if not fits(put, found):
        raise AnswerRefused(property.id, "Select one of the choices listed.")
    return Heard(values.write(found), said, _others(standing, put, meant, now))


def _understood(
    standing: Standing,
    put: Question,
    said: str,
    now: datetime,
    guess: Callable[[], Value | None] | None = None,
) -> Understanding:
    playbook = standing.release.playbook
    return understand(
        said,
        asked=put,
        flow=standing.release.flows[standing.row.flow],
        playbook=playbook,
        today=now.astimezone(ZoneInfo(playbook.timezone)).date(),
        locale=standing.row.locale,
        guess=guess,
    )


def _meant(put: Question, property: Property, meant: Understanding, said: str) -> Value | None:
    if meant.wants_person:
        raise PersonWanted
    # Words have no sign: what is written with one is read as it is.
    if meant.answer and not said.startswith(("-", "\N{MINUS SIGN}")):
        return meant.answer.value
    if meant.doubts:
        raise Unsure(put, meant.doubts)
    if meant.skips and not put.required:
        return None
    if meant.denies:
        raise AnswerRefused(property.id, "What is right, then?")
    if property.type in (Type.CHOICE, Type.CHOICES) and said not in property.choices:
        raise AnswerRefused(property.id, "Select one of these, or put it in other words.")
    return values.read(property, said)


def _others(
    standing: Standing, put: Question, meant: Understanding | None, now: datetime
) -> list[Json]:
    """What the words surely say about other things. Nobody confirmed it, so it is inferred."""
    if meant is None:
        return []
    return [
        {
            "property": each.property,
            "value": values.write(each.value),
            "certainty": Certainty.inferred.name,
            "source": "understood",
            "at": now.isoformat(),
            "order": standing.row.revision + 1,
            "quote": each.quote,
            "ref": f"answer:{put.id}",
        }
        for each in meant.others
        if each.certainty == "sure"
    ]


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
