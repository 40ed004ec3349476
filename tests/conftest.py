"""What every test may ask for: the fixtures live in tests/fixtures."""

pytest_plugins = [
    "tests.fixtures.applications",
    "tests.fixtures.browser",
    "tests.fixtures.people",
    "tests.fixtures.receivers",
    "tests.fixtures.servers",
]
