"""What marketing and sales ask of the past: where people stop, whether scores predict, how fast
we answer, and what another playbook would have done."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core.calibration import Suggestion, suggestions
from webapp.core.flow import Release
from webapp.core.proportions import Share, quantile, share
from webapp.core.replay import Before, Replayed, replay
from webapp.services import releases
from webapp.store import reports

ACCEPTED = frozenset({"accepted", "contacted", "opportunity", "won", "lost", "disqualified"})


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a flow: to how many it was put, who answered, who left there."""

    question: str
    asked_as: str
    shown: int
    answered: int
    skipped: int
    left: int

    @property
    def drop(self) -> Share:
        return share(self.left, self.shown)


@dataclass(frozen=True, slots=True)
class Band:
    """The leads of one tier that went to sales."""

    tier: str
    label: str
    leads: int
    accepted: Share
    won: Share


@dataclass(frozen=True, slots=True)
class Responses:
    """Minutes from handoff to first contact; None for those nobody has contacted yet."""

    minutes: tuple[float | None, ...]
    within_deadline: Share

    @property
    def median(self) -> float | None:
        return quantile(self.minutes, 0.5)

    @property
    def p90(self) -> float | None:
        return quantile(self.minutes, 0.9)


def funnel(flow_id: str, *, since: datetime) -> list[Step]:
    """Where people stop, question by question, of those it was shown to."""
    _, release = releases.live()
    flow = release.flows[flow_id]
    shown: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for row in reports.paths(since, flow_id):
        shown.update(row.put.keys())
        for answer in row.answers:
            (skipped if answer["value"] is None else answered)[answer["question"]] += 1
        if row.finished_at is None and row.waiting_for:
            waiting = next((q.id for q in flow.questions if q.property == row.waiting_for), None)
            if waiting:
                left[waiting] += 1
    return [
        Step(q.id, str(q.ask), shown[q.id], answered[q.id], skipped[q.id], left[q.id])
        for q in flow.questions
    ]


def starts(*, since: datetime) -> dict[str, tuple[int, int]]:
    """For each flow, how many began and how many finished."""
    return {flow: (begun, finished) for flow, begun, finished in reports.starts(since)}


def bands(*, since: datetime) -> list[Band]:
    """Whether the score predicts: acceptance and wins by tier, of leads that were decided on."""
    _, release = releases.live()
    rows = list(reports.handoffs(since))
    found = []
    for tier in release.playbook.tiers:
        mine = [row.status for row in rows if row.tier == tier.id]
        judged = [s for s in mine if s not in ("waiting", "assigned")]
        closed = [s for s in mine if s in ("won", "lost", "disqualified")]
        found.append(
            Band(
                tier=tier.id,
                label=str(tier.label or tier.id.capitalize()),
                leads=len(mine),
                accepted=share(sum(s in ACCEPTED for s in judged), len(judged)),
                won=share(closed.count("won"), len(closed)),
            )
        )
    return found


def responses(*, since: datetime) -> Responses:
    """How fast people heard from us. Leads still waiting count as not answered yet."""
    minutes: list[float | None] = []
    in_time = due = 0
    for row in reports.handoffs(since):
        if row.closed_at is not None and row.contacted_at is None:
            continue
        waited = row.contacted_at - row.created_at if row.contacted_at else None
        minutes.append(waited.total_seconds() / 60 if waited else None)
        if row.respond_by is not None and row.contacted_at is not None:
            due += 1
            in_time += row.contacted_at <= row.respond_by
    minutes.sort(key=lambda each: (each is None, each or 0.0))
    return Responses(tuple(minutes), share(in_time, due))


def rejections(*, since: datetime) -> list[tuple[str, int, Mapping[str, int]]]:
    """Reasons for which leads went back or were closed, most frequent first, with the lines that
    were said to mislead."""
    reasons: Counter[str] = Counter()
    lines: dict[str, Counter[str]] = {}
    for row in reports.rejections(since):
        reason = row.reason or "no reason"
        reasons[reason] += 1
        if line := row.detail.get("line"):
            lines.setdefault(reason, Counter())[line] += 1
    return [(reason, count, lines.get(reason, {})) for reason, count in reasons.most_common()]


def sources(*, since: datetime) -> list[tuple[str, int, Share]]:
    """Where leads come from, and the share of each source that is hot (the first tier)."""
    _, release = releases.live()
    top = release.playbook.tiers[0].id
    begun: Counter[str] = Counter()
    hot: Counter[str] = Counter()
    for row in reports.sources(since):
        source = row.source.get("utm_source") or row.source.get("referrer_host") or "direct"
        begun[source] += 1
        hot[source] += row.tier == top
    return [(s, n, share(hot[s], n)) for s, n in begun.most_common(20)]


def what_if(release: Release, *, since: datetime) -> Replayed:
    """What another playbook would have done to past conversations."""
    return replay(_pasts(since), release)


def calibrate(*, since: datetime) -> list[Suggestion]:
    """Points that outcomes suggest, for a person to judge."""
    return suggestions((row.record, row.status == "won") for row in reports.judged(since))


def _pasts(since: datetime) -> Iterator[tuple[Before, Mapping[str, Any]]]:
    for row in reports.records(since):
        lead = row.record["lead"]
        named = lead.get("name") or lead.get("email")
        outcome = row.status if row.status in ("won", "lost") else None
        before = Before(
            id=row.id,
            who=str(named["value"]) if named else "Name not given",
            total=row.total,
            tier=row.tier,
            destination=row.destination,
            outcome=outcome,
        )
        yield before, row.inputs
