"""A visitor of the crowd, written as the case that ``baton simulate`` reproduces."""

from dataclasses import dataclass
from typing import Any

from webapp.core import values
from webapp.core.case import Case


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
