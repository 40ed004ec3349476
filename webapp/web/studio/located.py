"""From a line of a file to what a marketer knows there: a question, a rule, the settings."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import yaml
from flask import url_for

from webapp.core.errors import FlowError
from webapp.flow_files.document import Path, composed, find
from webapp.flow_files.merging import Locate
from webapp.services.flows.drafts import Draft
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.studio import places, sections
from webapp.web.studio.loaded import plain_of, studied

QUESTIONS = "questions"
SETTINGS = "settings"
SET_IN_SETTINGS = ("title", "greeting", "intent", "ask_at_most", "stop_when_settled", "endings")

Spot = tuple[int, int]


@dataclass(frozen=True)
class Located:
    """A question, an item of a section, or a flow's settings. ``file`` is a file's name."""

    file: str
    section: str
    item: str = ""

    @property
    def url(self) -> str:
        name = self.file.removesuffix(".yaml")
        if self.section == QUESTIONS:
            return url_for("studio.show_flow", flow=name, q=self.item)
        if self.section == SETTINGS:
            return url_for("studio.show_settings", flow=name)
        return url_for("studio.show_item", file=name, section=self.section, item=self.item)

    @property
    def label(self) -> str:
        """What the link to it says."""
        if self.section == QUESTIONS:
            return f"Question {self.item}"
        if self.section == SETTINGS:
            return "Settings"
        part = sections.section(self.section, of_playbook=self.file == PLAYBOOK)
        title = part.title if part else self.section
        return title if self.item.startswith("@") else f"{title}: {self.item}"

    @property
    def locate(self) -> Locate | None:
        """Finds it in the file again, however that has changed since."""
        if self.section == QUESTIONS:
            return places.question(self.item)
        part = sections.section(self.section, of_playbook=self.file == PLAYBOOK)
        return sections.locate(part, self.item) if part else None


def label_in(draft: Draft, place: Located) -> str:
    """What it is called where it stands: a question by what it asks about."""
    if place.section != QUESTIONS:
        return place.label
    found = studied(draft, place.file)
    at = places.question(place.item)(found.document or {})
    property = str(places.at(found.document, *(at or ()), "property") or "")
    known = found.playbook.properties.get(property)
    return f"Question “{known.label}”" if known else place.label


def located(file: str, text: str, line: int, column: int = 10_000) -> Located | None:
    """What stands at a line; None where only the text itself says."""
    spots = _spots(file, text)
    at = bisect_right([spot for spot, _ in spots], (line, column))
    return spots[at - 1][1] if at else None


@lru_cache(maxsize=64)
def _spots(file: str, text: str) -> list[tuple[Spot, Located | None]]:
    """Where each thing begins, in order; None where something begins that has no form."""
    try:
        root = composed(text)
    except FlowError:
        return []
    return sorted(_begun(file, text, root), key=lambda each: each[0])


def _begun(file: str, text: str, root: yaml.Node) -> Iterator[tuple[Spot, Located | None]]:
    of_playbook = file == PLAYBOOK
    if isinstance(root, yaml.MappingNode):
        for key, _ in root.value:
            known = not of_playbook and key.value in SET_IN_SETTINGS
            yield _spot(key), Located(file, SETTINGS) if known else None
    document = plain_of(text)
    if not of_playbook:
        ids = places.question_ids(document)
        for node, id in zip(_nodes(root, (QUESTIONS,)), ids, strict=False):
            yield _spot(node), Located(file, QUESTIONS, id)
    for part in sections.PLAYBOOK_SECTIONS if of_playbook else sections.FLOW_SECTIONS:
        if part.single:
            continue
        held = places.at(document, *part.path)
        if isinstance(held, dict):
            names = list(map(str, held))
        else:
            listed = places.listed(document, *part.path)
            names = [places.item_name(item, n) for n, item in enumerate(listed)]
        for node, name in zip(_nodes(root, part.path), names, strict=False):
            yield _spot(node), Located(file, part.name, name)


def _nodes(root: yaml.Node, path: Path) -> list[yaml.Node]:
    """What the items of a list, or the keys of a mapping, are."""
    try:
        found = find(root, path)
    except (IndexError, KeyError, TypeError):
        return []
    if isinstance(found, yaml.MappingNode):
        return [key for key, _ in found.value]
    return list(found.value) if isinstance(found, yaml.SequenceNode) else []


def _spot(node: yaml.Node) -> Spot:
    return node.start_mark.line + 1, node.start_mark.column + 1
