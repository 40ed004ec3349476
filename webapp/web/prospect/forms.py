"""What a prospect's page sends. The envelope is the same for every question; what an answer means
is read by the core, in one place for forms, chats and programs."""

from dataclasses import dataclass
from typing import TypedDict

from flask import abort
from werkzeug.datastructures import MultiDict

from webapp.core.values import clean

MOST_FIELDS = 200
"""In one form. Of one in parts the application's own limit, which counts no other, says the same.
"""


class Given(TypedDict):
    value: object
    text: str | None
    skip: bool


@dataclass(frozen=True, slots=True)
class TurnForm:
    """``turn`` names one showing of one question, or is the stamp of a first one. ``answer`` is
    what was chosen or written, ``said`` what was typed freely; ``edit`` comes from a page that
    shows an earlier answer, and ``confirmed`` says that later answers may be set aside.
    ``refused`` comes from a page that said already why an answer could not be taken, ``denied``
    from one that asked whether something else was meant.

    Nothing of it can be wrong by itself, so it needs no more than reading: a library's form costs
    five times as much, for every answer.
    """

    turn: str
    question: str
    answer: tuple[str, ...]
    said: str
    skip: bool
    edit: bool
    confirmed: bool
    refused: bool = False
    denied: bool = False
    wants_person: bool = False

    @staticmethod
    def sent(form: MultiDict[str, str], *, wants_person: bool = False) -> "TurnForm":
        if sum(map(len, form.listvalues())) > MOST_FIELDS:  # one name may stand for many fields
            abort(413)
        sent = form.to_dict()  # or looking for what is not there raises an error each time
        return TurnForm(
            turn=sent.get("turn", ""),
            question=sent.get("question", ""),
            answer=tuple(form.getlist("answer")),
            said=sent.get("said", ""),
            skip=bool(sent.get("skip")),
            edit=bool(sent.get("edit")),
            confirmed=bool(sent.get("confirmed")),
            refused=bool(sent.get("refused")),
            denied=bool(sent.get("denied")),
            wants_person=wants_person,
        )

    @property
    def holds(self) -> bool:
        """Whether anything was chosen or typed."""
        return bool(self.words or any(self.answer))

    @property
    def given(self) -> Given:
        """What to hand to the service that takes answers."""
        return {"value": self.value, "text": self.words, "skip": self.skip}

    @property
    def value(self) -> object:
        """What the core reads: one text, several, or None where nothing was sent."""
        sent = self.answer
        return sent[0] if len(sent) == 1 else sent or None

    @property
    def words(self) -> str | None:
        text = clean(self.said).strip()
        return text or None

    @property
    def shown(self) -> str | None:
        """The name of the showing, fit to be kept."""
        return clean(self.turn)[:100] or None
