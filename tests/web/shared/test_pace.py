"""How fast somebody may go: counted for as long as it matters and not kept any longer, for whoever
they are, however their address is written."""

import pytest
from flask import Flask

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


def comes_from(address: str) -> None:
    with Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": address}):
        pace.keep_address_to("test", most=2, seconds=600)


@pytest.mark.parametrize(
    ("same", "another"),
    [
        (["2606:4700:1:2::1", "2606:4700:1:2:ffff::1", "2606:4700:1:2::3"], "2606:4700:1:3::1"),
        (["8.8.4.4", "::ffff:8.8.4.4", "::FFFF:808:404"], "::ffff:8.8.8.8"),
        (["8.8.4.4:50112", "8.8.4.4:50113", "8.8.4.4"], "8.8.8.8:50112"),
        (["[2606:4700:1:2::1]:50112", "[2606:4700:1:2::2]", "2606:4700:1:2::3"], "[2606::1]:1"),
    ],
    ids=[
        "the addresses of one customer's network",
        "one address, as two kinds of socket name it",
        "one address, from several ports",
        "one network, from several ports",
    ],
)
def test_one_customer_counts_as_one_and_another_as_another(same: list[str], another: str) -> None:
    pace.forget_everybody()
    *allowed, too_many = same
    for address in allowed:
        comes_from(address)
    with pytest.raises(Throttled):
        comes_from(too_many)
    comes_from(another)


@pytest.mark.parametrize(
    "address",
    ["", "evil", "fe80::1%eth0", "8.8.4.4, 10.0.0.1", "8.8.4:1", "[]:1", "[::1", "8.8.4.4:²"],
)
def test_an_address_that_is_none_or_odd_breaks_nothing(address: str) -> None:
    comes_from(address)
