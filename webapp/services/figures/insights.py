"""What marketing and sales ask of the past: where people stop, whether scores predict, how fast
we answer, and what another playbook would have done."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import inf
from typing import Any

from webapp.core.flow import Release
from webapp.core.playbook import Playbook
from webapp.core.proportions import Share, quantile, share
from webapp.core.replay import Before, Moved, Replayed, replay
from webapp.core.tally import DECIDED, Tally
from webapp.services.flows import releases
from webapp.store import reports
from webapp.store.handoffs import ACCEPTED

MARKS = (5, 15, 60, 4 * 60, 24 * 60, 7 * 24 * 60)


@dataclass(frozen=True, slots=True)
class Told:
    """What a question tells by one scoring rule that reads it: of the leads of which sales knows
    the end, the share won of those with the rule's points, and of those without."""

    rule: str
    won: Share
    won_without: Share

    @property
    def few(self) -> bool:
        return self.won.few or self.won_without.few


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a flow: to how many it was put, who answered, who left there, and what
    asking it tells."""

    question: str
    asked_as: str
    shown: int
    answered: int
    skipped: int
    left: int
    told: Sequence[Told]

    @property
    def drop(self) -> Share:
        return share(self.left, self.shown)


@dataclass(frozen=True, slots=True)
class Band:
    """The leads of one tier that went to sales. ``revenue`` is what those won brought, by currency,
    and ``days`` how many of those took so many."""

    tier: str
    label: str
    leads: int
    accepted: Share
    won: Share
    revenue: Mapping[str, Decimal]
    days: Mapping[float, int]

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
    """How many heard from us within so many minutes of the handoff; infinity counts those nobody
    has contacted yet."""

    minutes: Mapping[float, int]
    within_deadline: Share

    @property
    def median(self) -> float | None:
        return quantile(self.minutes, 0.5)

    @property
    def p90(self) -> float | None:
        return quantile(self.minutes, 0.9)

    @property
    def within(self) -> list[tuple[int, Share]]:
        """For each wait somebody may promise, in minutes, how many heard from us by then."""
        everybody = sum(self.minutes.values())
        return [
            (mark, share(sum(n for took, n in self.minutes.items() if took <= mark), everybody))
            for mark in MARKS
        ]


def starts(past: Tally) -> dict[str, tuple[int, int]]:
    """For each flow, how many began and how many finished."""
    flows = sorted(flow for what, flow, *_ in past if what == "begun")
    return {flow: (past["begun", flow], past["finished", flow]) for flow in flows}


def funnel(past: Tally, flow_id: str) -> list[Step]:
    """Where people stop, question by question, of those it was shown to."""
    _, release = releases.live()
    asked, ends = release.flows[flow_id].questions, _ends(past)
    return [
        Step(
            question=q.id,
            asked_as=str(q.ask),
            shown=past["shown", flow_id, q.id],
            answered=past["answered", flow_id, q.id],
            skipped=past["skipped", flow_id, q.id],
            left=past["left", flow_id, q.property],
            told=_told(ends, release.playbook, q.property),
        )
        for q in asked
    ]


def _ends(past: Tally) -> Mapping[str, Counter[str]]:
    """How leads ended of which sales knows the end: those with points by each rule and, under no
    name, all."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _, end, number in _of(past, "ended"):
        found[""][end] += number
    for rule, _, end, number in _of(past, "fired"):
        found[rule][end] += number
    return found


def _told(ends: Mapping[str, Counter[str]], playbook: Playbook, property: str) -> list[Told]:
    read = {property, *playbook.dependents.get(property, ())}
    return [
        Told(rule.id, _won(ends[rule.id]), _won(ends[""] - ends[rule.id]))
        for rule in (*playbook.fit.rules, *playbook.intent.rules)
        if rule.property in read
    ]


def _won(ends: Counter[str]) -> Share:
    return share(ends["won"], ends.total())


def sources(past: Tally) -> list[Source]:
    """Where leads come from: the share of each source that is hot (the first tier), and of those
    sales knows the end of, the share that was won."""
    _, release = releases.live()
    top = release.playbook.tiers[0].id
    begun: Counter[str] = Counter()
    for source, _, number in _of(past, "source"):
        begun[source] += number
    found = []
    for source, number in begun.most_common(20):
        won = past["ended", source, "won"]
        closed = won + past["ended", source, "lost"]
        hot = share(past["source", source, top], number)
        found.append(Source(source, number, hot, share(won, closed)))
    return found


def bands(past: Tally) -> list[Band]:
    """Whether the score predicts: acceptance and wins by tier, of leads that were decided on."""
    _, release = releases.live()
    statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tier_id, status, number in _of(past, "became"):
        statuses[tier_id][status] += number
    found = []
    for tier in release.playbook.tiers:
        mine = statuses[tier.id]
        judged = mine.total() - mine["waiting"] - mine["assigned"]
        closed = sum(mine[status] for status in DECIDED)
        found.append(
            Band(
                tier=tier.id,
                label=str(tier.label or tier.id.capitalize()),
                leads=mine.total(),
                accepted=share(sum(mine[status] for status in ACCEPTED), judged),
                won=share(mine["won"], closed),
                # Amounts of different currencies are never added up.
                revenue={
                    currency: Decimal(hundredths) / 100
                    for of, currency, hundredths in _of(past, "brought")
                    if of == tier.id
                },
                days={float(days): n for of, days, n in _of(past, "took") if of == tier.id},
            )
        )
    return found


def responses(past: Tally) -> Responses:
    """How fast people heard from us. Leads still waiting count as not answered yet."""
    heard, promises = Counter[float](), Counter[str]()
    for minutes, promise, number in _of(past, "heard"):
        heard[inf if minutes == "never" else int(minutes)] += number
        promises[promise] += number
    in_time, late = promises["in time"], promises["late"]
    return Responses(heard, share(in_time, in_time + late))


def rejections(past: Tally) -> list[tuple[str, int, Mapping[str, int]]]:
    """Reasons for which leads went back or were closed, most frequent first, with the lines that
    were said to mislead."""
    reasons: Counter[str] = Counter()
    lines: dict[str, Counter[str]] = {}
    for reason, line, number in _of(past, "returned"):
        reasons[reason] += number
        if line:
            lines.setdefault(reason, Counter())[line] += number
    return [(reason, count, lines.get(reason, {})) for reason, count in reasons.most_common()]


def _of(past: Tally, what: str) -> Iterator[tuple[Any, ...]]:
    """What is counted under one name: the rest of each key, and how many."""
    return ((*rest, number) for (name, *rest), number in past.items() if name == what)


def what_if(release: Release, *, since: datetime) -> Replayed:
    """What another playbook would have done to past conversations."""
    return replay(_pasts(since), release)


def _pasts(since: datetime) -> Iterator[tuple[Before, Mapping[str, Any]]]:
    for id, total, tier, destination, inputs, status in reports.records(since):
        outcome = status if status in ("won", "lost") else None
        yield Before(id, total, tier, destination, outcome), inputs


def named(moved: Sequence[Moved]) -> list[tuple[str, Moved]]:
    """These with whose conversations they were, but for whoever was erased since they were read."""
    leads = reports.leads_of([each.before.id for each in moved])
    return [(_who(leads[each.before.id]), each) for each in moved if each.before.id in leads]


def _who(lead: Mapping[str, Any]) -> str:
    found = lead.get("name") or lead.get("email")
    return str(found["value"]) if found else "Name not given"
