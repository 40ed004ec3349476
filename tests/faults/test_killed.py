"""The whole server is killed, at any moment and again and again, and no answer is lost."""

from pathlib import Path

import pytest

from tests.fixtures.applications import DATABASES
from tests.fixtures.injuries import Tell
from webapp.cli.drill import faults
from webapp.cli.drill.scratch import Scratch


@pytest.fixture(params=DATABASES)
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    """A copy of the product with a server of its own."""
    if request.param == "sqlite":
        return Scratch(tmp_path)
    return Scratch(tmp_path, database_url=request.getfixturevalue("empty_postgresql_url"))


def told(tell: Tell, outcome: faults.Outcome) -> None:
    what = f"x {outcome.fault}, {outcome.taken:,} answers taken"
    tell(outcome.injected, what, lost=len(outcome.lost))


@pytest.mark.promise(1)
@pytest.mark.timeout(7200)
def test_no_answer_that_was_taken_is_lost_when_the_server_is_killed(
    scratch: Scratch, times: int, tell: Tell
) -> None:
    outcome = faults.kills(scratch, times)
    told(tell, outcome)
    assert outcome.lost == []
    assert outcome.taken > times


@pytest.mark.long
@pytest.mark.promise(6)
@pytest.mark.timeout(3600)
def test_every_handoff_reaches_a_receiver_that_was_dead_for_a_while(
    tmp_path: Path, times: int, tell: Tell
) -> None:
    outcome = faults.dead_receiver(tmp_path, times * 2)
    told(tell, outcome)
    assert outcome.lost == []
    assert outcome.injected >= times * 2


@pytest.mark.promise(13)
@pytest.mark.timeout(600)
def test_no_answer_that_was_taken_is_lost_when_the_disk_is_full(
    tmp_path: Path, times: int, tell: Tell
) -> None:
    outcome = faults.full_disk(Scratch(tmp_path), refusals=times * 5)
    told(tell, outcome)
    assert outcome.lost == []
    assert outcome.injected >= times * 5
