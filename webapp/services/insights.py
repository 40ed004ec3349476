"""What marketing and sales ask of the past: where people stop, whether scores predict, how fast
we answer, and what another playbook would have done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from webapp.core.calibration import Suggestion, suggestions
from webapp.core.flow import Release
from webapp.core.proportions import Share, quantile, share
from webapp.core.replay import Before, Replayed, replay
from webapp.core.tally import Tally
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
    """The leads of one tier that went to sales. ``revenue`` is what those won brought, by currency,
    and ``days`` how long each took."""

    tier: str
    label: str
    leads: int
    accepted: Share
    won: Share
    revenue: Mapping[str, Decimal]
    days: tuple[float, ...]

    @property
    def median_days(self) -> float | None:
        """Half of those won were signed within so many days of the handoff."""
        return quantile(self.days, 0.5)


@dataclass(frozen=True, slots=True)
class Source:
    """Where conversations came from, what they were worth to the score, and to sales."""

    name: str
    conversations: int
    hot: Share
    won: Share


@dataclass(frozen=True, slots=True)
class Responses:
    """Minutes from handoff to first contact; None for those nobody has contacted yet."""

    minutes: tuple[int | None, ...]
    within_deadline: Share

    @property
    def median(self) -> float | None:
        return quantile(self.minutes, 0.5)

    @property
    def p90(self) -> float | None:
        return quantile(self.minutes, 0.9)


def starts(past: Tally) -> dict[str, tuple[int, int]]:
    """For each flow, how many began and how many finished."""
    flows = sorted(flow for what, flow, *_ in past if what == "begun")
    return {flow: (past["begun", flow], past["finished", flow]) for flow in flows}


def funnel(past: Tally, flow_id: str) -> list[Step]:
    """Where people stop, question by question, of those it was shown to."""
    _, release = releases.live()
    asked = release.flows[flow_id].questions
    return [
        Step(
            question=q.id,
            asked_as=str(q.ask),
            shown=past["shown", flow_id, q.id],
            answered=past["answered", flow_id, q.id],
            skipped=past["skipped", flow_id, q.id],
            left=past["left", flow_id, q.property],
        )
        for q in asked
    ]


def sources(past: Tally, *, since: datetime) -> list[Source]:
    """Where leads come from: the share of each source that is hot (the first tier), and of those
    sales knows the end of, the share that was won."""
    _, release = releases.live()
    top = release.playbook.tiers[0].id
    begun: Counter[str] = Counter()
    for (what, source, *_), number in past.items():
        if what == "source":
            begun[source] += number
    ends = {(source, won): number for source, won, number in reports.ends(since)}
    found = []
    for source, number in begun.most_common(20):
        won = ends.get((source, True), 0)
        closed = won + ends.get((source, False), 0)
        hot = share(past["source", source, top], number)
        found.append(Source(source, number, hot, share(won, closed)))
    return found


def bands(*, since: datetime) -> list[Band]:
    """Whether the score predicts: acceptance and wins by tier, of leads that were decided on."""
    _, release = releases.live()
    outcomes, deals = reports.outcomes(since), reports.won(since)
    found = []
    for tier in release.playbook.tiers:
        mine = Counter({status: n for of, status, n in outcomes if of == tier.id})
        judged = mine.total() - mine["waiting"] - mine["assigned"]
        closed = mine["won"] + mine["lost"] + mine["disqualified"]
        found.append(
            Band(
                tier=tier.id,
                label=str(tier.label or tier.id.capitalize()),
                leads=mine.total(),
                accepted=share(sum(mine[status] for status in ACCEPTED), judged),
                won=share(mine["won"], closed),
                revenue=_revenue(deal.detail for deal in deals if deal.tier == tier.id),
                days=tuple(sorted(deal.days for deal in deals if deal.tier == tier.id)),
            )
        )
    return found


def _revenue(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Amounts of different currencies are never added up."""
    total: dict[str, Decimal] = {}
    for each in outcomes:
        if each.get("amount"):
            currency = each.get("currency") or ""
            total[currency] = total.get(currency, Decimal()) + Decimal(each["amount"])
    return total


def responses(*, since: datetime) -> Responses:
    """How fast people heard from us. Leads still waiting count as not answered yet."""
    found = sorted(reports.waits(since), key=lambda each: (each[0] is None, each[0] or 0))
    minutes = tuple(waited for waited, number, _, _ in found for _ in range(number))
    due = sum(each[2] for each in found)
    in_time = sum(each[3] for each in found)
    return Responses(minutes, share(in_time, due))


def rejections(*, since: datetime) -> list[tuple[str, int, Mapping[str, int]]]:
    """Reasons for which leads went back or were closed, most frequent first, with the lines that
    were said to mislead."""
    reasons: Counter[str] = Counter()
    lines: dict[str, Counter[str]] = {}
    for why, line, number in reports.rejections(since):
        reason = why or "no reason"
        reasons[reason] += number
        if line:
            lines.setdefault(reason, Counter())[line] += number
    return [(reason, count, lines.get(reason, {})) for reason, count in reasons.most_common()]


def what_if(release: Release, *, since: datetime) -> Replayed:
    """What another playbook would have done to past conversations."""
    return replay(_pasts(since), release)


def calibrate(*, since: datetime) -> list[Suggestion]:
    """Points that outcomes suggest, for a person to judge."""
    return suggestions((row.lines, row.status == "won") for row in reports.judged(since))


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
