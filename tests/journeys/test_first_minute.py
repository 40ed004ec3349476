"""The main job, start to end: what `make run` prints leads a newcomer from a form to a case."""

import re
from datetime import UTC, datetime

from flask import Flask

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from webapp.config import ROOT
from webapp.services.operations import demo_data, verification


def test_what_a_newcomer_answers_on_the_demo_is_on_top_of_the_desk_a_minute_later(
    app: Flask,
) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        people = {person.role: person for person in demo_data.people(now=now)}
        assert demo_data.visitors(ROOT / "question_flows" / "cases", now=now) > 20
        assert demo_data.visitors(ROOT / "question_flows" / "cases", now=now) == 0

    prospect = PlainBrowser(app.test_client(use_cookies=False)).open("/demo")
    link = re.search(r'<a href="([^"]+)" data-baton-mode="inline"', prospect.response.text)
    assert link
    prospect.open(re.sub(r"^https?://[^/]+", "", link[1].replace("&amp;", "&")))
    prospect.choose("Serve more customers with the same team")
    prospect.write("The monthly close takes us nine days.")
    prospect.write("CFO").choose("200 to 500 people").choose("Within three months")
    prospect.choose("25,000 to 100,000 EUR").write("ana.ruiz@nordwind.example")
    assert prospect.heading == "Thank you Ana"
    assert "Rita Sommer" in prospect.words

    rep = people["rep"]
    assert rep.password
    rita = Colleague(app, rep.email, rep.password)
    assert rita.signs_in().status_code == 303
    on_top, *others = dict.fromkeys(
        re.findall(r'href="(/desk/handoffs/[^"?.]+)', rita.get("/desk").text)
    )
    assert others, "the invented leads are there too"
    briefing = rita.get(f"{on_top}.md").text
    for said in ("ana.ruiz@nordwind.example", "nine days", "CFO"):
        assert said in briefing

    with app.app_context():
        found = verification.verify()
    assert found.problems == []


def test_the_passwords_are_new_at_every_start_until_somebody_chose_their_own(app: Flask) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        first = demo_data.people(now=now)
        second = demo_data.people(now=now)
    assert [one.password == two.password for one, two in zip(first, second, strict=True)] == [
        False
    ] * len(first)
    rita = Colleague(app, second[0].email, second[0].password or "")
    assert rita.signs_in().status_code == 303
    rita.post("/account/password", {"old": rita.password, "new": "four words in a row"})
    with app.app_context():
        assert demo_data.people(now=now)[0].password is None
