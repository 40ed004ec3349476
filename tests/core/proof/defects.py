"""Every kind of defect, planted in flows that are known to be good, and what has to be said of it.

``python -m tests.core.proof.defects`` plants them all and prints how each was reported.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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

Said = list[tuple[int, str]]
"""The points that have to be refuted, and how the sentence goes."""


@dataclass(frozen=True)
class Planted:
    """The files with the defect in them, what has to be said, and of which file."""

    texts: dict[str, str]
    expected: Said
    file: str


QUESTIONS: dict[str, tuple[str, Said]] = {
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

PLAYBOOKS: dict[str, tuple[str, str, Said]] = {
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
    "a tier nobody attains": (
        "tiers",
        "[{id: hot, from: 11}, {id: warm, from: 10}, {id: cold}]",
        [(4, "Nobody can attain the tier `hot`: it begins at 11, and the greatest score is 10.")],
    ),
    "a rule for everybody behind two that take everybody": (
        "routing",
        "[{id: some, when: {role: {known: true}}, to: sales}, "
        "{id: none, when: {role: {known: false}}, to: later}, "
        "{id: both, when: {any: [{tier: hot}, {tier: cold}]}, to: later}, {id: rest, to: later}]",
        [
            (2, "Routing rule `both` is true of everybody, so nothing after it matters."),
            (2, "Routing rule `both` never decides: everybody it would send to `later` is taken"),
        ],
    ),
}

FLOWS: dict[str, tuple[dict[str, str | None], Said]] = {
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
    "a goodbye said to be in one language, where questions are in two": (
        {
            "title": "{en: Demo, fr: Démo}",
            "endings": "{sales: {en: Thanks.}, nurture: Thanks.}",
        },
        [(3, "Visitors of this flow end at `sales`, and its ending is not written in fr.")],
    ),
}


@cache
def starter() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in STARTER.glob("*.yaml")}


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """The starter's files with one place changed."""
    texts = dict(starter())
    assert texts[name].count(old) == 1, f"{old!r} stands {texts[name].count(old)} times in {name}"
    return {**texts, name: texts[name].replace(old, new)}


def small(
    book: dict[str, str | None] | None = None, demo: dict[str, str | None] | None = None
) -> dict[str, str]:
    return {"playbook.yaml": playbook(**(book or {})), "demo.yaml": flow(**(demo or {}))}


def planted() -> dict[str, Planted]:
    """Every defect by name."""
    found = {}
    for name, (question, expected) in QUESTIONS.items():
        texts = small(demo={"questions": f"{ASKS}, {question}]"})
        found[name] = Planted(texts, expected, "demo.yaml")
    for name, (part, text, expected) in PLAYBOOKS.items():
        said_of = "demo.yaml" if expected[0][0] == 5 else "playbook.yaml"
        found[name] = Planted(small(book={part: text}), expected, said_of)
    for name, (changes, expected) in FLOWS.items():
        found[name] = Planted(small(demo={**changes}), expected, "demo.yaml")
    text = "Routing rule `hot` never decides"
    found["a rule of the starter behind a wider one"] = Planted(
        swapped_in_the_starter(), [(2, text)], "playbook.yaml"
    )
    return found


def swapped_in_the_starter() -> dict[str, str]:
    strong = "  - {id: strong, when: {tier: hot}, to: high_intent_nurture"
    hot = "  - {id: hot, when: {tier: hot, icp: [yes, partial]}, to: sales"
    text = starter()["playbook.yaml"]
    first = next(line for line in text.splitlines() if line.startswith(hot))
    second = next(line for line in text.splitlines() if line.startswith(strong))
    return changed("playbook.yaml", f"{first}\n{second}", f"{second}\n{first}")


def proof_of(texts: dict[str, str]) -> Proof:
    """The proof, each of whose visitors comes out as it says."""
    proof = prove(load_texts(texts))
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


def found_refuted(proof: Proof, point: int, sentence: str, file: str) -> Finding:
    """The one finding that says so, of that file and with a visitor."""
    assert proof.verdict(point) == "refuted", [str(f.sentence) for f in proof.findings]
    found = [f for f in proof.refuted if f.point == point and sentence in f.sentence]
    assert found, [f.sentence for f in proof.refuted]
    [finding] = found
    assert finding.visitor is not None
    assert finding.where.file.endswith(file)
    assert finding.where.line >= 1
    return finding


def table() -> Iterator[str]:
    """A line of a table for each defect and point; asserts that all are found and shown."""
    yield "| planted | point | place | reported as | visitor |"
    yield "|---|---|---|---|---|"
    for name, each in planted().items():
        proof = proof_of(each.texts)
        for point, sentence in each.expected:
            finding = found_refuted(proof, point, sentence, each.file)
            assert finding.visitor is not None
            said = {**finding.visitor.document()}
            shown = "; ".join(f"{k}: {v}" for k, v in said.items() if k not in ("flow", "at"))
            place = f"{finding.where.file}:{finding.where.line}:{finding.where.column}"
            yield f"| {name} | {point} | {place} | {finding.sentence} | {shown or 'anybody'} |"


if __name__ == "__main__":
    for line in table():
        print(line)
    print(f"{len(planted())} defects, all found and shown.", file=sys.stderr)
