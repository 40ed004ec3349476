"""No response to a prospect says what they are worth: not in words, not in names, not in numbers.

The playbook of these tests marks everything that is for staff only, so that a leak of any of it,
by whatever way, is found by its name.
"""

import re

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY
from webapp.cli.drill.pages import question_form
from webapp.services import releases

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


@pytest.mark.parametrize("skin", ["f", "c"])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("answers", [["large", "Chief of all"], ["small", "Student"]])
def test_a_prospect_is_sent_nothing_that_is_for_staff(
    app: Flask, skin: str, script: bool, answers: list[str]
) -> None:
    with app.app_context():
        texts = {"playbook.yaml": PLAYBOOK, "open-day.yaml": FLOW}
        releases.publish(texts, by="the tests", why="To find leaks", now=FRIDAY)
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
