"""The starter flows live on a site, and people with browsers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.services.flows import releases, sites

FLOWS = Path(__file__).parents[2] / "question_flows"


@pytest.fixture
def site_key(app: Flask) -> str:
    """The key of a site on which the starter flows are live."""
    now = datetime.now(UTC)
    with app.app_context():
        releases.seed(FLOWS, now=now)
        return sites.seed(now=now).key


@pytest.fixture
def browser(app: Flask, site_key: str) -> FlaskClient:
    """A browser without script that keeps no cookies."""
    return app.test_client(use_cookies=False)
