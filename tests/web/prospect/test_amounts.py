"""Amounts, numbers and dates are read as whoever writes them writes them, on a form too."""

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY
from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations
from webapp.services.flows import releases

GO_ON = {"en": "Continue", "de": "Weiter", "ar": "متابعة"}
SEND = {"en": "Send", "de": "Senden", "ar": "إرسال"}
AMOUNTS = """
format: 1
name: Amounts
locale: en
timezone: UTC
properties:
  budget: {label: Budget, type: money}
  growth: {label: Growth, type: number}
  start: {label: Start, type: date}
  email: {label: E-mail, type: email}
icp: [{id: some, when: {growth: {known: true}}, because: It is known}]
scoring:
  fit: {rules: [{id: grows, when: {growth: {at_least: 1}}, points: 3, because: They grow}]}
  intent: {rules: [{id: pays, when: {budget: {known: true}}, points: 3, because: They pay}]}
tiers: [{id: all, label: All}]
routing: [{id: rest, to: sales}]
destinations: {sales: {kind: sales, respond_within: 1h}}
teams: [{id: sales, lead: lead@acme.example, reps: [{email: rep@acme.example}]}]
guidance: {next_action: [{say: Call}]}
"""
ABOUT_AMOUNTS = """
format: 1
flow: open-day
title: {en: Open day, de: Tag der offenen Tür, ar: يوم مفتوح}
intent: demo_request
questions:
  - {property: budget, ask: {en: Which budget?, de: Welches Budget?, ar: ما الميزانية؟}}
  - {property: growth, ask: {en: Which growth?, de: Welches Wachstum?, ar: ما النمو؟}}
  - {property: start, ask: {en: From when?, de: Ab wann?, ar: متى؟}}
  - {property: email, ask: {en: Where?, de: Wo?, ar: أين؟}}
endings: {sales: Thanks.}
"""


@pytest.fixture(autouse=True)
def flows(app: Flask) -> None:
    with app.app_context():
        texts = {"playbook.yaml": AMOUNTS, "open-day.yaml": ABOUT_AMOUNTS}
        releases.publish(texts, by="the tests", why="To ask for amounts", now=FRIDAY)


@pytest.mark.parametrize(
    ("locale", "typed", "kept"),
    [
        ("de", "50.000 EUR", "50000 EUR"),
        ("en", "€50,000", "50000 EUR"),
        ("ar", "٥٠٠٠٠ SAR", "50000 SAR"),
        ("de", "1,5 Mio. €", "1500000 EUR"),
    ],
)
def test_an_amount_is_read_as_its_writer_writes_it(
    prospect: PlainBrowser, conversations: Conversations, locale: str, typed: str, kept: str
) -> None:
    prospect.open(f"/f/open-day?lang={locale}")
    prospect.write("no amount at all", then=GO_ON[locale])
    assert prospect.status == 422
    assert 'value="no amount at all"' in prospect.response.text
    prospect.write(typed, then=GO_ON[locale])
    prospect.write("-3", then=GO_ON[locale])
    assert [each["value"] for each in conversations()[0].answers] == [kept, "-3"]


@pytest.mark.parametrize(
    ("locale", "typed"),
    [("en", "15 January 2027"), ("de", "15.1.2027"), ("ar", "2027-01-15")],
)
def test_a_date_is_typed_in_words_in_a_chat(
    prospect: PlainBrowser, conversations: Conversations, locale: str, typed: str
) -> None:
    prospect.open(f"/c/open-day?lang={locale}")
    for said in ("50000 EUR", "3"):
        prospect.write(said, then=SEND[locale])
    assert 'type="date"' not in prospect.response.text
    prospect.write(typed, then=SEND[locale])
    assert conversations()[0].answers[-1]["value"] == "2027-01-15"
