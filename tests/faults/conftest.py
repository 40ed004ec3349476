"""How much is injured: little in every test run, a lot in `make faults`."""

import pytest


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    """How often to injure: 4 times, or 300 in the long run."""
    return 300 if request.config.getoption("--faults") == "long" else 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked ``long`` to the long run."""
    if config.getoption("--faults") == "long":
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]
