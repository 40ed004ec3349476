"""When things happen to the visitors of a proof, and what keeps it within its time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
"""The instant every visitor is judged at. Nothing but ages matters, so any would do."""

MOMENT = timedelta(microseconds=1)

Tick = Callable[[], None]
"""Called often; raises OutOfTime when the proof has to stop."""


class OutOfTime(Exception):
    """The time or the steps given for the proof are used up."""


class NotConcrete(Exception):
    """No case could be found for a visitor that seemed possible."""


def forever() -> None:
    """No limit."""


def steps(most: int) -> Tick:
    """A limit that does not depend on the machine."""
    left = most

    def tick() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfTime

    return tick
