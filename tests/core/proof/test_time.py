"""What a proof says of the little it had no time for."""

from tests.flow_files.small import release
from webapp.core.proof.moments import steps
from webapp.core.proof.prove import prove


def test_shares_that_nobody_had_time_to_count_leave_the_points_proved() -> None:
    taken = 0

    def tick() -> None:
        nonlocal taken
        taken += 1

    [counted] = prove(release(), tick).flows
    proof = prove(release(), steps(taken - 1))
    [flow] = proof.flows

    assert (counted.uncounted, flow.uncounted) == (False, True)
    assert flow.shares == ()
    assert all(proof.verdict(point) == "proved" for point in range(1, 9))
