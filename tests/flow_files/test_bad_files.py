"""Thirty-two bad files: each refused with place, reason and fix, none with a traceback."""

import pytest

from tests.effort import at_most
from tests.flow_files.small import FLOW, PLAYBOOK, flow, lines, playbook, properties
from webapp.core.errors import FlowError
from webapp.flow_files import check_release, load_release

MOST_CALLS = 100_000  # the worst of them takes a tenth of that
ASKS = "{property: role, ask: Your role?}"


def questions(*items: str) -> str:
    return flow(questions=f"[{', '.join(items)}]")


def choice(id: str) -> str:
    return playbook(properties=properties(x=f"{{label: X, type: choice, choices: {{{id}: X}}}}"))


# name -> (playbook, flow, what the refusal says). Jumps and patterns are no part of the language,
# so files that use them are refused for the key.
BAD = {
    "01 empty": (None, "", "The file is empty."),
    "02 a list as root": (None, "- a\n", "The flow is a mapping, not a list."),
    "03 indented by tabs": (None, "format: 1\nquestions:\n\t- a\n", "A tab cannot indent YAML."),
    "04 unclosed quote": (None, 'format: 1\ntitle: "Demo\n', "What begins here is never closed."),
    "05 duplicate key": (None, flow() + "title: Again\n", "`title` stands twice"),
    "06 duplicate id": (
        None,
        questions("{property: role, ask: A?}", "{property: size, id: role, ask: B?}"),
        "Two questions are called `role`",
    ),
    "07 unknown key": (None, flow(greetings="Hi"), "Did you mean `greeting`?"),
    "08 missing id": (None, flow(flow=None), "`flow` is missing."),
    "09 unknown type": (
        playbook(properties=properties(x="{label: X, type: dropdown}")),
        None,
        "`dropdown` cannot stand here.",
    ),
    "10 a jump to nowhere": (None, questions("{property: role, ask: A?, next: end}"), "`next`"),
    "11 a question nobody can reach": (
        None,
        questions(ASKS, "{property: role, ask: Again?}"),
        "asked twice under the same condition",
    ),
    "12 an endless loop": (None, questions("{property: role, ask: A?, next: role}"), "`next`"),
    "13 no ending for the routing": (
        playbook(routing="[{id: hot, when: {tier: hot}, to: sales}]"),
        None,
        "The last routing rule must take everybody.",
    ),
    "14 alias bomb": (
        None,
        "a: &a [x,x]\n" + "".join(f"{n}: &{n} [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" for n in "bcdefghi"),
        "The anchor `&a` is not allowed.",
    ),
    "15 an alias of itself": (None, "a: &a [*a]\n", "is an alias (*)"),
    "16 a Python object": (
        None,
        "flow: !!python/object/apply:os.system ['touch /tmp/x']\n",
        "is not allowed. Delete it.",
    ),
    "17 a tag": (None, "flow: !include other.yaml\n", "The tag `!include` is not allowed."),
    "18 two documents": (None, flow() + "---\n" + flow(), "A second document starts here."),
    "19 a thousand levels": (None, "a: " + "[" * 1000 + "]" * 1000, "Nested more than 20 levels"),
    "20 five megabytes": (None, "# " + "x" * 5_000_000, "The file has more than 256 KiB."),
    "21 UTF-16": (None, flow().encode("utf-16"), "The file is in UTF-16."),
    "22 no UTF-8": (None, flow().encode() + b"# caf\xe9\n", "is not UTF-8."),
    "24 NO as an option": (choice("NO"), None, "`NO` cannot be an id."),
    "25 a time as an option": (choice("12:30:00"), None, "`12:30:00` cannot be an id."),
    "26 010 as points": (
        playbook(scoring="{fit: {rules: [{id: a, signal: pricing, points: 010}]}}"),
        None,
        "`010` is not a whole number.",
    ),
    "27 .nan as points": (
        playbook(scoring="{fit: {rules: [{id: a, signal: pricing, points: .nan}]}}"),
        None,
        "`.nan` is not a whole number.",
    ),
    "28 a slow pattern": (
        None,
        questions("{property: email, ask: A?, pattern: '^(a+)+$'}"),
        "`pattern` is not a key of a question.",
    ),
    "29 a back reference": (
        None,
        questions("{property: email, ask: A?, pattern: '(a)\\1'}"),
        "`pattern` is not a key of a question.",
    ),
    "31 a redirect into script": (
        playbook(destinations="{sales: {kind: sales, redirect: 'javascript:alert(1)'}}"),
        None,
        "`redirect` is not a key of destination `sales`.",
    ),
    "32 a route to nobody": (
        playbook(routing="[{id: all, to: ghost_team}]"),
        None,
        "There is no destination `ghost_team`.",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_place_reason_and_fix(tmp_path, name):
    book, demo, says = BAD[name]
    for file, text in (
        ("playbook.yaml", book or playbook()),
        ("demo.yaml", flow() if demo is None else demo),
    ):
        (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    broken = tmp_path / ("demo.yaml" if demo is not None else "playbook.yaml")

    with at_most(calls=MOST_CALLS), pytest.raises(FlowError) as refusal:
        load_release(tmp_path)

    assert any(says in str(problem) for problem in refusal.value.problems), str(refusal.value)
    for problem in refusal.value.problems:
        assert problem.where.file == str(broken)
        assert problem.where.line >= 1
        assert problem.where.column >= 1
        assert problem.what.endswith(".")
        assert problem.fix


def test_23_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path):
    for file, text in (("playbook.yaml", playbook()), ("demo.yaml", flow())):
        (tmp_path / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert check_release(tmp_path)[1] == []


def test_30_template_syntax_is_text(tmp_path):
    (tmp_path / "playbook.yaml").write_text(playbook())
    (tmp_path / "demo.yaml").write_text(flow(greeting="'{{7*7}}'"))
    assert str(load_release(tmp_path).flows["demo"].greeting) == "{{7*7}}"


@pytest.mark.parametrize("key", PLAYBOOK)
@pytest.mark.parametrize("value", ["3", "[]", "{}", "[3]", "{a: b}", "[{a: b}]", "[[]]", "~", "''"])
def test_any_part_of_the_wrong_kind_is_refused_in_words(tmp_path, key, value):
    (tmp_path / "playbook.yaml").write_text(
        lines({**PLAYBOOK, "properties": properties()}, {key: value})
    )
    (tmp_path / "demo.yaml").write_text(flow())
    loaded, found = check_release(tmp_path)
    if (key, value) != ("name", "3"):
        assert loaded is None
        assert found


@pytest.mark.parametrize("key", FLOW)
@pytest.mark.parametrize("value", ["[]", "{}", "[3]", "[{a: b}]", "[[]]", "~", "''"])
def test_any_part_of_a_flow_of_the_wrong_kind_is_refused_in_words(tmp_path, key, value):
    (tmp_path / "playbook.yaml").write_text(playbook())
    (tmp_path / "demo.yaml").write_text(flow(**{key: value}))
    loaded, found = check_release(tmp_path)
    assert loaded is None
    assert found


def test_a_file_that_only_looks_like_a_flow_is_named(tmp_path):
    (tmp_path / "playbook.yaml").write_text(playbook())
    (tmp_path / "demo.yaml").write_text(flow())
    (tmp_path / "prices.yml").write_text(flow())
    loaded, found = check_release(tmp_path)
    assert loaded, "a warning stops nothing"
    assert [str(each) for each in found] == [
        f"{tmp_path}/prices.yml:1:1: warning: This file is not read: the name of a flow ends in "
        "`.yaml`. Rename it to `prices.yaml`."
    ]
