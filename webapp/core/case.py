"""A case: a saved visitor with the result expected. Shown to marketers as a persona."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webapp.core.errors import NOWHERE, Where
from webapp.core.facts import Fact
from webapp.core.signals import VISIT_GAP, Event
from webapp.core.values import Value


@dataclass(frozen=True)
class Case:
    """``facts`` are known from before; ``dated_known`` says that one of them has a date.

    ``answers`` hold values by property, ``answered_at`` where each is written. ``expect`` is what
    the file says, checked by ``baton flows test``.
    """

    flow: str
    at: datetime
    facts: tuple[Fact, ...] = ()
    dated_known: bool = False
    events: tuple[Event, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)
    answered_at: Mapping[str, Where] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    spam: bool = False
    locale: str | None = None
    name: str | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    where: Where = NOWHERE

    @property
    def returning(self) -> bool:
        """Here before: an event at least thirty minutes old, or a dated fact."""
        gap: timedelta = VISIT_GAP
        return self.dated_known or any(self.at - event.at >= gap for event in self.events)
