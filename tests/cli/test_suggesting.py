"""Cases for those who have none: every rule, gate, route and tier covered by few."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.flow_files.small import flow, playbook
from webapp.cli import main
from webapp.core.proof.goals import goals
from webapp.core.simulate import decide_case
from webapp.flow_files import load_release, read_case

SCORING = (
    "{fit: {rules: [{id: role, property: role, points: {chief: 10, lead: 5}}, "
    "{id: many, when: {seats: {at_least: 50}}, points: 3}]}, "
    "intent: {rules: [{id: prices, signal: pricing, points: 4}]}}"
)
ROUTING = (
    "[{id: small, when: {disqualified: true}, to: later}, "
    "{id: hot, when: {tier: hot}, to: sales}, {id: rest, to: later}]"
)
GATES = "[{id: too_small, when: {size: s}, gate: hard}]"
ASKS = (
    "[{property: role, ask: Role?}, {property: seats, ask: N?, required: false}, "
    "{property: size, ask: Size?}, {property: email, ask: E?}]"
)
EARLY = "[{id: other, when: {role: other}, to: later}]"


def baton(*args: object):
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def folder(tmp_path):
    write(tmp_path)
    return tmp_path


def write(folder: Path, **book: str) -> None:
    parts = {"scoring": SCORING, "routing": ROUTING, "disqualifiers": GATES, **book}
    (folder / "playbook.yaml").write_text(playbook(**parts))
    (folder / "demo.yaml").write_text(flow(questions=ASKS, finish_when=EARLY))


def test_the_cases_cover_everything_and_come_out_as_they_say(folder):
    result = baton("flows", "suggest-cases", folder)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("rules, gates, routes, early ends and tiers. Fewer cannot.\n")
    tested = baton("flows", "test", folder)
    assert tested.exit_code == 0, tested.stderr
    release = load_release(folder)
    written = sorted((folder / "cases").iterdir())
    decisions = [decide_case(release, read_case(path, release)) for path in written]
    wanted = list(goals(release))
    assert len(wanted) == 3 + 1 + 3 + 2 + 1
    assert [goal.name for goal in wanted if not any(map(goal.covers, decisions))] == []


def test_no_case_is_there_for_nothing(folder):
    baton("flows", "suggest-cases", folder)
    release = load_release(folder)
    cases = [read_case(path, release) for path in (folder / "cases").iterdir()]
    for left_out in cases:
        others = [decide_case(release, case) for case in cases if case is not left_out]
        missed = [goal for goal in goals(release) if not any(map(goal.covers, others))]
        assert missed, left_out.file


def test_what_nobody_can_do_is_named_with_its_line_and_the_reason(folder):
    gates = "[{id: never, when: {all: [{size: s}, {size: m}]}, gate: hard}]"
    write(folder, disqualifiers=gates)

    result = baton("flows", "suggest-cases", folder)

    assert result.exit_code == 1
    line = (folder / "playbook.yaml").read_text().splitlines().index("disqualifiers: " + gates) + 1
    said = f"{folder}/playbook.yaml:{line}:17: not covered: gate `never`: nobody there can be"
    assert said in result.stderr
    assert "not covered: route `small`: nobody there can be" in result.stderr
    assert baton("flows", "test", folder).exit_code == 0


def test_without_time_every_goal_left_open_says_so(folder):
    result = baton("flows", "suggest-cases", folder, "--seconds", "0")

    assert result.exit_code == 1
    assert "not covered: fit rule `role`: the time given ran out" in result.stderr
    assert result.stdout == "0 cases for 0 of 10 rules, gates, routes, early ends and tiers.\n"


def test_what_was_suggested_before_is_replaced_only_when_told(folder):
    (folder / "cases").mkdir()
    mine = folder / "cases" / "demo.mine.yaml"
    mine.write_text("mine")
    baton("flows", "suggest-cases", folder)
    edited = next((folder / "cases").glob("*.suggested-*.yaml"))
    edited.write_text("edited")

    refused = baton("flows", "suggest-cases", folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--replace writes them anew" in refused.stderr
    assert edited.read_text() == "edited"

    assert baton("flows", "suggest-cases", folder, "--replace").exit_code == 0
    assert edited.read_text().startswith("# Suggested to cover ")
    assert mine.read_text() == "mine"


def test_programs_get_the_files_and_what_each_covers(folder, tmp_path):
    target = tmp_path / "elsewhere"
    result = baton("flows", "suggest-cases", folder, "--to", target, "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"], document["uncovered"]) == (0, True, [])
    assert [Path(each["case"]).exists() for each in document["cases"]]
    covered = {name for each in document["cases"] for name in each["covers"]}
    assert {"fit rule `many`", "tier `cold`", "early end `other` of demo"} <= covered
    assert len(document["cases"]) == document["at_least"]


def test_flows_that_do_not_load_get_no_cases(folder):
    (folder / "demo.yaml").write_text("format: [")
    result = baton("flows", "suggest-cases", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert not (folder / "cases").exists()
