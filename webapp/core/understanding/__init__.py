"""Understanding typed answers: words in a chat become readings of properties, with their quotes.

Rules only, no model and no guessing: what is not sure is asked back, the rest stays a note.
How well they do is told in docs/understanding.md.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from webapp.core.flow import Flow, Question
from webapp.core.playbook import Playbook, Property
from webapp.core.understanding import asked as asking
from webapp.core.understanding import mentioned, replies
from webapp.core.understanding.heard import Heard
from webapp.core.understanding.pieces import Certainty
from webapp.core.understanding.reading import Reading, Understanding, settled
from webapp.core.understanding.words import Said
from webapp.core.values import Type, Value

# Longer texts are read this far; nobody answers a chat in more, and the cost stays bounded.
READ_AT_MOST = 1_500


def understand(
    text: str,
    *,
    asked: Question | None,
    flow: Flow,
    playbook: Playbook,
    today: date,
    locale: str | None = None,
    guess: Callable[[], Value | None] | None = None,
) -> Understanding:
    """Read a typed answer. Never fails, and never takes for sure what may be meant otherwise.

    ``guess`` tells what the question asks to confirm ("You have 40 people, is that right?"); it is
    called only where the words are a yes or a no.

    Quotes are substrings of ``text``. Of a property several likely readings may come back
    (choose between them); a sure one stands alone.
    """
    property = playbook.properties.get(asked.property) if asked else None
    heard = Heard(text[:READ_AT_MOST], playbook, today, locale or playbook.locale)
    if not heard.said.tokens:
        return Understanding(property.id if property else None)
    wants_person = replies.wants_person(heard.said)
    answers: tuple[Reading, ...] = ()
    # A plain yes to a question of yes or no is its answer, however it was put.
    if guess and property and property.type is not Type.YES_NO:
        agreed = replies.agrees(heard.said)
        if agreed and (to_confirm := guess()) is not None:
            return _confirmed(property, to_confirm, heard.said, agreed)
    # "Can I talk to a human" is no answer, whatever words of the choices it holds.
    if asked and property and not wants_person:
        found = asking.readings(heard, property, asked.choices, text)
        if heard.said.asks and property.type is not Type.LONG_TEXT:
            # "This quarter?" may be an answer, but it is one to be asked back.
            found = (replace(each, certainty="likely") for each in found)
        answers = settled(found)
    skips = bool(property) and not answers and not wants_person and heard.declines
    others = tuple(mentioned.readings(heard, flow, property))
    return Understanding(property.id if property else None, answers + others, skips, wants_person)


def _confirmed(
    property: Property, guess: Value, said: Said, agreed: tuple[bool, Certainty, int]
) -> Understanding:
    """A bare yes or no to a guess: the guess itself, or that it is wrong."""
    yes, certainty, end = agreed
    if not yes:
        return Understanding(property.id, denies=True)
    return Understanding(property.id, (Reading(property.id, guess, said.quote(0, end), certainty),))


__all__ = ["READ_AT_MOST", "Reading", "Understanding", "understand"]
