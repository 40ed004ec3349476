"""What many conversations came to, in figures that can be added up: a day's, a year's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from math import inf
from typing import Any

Tally = Counter[tuple[str, ...]]
"""How many, by what is counted and for what:

    ("begun", flow), ("finished", flow)
    ("shown", flow, question), ("answered", …), ("skipped", …)
    ("left", flow, property)        who went away while that was being asked
    ("source", name, tier)          where they came from, and where their score left them

and of what sales was handed:

    ("became", tier, status)
    ("heard", minutes, promise)     about how long until somebody was in touch, or "never"; and
                                    whether that was "in time", "late", or "", nothing promised
    ("returned", reason, line)      why it was sent back or closed; the line that misled, or ""
    ("ended", source, end)          end is "won" or "lost", of those sales knows the end of
    ("took", tier, days)            how long until those won were signed
    ("brought", tier, currency)     hundredths of what they are worth together
    ("fired", rule, points, end)    the reasons that earned points
"""

GRAINS = ((30, 1), (2 * 60, 5), (48 * 60, 60), (inf, 24 * 60))
"""Up to so many minutes, a wait is told in steps of so many. Nobody reads them finer, and were each
day's waits all different, a year of busy days would be long."""

FORM = "form 2"
"""Begins what is written. Another number with every change of what is told above or how: what other
code counted, an old worker beside a new one, then counts for nothing and is counted anew."""

DECIDED = ("won", "lost", "disqualified")
"""The statuses of a handoff of which sales knows the end."""


def of_conversations(conversations: Iterable[Any]) -> Tally:
    """Count real conversations, given as rows with the columns named below."""
    counted: Tally = Counter()
    for row in conversations:
        counted.update(_of_conversation(row))
    return counted


def of_handoffs(handoffs: Iterable[tuple[Any, Sequence[Any]]]) -> Tally:
    """Count real handoffs, each with the events that tell why it went back or what it brought,
    oldest first; ``lines`` are the score lines of those that are decided."""
    counted: Tally = Counter()
    for row, said in handoffs:
        counted.update(_of_handoff(row, said))
        if row.status == "won":
            _add_deal(counted, row, said)
    return counted


def _of_conversation(row: Any) -> Iterator[tuple[str, ...]]:
    yield "begun", row.flow
    if row.finished_at is not None:
        yield "finished", row.flow
    elif row.waiting_for:
        yield "left", row.flow, row.waiting_for
    for question in row.put:
        yield "shown", row.flow, question
    for answer in row.answers:
        yield "skipped" if answer["value"] is None else "answered", row.flow, answer["question"]
    yield "source", _name(row.source), row.tier


def _of_handoff(row: Any, said: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    yield "became", row.tier, row.status
    if row.contacted_at is not None:
        waited = _minutes(row.contacted_at - row.created_at)
        yield "heard", str(waited), _promise(row)
    elif row.closed_at is None:
        yield "heard", "never", ""
    for each in said:
        if each.what != "outcome":
            yield "returned", each.reason or "no reason", each.detail.get("line") or ""
    if row.status in DECIDED:
        end = "won" if row.status == "won" else "lost"
        yield "ended", _name(row.source), end
        for line in row.lines:
            if line["status"] in ("known", "inferred") and line["points"] > 0:
                yield "fired", line["rule"], str(line["points"]), end


def _add_deal(counted: Tally, row: Any, said: Sequence[Any]) -> None:
    outcomes = [each.detail for each in said if each.what == "outcome"]
    if row.closed_at is None or not outcomes:
        return
    days = round((row.closed_at - row.created_at) / timedelta(days=1))
    counted["took", row.tier, str(days)] += 1
    if amount := outcomes[-1].get("amount"):
        currency = outcomes[-1].get("currency") or ""
        counted["brought", row.tier, currency] += round(100 * Decimal(amount))


def _name(source: Mapping[str, Any]) -> str:
    return source.get("utm_source") or source.get("referrer_host") or "direct"


def _promise(row: Any) -> str:
    if row.respond_by is None:
        return ""
    return "in time" if row.contacted_at <= row.respond_by else "late"


def _minutes(waited: timedelta) -> int:
    minutes = waited / timedelta(minutes=1)
    grain = next(grain for most, grain in GRAINS if minutes < most)
    return int(minutes / grain + 0.5) * grain


def write(counted: Tally) -> list[Any]:
    """As JSON."""
    return [[FORM, "", 0], *([*key, number] for key, number in sorted(counted.items()))]


def add(total: Tally, written: Iterable[Any]) -> None:
    """Add what was written to ``total``: faster than adding tallies up, and there are years."""
    for *key, number in islice(written, 1, None):
        total[tuple(key)] += number
