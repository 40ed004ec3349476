"""A site's own pages may talk to its conversations; nobody's page may use what is for staff."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.web.api.programs import Program
from webapp.services.flows import archived, sites
from webapp.store import sites as site_rows
from webapp.store.database import db
from webapp.store.sites import SiteRow

OURS, THEIRS = "https://www.nordwind.example", "https://shop.sued.example"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
MAY = "Access-Control-Allow-Origin"


@pytest.fixture
def listed(app: Flask, site_key: str) -> str:
    """The site's key, whose origin is ``OURS``; ``THEIRS`` is another's."""
    now = datetime.now(UTC)
    with app.app_context():
        other = sites.create("Süd", by="the tests", now=now)
        mine = db.session.scalars(db.select(SiteRow).where(SiteRow.key == site_key)).one()
        for site, origin in ((mine, OURS), (other, THEIRS)):
            sites.update(
                site, name=site.name, origins=[origin], accent="", tell_ending=False,
                by="the tests", now=now,
            )  # fmt: skip
    return site_key


@pytest.mark.parametrize("path", ["/conversations", "/conversations/x/answers", "/events"])
def test_pages_of_listed_sites_may_ask_and_others_may_not(
    program: Program, listed: str, path: str
) -> None:
    ours = program.call("OPTIONS", path, Origin=OURS, **ASKS)
    strangers = program.call("OPTIONS", path, Origin="https://evil.example", **ASKS)

    assert ours.headers[MAY] == OURS
    assert "Authorization" in ours.headers["Access-Control-Allow-Headers"]
    assert "Origin" in ours.headers["Vary"]
    assert MAY not in strangers.headers
    assert "Access-Control-Allow-Credentials" not in ours.headers


def test_a_conversation_is_read_by_pages_of_its_own_site_only(
    program: Program, listed: str
) -> None:
    body = {"flow": "demo-request", "site": listed}
    started = program.call("POST", "/conversations", body, Origin=OURS)
    elsewhere = program.call("POST", "/conversations", body, Origin=THEIRS)
    program.bearer = started.json["token"]
    path = f"/conversations/{started.json['conversation']}"

    assert started.headers[MAY] == OURS
    assert MAY not in elsewhere.headers
    assert program.call("GET", path, Origin=OURS).headers[MAY] == OURS
    assert MAY not in program.call("GET", path, Origin=THEIRS).headers
    refusal = program.call("POST", f"{path}/answers", {"question": "goal"}, Origin=OURS)
    assert (refusal.status_code, refusal.headers[MAY]) == (422, OURS)


@pytest.mark.parametrize(
    "path", ["/handoffs", "/leads", "/flows", "/webhooks", "/conversations/x/score"]
)
def test_no_page_may_use_what_is_for_staff(
    keyed: Callable[..., Program], listed: str, path: str
) -> None:
    crm = keyed()

    assert MAY not in crm.call("OPTIONS", path, Origin=OURS, **ASKS).headers
    assert MAY not in crm.call("GET", path, Origin=OURS).headers


def test_a_page_whose_site_is_archived_may_end_what_has_begun_and_begin_nothing(
    app: Flask, program: Program, listed: str
) -> None:
    body = {"flow": "demo-request", "site": listed}
    begun = program.call("POST", "/conversations", body, Origin=OURS)
    with app.app_context():
        site = site_rows.by_key(listed)
        assert site is not None
        archived.archive(site, by="the tests", now=datetime.now(UTC))
    program.bearer = begun.json["token"]
    path = f"/conversations/{begun.json['conversation']}/answers"
    assert program.call("OPTIONS", path, Origin=OURS, **ASKS).headers[MAY] == OURS
    answer = {"question": "goal", "skip": True}
    assert program.call("POST", path, answer, Origin=OURS).headers[MAY] == OURS
    assert program.call("POST", "/conversations", body, Origin=OURS).status_code == 422
