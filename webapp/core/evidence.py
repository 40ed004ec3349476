"""What a claim rests on: a fact, or something that was seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from webapp.core.conditions import Subject
from webapp.core.facts import Fact
from webapp.core.situation import Situation


@dataclass(frozen=True, slots=True)
class Seen:
    """Something the visit brought with it, or a signal: ``what`` is named as conditions name it."""

    what: str
    value: str | int
    at: datetime | None = None


Evidence = Fact | Seen


def evidence(subjects: Iterable[Subject], situation: Situation) -> tuple[Evidence, ...]:
    """What is there to show for these subjects; nothing for what is unknown."""
    found: dict[object, Evidence] = {}
    for subject in subjects:
        shown = _shown(subject, situation)
        if shown is not None:
            found.setdefault((subject.kind, subject.name), shown)
    return tuple(found.values())


def _shown(subject: Subject, situation: Situation) -> Evidence | None:
    match subject.kind:
        case "property":
            return situation.profile.fact(subject.name)
        case "signal":
            times = situation.sightings.times(subject.name, subject.within)
            last = times[-1] if times else None
            return Seen(f"signals.{subject.name}", len(times), last)
        case "flow" | "source":
            value = situation.read(subject)
            return None if value is None else Seen(f"{subject.kind}.{subject.name}", str(value))
        case "locale" | "returning" | "spam":
            return Seen(subject.kind, str(situation.read(subject)))
        case _:
            return None
