"""A flow as an outline: each question with its points, and when it is asked, in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.core.errors import FlowError
from webapp.core.playbook import Playbook
from webapp.core.sentences import sentence
from webapp.flow_files import load_condition
from webapp.flow_files.rendering import Plain, flow
from webapp.flow_files.subjects import Stage
from webapp.web.studio import places, points, wordings
from webapp.web.studio.loaded import Studied

TYPE_WORDS = {
    "choice": "one choice",
    "choices": "several choices",
    "yes_no": "yes or no",
    "text": "a line of text",
    "long_text": "text",
}


@dataclass(frozen=True)
class Entry:
    """A question in the outline. ``when`` is its condition in words, None where always asked."""

    id: str
    ask: str
    label: str
    type: str
    points: str
    when: str | None
    skippable: bool
    always: bool


def outline(studied: Studied) -> list[Entry]:
    ids = places.question_ids(studied.document)
    items = places.listed(studied.document, "questions")
    return [_entry(studied, id, item) for id, item in zip(ids, items, strict=True)]


def in_words(when: Plain | None, playbook: Playbook, stage: Stage = Stage.facts) -> str | None:
    """A written condition as a sentence; as it is written where it cannot be read."""
    if not when:
        return None
    written = flow(when)
    try:
        return sentence(load_condition(written, playbook, stage), playbook)
    except FlowError:
        return written


def _entry(studied: Studied, id: str, item: Mapping[str, Plain]) -> Entry:
    property = str(item.get("property", ""))
    known = studied.playbook.properties.get(property)
    span = points.ranges(studied, property)
    worth = ""
    if span:
        worth = f"{span[0]} to {span[1]}".replace("-", "−") if span[0] != span[1] else str(span[0])
    return Entry(
        id=id,
        ask=wordings.to(item.get("ask"), studied.playbook.locale),
        label=str(known.label) if known else property,
        type=TYPE_WORDS.get(str(known.type), str(known.type)) if known else "unknown",
        points=worth,
        when=in_words(item.get("when"), studied.playbook),
        skippable=str(item.get("required", "")).lower() == "false",
        always=str(item.get("always", "")).lower() == "true",
    )
