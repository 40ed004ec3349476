"""The starter passes its checkup, and each defect planted in it is found, in words, with a visitor
where one can show it."""

from collections.abc import Mapping

import pytest

from webapp.core.checkup import Finding, check
from webapp.core.checkup.people import AT
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

DEFECTS: Mapping[str, tuple[int, str, str, str, str]] = {
    "a question whose condition cannot hold": (
        1,
        "demo.yaml",
        "when: {budget: allocated}}",
        "when: {all: [{budget: allocated}, {goal: {not: [grow, save, learn]}}]}}",
        "never asked",
    ),
    "a condition that is always true": (
        2,
        "playbook.yaml",
        "{id: prices, signal: pricing, points: 15}",
        "{id: prices, when: {any: [{goal: {known: true}}, {goal: {known: false}}]}, points: 15}",
        "always true",
    ),
    "a route behind its like": (
        2,
        "playbook.yaml",
        "  - {id: warm, when: {tier: warm}, to: nurture}",
        "  - {id: warm, when: {tier: warm}, to: nurture}\n"
        "  - {id: again, when: {tier: warm}, to: sales}",
        "comes first",
    ),
    "a sales team of nobody": (
        3,
        "playbook.yaml",
        "teams: [{id: all, reps: [{email: ana@example.com}]}]",
        "",
        "nobody to go to",
    ),
    "a nurture without a track": (
        3,
        "playbook.yaml",
        "kind: nurture, track: general",
        "kind: nurture",
        "no track",
    ),
    "an ending that is missing": (3, "demo.yaml", ", decline: Sorry", "", "no words"),
    "an ending that lacks a language": (
        3,
        "demo.yaml",
        "sales: Thanks, nurture: Thanks",
        "sales: {en: Thanks, fr: Merci}, nurture: {en: Thanks, de: Danke}",
        "lacks de",
    ),
    "a tier out of reach": (4, "playbook.yaml", "from: 60", "from: 600", "nobody can get more"),
    "sales without a way to reach people": (
        5,
        "demo.yaml",
        '  - {property: email, ask: "E-mail?", always: true}\n',
        "",
        "without a way to reach",
    ),
    "contact that may be skipped": (
        5,
        "demo.yaml",
        "always: true",
        "always: true, required: false",
        "without a way",
    ),
    "a condition on a later answer": (
        6,
        "demo.yaml",
        '{property: goal, ask: "Goal?"}',
        '{property: goal, ask: "Goal?", when: {range: large}}',
        "only asked later",
    ),
}


def release(changes: Mapping[str, str] | None = None) -> Release:
    return load_texts({**GOOD, **(changes or {})})


def refuted(found: Release, point: int) -> list[Finding]:
    return [each for each in check(found, size=60).refuted if each.point == point]


def test_a_sound_flow_is_proved_in_every_point() -> None:
    report = check(release(), size=60)

    assert {each.point for each in report.findings} == {1, 2, 3, 4, 5, 6}
    assert [str(each.sentence) for each in (*report.refuted, *report.not_proved)] == []
    assert (report.flows["demo"].fewest, report.flows["demo"].most) == (3, 4)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda name: name.replace(" ", "-"))
def test_a_planted_defect_is_found_and_said(defect: str) -> None:
    point, file, good, bad, words = DEFECTS[defect]
    assert good in GOOD[file]

    found = refuted(release({file: GOOD[file].replace(good, bad)}), point)

    assert any(words in each.sentence for each in found), [each.sentence for each in found]


def test_a_visitor_who_shows_a_defect_shows_it_in_the_simulator_too() -> None:
    point, file, good, bad, _ = DEFECTS["contact that may be skipped"]
    broken = release({file: GOOD[file].replace(good, bad)})
    [found] = [each for each in refuted(broken, point) if each.visitor]
    assert found.visitor is not None

    decision = decide_case(broken, found.visitor.case)

    assert decision.route.to == "sales"
    assert not decision.situation.profile.is_known("email")
    assert found.visitor.document()["at"] == AT.isoformat()


def test_the_same_release_has_the_same_report() -> None:
    one, other = check(release(), size=60), check(release(), size=60)

    assert [each.sentence for each in one.findings] == [each.sentence for each in other.findings]
    assert one.flows == other.flows


def test_what_is_only_for_the_rep_is_said() -> None:
    assert check(release(), size=60).uses["goal"] == ("only the rep reads it",)
