"""Checking, testing and simulating from the command line, as people and programs do."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.flow_files.small import case, flow, lines, playbook
from webapp.cli import main
from webapp.core.expectations import SCORE_PARTS

ACME = Path(__file__).parents[1] / "flow_files" / "acme"


def baton(*args: object):
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def folder(tmp_path):
    """A small playbook with one flow; cases are added by each test."""
    (tmp_path / "playbook.yaml").write_text(playbook())
    (tmp_path / "demo.yaml").write_text(flow())
    (tmp_path / "cases").mkdir()
    return tmp_path


def add_case(folder: Path, name: str = "ana", **parts: str) -> Path:
    path = folder / "cases" / f"{name}.yaml"
    path.write_text(case(**parts))
    return path


def test_flows_that_load_are_fit_for_use(folder):
    result = baton("flows", "check", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("1 flow and the playbook can be used.\n\nproved ")


def test_every_problem_of_every_file_goes_to_stderr(folder):
    (folder / "playbook.yaml").write_text(playbook(timezone="Berlin"))
    (folder / "demo.yaml").write_text(flow(titel="Demo"))

    result = baton("flows", "check", folder)

    assert result.exit_code == 1
    assert result.stdout == "2 problems to fix before these flows can be used.\n"
    assert f"{folder}/playbook.yaml:4:11: error: `Berlin` is not a timezone." in result.stderr
    assert f"{folder}/demo.yaml:6:1: error: `titel` is not a key of the flow." in result.stderr


def test_a_persona_that_cannot_be_read_is_a_problem_of_the_folder(folder):
    path = add_case(folder, at="tomorrow")
    result = baton("flows", "check", folder, "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert not document["ok"]
    assert [each["file"] for each in document["problems"]] == [str(path)]
    assert document["proof"], "its flows are proved all the same"


def test_a_program_that_tests_flows_is_told_why_they_cannot_be_used(folder):
    (folder / "demo.yaml").write_text(flow(titel="Demo"))
    result = baton("flows", "test", folder, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"][0]["what"] == "`titel` is not a key of the flow."


def test_a_warning_is_said_and_stops_nothing(folder):
    asks = "[{property: role, ask: A?, choices: [chief, chief]}, {property: email, ask: B?}]"
    (folder / "demo.yaml").write_text(flow(questions=asks))
    result = baton("flows", "check", folder)
    assert result.exit_code == 0
    assert "warning: `chief` stands twice in this list." in result.stderr


def test_programs_get_the_problems_as_json(folder):
    (folder / "demo.yaml").write_text(flow(titel="Demo"))
    result = baton("flows", "check", folder, "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert document["problems"] == [
        {
            "severity": "error",
            "file": f"{folder}/demo.yaml",
            "line": 6,
            "column": 1,
            "what": "`titel` is not a key of the flow.",
            "fix": "Did you mean `title`?",
        }
    ]


@pytest.mark.parametrize(
    "args",
    [
        ("flows", "check", "nowhere"),
        ("flows", "test", "nowhere"),
        ("flows", "chekc"),
        ("simulate",),
        ("simulate", "nowhere.yaml"),
        ("simulat",),
    ],
)
def test_wrong_usage_exits_with_two(args):
    result = baton(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_cases_that_come_out_as_expected_are_counted(folder):
    add_case(folder, "chief", answers="{role: chief, email: a@b.example}", expect="{route: sales}")
    add_case(folder, "other", answers="{role: other}", expect="{waiting_for: email}")

    result = baton("flows", "test", folder)

    assert (result.exit_code, result.stdout) == (0, "2 of 2 cases as expected.\n")


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ("{route: sales}", "route: expected sales, got later."),
        ("{route: sales}", "`hot` is false: it wants “The tier is"),
        ("{rule: hot}", "rule: expected hot, got rest."),
        ("{tier: hot}", "tier: expected hot, got cold. The score is 5 and `hot` begins at 10."),
        ("{score: 10}", "score: expected 10, got 5. The lines: +5 role"),
        ("{score: {at_least: 6, at_most: 9}}", "score: expected 6 to 9, got 5."),
        ("{score: {fit: {at_most: 4}}}", "score.fit: expected at most 4, got 5."),
        ("{score: {intent: {at_least: 1}}}", "score.intent: expected at least 1, got 0."),
        ("{tier_settled: false}", "tier_settled: expected no, got yes."),
        ("{icp: yes}", "icp: expected yes, got partial. The checklist: unknown fits."),
        ("{ended: finished}", "ended: expected finished, got complete. Asked were role, email."),
        ("{waiting_for: email}", "waiting_for: expected email, got nothing."),
        ("{asked: [email, role]}", "asked: expected email, role, got role, email."),
        ("{asked_exactly: [role]}", "asked_exactly: expected role, got role, email."),
        ("{asked_exactly: [email, role]}", "asked_exactly: expected email, role, got role, email."),
        ("{skipped: [email]}", "skipped: expected email, got nothing."),
        ("{skipped: [email]}", "`email` was answered."),
        ("{asked_exactly: [role]}", "`email` was asked too. `email` is asked when it is not known"),
        ("{asked_exactly: [email, role]}", "Questions are asked in the order of the flow."),
        ("{set_aside: []}", "set_aside: expected nothing, got seats. This flow has no question"),
        ("{set_aside: [role, seats]}", "`role` was asked, so an answer to it counts."),
        ("{set_aside: [size, seats]}", "The case has no answer to `size`."),
        ("{score: {total: 9}}", "score: expected 9, got 5. The lines: +5 role (Role is Lead)."),
        ("{score: {known: 9}}", "score.known: expected 9, got 5. The lines: +5 role (Role is Lead"),
        ("{score: {inferred: {at_least: 1}}}", "inferred: expected at least 1, got 0. The lines"),
        ("{score: {low: 4}}", "score.low: expected 4, got 5. The lines: +5 role (Role is Lead)."),
        ("{score: {high: {at_least: 6}}}", "score.high: expected at least 6, got 5. The lines: +5"),
        (
            "{disqualifiers: {too_small: clear}}",
            "disqualifiers.too_small: expected clear, got unknown. It is tripped when “Size is",
        ),
    ],
)
def test_a_case_that_comes_out_otherwise_says_what_made_the_difference(folder, expect, says):
    """Rule A65."""
    answers = "{role: lead, email: a@b.example, seats: 3}"
    path = add_case(folder, answers=answers, expect=expect)

    result = baton("flows", "test", folder)

    assert (result.exit_code, result.stdout) == (1, "0 of 1 cases as expected.\n")
    assert result.stderr.startswith(f"{path}\n  ")
    assert says in result.stderr


def test_a_miss_of_what_a_score_could_become_names_the_open_line(folder):
    add_case(folder, expect="{score: {high: 3, known: 1}, skipped: [role]}")
    said = baton("flows", "test", folder).stderr
    assert "score.high: expected 3, got 10. The lines: +0 role (" in said
    assert ", could still bring 0 to 10)." in said
    assert "score.known: expected 1, got 0. The lines: +0 role (" in said
    assert ", open)." in said


def test_every_part_that_can_be_expected_is_missed_in_some_test():
    """Rule A65: what the reference says of `expect` is what is tried above."""
    reference = (Path(__file__).parents[2] / "docs" / "flow-reference.md").read_text()
    table = reference.split("What can be expected:")[1].split("\n\n")[1]
    keys = {
        key for row in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    marks = test_a_case_that_comes_out_otherwise_says_what_made_the_difference.pytestmark
    tried = " ".join(expect for mark in marks for expect, _ in mark.args[1])
    assert {key for key in keys | set(SCORE_PARTS) if f"{key}:" not in tried} == set()


def test_questions_may_be_named_by_id_or_property_and_others_may_lie_between(folder):
    asks = "{property: role, id: job, ask: A?}, {property: size, ask: B?}"
    demo = flow(questions=f"[{asks}, {{property: email, ask: C?}}]")
    (folder / "demo.yaml").write_text(demo)
    answers = "{role: lead, size: s, email: a@b.example}"
    add_case(folder, "a", answers=answers, expect="{asked: [job, email]}")
    add_case(
        folder, "b", answers=answers, expect="{asked: [role], asked_exactly: [role, size, email]}"
    )

    assert baton("flows", "test", folder).stdout == "2 of 2 cases as expected.\n"


def test_a_case_that_cannot_be_read_is_a_case_that_fails(folder):
    add_case(folder, "good")
    add_case(folder, "bad", answers="{role: boss}")

    result = baton("flows", "test", folder)

    assert (result.exit_code, result.stdout) == (1, "1 of 2 cases as expected.\n")
    assert "cases/bad.yaml:3:17: error: `role` has no choice `boss`." in result.stderr


def test_an_answer_the_question_does_not_offer_fails_the_case_where_it_is_written(folder):
    """Rule A78."""
    (folder / "demo.yaml").write_text(
        flow(questions="[{property: role, ask: A?, choices: [lead, other]}]")
    )
    add_case(folder, "narrow", answers="{role: chief}")
    result = baton("flows", "test", folder)
    assert result.exit_code == 1
    says = "3:17: error: `role` is asked with fewer choices, and this is none of them."
    assert f"cases/narrow.yaml:{says} Use one of `lead`, `other`." in result.stderr


def test_programs_get_the_outcome_of_every_case(folder):
    good, bad = add_case(folder, "a"), add_case(folder, "b", expect="{tier: hot}")
    result = baton("flows", "test", folder, "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"]) == (1, False)
    assert [each["case"] for each in document["cases"]] == [str(good), str(bad)]
    assert document["cases"][0]["differences"] == []
    assert document["cases"][1]["differences"][0].startswith("tier: expected hot, got cold.")


def test_cases_are_not_run_on_flows_that_do_not_load(folder):
    (folder / "demo.yaml").write_text("format: [")
    result = baton("flows", "test", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "demo.yaml:1:9" in result.stderr


def test_a_visitor_is_simulated_for_people():
    result = baton("simulate", ACME / "cases" / "ana.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("Route       sales, by rule demo: They asked for a demo\n")
    assert "+10  budget: Budget is allocated\n" in result.stdout
    assert "Set aside   committee\n" in result.stdout


def test_a_visitor_is_simulated_for_programs():
    """The format's section 9 names the keys; rules C8 and A84 their shapes."""
    result = baton("simulate", ACME / "cases" / "ana.yaml", "--json")
    document = json.loads(result.stdout)
    named = "asked skipped set_aside ended score tier tier_settled icp disqualifiers route guidance"
    assert {*named.split(), "record"} <= set(document)
    assert document["route"]["trace"][0] == {"rule": "spam", "result": "false"}
    assert {"id", "gate", "result"} <= set(document["disqualifiers"][0])
    assert document["record"]["id"] is None
    assert document["record"]["created_at"].startswith("2026-11-20T10:00:00")


def test_several_visitors_are_one_object_a_line(folder):
    paths = [add_case(folder, "a", answers="{role: chief}"), add_case(folder, "b")]
    result = baton("simulate", *paths)
    tiers = [json.loads(line)["tier"] for line in result.stdout.splitlines()]
    assert (result.exit_code, tiers) == (0, ["hot", "cold"])


def test_a_bad_case_among_several_is_named_and_the_others_are_run(folder):
    paths = [add_case(folder, "a", answers="{role: boss}"), add_case(folder, "b")]
    result = baton("simulate", *paths)
    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["problems"][0]["what"] == "`role` has no choice `boss`."
    assert second["ended"] == "waiting"
    assert "cases/a.yaml:3:17" in result.stderr


def test_a_case_uses_the_flows_it_is_told_to(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "case.yaml"
    elsewhere.write_text(case())
    assert json.loads(baton("simulate", elsewhere, "--flows", folder, "--json").stdout)["asked"]


def test_a_refuted_point_never_stops_a_simulation(folder):
    """Rule H9: sales without a team, no ending and no contact still simulates."""
    (folder / "playbook.yaml").write_text(playbook(teams=None, guidance=None))
    (folder / "demo.yaml").write_text(
        lines({}, {"format": "1", "flow": "demo", "questions": "[{property: role, ask: A?}]"})
    )
    path = add_case(folder, answers="{role: chief}")
    assert json.loads(baton("simulate", path, "--json").stdout)["route"]["to"] == "sales"


def test_simulating_does_not_wait_for_the_web():
    """Flask and the database cost a second that nobody needs here."""
    code = (
        "import sys; from webapp.cli import main\n"
        f"main(['simulate', {str(ACME / 'cases' / 'ana.yaml')!r}, '--json'], standalone_mode=False)"
    )
    probe = (
        f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit:\n    pass\n"
        "print(sorted({'flask', 'sqlalchemy', 'alembic'} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert json.loads(ran.stdout)["tier"]
    assert ran.stderr.strip() == "[]"


def test_the_command_runs_as_a_module():
    ran = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "flows", "check", str(ACME)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout.startswith("1 flow and the playbook can be used.\n")


NOBODY_TO_CALL = "[{property: role, ask: Your role?}, {property: email, ask: E?, required: false}]"


def test_what_is_refuted_names_a_place_and_a_visitor_who_shows_it(folder):
    (folder / "demo.yaml").write_text(flow(questions=NOBODY_TO_CALL))

    result = baton("flows", "check", folder)

    assert result.exit_code == 1
    assert f"{folder}/demo.yaml:4:48: refuted: `hot` sends visitors to sales of whom" in (
        result.stderr
    )
    assert "they skipped the question, which is optional." in result.stderr
    assert "    answers: {role: chief}\n" in result.stderr
    assert "refuted     5 Whoever reaches sales can be reached" in result.stdout


def test_the_visitor_can_be_saved_and_simulated(folder, tmp_path):
    (folder / "demo.yaml").write_text(flow(questions=NOBODY_TO_CALL))

    baton("flows", "check", folder, "--visitors", tmp_path / "found")

    [path] = (tmp_path / "found").glob("*.point-5-*.yaml")
    result = baton("simulate", path, "--flows", folder, "--json")
    document = json.loads(result.stdout)
    assert (document["route"]["to"], document["skipped"]) == ("sales", ["email"])


def test_without_time_nothing_passes_in_silence(folder):
    result = baton("flows", "check", folder, "--seconds", "0")
    assert result.exit_code == 1
    assert "not proved: The time given ran out before this was decided." in result.stderr
    assert baton("flows", "check", folder, "--seconds", "0", "--allow-unproved").exit_code == 0


def test_programs_get_the_proof(folder):
    (folder / "demo.yaml").write_text(flow(questions=NOBODY_TO_CALL))
    result = baton("flows", "check", folder, "--json")
    document = json.loads(result.stdout)
    assert document["ok"] is False
    verdicts = {each["point"]: each["verdict"] for each in document["proof"]["points"]}
    assert (verdicts[5], verdicts[8]) == ("refuted", "proved")
    [finding] = [each for each in document["proof"]["findings"] if each["kind"] == "refuted"]
    assert (finding["point"], finding["line"]) == (5, 4)
    assert finding["visitor"]["answers"] == {"role": "chief"}
    [facts] = document["proof"]["flows"]
    assert facts["new_visitors"]["questions"]["most"]["number"] == 2
    assert facts["ends_at"] == {"sales": 2, "later": 4}
