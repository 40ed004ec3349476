"""What tells a property's choices apart: words, ranges of numbers, times, ideas, people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from webapp.core.playbook import Property
from webapp.core.understanding import bands, concepts, horizons
from webapp.core.understanding.bands import Band
from webapp.core.understanding.concepts import Concept
from webapp.core.understanding.horizons import Horizon
from webapp.core.understanding.words import Phrases, key
from webapp.core.values import Type

Kind = Literal["plain", "money", "count", "time", "people"]

MONEY_CUES = frozenset("budget price cost costs spend spending revenue money umsatz invest".split())
# Words that tell nothing apart.
SMALL = frozenset(
    "the a an of for to in on and or our my your we i is are it at by with you just der die das "
    "und oder ein eine von fuer zu im am auf mit wir ich ist sind".split()
)
_SOME_DAY = date(2026, 1, 15)


@dataclass
class Book:
    """Everything that tells one property's choices apart. Made once for each property."""

    property: Property
    _horizons: tuple[date, tuple[Horizon, ...]] | None = field(default=None, repr=False)

    @cached_property
    def kind(self) -> Kind:
        """How its choices are told apart, where not by their words alone."""
        if self.property.type not in (Type.CHOICE, Type.CHOICES):
            return "plain"
        if len(self.bands) >= 2:
            money = any(band.currency for band in self.bands) or self.cues & MONEY_CUES
            return "money" if money else "count"
        if len(self.horizons(_SOME_DAY)) >= 2:
            return "time"
        if len(self.roles) >= 2 and self.property.type is Type.CHOICES:
            return "people"
        return "plain"

    @cached_property
    def about_money(self) -> bool:
        return bool(self.cues & MONEY_CUES)

    @cached_property
    def cues(self) -> frozenset[str]:
        """The words of the property's id and label, by which a sentence may point at it."""
        texts = [self.property.id.replace("_", " "), *self.property.label.by_locale.values()]
        found = {word for text in texts for word in key(text)} - SMALL
        return frozenset(found | {word.removesuffix("s") for word in found if len(word) > 4})

    @cached_property
    def phrases(self) -> Phrases[str]:
        """Label, id and synonyms of each choice; words it is derived from, too."""
        return Phrases(
            (phrase, choice) for choice in self.property.choices for phrase in self.texts(choice)
        )

    def texts(self, choice: str) -> list[str]:
        """Everything a choice is called."""
        labels = self._labels(choice)
        derived = self.property.derive and self.property.derive.words
        parts = [part for label in labels for part in _alternatives(label)]
        synonyms = self.property.choices[choice].synonyms
        return [*labels, _spelled(choice), *synonyms, *parts, *(derived or {}).get(choice, ())]

    def is_id(self, words: tuple[str, ...]) -> bool:
        """Whether the words are only a choice's id, which its author did not write for visitors."""
        return words in self._ids

    @cached_property
    def _ids(self) -> frozenset[tuple[str, ...]]:
        worded = {
            key(text)
            for choice, known in self.property.choices.items()
            for text in (*self._labels(choice), *known.synonyms)
        }
        return frozenset({key(_spelled(choice)) for choice in self.property.choices} - worded)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        found = (
            bands.band(choice, [*self._labels(choice), choice.replace("_", " ")])
            for choice in self.property.choices
        )
        return tuple(band for band in found if band)

    def horizons(self, today: date) -> Sequence[Horizon]:
        """The times its choices stand for, counted from a day."""
        if self._horizons is None or self._horizons[0] != today:
            found = (
                horizons.horizon(choice, [*self._labels(choice), _spelled(choice)], today)
                for choice in self.property.choices
            )
            self._horizons = (today, tuple(each for each in found if each))
        return self._horizons[1]

    @cached_property
    def ideas(self) -> dict[str, str]:
        """The choice that stands for an idea, where it is only one."""
        by_idea: dict[str, list[str]] = {}
        for choice, known in self.property.choices.items():
            synonyms = [" ".join(key(text)) for text in known.synonyms]
            for idea in {_idea(self._wordings(choice)), _idea(synonyms)} - {None}:
                by_idea.setdefault(str(idea), []).append(choice)
        return {idea: found[0] for idea, found in by_idea.items() if len(found) == 1}

    @cached_property
    def roles(self) -> dict[str, str]:
        """The choice for each kind of person who may decide; ``alone`` for nobody else."""
        found: dict[str, str] = {}
        for choice in self.property.choices:
            wordings = self._wordings(choice)
            if any(tuple(text.split()) in concepts.ALONE_SAID.by_words for text in wordings):
                found.setdefault("alone", choice)
                continue
            for role, concept in concepts.ROLES.items():
                if any(_labelled(text, concept) for text in wordings):
                    found.setdefault(role, choice)
        return found

    def _labels(self, choice: str) -> list[str]:
        return list(self.property.choices[choice].label.by_locale.values())

    def _wordings(self, choice: str) -> list[str]:
        """Labels and id, folded."""
        return [" ".join(key(text)) for text in (*self._labels(choice), _spelled(choice))]


def book(property: Property) -> Book:
    """The property's book, kept on the property itself, which lives as long as its release."""
    made = property.__dict__.get("_book")
    if not isinstance(made, Book):
        made = Book(property)
        object.__setattr__(property, "_book", made)
    return made


def _idea(wordings: list[str]) -> str | None:
    for idea, marks in concepts.LABEL_PHRASES:
        if any(f" {mark} " in f" {text} " for mark in marks for text in wordings):
            return idea
    for idea, concept in concepts.OTHERS.items():
        if any(_labelled(text, concept) for text in wordings):
            return idea
    return None


def _spelled(choice: str) -> str:
    return choice.replace("_", " ").replace("-", " ")


def _labelled(text: str, concept: Concept) -> bool:
    return any(
        word == mark or (len(mark) >= 4 and word.startswith(mark))
        for word in text.split()
        for mark in concept.labels
    )


def _alternatives(label: str) -> list[str]:
    """ "VP or director" may be called either."""
    for mark in (" or ", " oder ", " and ", " und ", " & ", "/"):
        if mark in label:
            return label.split(mark)
    return []
