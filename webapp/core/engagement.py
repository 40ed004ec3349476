"""What the visitor did on the site, in a sentence instead of a list of page views."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from webapp.core.conditions import Subject
from webapp.core.decision import Decision
from webapp.core.evidence import Evidence, evidence
from webapp.core.playbook import Signal

Cite = Callable[[Iterable[Evidence]], list[str]]

LONGEST_TIMELINE = 50


def engagement(decision: Decision, cite: Cite) -> dict[str, Any]:
    """The summary, the signals behind it, and the newest fifty events."""
    sightings = decision.situation.sightings
    events, visits = sightings.events, sightings.visits
    highlights = [
        {
            "sentence": f"{_name(signal)}: {_times(count)}.",
            "evidence": cite(evidence([Subject("signal", signal.id)], decision.situation)),
        }
        for signal in _telling(decision)
        if (count := sightings.count(signal.id))
    ]
    return {
        "summary": _summary(decision),
        "first_seen": events[0].at.isoformat() if events else None,
        "last_seen": events[-1].at.isoformat() if events else None,
        "visits": len(visits),
        "highlights": highlights,
        "timeline": [
            {"at": e.at.isoformat(), "event": e.event, "page": e.page, "title": e.title}
            for e in events[-LONGEST_TIMELINE:]
        ],
    }


def _telling(decision: Decision) -> list[Signal]:
    """The playbook's own signals, most often seen first; the built-in ones say little."""
    count = decision.situation.sightings.count
    own = [s for s in decision.playbook.signals.values() if s.id not in ("visit", "page_view")]
    return sorted(own, key=lambda signal: -count(signal.id))


def _summary(decision: Decision) -> str:
    sightings = decision.situation.sightings
    events, visits = sightings.events, sightings.visits
    if not events:
        return "Nothing was seen of them on the site before this conversation."
    seen = [
        f"{_name(s)} {_times(sightings.count(s.id))}"
        for s in _telling(decision)
        if sightings.count(s.id) and not s.visit
    ]
    came = "One visit" if len(visits) == 1 else f"{len(visits)} visits{_over(visits)}"
    several = "one page or action" if len(events) == 1 else f"{len(events)} pages or actions"
    return f"{came}{': ' + ', '.join(seen[:3]) if seen else ', ' + several}."


def _over(visits: tuple[datetime, ...]) -> str:
    days = (visits[-1] - visits[0]).days
    return f" over {days} days" if days > 1 else ""


def _name(signal: Signal) -> str:
    return str(signal.label or signal.id.replace("_", " ").capitalize())


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
