"""Waiting for a condition, the one place where a test sleeps."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as something holds; fail where it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"It did not come to hold within {seconds:g} s."
        time.sleep(0.02)
