"""Facts: what is known about a lead, how surely, and what follows from it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from webapp.core.values import Value


class Certainty(IntEnum):
    """How surely a fact is known, strongest first by number. See ``known``."""

    inferred = 1
    enriched = 2
    observed = 3
    stated = 4
    confirmed = 5

    @property
    def known(self) -> bool:
        """Confirmed, stated and observed count as known; enriched and inferred as inferred."""
        return self >= Certainty.observed


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property, with its certainty, source and instant. Never overwritten.

    ``order`` tells which of two facts of one instant was recorded later. ``derived_from`` is the
    fact this one follows from. ``quote`` holds the words it rests on. ``ref`` is where it is kept,
    for evidence (a row's id, or ``answer:<question>``).
    """

    property: str
    value: Value
    certainty: Certainty
    source: str
    at: datetime
    order: int = 0
    derived_from: "Fact | None" = None
    quote: str | None = None
    ref: str | None = None


__all__ = ["Certainty", "Fact", "Iterable", "replace"]
