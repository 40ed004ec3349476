"""Browser tests are about pages: one database is enough, the others' tests run on both."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.hosts import host, sister
from tests.fixtures.applications import Prepared

__all__ = ["app", "host", "sister"]

expect.set_options(timeout=30_000)  # milliseconds: the machine may be busy with other things


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    return prepared_sqlite.as_new()
