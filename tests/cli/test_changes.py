"""What another version would change, in words a marketer reads and as JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.flow_files.small import flow, playbook
from webapp.cli import main
from webapp.cli.numbers import in_words

LATER = "{sales: {kind: sales}, later: {kind: nurture, track: a, label: Nurture}}"


def baton(*args: object):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def version(folder: Path, name: str, demo: str = flow(), **book: str) -> Path:
    made = folder / name
    made.mkdir()
    (made / "playbook.yaml").write_text(playbook(**book))
    (made / "demo.yaml").write_text(demo)
    return made


def test_who_ends_elsewhere_is_counted_in_classes_and_shown(tmp_path):
    old = version(tmp_path, "old", destinations=LATER)
    new = version(tmp_path, "new", destinations=LATER, tiers="[{id: hot, from: 11}, {id: cold}]")

    result = baton("flows", "diff", old, new)

    assert (result.exit_code, result.stderr) == (0, "")
    first, *example, last = result.stdout.splitlines()
    assert first == (
        "demo: 1 of 3 classes of new visitors now end at Nurture instead of sales; for example"
    )
    assert "    answers: {role: chief, email: lee@nordwind.example}" in example
    assert last == "demo: 1 of 3 are now cold instead of hot"


def test_nothing_that_changes_is_said_too(tmp_path):
    old = version(tmp_path, "old")
    result = baton("flows", "diff", old, old)
    assert result.stdout == "demo: nothing changes for any of 3 classes of new visitors\n"


def test_who_stops_at_what_must_be_answered_now_is_counted(tmp_path):
    asks = "[{property: role, ask: Role?, required: false}, {property: email, ask: E?}]"
    old = version(tmp_path, "old", flow(questions=asks))
    new = version(tmp_path, "new", flow(questions=asks.replace(", required: false", "")))

    there = baton("flows", "diff", old, new).stdout
    back = json.loads(baton("flows", "diff", new, old, "--json").stdout)

    assert there.startswith(
        "demo: 1 of 4 classes of new visitors stop at a question they do not answer instead of "
        "ending at later; for example\n"
    )
    [move] = back["changes"][0]["destinations"]
    assert (move["from"], move["to"], move["count"]) == (None, "later", 1)


def test_a_crowd_is_called_a_crowd(tmp_path):
    old = version(tmp_path, "old")
    new = version(tmp_path, "new")
    book = (new / "playbook.yaml").read_text()
    (new / "playbook.yaml").write_text(book.replace("other: Other", "else: Else"))

    said, nothing = baton("flows", "diff", old, new).stdout.splitlines()

    assert said == "demo: not all classes of visitors are compared: “Role” takes other values now."
    assert nothing.startswith("demo: nothing changes for any of ")
    assert nothing.endswith(" visitors tried")


def test_programs_get_exact_numbers(tmp_path):
    old = version(tmp_path, "old")
    new = version(tmp_path, "new", tiers="[{id: hot, from: 11}, {id: cold}]")
    document = json.loads(baton("flows", "diff", old, new, "--json").stdout)
    [change] = document["changes"]
    assert (change["classes"], change["sampled"]) == (3, None)
    [move] = change["destinations"]
    assert (move["from"], move["to"], move["count"]) == ("sales", "later", 1)
    assert move["example"]["answers"]["role"] == "chief"
    assert (document["gone"], document["new"]) == ([], [])


def test_flows_that_come_and_go_are_named(tmp_path):
    old, new = version(tmp_path, "old"), version(tmp_path, "new")
    (old / "demo.yaml").rename(old / "trial.yaml")
    (old / "trial.yaml").write_text(flow(flow="trial"))
    assert baton("flows", "diff", old, new).stdout == "demo: new\ntrial: gone\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (340, "340"),
        (999_999, "999,999"),
        (1_000_000, "1 million"),
        (16_374_391_236, "16.4 billion"),
        (999_999_999, "999 million"),
        (62_764_062_233_600, "62.8 trillion"),
        (10**21 + 5, "about 10^21"),
    ],
)
def test_large_numbers_are_read_as_words(number, words):
    assert in_words(number) == words
