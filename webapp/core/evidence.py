"""What a claim rests on: a fact, or something that was seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from webapp.core.conditions import Subject, subjects
from webapp.core.facts import Fact
from webapp.core.situation import Situation, gate_result


@dataclass(frozen=True, slots=True)
class Seen:
    """Something the visit brought with it, or a signal: ``what`` is named as conditions name it."""

    what: str
    value: str | int
    at: datetime | None = None


Evidence = Fact | Seen


def evidence(read: Iterable[Subject], situation: Situation) -> tuple[Evidence, ...]:
    """What is there to show for these subjects; nothing for what is unknown."""
    found: dict[object, Evidence] = {}
    for subject in read:
        for each in _beneath(subject, situation):
            shown = _shown(each, situation)
            if shown is not None:
                found.setdefault((each.kind, each.name), shown)
    return tuple(found.values())


def _beneath(subject: Subject, situation: Situation) -> Iterable[Subject]:
    """The subject itself; for gates and the checklist what they read in turn."""
    playbook = situation.playbook
    match subject.kind:
        case "disqualifier":
            read = [g.when for g in playbook.disqualifiers if g.id == subject.name]
        case "disqualified":
            hard = (g for g in playbook.disqualifiers if g.gate == "hard")
            read = [g.when for g in hard if gate_result(g, situation) == "tripped"]
        case "icp":
            read = [criterion.when for criterion in playbook.icp]
        case _:
            return (subject,)
    return chain.from_iterable(map(subjects, read))


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
