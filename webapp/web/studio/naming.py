"""Sentences about the draft as a marketer reads them: ``budget_status`` of a file by its label."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from webapp.services.flows.drafts import Draft
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.studio import places, wordings
from webapp.web.studio.loaded import plain_of

_QUOTED = re.compile(r"`([^`]+)`")
_AS_IN_THE_FILE: Mapping[str, str] = {}


def labels_of(draft: Draft) -> dict[str, str]:
    """What each property is called, also in a playbook that cannot be run just now."""
    book = plain_of(draft.texts[PLAYBOOK]) or {}
    properties, locale = places.at(book, "properties"), str(book.get("locale") or "en")
    if not isinstance(properties, dict):
        return {}
    found = {
        id: wordings.to(places.at(book, "properties", id, "label"), locale) for id in properties
    }
    return {id: label for id, label in found.items() if label}


def in_words(sentence: str, labels: Mapping[str, str] = _AS_IN_THE_FILE) -> Markup:
    """The sentence with properties by their labels, and all else as the file has it."""
    return Markup("").join(
        _named(part, labels) if place % 2 else escape(part)
        for place, part in enumerate(_QUOTED.split(sentence))
    )


def _named(id: str, labels: Mapping[str, str]) -> Markup:
    known = labels.get(id)
    return Markup("“{}”").format(known) if known else Markup("<code>{}</code>").format(id)
