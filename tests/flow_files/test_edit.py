"""Edits keep what was not meant: every other byte, and every remark with its question."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import at_most
from webapp.core.errors import FlowError
from webapp.flow_files.document import EditRefused, value_at
from webapp.flow_files.edit import (
    block_at,
    delete_item,
    insert_block,
    insert_item,
    move_item,
    set_value,
)
from webapp.flow_files.merging import without

EXAMPLES = sorted((Path(__file__).parents[2] / "question_flows").rglob("*.yaml"))

FLOW = """\
# Asks for a demo.
format: 1
flow: demo   # never rename

questions:        # in the order asked
  # about the goal
  - {property: goal, ask: "Your goal?"}   # beside goal
  # about the budget
  # in two lines
  - property: budget
    ask: Any budget?   # beside ask
    when: {goal: [grow, save]}
      # deeper, so it is the budget's

  # ---- Contact ----

  # about email
  -
    property: email
    ask: >-
      Where can
      we reach you?
  # the end of the list

# about endings
endings: {sales: Thanks.,
  # about nurture
  nurture: "Bye.",  # beside nurture
}
"""
QUESTIONS = ("questions",)


def asked(text: str) -> list[str]:
    return [question["property"] for question in value_at(text, QUESTIONS)]


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_moved_question_takes_its_remarks_along():
    moved = move_item(FLOW, QUESTIONS, 1, 0)
    assert asked(moved) == ["budget", "goal", "email"]
    assert (
        """\
questions:        # in the order asked
  # about the budget
  # in two lines
  - property: budget
    ask: Any budget?   # beside ask
    when: {goal: [grow, save]}
      # deeper, so it is the budget's
  # about the goal
  - {property: goal, ask: "Your goal?"}   # beside goal

  # ---- Contact ----

  # about email
"""
        in moved
    )
    assert changed(FLOW, moved) == ([], [])


def test_a_question_moved_to_the_end_stays_above_what_ends_the_list():
    moved = move_item(FLOW, QUESTIONS, 0, 2)
    assert moved.index("# about the goal") < moved.index("# the end of the list")
    assert moved.index("# about email") < moved.index("# about the goal")
    assert changed(FLOW, moved) == ([], [])


def test_a_deleted_question_takes_its_remarks_with_it_and_no_others():
    deleted = delete_item(FLOW, ("questions", 1))
    assert asked(deleted) == ["goal", "email"]
    gone, came = changed(FLOW, deleted)
    assert gone == [
        "  # about the budget",
        "  # in two lines",
        "  - property: budget",
        "    ask: Any budget?   # beside ask",
        "    when: {goal: [grow, save]}",
        "      # deeper, so it is the budget's",
    ]
    assert came == []


def test_a_heading_outlives_the_questions_around_it():
    deleted = delete_item(delete_item(FLOW, ("questions", 2)), ("questions", 0))
    assert asked(deleted) == ["budget"]
    assert "# ---- Contact ----" in deleted
    assert "# about email" not in deleted


def test_the_last_question_goes_with_its_list():
    text = "format: 1\nquestions:\n  - {property: goal}\nflow: demo\n"
    assert delete_item(text, ("questions", 0)) == "format: 1\nflow: demo\n"


def test_a_value_is_set_in_place_and_keeps_its_quotes():
    assert changed(FLOW, set_value(FLOW, ("questions", 0, "ask"), 'Your "goal"?')) == (
        ['  - {property: goal, ask: "Your goal?"}   # beside goal'],
        ['  - {property: goal, ask: "Your \\"goal\\"?"}   # beside goal'],
    )
    assert changed(FLOW, set_value(FLOW, ("questions", 1, "ask"), "Money?")) == (
        ["    ask: Any budget?   # beside ask"],
        ["    ask: Money?   # beside ask"],
    )


def test_setting_a_whole_question_touches_only_what_differs():
    question = {**value_at(FLOW, ("questions", 1)), "required": False, "ask": "Money?"}
    del question["when"]
    assert changed(FLOW, set_value(FLOW, ("questions", 1), question)) == (
        [
            "    ask: Any budget?   # beside ask",
            "    when: {goal: [grow, save]}",
            "      # deeper, so it is the budget's",
        ],
        ["    ask: Money?   # beside ask", "    required: false"],
    )


def test_setting_all_questions_moves_inserts_and_deletes():
    goal, _, email = value_at(FLOW, QUESTIONS)
    wanted = [email, {"property": "name", "ask": "Your name?"}, goal]
    text = set_value(FLOW, QUESTIONS, wanted)
    assert value_at(text, QUESTIONS) == wanted
    assert "# about endings\nendings:" in text


def test_an_emptied_field_goes_away():
    text = set_value(FLOW, ("questions", 1, "when"), {})
    assert "when" not in value_at(text, ("questions", 1))


def test_new_fields_are_written_like_their_neighbours():
    text = set_value(FLOW, ("questions", 0, "help"), "One sentence: the goal.")
    assert '{property: goal, ask: "Your goal?", help: "One sentence: the goal."}' in text
    text = set_value(FLOW, ("questions", 1, "choices"), ["a", "50", "no"])
    assert '\n    choices: [a, "50", "no"]\n' in text
    text = set_value(FLOW, ("ask_at_most",), 5)
    assert text.endswith("}\nask_at_most: 5\n")


def test_new_questions_are_written_like_their_neighbours():
    new = {"property": "name", "ask": "Your name?", "always": True}
    assert "\n  - property: name\n    ask: Your name?\n    always: true\n" in insert_item(
        FLOW, QUESTIONS, 1, new
    )
    flat = "questions: [{property: goal}]\n"
    assert insert_item(flat, QUESTIONS, 0, new) == (
        "questions: [{property: name, ask: Your name?, always: true}, {property: goal}]\n"
    )


def test_a_remark_beside_the_last_of_a_list_survives_a_new_end():
    text = "a: [\n  x, # one\n  y # two\n]\n"
    assert move_item(text, ("a",), 1, 0) == "a: [\n  y, # two\n  x # one\n]\n"
    assert insert_item(text, ("a",), 2, "z") == "a: [\n  x, # one\n  y, # two\n  z\n]\n"
    assert delete_item(text, ("a", 0)) == "a: [\n  y # two\n]\n"


def test_a_block_is_copied_with_its_remarks():
    block = block_at(FLOW, ("questions", 1))
    assert block.startswith("# about the budget\n# in two lines\nproperty: budget\nask: Any")
    doubled = insert_block(FLOW, QUESTIONS, 2, block)
    assert asked(doubled) == ["goal", "budget", "budget", "email"]
    assert doubled.count("# about the budget") == 2


def test_windows_line_ends_and_a_byte_order_mark_stay():
    text = "\ufeff" + FLOW.replace("\n", "\r\n")
    moved = move_item(text, QUESTIONS, 1, 0)
    assert moved == "\ufeff" + move_item(FLOW, QUESTIONS, 1, 0).replace("\n", "\r\n")


@pytest.mark.parametrize(
    "edit",
    [
        lambda: delete_item(FLOW, ("questions", 9)),
        lambda: delete_item(FLOW, ("question", 0)),
        lambda: delete_item(FLOW, ()),
        lambda: move_item(FLOW, QUESTIONS, 7, 0),
        lambda: move_item(FLOW, ("flow",), 0, 1),
        lambda: set_value(FLOW, ("questions", 0, "ask", "en"), "x"),
        lambda: insert_item(FLOW, QUESTIONS, 0, {}),
        lambda: value_at(FLOW, ("nowhere",)),
        lambda: value_at(FLOW, ("flow", 0)),
        lambda: set_value("a: [x # before the comma\n , y]\n", ("a",), ["y"]),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused(edit):
    with pytest.raises(EditRefused):
        edit()


def test_a_text_that_cannot_be_read_is_not_edited():
    with pytest.raises(FlowError, match="never closed"):
        set_value("a: [", ("a",), "b")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_edit_not_made_leaves_the_same_bytes(path):
    text = path.read_text()
    document = value_at(text)
    assert isinstance(document, dict)
    assert set_value(text, (), document) == text
    for key in ("questions", "routing", "properties", "answers"):
        value = document.get(key, [])
        if len(value) > 1:
            there = move_item(text, (key,), 0, len(value) - 1)
            assert move_item(there, (key,), len(value) - 1, 0) == text


# Invented files: lists of questions with remarks of every kind, in every style.

STYLES = ("flow", "block", "dash alone")


@st.composite
def questionnaires(draw):
    """A file and, for each question in it, its name and its remarks."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True))
    pad = draw(st.sampled_from(["", "  ", "    "]))
    lines = draw(st.sampled_from([[], ["# the file"], ["# the file", ""]]))
    lines = [*lines, "format: 1", draw(st.sampled_from(["questions:", "questions:  # the list"]))]
    remarks: dict[str, list[str]] = {}
    for name in names:
        mine = remarks[name] = []
        for number in range(draw(st.integers(0, 2))):
            mine.append(f"# above {name} {number}")
            lines.append(pad + mine[-1])
        beside = ""
        if draw(st.booleans()):
            beside = f"  # beside {name}"
            mine.append(beside.strip())
        match draw(st.sampled_from(STYLES)):
            case "flow":
                lines.append(f"{pad}- {{property: {name}, ask: 'Is it {name}, yes?'}}{beside}")
            case "block":
                lines += [f"{pad}- property: {name}{beside}", f"{pad}  ask: |", f"{pad}    {name}?"]
                lines += [f"{pad}    # text of {name}"]
            case _:
                lines += [f"{pad}-{beside}", f"{pad}  property: {name}", f"{pad}  ask: {name}?"]
        if draw(st.booleans()):
            mine.append(f"# below {name}")
            lines.append(f"{pad}    # below {name}" if "ask: |" not in lines[-3] else "")
            if not lines[-1]:
                mine.pop()
                lines.pop()
        lines += [""] * draw(st.integers(0, 1))
    lines += draw(st.sampled_from([[], ["# the end"], ["", "# the end"]]))
    lines += draw(st.sampled_from([[], ["endings: {sales: Thanks.}"]]))
    return "\n".join(lines) + draw(st.sampled_from(["\n", ""])), names, remarks


def nearest_question(text: str, remark: str) -> str:
    """The question a remark speaks of: the one it is above, beside or below by its own words."""
    lines = text.splitlines()
    [at] = [number for number, line in enumerate(lines) if remark in line]
    kind = remark.split()[1]
    step = 1 if kind == "above" else -1
    while "property:" not in lines[at]:
        if kind == "beside" and lines[at].strip().startswith("-"):
            step = 1
        at += step
    return lines[at].split("property: ")[1][0]


def check_remarks(text: str, names: list[str], remarks: dict[str, list[str]]) -> None:
    for name in remarks:
        for remark in remarks[name]:
            if name in names:
                assert nearest_question(text, remark) == name, text
            else:
                assert remark not in text, text


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questionnaires(), st.data())
def test_every_remark_stays_with_its_question(made, data):
    text, names, remarks = made
    names = list(names)
    check_remarks(text, names, remarks)
    for _ in range(3):
        place = data.draw(st.integers(0, len(names) - 1))
        match data.draw(st.sampled_from(["move", "delete", "insert", "set", "nothing"])):
            case "move":
                to = data.draw(st.integers(0, len(names) - 1))
                text = move_item(text, QUESTIONS, place, to)
                names.insert(to, names.pop(place))
            case "delete" if len(names) > 1:
                text = delete_item(text, ("questions", place))
                del names[place]
            case "insert":
                new = f"{len(text)}z"[-1] + "z"
                text = insert_item(text, QUESTIONS, place, {"property": new, "ask": "New?"})
                names.insert(place, new)
            case "set":
                text = set_value(text, ("questions", place, "help"), f"Help for {names[place]}")
            case _:
                same = set_value(text, QUESTIONS, value_at(text, QUESTIONS))
                assert same == text
        assert asked(text) == names
        check_remarks(text, names, remarks)
        for lasting in ("# the file", "# the list", "# the end"):
            assert (lasting in text) == (lasting in made[0])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.sampled_from([("a",), ("b", 0), ("c", "d"), ("e",)]))
def test_any_text_can_be_set_and_is_read_back(value, path):
    text = "a: x  # one\nb: ['x', y]\nc: {d: \"x\"} # two\ne: |\n  x\n"
    try:
        edited = set_value(text, path, value)
    except EditRefused:
        assert not value
        return
    from webapp.core.values import clean

    if clean(value):
        assert value_at(edited, path) == clean(value)
    assert "# two" in edited or path == ("c", "d")


def test_a_step_is_taken_back_beside_thousands_of_like_lines() -> None:
    blank = "\n" * 2_000
    with at_most(calls=50_000):
        assert without(f"{blank}b\n", before="a\n", after=blank) == "a\nb\n"


@pytest.mark.parametrize("text", ["a: [x, x]\n", "a:\n  - x # first\n  - x\nb: 1\n"])
def test_a_long_list_is_pasted_and_taken_out_again_at_once(text: str) -> None:
    many = [f"x{number}" for number in range(400)]
    with at_most(calls=100_000):
        pasted = set_value(text, ("a",), ["x", *many, "x"])
        assert value_at(pasted, ("a",)) == ["x", *many, "x"]
        assert set_value(pasted, ("a",), ["x", "x"]) == text
