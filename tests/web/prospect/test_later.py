"""Going on later with a mailed link: once, elsewhere, and without seeing what was said before."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from webapp.services.operations import tidying
from webapp.services.prospects.resuming import EVENT, LASTS
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.resume_links import ResumeLinkRow
from webapp.web.prospect import checks

SAID = "The close takes nine days"
FORBIDDEN = re.compile(r"\b(score|points|tier|disqualif\w*|icp|set_aside)\b", re.IGNORECASE)


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """Set up to send mail, as every installation in earnest is."""
    config = app.extensions["baton"]
    sends = replace(config, base_url="https://q.example", smtp_url="smtp://mail.example")
    app.extensions["baton"] = sends
    yield app
    app.extensions["baton"] = config


def mailed(app: Flask) -> list[str]:
    """The path of every link that was mailed, oldest first."""
    with app.app_context():
        mails = db.session.scalars(
            select(DeliveryRow).where(DeliveryRow.event == EVENT).order_by(DeliveryRow.due_at)
        )
        texts = [mail.payload["text"] for mail in mails]
    found = [re.search(r"https://q\.example(/\S+)", text) for text in texts]
    return [each[1] for each in found if each]


def leaves(prospect: PlainBrowser, email: str = "ana@nordwind.example") -> str:
    """Answers two questions, asks for a link and goes; returns where they were."""
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    prospect.write(SAID)
    where = prospect.address
    prospect.follow("Go on later")
    prospect.press("Send me a link", email=email)
    assert prospect.status == 200
    return where


def test_a_mailed_link_goes_on_elsewhere_and_shows_nothing_from_before(
    app: Flask, prospect: PlainBrowser, another: PlainBrowser
) -> None:
    where = leaves(prospect)
    [link] = mailed(app)
    seen = [another.open(link).words]
    assert SAID not in seen[0]
    assert another.open(link).status == 200  # looking does not use it

    another.press("Go on")

    assert another.heading == "What is your job title?"
    seen.append(another.words)
    another.write("CFO")
    seen.append(another.words)
    another.open(another.address.replace("/company_size", "/challenge"))
    seen.append(another.words)
    for words in seen:
        assert SAID not in words
        assert "Serve more customers" not in words
        assert FORBIDDEN.findall(words) == []
    assert prospect.open(where).status == 404  # whoever had the old address is out


def test_a_link_works_once_and_a_double_click_is_once(
    app: Flask, prospect: PlainBrowser, browser: FlaskClient
) -> None:
    leaves(prospect)
    [link] = mailed(app)
    first, second = (browser.post(link) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with app.app_context():
        long_ago = datetime.now(UTC) - timedelta(minutes=2)
        db.session.execute(update(ResumeLinkRow).values(used_at=long_ago))
        db.session.commit()
    assert [browser.post(link).status_code, browser.get(link).status_code] == [410, 410]
    assert browser.get(first.headers["Location"]).status_code == 200


def test_whoever_goes_on_with_one_link_is_not_followed_by_another(
    app: Flask, prospect: PlainBrowser, another: PlainBrowser, browser: FlaskClient
) -> None:
    where = leaves(prospect, "mallory@evil.example")
    browser.post(f"{where.rsplit('/', 1)[0]}/later", data={"email": "ana@nordwind.example"})
    mine, theirs = mailed(app)
    another.open(theirs)
    another.press("Go on")
    another.write("CFO")
    assert [browser.get(mine).status_code, browser.post(mine).status_code] == [410, 410]
    assert another.open(another.address).status == 200


def test_an_old_link_leads_nowhere(
    app: Flask, prospect: PlainBrowser, browser: FlaskClient
) -> None:
    where = leaves(prospect)
    [link] = mailed(app)
    with app.app_context():
        over = datetime.now(UTC) - timedelta(seconds=1)
        db.session.execute(update(ResumeLinkRow).values(expires_at=over))
        db.session.commit()
    assert [browser.post(link).status_code, browser.get(link).status_code] == [410, 410]
    assert prospect.open(where).status == 200


ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}


def test_whoever_sends_somebody_an_address_reads_nothing_of_what_they_say(
    prospect: PlainBrowser, another: PlainBrowser
) -> None:
    """One begins, and leads another to go on there by a link on a page or in a mail."""
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    trap = prospect.address
    for page in (trap, trap.replace("/challenge", "/later"), trap.replace("/challenge", "/person")):
        another.headers = ELSEWHERE
        assert another.open(page).heading == "Continue where you left off?"
        assert "Serve more" not in another.words
    another.headers = {}
    [form] = another.page.forms
    pressed = another.client.post(form.action, data=dict(form.fields), headers=ELSEWHERE)
    assert pressed.location is None, "a form on that page leads nowhere"
    places = {another.client.post(form.action, data=dict(form.fields)).location for _ in "twice"}
    assert len(places) == 1, "a double click"
    another.open(places.pop())
    another.write(SAID)

    assert another.status == 200
    assert prospect.open(trap).status == 404
    assert prospect.client.post(form.action, data={"showing": "guessed"}).status_code == 404
    assert "Serve more" not in another.follow("Back").words


def test_a_form_of_somebody_elses_leads_into_no_conversation_of_theirs(
    prospect: PlainBrowser, another: PlainBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sends is not taken, so that no redirect follows: a page would be shown at once."""
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    trap = prospect.address.removesuffix("/challenge")
    for page, sent in (
        (trap, {"question": "challenge", "answer": "slow" * 9_999}),
        (trap, {"question": "challenge", "answer": "slow", "denied": "1"}),
        (f"{trap}/person", {"question": "challenge", "answer": "slow"}),
        (f"{trap}/person/messages", {"text": ""}),
        (f"{trap}/later", {"email": "nobody"}),
    ):
        assert another.client.post(page, data=sent).location is None
        shown = another.client.post(page, data=sent, headers=ELSEWHERE)
        assert f'action="{trap}/here"' in shown.text
        assert shown.text.count("<form") == 1
    monkeypatch.setattr(checks, "ANSWERS_A_MINUTE", 1)
    assert trap in another.client.post(trap, data=sent).text, "to be sent once more"
    assert trap not in another.client.post(trap, data=sent, headers=ELSEWHERE).text


def test_in_a_frame_or_a_window_of_ours_a_conversation_just_goes_on(
    prospect: PlainBrowser,
) -> None:
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    for site, place in (
        ("cross-site", "iframe"),
        ("same-origin", "document"),
        ("none", "document"),
    ):
        prospect.headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": place}
        assert prospect.open(prospect.address).heading == "What is in the way today?"


def test_the_answer_is_the_same_for_every_address_and_mails_have_an_end(
    app: Flask, prospect: PlainBrowser, another: PlainBrowser
) -> None:
    leaves(prospect, "ana@nordwind.example")
    known = prospect.words
    for visitor in (another, PlainBrowser(another.client), PlainBrowser(another.client)):
        leaves(visitor, "ana@nordwind.example")
        assert visitor.words == known
    assert len(mailed(app)) == 3
    leaves(another, "nobody@nowhere.example")
    assert another.words == known


def test_one_mailbox_gets_few_however_its_address_is_written(
    app: Flask, prospect: PlainBrowser
) -> None:
    for email in (
        "ana@gmail.com",
        "ana+1@gmail.com",
        "ANA+2@gmail.com",
        "a.n.a@googlemail.com",
        "ana@ｇｍａｉｌ.com",
    ):
        leaves(PlainBrowser(prospect.client), email)
    assert len(mailed(app)) == 3


def test_whom_we_must_leave_alone_gets_no_link_and_nobody_hears_of_it(
    app: Flask, prospect: PlainBrowser, another: PlainBrowser, manager: Colleague
) -> None:
    manager.get("/settings/do-not-contact")
    entry = {"entry": "ana@nordwind.example", "reason": "asked", "note": ""}
    assert manager.post("/settings/do-not-contact", entry).status_code == 303
    leaves(prospect, "Ana+again@nordwind.example")
    assert mailed(app) == []
    leaves(another, "ben@nordwind.example")
    assert len(mailed(app)) == 1
    assert prospect.words == another.words


def test_nobody_has_us_write_to_the_whole_world(
    app: Flask, prospect: PlainBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "LINKS_AN_HOUR", 2)
    prospect.client.environ_base["REMOTE_ADDR"] = "93.184.216.34"
    leaves(PlainBrowser(prospect.client), "one@nordwind.example")
    where = leaves(PlainBrowser(prospect.client), "two@nordwind.example")
    later = f"{where.rsplit('/', 1)[0]}/later"
    refused = prospect.client.post(later, data={"email": "three@nordwind.example"})
    assert refused.status_code == 429
    assert len(mailed(app)) == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [("ana\r\nBcc: x@x.example", "in the correct format"), ("  ", "Enter your email address.")],
)
def test_what_is_no_address_is_said_beside_the_field(
    app: Flask, prospect: PlainBrowser, typed: str, told: str
) -> None:
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    prospect.follow("Go on later")
    prospect.press("Send me a link", email=typed)
    assert prospect.status == 422
    assert told in prospect.words
    assert mailed(app) == []


def test_the_address_is_forgotten_once_the_mail_has_arrived(
    app: Flask, prospect: PlainBrowser
) -> None:
    leaves(prospect)
    now = datetime.now(UTC)
    with app.app_context():
        tidying.sweep(now=now)
    assert len(mailed(app)) == 1
    with app.app_context():
        db.session.execute(update(DeliveryRow).values(state="delivered", delivered_at=now))
        db.session.commit()
        tidying.sweep(now=now)
    assert mailed(app) == []
    with app.app_context():
        tidying.sweep(now=now + LASTS + timedelta(minutes=1))
        assert db.session.scalars(select(ResumeLinkRow)).all() == []


def test_without_a_way_to_send_mail_no_link_is_offered(app: Flask, prospect: PlainBrowser) -> None:
    app.extensions["baton"] = replace(app.extensions["baton"], base_url="")
    prospect.open("/f/demo-request")
    prospect.choose("Serve more customers with the same team")
    assert "Go on later" not in prospect.page.links
