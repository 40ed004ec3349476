"""Somebody asks what is known of them, or to be forgotten; a site keeps people no longer than it
says; and the log tells who did what."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from tests.services.conftest import Prospect
from webapp.store import sites
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.leads import LeadRow

PAGE = "/settings/privacy"


@pytest.fixture
def lead(app: Flask) -> str:
    """Ana of Nordwind, who asked for a demo."""
    with app.app_context():
        site = sites.first()
        assert site is not None
        prospect = Prospect(site, FRIDAY)
        prospect.begins()
        prospect.answers(**DEMO)
        return str(db.session.scalar(select(LeadRow.id)))


def test_who_asks_gets_everything_and_the_log_says_who_handed_it_over(
    lead: str, manager: Colleague, admin: Colleague
) -> None:
    manager.get(PAGE)
    found = manager.post(f"{PAGE}/people", {"email": " Ana@nordwind.example"})
    assert found.headers["Location"] == f"{PAGE}?lead={lead}#person"
    assert "1 conversation." in manager.get(found.headers["Location"]).text
    file = manager.post(f"{PAGE}/people/{lead}/export")
    assert "attachment" in file.headers["Content-Disposition"]
    everything = json.loads(file.data)
    assert DEMO["challenge"] in json.dumps(everything["conversations"][0]["answers"])
    assert "assigned" in everything["conversations"][0]["case"]["status"]
    log = admin.get(f"/settings/audit?subject={lead}").text
    assert "lead.exported" in log
    assert manager.email.split("@")[0].capitalize() in log


def test_who_signed_in_a_while_ago_shows_again_who_they_are_and_comes_back(
    lead: str, manager: Colleague
) -> None:
    left_open = manager.at_another_browser()
    here = f"http://localhost{PAGE}?lead={lead}"
    manager.signed_in_a_while_ago()
    manager.get(f"{PAGE}?lead={lead}")
    asked = manager.post(f"{PAGE}/people/{lead}/export", headers={"Referer": here})
    page = manager.get(asked.headers["Location"]).text
    assert "You signed in a while ago." in page
    [wanted] = re.findall(r'name="next" value="([^"]+)"', page)
    typed = {"email": manager.email, "password": manager.password, "next": wanted}
    assert manager.post("/sign-in", typed).headers["Location"] == f"{PAGE}?lead={lead}"

    manager.get(f"{PAGE}?lead={lead}")
    assert manager.post(f"{PAGE}/people/{lead}/export").status_code == 200
    assert left_open.get("/desk").status_code == 303, "the session before has ended"


def test_who_asks_to_be_forgotten_is_once_somebody_has_checked_who_asks(
    lead: str, manager: Colleague, app: Flask
) -> None:
    manager.get(f"{PAGE}?lead={lead}")
    unsure = manager.post(f"{PAGE}/people/{lead}/erasure")
    assert unsure.status_code == 422
    assert "Tick that you have checked" in unsure.text
    done = manager.post(f"{PAGE}/people/{lead}/erasure", {"sure": "yes", "suppress": "yes"})
    assert done.status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LeadRow)) == 0
    page = manager.get(PAGE).text
    assert lead in page
    assert "somebody who was erased" in manager.get("/settings/do-not-contact").text
    assert manager.post(f"{PAGE}/people/{lead}/erasure", {"sure": "yes"}).status_code == 404
    missed = manager.post(f"{PAGE}/people", {"email": "ana@nordwind.example"})
    assert missed.status_code == 422
    assert "Nobody here has this address." in missed.text


def test_who_is_asked_to_be_sure_and_takes_an_hour_over_it_goes_on_where_they_were(
    lead: str, manager: Colleague, app: Flask
) -> None:
    manager.get(f"{PAGE}?lead={lead}")
    address = f"{PAGE}/people/{lead}/erasure"
    manager.post(address)
    manager.signed_in_a_while_ago()
    unsure = manager.post(address, headers={"Referer": f"http://localhost{address}"})
    assert unsure.headers["Location"] == f"/sign-in?next={PAGE}&again=yes"
    waiting = manager.post(address, {"sure": "yes"})
    manager.signs_in()
    done = manager.sends_again(manager.sends_again(waiting))
    assert "They are erased." in manager.get(done.headers["Location"]).text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LeadRow)) == 0


def test_an_administrator_says_how_long_a_site_keeps_people(
    admin: Colleague, manager: Colleague, app: Flask
) -> None:
    with app.app_context():
        site = sites.first()
        assert site is not None
        address = f"{PAGE}/sites/{site.id}"
    admin.get(PAGE)
    for odd in ("0", "-3", "a year", "99999", "²"):
        refused = admin.post(address, {"retention_days": odd})
        assert refused.status_code == 422
        assert f'value="{odd}"' in refused.text
    assert admin.post(address, {"retention_days": "365"}).status_code == 303
    assert "365 days" in admin.get(PAGE).text
    assert "Keep for so long" not in manager.get(PAGE).text
    assert admin.post(address, {"retention_days": ""}).status_code == 303
    assert "until somebody is erased" in admin.get(PAGE).text


def test_the_log_is_read_page_by_page_and_says_when_a_line_was_changed(
    admin: Colleague, app: Flask
) -> None:
    whole = admin.get("/settings/audit?check=yes").text
    assert "Every line is there" in whole
    assert "staff.signed_in" in whole
    assert "No line fits." in admin.get("/settings/audit?actor=nobody&before=1").text
    assert admin.get("/settings/audit?before=x").status_code == 200
    for odd in ("9" * 40, "-" + "9" * 40):
        assert admin.get(f"/settings/audit?before={odd}").status_code == 200
    with app.app_context():
        row = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).first()
        assert row is not None
        row.actor, changed = "somebody else", row.id
        db.session.commit()
    assert f"Line {changed}, or the one before it" in admin.get("/settings/audit?check=yes").text
