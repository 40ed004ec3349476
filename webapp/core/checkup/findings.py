"""The values a checkup gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from webapp.core import values
from webapp.core.case import Case
from webapp.core.errors import NOWHERE, Where

Status = Literal["proved", "refuted", "not proved"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A concrete visitor, as the case that ``baton simulate`` reproduces."""

    case: Case

    def document(self) -> dict[str, Any]:
        """The case as its file says it."""
        case = self.case
        known = {fact.property: values.write(fact.value) for fact in case.facts}
        events = [
            {"event": e.event, "at": e.at.isoformat()}
            | {
                name: getattr(e, name)
                for name in ("page", "utm_source", "utm_medium", "utm_campaign", "referrer_host")
                if getattr(e, name)
            }
            for e in case.events
        ]
        optional = {
            "known": known,
            "events": events,
            "answers": {name: values.write(value) for name, value in case.answers.items()},
            "source": dict(case.source),
        }
        document: dict[str, Any] = {"flow": case.flow, "at": case.at.isoformat()}
        document |= {name: value for name, value in optional.items() if value}
        return document | ({"spam": True} if case.spam else {})


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim. ``point`` is its number in the list of what is checked."""

    point: int
    status: Status
    sentence: str
    where: Where = NOWHERE
    visitor: Visitor | None = None


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """Figures of one flow, of fresh visitors: questions asked, and scores seen and possible."""

    fewest: int
    most: int
    least_score: int
    greatest_score: int
    ends_at: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    findings: tuple[Finding, ...]
    flows: Mapping[str, FlowFacts]
    uses: Mapping[str, tuple[str, ...]]

    @property
    def refuted(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.status == "refuted")

    @property
    def not_proved(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.status == "not proved")
