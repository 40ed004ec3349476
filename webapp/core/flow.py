"""A flow: conditional questions in the order they are asked. Made by ``flow_files``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from webapp.core.conditions import Condition
from webapp.core.errors import NOWHERE, Where
from webapp.core.playbook import Playbook, Text


@dataclass(frozen=True)
class Question:
    """One question. ``choices`` narrows the property's; ``confirm`` words a guess as a question."""

    id: str
    property: str
    ask: Text
    help: Text | None = None
    when: Condition | None = None
    required: bool = True
    always: bool = False
    choices: tuple[str, ...] = ()
    confirm: Text | None = None
    input: str | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class FinishRule:
    """Leave early when true; ``to`` overrides routing."""

    id: str
    when: Condition
    to: str | None = None
    because: Text | None = None
    where: Where = NOWHERE


@dataclass(frozen=True)
class Flow:
    """``endings`` are keyed by destination id, or by kind for all destinations of that kind."""

    id: str
    title: Text
    questions: tuple[Question, ...]
    intent: str | None = None
    greeting: Text | None = None
    ask_at_most: int | None = None
    stop_when_settled: bool = False
    finish_when: tuple[FinishRule, ...] = ()
    endings: Mapping[str, Text] = field(default_factory=dict)
    where: Where = NOWHERE
    endings_at: Where = NOWHERE

    @cached_property
    def by_property(self) -> Mapping[str, tuple[Question, ...]]:
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            found.setdefault(question.property, []).append(question)
        return {p: tuple(qs) for p, qs in found.items()}

    @cached_property
    def locales(self) -> frozenset[str]:
        """The languages that it has any words in."""
        texts = (self.title, *(each.ask for each in self.questions))
        return frozenset(locale for text in texts for locale in text.by_locale)

    def language_for(self, tag: str | None) -> str | None:
        """The language in which somebody is spoken to who asks for ``tag``, be it a visitor's
        browser or a program: ``de`` for ``de-AT`` and ``DE``. What it has no words in stays."""
        small = (tag or "").replace("_", "-").casefold()
        by_tag = {each.casefold(): each for each in self.locales}
        return by_tag.get(small) or by_tag.get(small.split("-")[0]) or tag

    def question(self, id: str) -> Question | None:
        return next((q for q in self.questions if q.id == id), None)


@dataclass(frozen=True)
class Release:
    """The playbook with all flows, as published together.

    ``hashes`` maps ``playbook`` and each flow id to the SHA-256 of the text it was made from.
    """

    playbook: Playbook
    flows: Mapping[str, Flow]
    hashes: Mapping[str, str] = field(default_factory=dict)

    def version(self, flow_id: str) -> str:
        """Tells one wording of a flow from the next."""
        return self.hashes.get(flow_id, "")[:12]
