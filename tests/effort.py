"""How much work something is, in calls: the same on every machine, however busy."""

from collections.abc import Iterator
from contextlib import contextmanager
from cProfile import Profile
from dataclasses import dataclass


@dataclass
class Effort:
    """``calls`` are those of Python and of C, known once the block has ended."""

    calls: int = 0


@contextmanager
def counting() -> Iterator[Effort]:
    """Count the calls of the block. What one call does inside C is not seen: a pattern that
    backtracks for ever runs into the time limit of its test, which no sound one comes near."""
    effort = Effort()
    with Profile() as profile:
        yield effort
    effort.calls = sum(entry.callcount for entry in profile.getstats())


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fail where the block makes more calls than these."""
    with counting() as effort:
        yield
    assert effort.calls <= calls, f"{effort.calls:,} calls instead of at most {calls:,}"
