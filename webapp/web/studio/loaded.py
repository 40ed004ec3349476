"""Texts read once and kept by their content: drafts are looked at far more often than changed."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from webapp.core.errors import FlowError, Problem
from webapp.core.flow import Flow, Release
from webapp.core.playbook import Playbook
from webapp.flow_files import check_texts, load_flow, load_playbook
from webapp.flow_files.document import value_at
from webapp.flow_files.rendering import Plain
from webapp.services.flows.drafts import Draft
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.studio import wordings

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class Studied:
    """The draft with one of its flows. ``playbook`` is the live one while the draft's is broken;
    ``flow`` is None while it, or the playbook, cannot be read."""

    draft: Draft
    file: str
    playbook: Playbook
    playbook_is_sound: bool
    flow: Flow | None
    document: dict[str, Plain] | None
    book: dict[str, Plain] | None
    problems: tuple[Problem, ...]

    @property
    def title(self) -> str:
        """What a flow is called, in the playbook's language."""
        return wordings.to((self.document or {}).get("title"), self.playbook.locale)

    @property
    def release(self) -> Release | None:
        """The flow with its playbook, as it would run; None while either is broken."""
        if self.flow is None or not self.playbook_is_sound:
            return None
        return Release(self.playbook, {self.flow.id: self.flow})


def studied(draft: Draft, file: str) -> Studied:
    playbook, book_problems = playbook_of(draft.texts[PLAYBOOK])
    sound = playbook is not None
    if playbook is None:
        playbook, _ = playbook_of(draft.live[PLAYBOOK])
        assert playbook is not None
    text = draft.texts[file]
    flow, problems = None, book_problems
    if file != PLAYBOOK:
        flow, own = flow_of(text, file, playbook)
        if not sound:  # then it was read with the live playbook, which may know what is gone
            own = tuple(each for each in problems_of(draft) if each.where.file == file)
        problems = (*own, *book_problems)
    return Studied(
        draft=draft,
        file=file,
        playbook=playbook,
        playbook_is_sound=sound,
        flow=flow,
        document=plain_of(text),
        book=plain_of(draft.texts[PLAYBOOK]),
        problems=problems,
    )


@lru_cache(maxsize=16)
def playbook_of(text: str) -> tuple[Playbook | None, tuple[Problem, ...]]:
    try:
        return load_playbook(text), ()
    except FlowError as error:
        return None, error.problems


@lru_cache(maxsize=64)
def _flow_of(
    text: str, file: str, playbook: "ById[Playbook]"
) -> tuple[Flow | None, tuple[Problem, ...]]:
    try:
        return load_flow(text, file, playbook.value), ()
    except FlowError as error:
        return None, error.problems


def flow_of(text: str, file: str, playbook: Playbook) -> tuple[Flow | None, tuple[Problem, ...]]:
    return _flow_of(text, file, ById(playbook))


class ById(Generic[Loaded]):
    """A playbook or release as a key: the same object is the same one, and hashing one is dear."""

    def __init__(self, value: Loaded) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ById) and other.value is self.value


@lru_cache(maxsize=64)
def plain_of(text: str) -> dict[str, Plain] | None:
    """The file as plain values, to be read and never changed; None where it is not YAML."""
    try:
        found = value_at(text)
    except FlowError:
        return None
    return found if isinstance(found, dict) else None


def problems_of(draft: Draft) -> list[Problem]:
    """Everything wrong with the draft, warnings included."""
    return list(_checked(tuple(sorted(draft.texts.items())))[1])


def release_of(draft: Draft) -> Release | None:
    """The draft as it would be published; None while it cannot be."""
    return _checked(tuple(sorted(draft.texts.items())))[0]


@lru_cache(maxsize=8)
def _checked(texts: tuple[tuple[str, str], ...]) -> tuple[Release | None, tuple[Problem, ...]]:
    release, problems = check_texts(dict(texts))
    return release, tuple(problems)
