"""People who should not get in, and something worth getting at."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import Prepared
from tests.fixtures.people import Colleague
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.sites import SiteRow

ANA = DEMO | {"name": "Ana Ruiz"}

SOMEBODY = {
    "goal": "grow",
    "job_title": "Head of sales",
    "company_size": "50-199",
    "timeline": "now",
    "email": "ben@sued.example",
}

WANTS_TO_TALK = ANA | {
    "purpose": "buying",
    "next_step": "talk",
    "phone": "+49 30 1234567",
    "role_level": "executive",
    "marketing_consent": "yes",
}
"""Who answers the contact flow so is asked for a name."""

Says = Callable[..., str]
Key = Callable[..., dict[str, str]]


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One kind of database is enough: what is tested here is decided before any is asked."""
    return prepared_sqlite.as_new()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@pytest.fixture
def says(app: Flask) -> Says:
    """Somebody runs a flow to its end with these answers; the rest they skip. Returns the token."""

    def run(answers: dict[str, str], *, flow: str = "demo-request", **arrival: object) -> str:
        now = datetime.now(UTC)
        with app.app_context():
            site = db.session.scalars(select(SiteRow)).first()
            assert site is not None
            begun = conversations.start(flow, Arrival(**({"site": site} | arrival)), now=now)
            state = begun.state
            while put := state.question:
                value = answers.get(put.property)
                state = conversations.answer(
                    begun.token, put.id, value=value, skip=value is None, now=now
                )
        return begun.token

    return run


@pytest.fixture
def lead(app: Flask, says: Says) -> HandoffRow:
    """Ana's demo request, given to somebody at a desk."""
    says(ANA)
    with app.app_context():
        return db.session.scalars(select(HandoffRow)).unique().one()


@pytest.fixture
def owner(lead: HandoffRow, colleague: Callable[..., Colleague]) -> Colleague:
    somebody = colleague("rep", lead.owner_email)
    somebody.signs_in()
    return somebody


@pytest.fixture
def key(app: Flask, colleague: Callable[..., Colleague]) -> Key:
    """The header of a key that acts for somebody of this role, for these scopes or all."""
    from webapp.services.accounts import api_keys

    def made(role: str, *scopes: str, email: str | None = None) -> dict[str, str]:
        email = email or f"{role}@acme.example"
        colleague(role, email)
        with app.app_context():
            _, secret = api_keys.create(
                "A program",
                scopes or api_keys.SCOPES,
                acts_for=email,
                by="tests",
                now=datetime.now(UTC),
            )
        return {"Authorization": f"Bearer {secret}"}

    return made
