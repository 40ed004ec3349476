"""Nobody ever does what the proof says nobody does: random releases against random visitors.

The long run is ``python -m tests.core.proof.soundness``.
"""

import pytest

from tests.core.proof.soundness import run


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_no_visitor_contradicts_the_proof(first: int) -> None:
    tally = run(first, seeds=50, visitors=40)

    assert tally.wrong == []
    assert tally.visitors > 1000
    # What it says can happen does happen; the rest would take a visit that goes on for days.
    assert tally.shown >= 0.98 * tally.outcomes


def test_no_visitor_of_a_flow_that_stops_early_contradicts_the_proof() -> None:
    tally = run(1000, seeds=50, visitors=40, settling=True)

    assert tally.wrong == []
    assert tally.visitors > 1000
