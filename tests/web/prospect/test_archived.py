"""Corpus C82, an archived site: nobody begins there, and who answers still is not lost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations
from tests.web.prospect.test_form import answer_up_to_email
from webapp.services.flows import archived, sites
from webapp.store import sites as rows
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow

Rows = Callable[[type], list[DeliveryRow]]
Archive = Callable[[], None]


@pytest.fixture
def archive(app: Flask) -> Archive:
    """Put the one site there is away: its page has been framed, and names a phone number."""

    def put_away() -> None:
        now = datetime.now(UTC)
        with app.app_context():
            site = rows.first()
            assert site is not None
            sites.update(
                site, name="Acme", origins=["https://www.acme.example"], accent="",
                tell_ending=False, phone="+49 30 1234", by="the tests", now=now,
            )  # fmt: skip
            archived.archive(site, by="the tests", now=now)

    return put_away


def test_who_comes_to_an_archived_site_reads_how_to_reach_somebody(
    prospect: PlainBrowser, archive: Archive, conversations: Conversations
) -> None:
    archive()
    prospect.open("/f/demo-request?embed=1")
    assert (prospect.status, prospect.heading) == (410, "This form is no longer used")
    assert prospect.page.links["+49 30 1234"] == "tel:+49301234"
    assert prospect.page.forms == []
    policy = prospect.response.headers["Content-Security-Policy"]
    assert "frame-ancestors https://www.acme.example" in policy
    assert "framed.js" in prospect.response.text, "the page around it hears that it is there"
    assert conversations() == []


def test_who_is_in_the_middle_when_their_site_is_archived_ends_and_reaches_a_rep(
    prospect: PlainBrowser, archive: Archive, rows: Callable[[type], list[HandoffRow]]
) -> None:
    answer_up_to_email(prospect)
    archive()
    prospect.write("ana@nordwind.example")
    assert prospect.heading == "Thank you"
    assert len(rows(HandoffRow)) == 1


def test_who_answers_on_a_page_from_before_is_taken_and_the_team_is_told_once_a_day(
    prospect: PlainBrowser,
    another: PlainBrowser,
    archive: Archive,
    conversations: Conversations,
    rows: Rows,
    admin: Colleague,
) -> None:
    for each in (prospect, another):
        each.open("/f/demo-request")
    archive()
    for each in (prospect, another):
        each.choose("Serve more customers with the same team")
        assert each.status == 200
    assert len(conversations()) == 2
    [mail] = [each for each in rows(DeliveryRow) if each.event == archived.EVENT]
    assert mail.recipient == admin.email
    assert "Acme is archived" in str(mail.payload)
