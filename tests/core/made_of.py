"""Parts of invented playbooks, in few words."""

from typing import Literal

from webapp.core.playbook import Choice, Derive, Property, Text
from webapp.core.values import Type

CategoryId = Literal["fit", "intent"]


def text(words: str) -> Text:
    return Text({"en": words}, "en")


def property_(
    id: str,
    type: Type,
    choices: tuple[str, ...] = (),
    *,
    ordered: bool = False,
    derive: Derive | None = None,
    built_in: bool = False,
) -> Property:
    """A property whose words for people are its ids."""
    return Property(
        id,
        text(id.capitalize()),
        type,
        {choice: Choice(choice, text(choice.capitalize())) for choice in choices},
        ordered=ordered,
        derive=derive,
        built_in=built_in,
    )
