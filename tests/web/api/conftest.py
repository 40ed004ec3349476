"""Programs with the token of a conversation, and programs with a key."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.people import Colleague
from tests.web.api.programs import Program
from webapp.services.accounts import api_keys
from webapp.services.accounts.api_keys import SCOPES
from webapp.store.database import db
from webapp.store.sites import SiteRow


@pytest.fixture
def site_key(app: Flask) -> str:
    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        return site.key


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client())


@pytest.fixture
def keyed(app: Flask, colleague: Callable[..., Colleague]) -> Callable[..., Program]:
    """A program with a key that an administrator made, for these scopes or all."""
    admin = colleague("admin")

    def made(*scopes: str) -> Program:
        with app.app_context():
            _, key = api_keys.create(
                "CRM", scopes or SCOPES, acts_for=admin.email, by="tests", now=datetime.now(UTC)
            )
        return Program(app.test_client(), key)

    return made
