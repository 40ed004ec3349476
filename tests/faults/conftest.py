"""How much is injured: little in every test run, a lot in `make faults`."""

import pytest


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    """How often to injure: 4 times, or 300 in the long run."""
    return 300 if request.config.getoption("--faults") == "long" else 4
