"""Figures of a day: few, however much went on, and near enough to what went on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fixtures.applications import FRIDAY
from webapp.core import tally
from webapp.core.proportions import quantile


def sold(number: int) -> Iterator[tuple[Any, Sequence[Any]]]:
    """As many leads as that, each called and signed after a time of its own, for an amount of its
    own."""
    for n in range(number):
        waited = timedelta(minutes=20 * 1.0007 ** (n * 10_000 // number))
        row = SimpleNamespace(
            tier="hot",
            status="won",
            source={},
            lines=(),
            created_at=FRIDAY,
            contacted_at=FRIDAY + waited,
            closed_at=FRIDAY + 3 * waited,
            respond_by=FRIDAY + timedelta(hours=4),
        )
        detail = {"amount": str(1_000 + n), "currency": "EUR"}
        yield row, [SimpleNamespace(what="outcome", detail=detail)]


def test_a_day_of_ten_times_as_many_leads_has_hardly_more_figures() -> None:
    quiet, busy = (tally.of_handoffs(sold(number)) for number in (1_000, 10_000))
    assert busy["became", "hot", "won"] == 10_000
    assert busy["brought", "hot", "EUR"] == 100 * sum(range(1_000, 11_000))
    assert len(busy) < 1.1 * len(quiet)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_what_it_says_of_their_waiting_is_as_near_as_anybody_reads_it(share: float) -> None:
    waits = sorted((row.contacted_at - FRIDAY) / timedelta(minutes=1) for row, _ in sold(1_000))
    told = Counter[float]()
    for (what, minutes, *_), number in tally.of_handoffs(sold(1_000)).items():
        if what == "heard":
            told[int(minutes)] += number
    assert quantile(told, share) == pytest.approx(waits[int(1_000 * share)], rel=0.08)
