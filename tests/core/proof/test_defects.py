"""Every kind of defect, planted in flows that are known to be good, is found and shown."""

from functools import cache
from pathlib import Path

import pytest

from tests.flow_files.small import flow, playbook
from webapp.core.proof.prove import prove
from webapp.core.proof.report import Finding, Proof
from webapp.core.simulate import simulate
from webapp.flow_files import load_case, load_texts
from webapp.flow_files.case_text import case_text

STARTER = Path(__file__).parents[3] / "question_flows"

ASKS = "[{property: role, ask: Your role?}, {property: email, ask: Your e-mail?}"
ROUTING = "[{id: hot, when: {tier: hot}, to: sales}, {id: rest, to: later}]"
SCORING = "{fit: {rules: [{id: role, property: role, points: {chief: 10, lead: 5}}"


def proof_of(texts: dict[str, str]) -> Proof:
    release = load_texts(texts)
    proof = prove(release)
    for finding in proof.findings:
        if finding.visitor is not None:
            confirm(texts, finding)
    return proof


def confirm(texts: dict[str, str], finding: Finding) -> None:
    """The visitor's case file can be read, and comes out as it did in the proof."""
    release = load_texts(texts)
    assert finding.visitor is not None
    case = load_case(case_text(finding.visitor.document()), "case.yaml", release)
    written, meant = simulate(release, case), simulate(release, finding.visitor.case())
    for part in ("asked", "skipped", "ended", "route", "tier"):
        assert written[part] == meant[part]
    assert written["ended"] != "waiting"


def small(book: dict[str, str] | None = None, demo: dict[str, str] | None = None) -> Proof:
    return proof_of({"playbook.yaml": playbook(**(book or {})), "demo.yaml": flow(**(demo or {}))})


def test_the_small_flow_is_good() -> None:
    proof = small()
    assert [finding.sentence for finding in proof.findings] == []
    assert all(proof.verdict(point) == "proved" for point in range(1, 9))


QUESTIONS = {
    "a condition that contradicts itself": (
        "{property: size, ask: Size?, when: {all: [{role: lead}, {role: chief}]}}",
        [
            (1, "Nobody is ever asked “Size?”: when its turn comes, “Role is Lead and Role is"),
            (2, "The condition of “Size?” can never be met: when its turn comes,"),
        ],
    ),
    "a condition that is no condition": (
        "{property: size, ask: Size?, when: {any: [{role: lead}, {role: {not: lead}}]}}",
        [(2, "The condition of “Size?” makes no difference: when its turn comes,")],
    ),
    "a condition on something asked only later": (
        "{property: size, ask: Size?, when: {seats: {at_least: 5}}}, {property: seats, ask: N?}",
        [(6, "The condition of “Size?” reads “Seats”, which is asked only later, in “N?”")],
    ),
    "a condition on the question itself": (
        "{property: size, ask: Size?, when: {size: [m, l]}}",
        [(6, "reads “Size”, which is asked only in this very question")],
    ),
    "the same question again": (
        "{property: role, ask: Again?, when: {email: {known: true}}}",
        [(1, "Nobody is ever asked “Again?”: the same was asked before, or is known.")],
    ),
    "signals that exclude each other": (
        "{property: size, ask: Size?, when: {all: [{signals.pricing: 0}, {signals.pricing: "
        "{within: 7d}}]}}",
        [(2, "The condition of “Size?” can never be met")],
    ),
    "a visit that is the first and not the first": (
        "{property: size, ask: Size?, when: {returning: false, signals.visit: {at_least: 2}}}",
        [(2, "The condition of “Size?” can never be met")],
    ),
    "numbers between which there is nothing": (
        "{property: size, ask: Size?, when: {all: [{seats: {at_least: 5}}, {seats: 4}]}}, "
        "{property: seats, ask: N?}",
        [(2, "The condition of “Size?” can never be met")],
    ),
}


@pytest.mark.parametrize("defect", QUESTIONS)
def test_questions_that_cannot_be_meant_so(defect: str) -> None:
    question, expected = QUESTIONS[defect]
    proof = small(demo={"questions": f"{ASKS}, {question}]"})
    for point, sentence in expected:
        found_refuted(proof, point, sentence, "demo.yaml")


def found_refuted(proof: Proof, point: int, sentence: str, file: str) -> Finding:
    assert proof.verdict(point) == "refuted", [str(f.sentence) for f in proof.findings]
    found = [f for f in proof.refuted if f.point == point and sentence in f.sentence]
    assert found, [f.sentence for f in proof.refuted]
    [finding] = found
    assert finding.visitor is not None
    assert finding.where.file.endswith(file)
    assert finding.where.line >= 1
    return finding


PLAYBOOKS = {
    "a rule for a score nobody has": (
        "routing",
        "[{id: star, when: {score.total: {at_least: 11}}, to: sales}, " + ROUTING[1:],
        [
            (
                2,
                "Routing rule `star` can never be true: “The score is at least 11” is true of no",
            )
        ],
    ),
    "a rule that comes too late": (
        "routing",
        "[{id: hot, when: {tier: hot}, to: sales}, {id: late, when: {role: chief}, to: later}, "
        "{id: rest, to: later}]",
        [(2, "Routing rule `late` never decides: everybody it would send to `later` is taken by")],
    ),
    "a rule that takes everybody": (
        "routing",
        "[{id: all, when: {any: [{spam: true}, {spam: false}]}, to: later}, " + ROUTING[1:],
        [
            (2, "Routing rule `all` is true of everybody, so nothing after it matters."),
            (2, "Routing rule `hot` never decides: everybody it would send to `sales` is taken"),
        ],
    ),
    "a part of a rule that cannot be": (
        "routing",
        "[{id: hot, when: {any: [{tier: hot}, {score.fit: {at_least: 99}}]}, to: sales}, "
        "{id: rest, to: later}]",
        [(2, "Routing rule `hot` has a part that is never true: “The fit score is at least 99”")],
    ),
    "points that are never given": (
        "scoring",
        SCORING + ", {id: odd, when: {size: s, tools: {includes: crm}, agreed: yes, any: "
        "[{agreed: no}, {size: m}]}, points: 3}]}}",
        [(2, "Scoring rule `odd` can never bring its points: “")],
    ),
    "points that everybody has": (
        "scoring",
        SCORING + ", {id: given, when: {any: [{locale: en}, {locale: {not: en}}]}, points: 3}]}}",
        [(2, "Scoring rule `given` brings its points to everybody, so it tells nobody apart.")],
    ),
    "a gate nobody trips": (
        "disqualifiers",
        "[{id: never, when: {all: [{size: s}, {size: m}]}, gate: hard}]",
        [(2, "Disqualifier `never` can never be tripped")],
    ),
    "a criterion everybody meets": (
        "icp",
        "[{id: fits, when: {any: [{size: {known: true}}, {size: {known: false}}]}}]",
        [(2, "Criterion `fits` of the ideal customer is met by everybody.")],
    ),
    "a team that covers nobody": (
        "teams",
        "[{id: none, covers: {country: DE, any: [{country: FR}, {country: US}]}, "
        "reps: [{email: b@example.com}]}, {id: all, reps: [{email: ana@example.com}]}]",
        [(2, "Team `none` can never cover a lead")],
    ),
    "advice nobody hears": (
        "guidance",
        "{next_action: [{say: Call them.}], red_flags: [{when: {tier: hot, role: other}, "
        "say: Odd one.}]}",
        [(2, "“Odd one.” is never said")],
    ),
    "no next action at all": (
        "guidance",
        "{red_flags: [{when: {role: other}, say: Odd one.}]}",
        [(5, "No next action is said to the rep")],
    ),
    "a track without a name": (
        "destinations",
        "{sales: {kind: sales}, later: {kind: nurture}}",
        [(3, "`later` gets leads, and names no track to put them on.")],
    ),
}


@pytest.mark.parametrize("defect", PLAYBOOKS)
def test_playbooks_that_cannot_be_meant_so(defect: str) -> None:
    part, text, expected = PLAYBOOKS[defect]
    proof = small(book={part: text})
    for point, sentence in expected:
        found_refuted(proof, point, sentence, "playbook.yaml" if point != 5 else "demo.yaml")


def test_a_tier_nobody_attains_comes_with_whoever_is_nearest() -> None:
    proof = small(book={"tiers": "[{id: hot, from: 11}, {id: warm, from: 10}, {id: cold}]"})
    finding = found_refuted(
        proof,
        4,
        "Nobody can attain the tier `hot`: it begins at 11, and the greatest score is 10.",
        "playbook.yaml",
    )
    assert finding.visitor is not None
    assert finding.visitor.answers["role"] == "chief"


FLOWS = {
    "an early end for everybody": (
        {"finish_when": "[{id: over, when: {any: [{spam: true}, {spam: false}]}, to: later}]"},
        [
            (
                1,
                "Nobody is ever asked “Your role?”: every conversation ends before its turn comes.",
            ),
            (2, "Every conversation is ended early by `over`."),
        ],
    ),
    "an early end for nobody": (
        {"finish_when": "[{id: over, when: {role: lead, any: [{role: chief}]}, to: later}]"},
        [(2, "`over` never ends a conversation")],
    ),
    "an early end that another takes": (
        {
            "finish_when": "[{id: one, when: {role: lead}, to: later}, "
            "{id: two, when: {role: lead, spam: true}, to: later}]"
        },
        [(2, "`two` never ends a conversation")],
    ),
    "a budget for no question": (
        {"ask_at_most": "0"},
        [(1, "Nobody is ever asked “Your role?”: `ask_at_most: 0` is always used up before.")],
    ),
    "an early end to sales without an address": (
        {"finish_when": "[{id: rush, when: {role: lead}, to: sales}]"},
        [
            (
                5,
                "`rush` sends visitors to sales of whom no e-mail address or phone number is "
                "known: `rush` ends the conversation before they are asked.",
            )
        ],
    ),
    "an early end that routing sends to sales": (
        {"finish_when": "[{id: soon, when: {role: chief}}]"},
        [
            (
                5,
                "`hot` sends visitors to sales of whom no e-mail address or phone number is known: "
                "`soon` ends the conversation before they are asked.",
            )
        ],
    ),
    "an address that may be skipped": (
        {
            "questions": "[{property: role, ask: Your role?}, "
            "{property: email, ask: Your e-mail?, required: false}]"
        },
        [(5, "they skipped the question, which is optional.")],
    ),
    "an address nobody asks for": (
        {"questions": "[{property: role, ask: Your role?}]"},
        [(5, "the flow never asks for one.")],
    ),
    "an address the budget leaves out": (
        {"ask_at_most": "1"},
        [(5, "known: `ask_at_most: 1` is used up before they are asked.")],
    ),
    "no goodbye": (
        {"endings": "{sales: Thanks.}"},
        [(3, "Visitors of this flow end at `later`, and there are no words to say goodbye")],
    ),
    "a goodbye in one language of two": (
        {
            "title": "{en: Demo, de: Demo, fr: Démo}",
            "endings": "{sales: {en: Thanks., de: Danke.}, nurture: Thanks.}",
        },
        [(3, "Visitors of this flow end at `sales`, and its ending is not written in fr.")],
    ),
}


@pytest.mark.parametrize("defect", FLOWS)
def test_flows_that_cannot_be_meant_so(defect: str) -> None:
    changes, expected = FLOWS[defect]
    proof = small(demo=changes)
    for point, sentence in expected:
        found_refuted(proof, point, sentence, "demo.yaml")


def test_an_early_end_that_takes_all_of_a_rule_with_its_name_is_told_from_it() -> None:
    proof = small(demo={"finish_when": "[{id: hot, when: {role: chief}, to: later}]"})
    says = "Routing rule `hot` never decides: everybody it would send to `sales` is taken by the "
    found_refuted(proof, 2, f"{says}early end `hot` before.", "playbook.yaml")


def test_what_only_some_may_know_beforehand_is_told_apart() -> None:
    """A question for people of whom the country is known, which no flow asks."""
    question = "{property: size, ask: Size?, when: {country: DE}}"
    proof = small(demo={"questions": f"{ASKS}, {question}]"})
    assert proof.verdict(1) == "proved"
    [note] = [finding for finding in proof.notes if finding.point == 1]
    assert "Nobody who comes for the first time is asked “Size?”" in note.sentence
    assert note.visitor is not None
    assert [known.property for known in note.visitor.known] == ["country"]


def test_unknown_that_is_handled_is_no_defect() -> None:
    question = (
        "{property: size, ask: Size?, when: {any: [{seats: {known: false}}, "
        "{seats: {at_least: 5}}]}}, {property: seats, ask: N?}"
    )
    assert small(demo={"questions": f"{ASKS}, {question}]"}).verdict(6) == "proved"


@cache
def starter() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in STARTER.glob("*.yaml")}


def changed(name: str, old: str, new: str) -> dict[str, str]:
    texts = dict(starter())
    assert texts[name].count(old) == 1, f"{old!r} stands {texts[name].count(old)} times in {name}"
    texts[name] = texts[name].replace(old, new)
    return texts


def test_the_starter_is_good() -> None:
    proof = proof_of(dict(starter()))
    assert [each.sentence for each in (*proof.refuted, *proof.not_proved)] == []


def test_a_rule_moved_behind_a_wider_one_in_the_starter_is_found() -> None:
    strong = "  - {id: strong, when: {tier: hot}, to: high_intent_nurture"
    hot = "  - {id: hot, when: {tier: hot, icp: [yes, partial]}, to: sales"
    text = starter()["playbook.yaml"]
    first = next(line for line in text.splitlines() if line.startswith(hot))
    second = next(line for line in text.splitlines() if line.startswith(strong))
    texts = changed("playbook.yaml", f"{first}\n{second}", f"{second}\n{first}")
    found_refuted(proof_of(texts), 2, "Routing rule `hot` never decides", "playbook.yaml")
