"""What a prospect sends for one turn, read with WTForms: the core's reader says what it means."""

from collections.abc import Sequence

from wtforms import Field, StringField
from wtforms.form import BaseForm

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.flow import Question
from webapp.core.path import fits
from webapp.core.playbook import Property
from webapp.web.prospect import controls
from webapp.web.shared.language import gettext


class AnswerField(Field):  # type: ignore[misc]  # WTForms has no types
    """The answer to one question: ``data`` is a value of its property, or None for nothing said."""

    def __init__(self, question: Question, property: Property, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.question = question
        self.property = property

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            self.data = values.read(self.property, list(valuelist))
        except AnswerRefused as refusal:
            raise ValueError(explained(refusal)) from None
        if self.data is not None and not fits(self.question, self.data):
            raise ValueError(gettext("Select one of the choices listed."))

    def pre_validate(self, form: BaseForm) -> None:
        if self.data is None and self.question.required and not self.process_errors:
            raise ValueError(controls.missing(self.property))


def turn_form(question: Question, property: Property, trap: str) -> BaseForm:
    """The form of one turn. Not a class made from the flow: a question called ``validate`` would
    replace the method of that name."""
    return BaseForm(
        {
            "turn": StringField(),
            "question": StringField(),
            "answer": AnswerField(question, property),
            "said": StringField(),
            "skip": StringField(),
            "confirmed": StringField(),
            trap: StringField(),
        }
    )


def explained(refusal: AnswerRefused) -> str:
    """The refusal in the visitor's language."""
    return gettext(refusal.message).format(**refusal.params)
