"""How a conversation stands, as its visitor's program may know it: never a score, a rule or a
tier."""

from typing import Any

from marshmallow import fields

from webapp.core import values
from webapp.services.prospects.states import State
from webapp.store import sites
from webapp.web.api.shown import SOMETIMES, Shown

GIVEN = {"type": ["string", "number", "boolean", "array"]}
"""An answer: a text, a number, a yes or no, or the ids of choices."""

GIVEN_OR_NONE = {"type": [*GIVEN["type"], "null"]}


class ChoiceSchema(Shown):
    id = fields.String()
    label = fields.String()


class QuestionSchema(Shown):
    id = fields.String()
    ask = fields.String()
    help = fields.String(allow_none=True)
    type = fields.String()
    required = fields.Boolean()
    choices = fields.List(fields.Nested(ChoiceSchema))
    confirming = fields.Boolean()
    suggested = fields.Raw(
        metadata={**GIVEN_OR_NONE, "description": "What to choose beforehand: nobody's answer yet."}
    )


class EndingSchema(Shown):
    """``kind`` (sales, nurture, decline, review) only where the site has it told."""

    text = fields.String(allow_none=True)
    kind = fields.String(metadata=SOMETIMES)


class ProgressSchema(Shown):
    answered = fields.Integer()
    least_left = fields.Integer()
    most_left = fields.Integer()


class GivenSchema(Shown):
    question = fields.String()
    asked_as = fields.String()
    value = fields.Raw(metadata=GIVEN_OR_NONE)
    label = fields.String()
    said = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    edited = fields.Boolean()
    set_aside = fields.Boolean()


class StateSchema(Shown):
    """``question`` while there is one to put, else ``ending``."""

    question = fields.Nested(QuestionSchema, metadata=SOMETIMES)
    ending = fields.Nested(EndingSchema, metadata=SOMETIMES)
    progress = fields.Nested(ProgressSchema)
    transcript = fields.List(fields.Nested(GivenSchema))
    person_asked_for = fields.Boolean()
    variant = fields.String(
        metadata=SOMETIMES | {"description": "A or B, while the flow is in an A/B test."}
    )


def state_document(state: State) -> dict[str, Any]:
    """What a visitor's program may know. Never a score, a rule or a tier."""
    document: dict[str, Any] = {
        "progress": {
            "answered": state.progress.answered,
            "least_left": state.progress.least_left,
            "most_left": state.progress.most_left,
        },
        "transcript": [
            {
                "question": given.question.id,
                "asked_as": given.asked_as,
                "value": None if given.value is None else values.shown(given.value),
                "label": given.label,
                "said": given.said,
                "at": given.at.isoformat(),
                "edited": given.before is not None,
                "set_aside": given.set_aside,
            }
            for given in state.transcript
        ],
        "person_asked_for": state.human_asked_at is not None,
    }
    if state.variant is not None:
        document["variant"] = state.variant
    if state.question is not None:
        document["question"] = _question(state)
    elif state.ending is not None:
        document["ending"] = {"text": state.ending.text}
        site = sites.get(state.site_id)
        if site is not None and site.settings.get("tell_ending"):
            document["ending"]["kind"] = state.ending.kind
    return document


def _question(state: State) -> dict[str, Any]:
    put, property = state.question, state.property
    assert put is not None
    assert property is not None
    wanted = put.choices or tuple(property.choices)
    confirming = state.confirming and put.confirm is not None
    return {
        "id": put.id,
        "ask": state.say(put.confirm if confirming and put.confirm else put.ask),
        "help": state.say(put.help) if put.help else None,
        "type": property.type.value,
        "required": put.required,
        "choices": [
            {"id": id, "label": property.choices[id].label.to(state.locale)} for id in wanted
        ],
        "confirming": confirming,
        "suggested": values.shown(state.suggested),
    }
