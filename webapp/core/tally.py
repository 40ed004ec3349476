"""What many conversations came to, in figures that can be added up: a day's, a year's."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

Tally = Counter[tuple[str, ...]]
"""How many, by what is counted and for what:

    ("begun", flow), ("finished", flow)
    ("shown", flow, question), ("answered", …), ("skipped", …)
    ("left", flow, property)        who went away while that was being asked
    ("source", name, tier)          where they came from, and where their score left them
"""


def tally(conversations: Iterable[Any]) -> Tally:
    """Count real conversations, given as rows with the columns named below."""
    counted: Tally = Counter()
    for row in conversations:
        counted.update(_of_one(row))
    return counted


def _of_one(row: Any) -> Iterator[tuple[str, ...]]:
    yield "begun", row.flow
    if row.finished_at is not None:
        yield "finished", row.flow
    elif row.waiting_for:
        yield "left", row.flow, row.waiting_for
    for question in row.put:
        yield "shown", row.flow, question
    for answer in row.answers:
        yield "skipped" if answer["value"] is None else "answered", row.flow, answer["question"]
    source = row.source.get("utm_source") or row.source.get("referrer_host") or "direct"
    yield "source", source, row.tier


def write(counted: Tally) -> list[Any]:
    """As JSON."""
    return [[*key, number] for key, number in sorted(counted.items())]


def read(written: Iterable[Any]) -> Tally:
    return Counter({tuple(key): number for *key, number in written})
