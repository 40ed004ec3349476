"""A plain form that could not be taken comes back whole, and says how else to reach somebody."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Kept
from webapp.services.prospects import conversations
from webapp.store import sites

Sites = Callable[[type], list[sites.SiteRow]]


def away(*_: object, **__: object) -> None:
    raise OperationalError("UPDATE conversations", {}, Exception("database is locked"))


def save(marketer: Colleague, site: sites.SiteRow, **more: str) -> int:
    address = f"/studio/sites/{site.id}"
    marketer.get(address)
    return marketer.post(address, {"name": site.name, **more}).status_code


def test_an_answer_that_came_while_the_database_was_away_is_sent_again_without_being_retyped(
    prospect: PlainBrowser,
    marketer: Colleague,
    rows: Sites,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(marketer, rows(sites.SiteRow)[0], phone="+49 30 1234567", email="sales@acme.example")
    prospect.open("/f/demo-request").choose("Something else")
    with monkeypatch.context() as broken:
        broken.setattr(conversations, "answer", away)
        prospect.write("The close <takes>\nnine days")
        assert prospect.status == 503
        assert prospect.response.headers["Retry-After"] == "2"
        assert prospect.heading == "Your answer was not sent"
        assert prospect.page.links["+49 30 1234567"] == "tel:+49301234567"
        assert prospect.page.links["sales@acme.example"] == "mailto:sales@acme.example"
        assert prospect.press("Try again").status == 503

    assert prospect.press("Try again").status == 200
    assert kept()[1:] == [("challenge", "The close <takes>\nnine days")]


def test_it_comes_back_where_not_even_the_site_can_be_read(
    prospect: PlainBrowser, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    prospect.open("/c/demo-request")
    with monkeypatch.context() as broken:
        broken.setattr(conversations, "start", away)
        broken.setattr(sites, "first", away)
        assert prospect.press("Something else").status == 503
    prospect.press("Try again")
    assert kept() == [("goal", "something_else")]


def test_ways_that_lead_nowhere_are_refused(
    marketer: Colleague, site_key: str, rows: Sites
) -> None:
    [site] = rows(sites.SiteRow)
    assert save(marketer, site, phone="ring us") == 422
    assert save(marketer, site, email="sales@") == 422
    assert save(marketer, site, phone="030 / 12 34-56", email="sales@acme.example") == 303
    assert rows(sites.SiteRow)[0].settings["phone"] == "030 / 12 34-56"
    assert save(marketer, site) == 303
    assert "phone" not in rows(sites.SiteRow)[0].settings
