"""What a prospect's page sends. The envelope is the same for every question; what an answer means
is read by the core, in one place for forms, chats and programs."""

from collections.abc import Sequence
from typing import TypedDict

from wtforms import BooleanField, Field, Form, StringField

from webapp.core.values import clean


class Given(TypedDict):
    value: object
    text: str | None
    skip: bool


class Several(Field):  # type: ignore[misc]  # WTForms has no types
    """Every value sent under one name, in order."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = list(valuelist)

    def process_data(self, value: object) -> None:
        self.data = []


class TurnForm(Form):  # type: ignore[misc]
    """``turn`` names one showing of one question, or is the stamp of a first one. ``answer`` is
    what was chosen or written, ``said`` what was typed freely; ``edit`` comes from a page that
    shows an earlier answer, and ``confirmed`` says that later answers may be set aside."""

    turn = StringField()
    question = StringField()
    answer = Several()
    said = StringField()
    skip = BooleanField()
    edit = BooleanField()
    confirmed = BooleanField()
    wants_person = False

    @property
    def given(self) -> Given:
        """What to hand to the service that takes answers."""
        return {"value": self.value, "text": self.words, "skip": bool(self.skip.data)}

    @property
    def value(self) -> object:
        """What the core reads: one text, several, or None where nothing was sent."""
        sent = self.answer.data
        return sent[0] if len(sent) == 1 else sent or None

    @property
    def words(self) -> str | None:
        text = clean(self.said.data or "").strip()
        return text or None

    @property
    def shown(self) -> str | None:
        """The name of the showing, fit to be kept."""
        return clean(self.turn.data or "")[:100] or None
