"""What a change of the flows would do is told by whom it moves."""

from collections.abc import Mapping

from webapp.core.crowd.compare import compare
from webapp.core.flow import Release
from webapp.core.simulate import decide_case
from webapp.flow_files import load_texts

PLAYBOOK = """
format: 1
locale: en
timezone: Europe/Berlin
properties:
  goal: {label: Goal, type: choice, choices: {grow: Grow, save: Save, learn: Learn}}
  budget: {label: Budget, type: choice, choices: {allocated: Allocated, none: None yet}}
  range: {label: Range, type: choice, choices: {small: Small, large: Large}}
  name: {label: Name, type: text}
  email: {label: E-mail, type: email}
signals:
  pricing: {page: /pricing}
icp: [{id: buys, when: {budget: allocated}}]
disqualifiers: [{id: student, when: {email_domain: {mentions: [edu]}}, gate: hard}]
scoring:
  fit:
    rules:
      - {id: budget, property: budget, points: {allocated: 40}}
      - {id: range, property: range, points: {large: 30, small: 5}}
  intent: {rules: [{id: prices, signal: pricing, points: 15}]}
tiers: [{id: hot, from: 60}, {id: warm, from: 30}, {id: cold}]
routing:
  - {id: spam, when: {spam: true}, to: aside}
  - {id: no, when: {disqualified: true}, to: decline}
  - {id: hot, when: {tier: hot}, to: sales}
  - {id: warm, when: {tier: warm}, to: nurture}
  - {id: rest, to: nurture}
destinations:
  sales: {kind: sales, respond_within: 15m}
  nurture: {kind: nurture, track: general}
  decline: {kind: decline}
  aside: {kind: review}
teams: [{id: all, reps: [{email: ana@example.com}]}]
guidance: {next_action: [{say: "Call and confirm {goal}."}]}
"""
FLOW = """
format: 1
flow: demo
title: Demo
questions:
  - {property: goal, ask: "Goal?"}
  - {property: budget, ask: "Budget?"}
  - {property: range, ask: "Range?", when: {budget: allocated}}
  - {property: email, ask: "E-mail?", always: true}
endings: {sales: Thanks, nurture: Thanks, decline: Sorry}
"""
GOOD = {"playbook.yaml": PLAYBOOK, "demo.yaml": FLOW}


def release(changes: Mapping[str, str] | None = None) -> Release:
    return load_texts({**GOOD, **(changes or {})})


def test_a_change_is_told_by_whom_it_moves() -> None:
    lower = release({"playbook.yaml": PLAYBOOK.replace("from: 60", "from: 40")})

    change = compare(release(), lower, "demo", size=40)

    assert change.tried > 40
    assert change.destinations["nurture", "sales"] > 0
    assert decide_case(lower, change.examples["nurture", "sales"].case).route.to == "sales"
    same = compare(release(), release(), "demo", size=20)
    assert (same.destinations, same.tiers) == ({}, {})
