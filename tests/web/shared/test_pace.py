"""How fast somebody may go: counted for as long as it matters, and not kept any longer."""

import pytest

from webapp.services.throttle import Throttled
from webapp.web.shared import pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, as this process counts them; the test moves them on."""
    now = [1_000.0]
    monkeypatch.setattr(pace, "clock", lambda: now[0])
    pace.forget_everybody()
    return now


def test_who_comes_too_often_waits_until_the_minute_is_over(clock: list[float]) -> None:
    pace.keep_to("answers", "Ann", most=2, seconds=60)
    clock[0] += 20
    pace.keep_to("answers", "Ann", most=2, seconds=60)
    with pytest.raises(Throttled) as told:
        pace.keep_to("answers", "Ann", most=2, seconds=60)
    assert told.value.retry_after == 40
    clock[0] += 40
    pace.keep_to("answers", "Ann", most=2, seconds=60)


def test_who_has_not_come_for_a_while_is_not_kept_in_memory(clock: list[float]) -> None:
    for number in range(50):
        pace.keep_to("answers", f"visitor {number}", most=1, seconds=60)
    clock[0] += 30
    pace.keep_to("answers", "Ann", most=1, seconds=60)
    clock[0] += 30
    pace.keep_to("answers", "Ben", most=1, seconds=60)
    assert list(pace._windows["answers"]) == ["Ann", "Ben"]
    with pytest.raises(Throttled):
        pace.keep_to("answers", "Ann", most=1, seconds=60)
