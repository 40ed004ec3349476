"""No response to a prospect says what they are worth: not in words, not in names, not in numbers.

The playbook of these tests marks everything that is for staff only, so that a leak of any of it,
by whatever way, is found by its name.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.web.plain_browser import PlainBrowser
from webapp.cli.drill.pages import question_form
from webapp.services.flows import releases
from webapp.store import sites
from webapp.store.database import db, new_id, writing
from webapp.store.deliveries import DeliveryRow
from webapp.store.staff import StaffRow

PLAYBOOK = """
format: 1
name: Canary playbook
locale: en
timezone: UTC
properties:
  size: {label: Size, type: choice, choices: {small: Small, large: Large}}
  title: {label: Title, type: text}
  level:
    label: Canary level
    type: choice
    choices: {canary_boss: Canary boss, canary_other: Canary other}
    derive: {from: title, words: {canary_boss: [chief]}, otherwise: canary_other}
  email: {label: E-mail, type: email}
icp: [{id: canary_icp, when: {size: large}, because: A canary customer}]
disqualifiers: [{id: canary_gate, when: {title: {mentions: [student]}}, gate: flag}]
scoring:
  fit:
    rules:
      - {id: canary_size, property: size, points: {large: 7919}, otherwise: 7907}
      - {id: canary_level, when: {level: canary_boss}, points: 6997, because: A canary boss}
  intent:
    rules: [{id: canary_seen, signal: visit, points: 6991}]
tiers: [{id: canary_hot, from: 10000, label: Canary tier}, {id: canary_cold}]
routing:
  - {id: canary_rule, when: {tier: canary_hot}, to: canary_sales, because: A canary route}
  - {id: canary_rest, to: canary_track}
destinations:
  canary_sales: {kind: sales, respond_within: 1h}
  canary_track: {kind: nurture, track: canary}
teams: [{id: canary_team, lead: canary@lead.example, reps: [{email: canary@rep.example}]}]
guidance:
  next_action: [{say: Canary action}]
  talking_points: [{when: {size: large}, say: Canary point}]
  red_flags: [{when: {size: large}, say: Canary flag}]
"""
FLOW = """
format: 1
flow: open-day
title: Open day
intent: demo_request
questions:
  - {property: size, ask: How large are you?}
  - {property: title, ask: What do you do?}
  - {property: email, ask: Where can we reach you?}
endings: {sales: Thank you. We will call., nurture: Thank you. We will write.}
"""
FORBIDDEN = re.compile(
    r"canary|\b(7919|7907|6997|6991|score|points|tier|disqualif\w*|icp)\b", re.IGNORECASE
)


@pytest.fixture(autouse=True)
def flows(app: Flask) -> None:
    with app.app_context():
        texts = {"playbook.yaml": PLAYBOOK, "open-day.yaml": FLOW}
        releases.publish(texts, by="the tests", why="To find leaks", now=FRIDAY)


@pytest.mark.parametrize("skin", ["f", "c"])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("answers", [["large", "Chief of all"], ["small", "Student"]])
def test_a_prospect_is_sent_nothing_that_is_for_staff(
    app: Flask, skin: str, script: bool, answers: list[str]
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", **({"HX-Request": "true"} if script else {})}
    client = app.test_client(use_cookies=False)

    sent = [client.get(f"/{skin}/open-day")]
    for answer in [*answers, "not an address", "ada@engines.example"]:
        form = question_form(sent[-1].text)
        assert form is not None, sent[-1].text
        body = form.body(answer)
        response = client.post(
            form.action,
            data=body,
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )
        sent.append(response)
        if response.status_code == 303:
            sent.append(client.get(response.headers["Location"]))

    assert "Thank you" in sent[-1].text
    said = [f"{response.headers}\n{response.text}" for response in sent]
    assert [FORBIDDEN.findall(each) for each in said] == [[]] * len(said)


@pytest.mark.parametrize("answers", [["large", "Chief of all"], ["small", "Student"]])
def test_a_prospects_program_is_sent_nothing_that_is_for_staff(
    app: Flask, answers: list[str]
) -> None:
    client = app.test_client(use_cookies=False)
    with app.app_context():
        site = sites.first()
        assert site is not None
    begun = client.post("/api/v1/conversations", json={"flow": "open-day", "site": site.key})
    path = f"/api/v1/conversations/{begun.json['conversation']}"
    mine = {"Authorization": f"Bearer {begun.json['token']}"}
    sent = [begun]
    for question, answer in zip(
        ("size", "title", "email", "email"),
        [*answers, "not an address", "ada@engines.example"],
        strict=True,
    ):
        said = {"question": question, "text" if question == "title" else "value": answer}
        sent.append(client.post(f"{path}/answers", json=said, headers=mine))
    sent += [client.get(path, headers=mine), client.post(f"{path}/human", headers=mine)]

    assert [each.status_code for each in sent] == [201, 200, 200, 422, 200, 200, 200]
    assert sent[-2].json["ending"].keys() == {"text"}, "nor of which kind the ending is"
    assert [FORBIDDEN.findall(f"{each.headers}\n{each.text}") for each in sent] == [[]] * len(sent)


@pytest.fixture
def mails(app: Flask) -> Iterator[None]:
    """An installation that sends mail, and the rep whom the leads of these tests go to."""
    config = app.extensions["baton"]
    app.extensions["baton"] = replace(
        config, base_url="https://q.example", smtp_url="smtp://mail.example"
    )
    now = datetime.now(UTC)
    with app.app_context(), writing():
        rep = StaffRow(id=new_id(now), email="canary@rep.example", name="Sam", role="rep",
                       one_time=False, epoch=0, created_at=now)  # fmt: skip
        db.session.add(rep)
        db.session.commit()
    yield
    app.extensions["baton"] = config


@pytest.mark.usefixtures("mails")
@pytest.mark.parametrize("skin", ["f", "c"])
def test_pages_behind_mailed_links_say_nothing_of_staff_nor_of_what_was_said(
    app: Flask, skin: str
) -> None:
    client = app.test_client(use_cookies=False)
    send = "Continue" if skin == "f" else "Send"
    first = PlainBrowser(client).open(f"/{skin}/open-day")
    first = first.choose("Large") if skin == "f" else first.press("Large")
    first.write("Chief of all", then=send)

    later = PlainBrowser(client).open(f"{first.address.rpartition('/')[0]}/later")
    later.press("Send me a link", email="nobody")
    later.press("Send me a link", email="ada@engines.example")
    assert [later.status, later.heading] == [200, "Look into your mail"]
    with app.app_context():
        [mail] = db.session.scalars(select(DeliveryRow.payload))
    [link] = re.findall(r"https://q\.example(/\S+)", mail["text"])
    back = PlainBrowser(client).open(link)
    back.press("Go on")
    assert back.heading == "Where can we reach you?"
    used = PlainBrowser(client).open(link)
    assert used.status == 410

    back.write("ada@engines.example", then=send)
    times = PlainBrowser(client).open(_link_to(back, "/meeting/"))
    taken = client.post(times.address, data={"at": "2020-01-01T00:00:00+00:00"})
    for _ in range(2):  # taken, then moved
        times.press(_times(times)[0])
        assert times.heading == "Your call is booked"
    times.press("Call it off, call me as soon as you can")
    with app.app_context():
        hers = select(DeliveryRow.payload).where(DeliveryRow.recipient == "ada@engines.example")
        letters = [json.dumps(each) for each in db.session.scalars(hers)]
    assert sum("BEGIN:VCALENDAR" in each for each in letters) == 3  # agreed, moved, called off
    for each in letters:  # she may answer the rep
        assert FORBIDDEN.findall(each.replace("canary@rep.example", "")) == []
    stranger = [client.get(at) for at in ("/meeting/x", "/unsubscribe/x", f"{link}x")]

    pages = [*later.bodies, *used.bodies, *back.bodies[:2], *times.bodies, taken.text, mail["text"]]
    pages += [each.text for each in stranger]
    assert len(pages) == 3 + 1 + 2 + 4 + 2 + 3
    for page in [*pages, *back.bodies]:
        assert FORBIDDEN.findall(page) == []
        assert re.findall("Large|Chief of all", page) == []
    assert not [page for page in pages[3:] if "engines.example" in page]


def _link_to(page: PlainBrowser, path: str) -> str:
    return next(href for href in page.page.links.values() if href.startswith(path))


def _times(page: PlainBrowser) -> list[str]:
    """The words on the buttons of the free times."""
    return [b.words for form in page.page.forms for b in form.buttons if b.name == "at"]
