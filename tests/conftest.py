"""What every test may ask for: the fixtures live in tests/fixtures."""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.applications",
    "tests.fixtures.browser",
    "tests.fixtures.earlier_releases",
    "tests.fixtures.injuries",
    "tests.fixtures.mailbox",
    "tests.fixtures.people",
    "tests.fixtures.servers",
]

# A slow machine is no failure: what takes too long is for the bench to say.
settings.register_profile("baton", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("baton"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "baton")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end. To look for garbage among half a million
    such objects, again and again, takes a fifth of collecting and a twentieth of the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where everything can be installed, a test that was left out is a test that failed."""
    if os.environ.get("CI") == "true" and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("CI skips nothing: see the tests above.", red=True)
        assert terminalreporter._session is not None
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED
