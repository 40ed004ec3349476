"""What the documents promise is there, and what is there is in the documents."""

import re
from pathlib import Path

from tests.fixtures.injuries import PROMISES
from webapp.config import KNOWN, SECRETS
from webapp.core.briefing import markdown
from webapp.core.simulate import simulate
from webapp.flow_files import load_release, read_case

ROOT = Path(__file__).parent.parent
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_setting_is_explained() -> None:
    names = {f"BATON_{name}" for name in KNOWN} | {f"BATON_{name}_FILE" for name in SECRETS}
    assert {name for name in names if f"`{name}`" not in OPERATE} == set()


def test_no_setting_is_explained_that_does_not_exist() -> None:
    known = KNOWN | {f"{name}_FILE" for name in SECRETS}
    assert set(re.findall(r"\bBATON_([A-Z_]+)\b", OPERATE)) <= known


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(
            r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")
        )
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_tests_that_stand_behind_the_defences_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY + RELIABILITY)
    assert len(named) > 90
    gone = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists()
        or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert gone == []


def test_every_promise_says_how_it_is_tried() -> None:
    rows = re.findall(r"^\| (\d+) ([^|]+) \|(.*)$", RELIABILITY, re.MULTILINE)
    assert {int(number): words[0].lower() + words[1:] for number, words, _ in rows} == {
        number: words[0].lower() + words[1:].replace("kill -9", "`kill -9`")
        for number, words in PROMISES.items()
    }
    assert [number for number, _, tried in rows if "::test_" not in tried] == []


def test_every_defence_names_a_test() -> None:
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if "::test_" not in row and "---" not in row] == []


def test_the_briefings_shown_are_what_comes_out() -> None:
    text = (ROOT / "docs" / "sales.md").read_text(encoding="utf-8")
    shown = re.findall(r"<!-- case: (\S+) -->\n````markdown\n(.*?)````\n", text, re.DOTALL)
    assert len(shown) == 2, "a rich one and a thin one"
    flows = ROOT / "question_flows"
    release = load_release(flows)
    for case, briefing in shown:
        lead = simulate(release, read_case(flows / "cases" / f"{case}.yaml", release))
        # Where the wording changed for good, put what is compared here into docs/sales.md.
        assert briefing == markdown(lead["record"])
