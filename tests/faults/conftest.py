"""How much is injured: little in every test run, a lot in `make faults`."""

import pytest

from tests.fixtures.injuries import often


@pytest.fixture
def times() -> int:
    """How often to injure where nothing else is said: 4 times, or 300 in the long run."""
    return often(4, 300)
