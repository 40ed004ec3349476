"""What every test may ask for: the fixtures live in tests/fixtures."""

pytest_plugins = [
    "tests.fixtures.applications",
    "tests.fixtures.browser",
    "tests.fixtures.mailbox",
    "tests.fixtures.people",
    "tests.fixtures.servers",
]
