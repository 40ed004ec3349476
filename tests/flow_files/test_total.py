"""Whatever text arrives: a release that works, or problems in words. Nothing else, no more work."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import at_most
from tests.fixtures.injuries import often
from tests.flow_files import judging
from tests.flow_files.small import PLAYBOOK, flow, playbook, release
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import check_texts, load_case

ACME = Path(__file__).parent / "acme"
TEXTS = {
    "playbook.yaml": (ACME / "playbook.yaml").read_text(),
    "demo-request.yaml": (ACME / "demo-request.yaml").read_text(),
}
CASE = (ACME / "cases" / "ana.yaml").read_text()

ODD = ["", "~", "[]", "{}", "-", ":", "&a", "*a", "!x", "\t", "'", '"', "|", ">", "#", "0", "-1"]
ODD += [".nan", "1e999999999", "9" * 400, "true", "no", "2026-02-30", "{email}", "\x00", "\ud800"]
ODD += ["\ufeff", "\u2028", "🙂", "any", "signals.visit", "score.total", "x" * 5000, "---", "..."]

RELEASE = check_texts(TEXTS)[0]
FEWER, MANY = often(100, 20_000), often(150, 20_000)
MOST_CALLS = 200_000  # ten times what the untouched example takes


def judged(texts: dict[str, str]) -> Release | None:
    with at_most(MOST_CALLS):
        return judging.judged(texts)


def test_the_examples_hold_before_they_are_broken():
    assert RELEASE is not None
    assert simulate(RELEASE, load_case(CASE, "ana.yaml", RELEASE))["route"]["to"] == "sales"


@pytest.mark.promise(21, FEWER, "texts that nobody foresaw")
@settings(max_examples=FEWER, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_judged(book, demo):
    judged({"playbook.yaml": book, "demo.yaml": demo})


def damaged(text: str, data: st.DataObject) -> str:
    """The text with pieces cut, doubled or replaced, as hands and merges do."""
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["cut", "double", "word", "char", "move"])):
            case "cut":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "word":
                words = lines[at].split(" ")
                place = data.draw(st.integers(0, len(words) - 1))
                words[place] = data.draw(st.sampled_from(ODD))
                lines[at] = " ".join(words)
            case _:
                place = data.draw(st.integers(0, len(lines[at])))
                odd = data.draw(st.sampled_from(ODD) | st.characters())
                lines[at] = lines[at][:place] + odd + lines[at][place:]
        if not lines:
            break
    return "\n".join(lines)


@pytest.mark.promise(21, MANY, "texts that nobody foresaw")
@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_playbook_or_flow_is_refused_or_works(data):
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    judging.walked(judged({**TEXTS, name: damaged(TEXTS[name], data)}), "demo-request")


@pytest.mark.promise(21, MANY, "texts that nobody foresaw")
@settings(max_examples=MANY, deadline=None)
@given(st.data())
def test_a_damaged_case_is_refused_or_works(data):
    assert RELEASE is not None
    judging.case_judged(damaged(CASE, data), RELEASE)


def nodes(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    )


KEYS = st.sampled_from(
    re.findall(
        r"[\w.-]+",
        """
    id when property signal points otherwise each within half_life at_most because label type
    choices ordered derive from words values email role size tools any all none not at_least known
    includes mentions signals.visit tier icp spam to kind reps covers hours mon-fri say rules fit
    intent next_action page event visit ask questions flow format locale""",
    )
) | st.text(max_size=6)
LEAVES = st.sampled_from([*ODD[:14], "role", "chief", "s", "7d", "sales", "hard", "text", "choice"])


@pytest.mark.promise(21, MANY, "texts that nobody foresaw")
@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [each for each in PLAYBOOK if each not in ("format", "name", "locale", "timezone")]
    ),
    nodes(LEAVES | st.integers() | st.booleans() | st.text(max_size=8)),
)
def test_any_structure_in_any_part_is_judged(part, structure):
    """Structures a person never writes but a program may."""
    written = yaml.safe_dump(structure, default_flow_style=True, width=10_000).strip()
    judged({"playbook.yaml": playbook(**{part: written.removesuffix("...")}), "d.yaml": flow()})


@pytest.mark.promise(21, FEWER, "texts that nobody foresaw")
@settings(max_examples=FEWER, deadline=None)
@given(nodes(LEAVES | st.integers()), nodes(LEAVES))
def test_any_structure_in_a_flow_is_judged(first, second):
    written = yaml.safe_dump([first, second], default_flow_style=True, width=10_000).strip()
    judged({"playbook.yaml": playbook(), "d.yaml": flow(questions=written)})
    judged({"playbook.yaml": playbook(), "d.yaml": flow(finish_when=written)})


def test_a_big_flow_costs_no_more_than_its_questions():
    items = "\n".join(
        f"  - {{property: role, id: q{n}, ask: Question {n}?, when: {{seats: {n}}}}}"
        for n in range(3300)
    )
    demo = flow(questions="\n" + items)
    assert 200 * 1024 < len(demo) < 256 * 1024
    with at_most(calls=300 * 3300):
        assert len(release(demo=demo).flows["demo"].questions) == 3300
