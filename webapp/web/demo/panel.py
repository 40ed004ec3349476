"""What your team sees: a conversation's score, its reasons, what is unknown, where it would go."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core import handoff, wording
from webapp.core.decision import Decision
from webapp.core.playbook import Playbook
from webapp.services.operations.demo import Seen

_WIDTH = 200
_MOST_UNKNOWN = 7


@dataclass(frozen=True)
class Mark:
    x: int
    label: str


@dataclass(frozen=True)
class Bar:
    """Where the total stands between what it could become, on a scale of 0 to ``_WIDTH``."""

    total: int
    low: int
    range: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Line:
    points: str
    because: str
    status: str
    note: str | None


@dataclass(frozen=True)
class Unknown:
    about: str
    could: str | None


@dataclass(frozen=True)
class Route:
    to: str
    because: str | None
    owner: str | None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """``version`` changes when anything here does."""

    version: str = ""
    begun: bool = False
    finished: bool = False
    who: str = ""
    through: str = ""
    total: int = 0
    tier: str = ""
    low: int = 0
    high: int = 0
    fit: int = 0
    intent: int = 0
    inferred: int = 0
    bar: Bar | None = None
    route: Route | None = None
    lines: tuple[Line, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    next_action: str | None = None
    engagement: str | None = None


def panel(seen: Seen, *, now: datetime) -> Panel:
    if seen.decision is None:
        shown = Panel(engagement=_pages(seen))
    else:
        shown = _of_decision(seen, seen.decision, now)
    return _versioned(shown)


def _versioned(shown: Panel) -> Panel:
    fingerprint = sha256(repr(shown).encode()).hexdigest()[:12]
    return Panel(**{**shown.__dict__, "version": fingerprint})


def _of_decision(seen: Seen, decision: Decision, now: datetime) -> Panel:
    record = handoff.record(decision, id=None, created_at=now)
    score, playbook = decision.score, decision.playbook
    finished = decision.path.next is None
    place = "the chat" if seen.skin == "chat" else "the form"
    return Panel(
        begun=True,
        finished=finished,
        who=_who(record["lead"]),
        through=f"finished {place}" if finished else f"is in {place}",
        total=score.total,
        tier=_named(decision.tier),
        low=score.low,
        high=score.high,
        fit=score.fit,
        intent=score.intent,
        inferred=score.inferred,
        bar=_bar(decision, playbook),
        route=_route(seen, decision),
        lines=_lines(record["score_lines"]),
        unknown=_unknown(record["uncertainties"], decision),
        next_action=_next_action(record, seen),
        engagement=record["engagement"]["summary"] if seen.events else None,
    )


def _who(lead: dict[str, Any]) -> str:
    """The person as far as they have said who they are."""

    def said(name: str) -> str | None:
        known = lead.get(name)
        return str(known["value"]) if known and known["value"] else None

    person = said("name") or said("first_name") or said("email") or said("title")
    parts = [each for each in (person, said("company") or said("domain")) if each]
    return ", ".join(parts) or "Somebody"


def _bar(decision: Decision, playbook: Playbook) -> Bar:
    marks = [tier for tier in playbook.tiers if tier.least is not None]
    top = max(decision.score.high, decision.score.total, *(t.least or 0 for t in marks), 1) + 10

    def x(points: int) -> int:
        return round(max(points, 0) / top * _WIDTH)

    low, high = x(decision.score.low), x(decision.score.high)
    return Bar(
        x(decision.score.total),
        low,
        high - low,
        tuple(Mark(x(tier.least or 0), f"{_named(tier)} {tier.least}") for tier in marks),
    )


def _route(seen: Seen, decision: Decision) -> Route:
    destination = decision.destination
    owner = None
    if seen.handoff and seen.handoff.owner_email:
        owner = seen.handoff.owner_email
        if seen.call:
            owner = f"{owner}, call agreed for {seen.call.when}"
        elif by := seen.handoff.respond_by:
            there = by.astimezone(ZoneInfo(decision.playbook.timezone))
            owner = f"{owner}, to respond by {there:%A %H:%M}"
    elif destination.respond_within:
        owner = f"to respond within {wording.duration(destination.respond_within, None)}"
    return Route(_named(destination), decision.route.because or None, owner)


def _next_action(record: dict[str, Any], seen: Seen) -> str | None:
    do = record["next_action"]["do"] if record["next_action"] else None
    return seen.call.instead_of(do or "") if seen.call else do


def _lines(lines: list[dict[str, Any]]) -> tuple[Line, ...]:
    counted = (each for each in lines if each["status"] != "open")
    return tuple(
        Line(
            f"{each['points']:+d}",
            each["because"],
            each["status"],
            "inferred" if each["status"] == "inferred" else None,
        )
        for each in sorted(counted, key=lambda each: -each["points"])
    )


def _unknown(found: list[dict[str, Any]], decision: Decision) -> tuple[Unknown, ...]:
    return tuple(
        Unknown(each["label"], _could(each["could_change"], decision))
        for each in found
        if each["kind"] in ("unknown", "skipped", "expired")
    )[:_MOST_UNKNOWN]


def _could(change: dict[str, Any], decision: Decision) -> str | None:
    now = decision.score.total
    low, high = change["low"] - now, change["high"] - now
    found = []
    if low or high:
        found.append(f"{low:+d} to {high:+d}" if low else f"up to {high:+d}")
    if "destination" in change:
        to = decision.playbook.destinations[change["destination"]]
        found.append(f"could send them to {_named(to)}")
    return ", ".join(found) or None


def _named(thing: Any) -> str:
    return str(thing.label or thing.id.replace("_", " ").replace("-", " ").capitalize())


def _pages(seen: Seen) -> str | None:
    pages = list(dict.fromkeys(event.page for event in seen.events if event.page))
    return f"Somebody looked at {wording.listed(pages, None)}." if pages else None
