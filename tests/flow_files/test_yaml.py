"""YAML without surprises: what may stand in a file, and what hostile files come to."""

from itertools import pairwise

import pytest

from tests.effort import at_most
from tests.flow_files.small import check, flow, only_problem, playbook, problems, release
from webapp.flow_files import check_release, load_release
from webapp.flow_files.nodes import Entries, Items, Node, Scalar
from webapp.flow_files.problems import Problems
from webapp.flow_files.yaml_text import parse


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Items():
            return [plain(each) for each in node.items]
        case Entries():
            return {key.text: plain(value) for key, value in node.entries}
    return None


def read(text: str) -> tuple[object, list[str]]:
    found = Problems("a.yaml")
    return plain(parse(text, found)), [str(problem) for problem in found.in_order()]


@pytest.mark.parametrize(
    "written",
    ["no", "on", "Yes", "050", "010", "12:30", "12:30:00", "1e3", "0x10", "1_000", ".nan"],
)
def test_text_stays_as_it_was_written(written):
    """Rule A1: readers of YAML 1.1 would make false, 40 or 45000 of these."""
    assert read(f"a: {written}") == ({"a": written}, [])


def test_a_choice_called_050_is_another_one_than_50():
    """Rule A1."""
    size = "{label: Size, type: choice, choices: {50: Fifty, 050: Other}}"
    book = playbook(properties=f"{{size: {size}}}", icp=None, disqualifiers=None, scoring=None)
    demo = flow(questions="[{property: size, ask: Size?, when: {size: 050}}]")

    loaded = release(book, demo)

    assert list(loaded.playbook.properties["size"].choices) == ["50", "050"]
    assert loaded.flows["demo"].questions[0].when.tests[0].values == ("050",)


@pytest.mark.parametrize("id", ["true", "False", "NULL", '"null"', '"~"'])
def test_true_false_and_null_are_no_ids(id):
    """Rule A1."""
    tiers = f"[{{id: {id}, from: 10}}, {{id: cold}}]"
    found = problems(playbook(tiers=tiers, routing="[{id: rest, to: later}]"))
    assert any("cannot be" in each or "is empty" in each for each in found), found


def test_every_place_counts_from_one_and_names_the_file():
    found = Problems("flows/demo.yaml")
    root = parse("a:\n  - b\n  -   c\n", found)
    assert isinstance(root, Entries)
    items = root.entries[0][1]
    assert isinstance(items, Items)
    assert str(items.items[1].where) == "flows/demo.yaml:3:7"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    for name, text in {"playbook.yaml": playbook(), "demo.yaml": flow()}.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert list(load_release(tmp_path).flows) == ["demo"]


def test_the_hash_is_that_of_the_text(tmp_path):
    from hashlib import sha256

    hashes = release().hashes

    assert hashes["playbook"] == sha256(playbook().encode()).hexdigest()
    assert hashes["demo"] == sha256(flow().encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "The file is empty."),
        ("# only a remark\n", 1, "The file is empty."),
        ("a:\n\t- b", 2, "A tab cannot indent YAML."),
        ('a: "never closed\nb: c\n', 1, "What begins here is never closed."),
        ("a: [1, 2\n", 1, "What begins here is never closed."),
        ("a: 1\na: 2\n", 2, "`a` stands twice in this mapping, first on line 1."),
        ('50: a\n"50": b\n', 2, "`50` stands twice in this mapping, first on line 1."),
        ("a: b: c\n", 1, "This is not YAML: mapping values are not allowed"),
        ("a: &x 1\n", 1, "The anchor `&x` is not allowed."),
        ("a: &x [*x]\n", 1, "An item of `a` is an alias (*)."),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "os.system` is not allowed."),
        ("a: !mine b\n", 1, "The tag `!mine` is not allowed."),
        ("a: 1\n---\nb: 2\n", 2, "A second document starts here."),
        ("a:\nb: 1\n", 1, "`a` is empty."),
        ("a: {}\n", 1, "`a` is empty."),
        ("a: ~\n", 1, "`a` is empty."),
        ("? [a]\n: b\n", 1, "A key must be a single word."),
        ("a: \x07\n", 1, "The character U+0007 cannot stand in YAML."),
        ("a: 1\nb: \ud800\n", 2, "The character U+D800 cannot stand in YAML."),
        ("[" * 5000, 1, "Nested more than 20 levels deep."),
        ("- " * 1000, 1, "Nested more than 20 levels deep."),
        ("{a: " * 1000, 1, "Nested more than 20 levels deep."),
        ("a: " + "x" * 5_000_000, 1, "The file has more than 256 KiB."),
        ("a: 1\n" * 10_001, 1, "The file has more than 10,000 lines."),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_place(text, line, says):
    with at_most(calls=1_000):
        _, found = read(text)
    assert any(f"a.yaml:{line}:" in each and says in each for each in found), found


def test_an_alias_bomb_is_never_expanded():
    levels = "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefgh"))

    with at_most(calls=5_000):
        _, found = read("a: &a [x]\n" + levels)
    assert found


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("format: 1".encode("utf-16"), ":1:1: error: The file is in UTF-16. Save it as UTF-8."),
        (b"format: 1\nname: \xe9t\xe9\n", ":2:7: error: The byte 0xe9 is not UTF-8."),
        (b"x" * 5_000_000, ":1:1: error: The file has more than 256 KiB."),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_place(tmp_path, data, says):
    (tmp_path / "playbook.yaml").write_bytes(data)

    loaded, found = check_release(tmp_path)

    assert loaded is None
    assert [says in str(each) for each in found] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "questions:\n" + "- {property: nope, ask: x}\n" * 9000,
        "".join(f"key{n}: 1\n" for n in range(20_000)),
        "a: [" + "x," * 120_000 + "]",
        "endings: {" + ", ".join(f"e{n}: x" for n in range(20_000)) + "}",
        "questions: [" + "{" * 100_000,
        "greeting: '" + "{nobody} " * 25_000 + "'",
        "greeting: |\n" + "  text\n" * 30_000,
    ],
)
def test_a_file_full_of_problems_is_refused_without_much_ado(text):
    """Reading stops after a hundred problems, which nobody reads to their end."""
    with at_most(calls=1_000_000):
        loaded, found = check(demo=text)
    assert loaded is None
    assert 1 <= len(found) <= 210


def test_all_problems_of_all_files_are_reported_together():
    book = playbook(timezone="Europe/Berlinn", locale="xx-99999999999")
    found = problems(book, flow(titel="Demo", questions="[{property: rolle, ask: Role?}]"))

    said = "\n".join(found)

    assert "playbook.yaml:4:11: error: `Europe/Berlinn` is not a timezone." in said
    assert "playbook.yaml:3:9: error: `xx-99999999999` is not a locale." in said
    assert "demo.yaml:6:1: error: `titel` is not a key of the flow. Did you mean `title`?" in said
    assert "There is no property `rolle`. Did you mean `role`?" in said
    assert found == sorted(found, key=lambda each: (each.startswith("demo"), each.split(":")[1]))


def test_a_missing_playbook_is_a_problem_and_the_flows_are_still_read():
    from webapp.flow_files import check_texts

    loaded, found = check_texts({"demo.yaml": "a: [1"})

    assert loaded is None
    assert [each.what for each in found] == [
        "There is no playbook.",
        "What begins here is never closed.",
    ]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path):
    _, [found] = check_release(tmp_path / "nowhere")
    assert found.what == "There is no such folder."


def test_a_playbook_that_cannot_be_read_brings_no_problems_in_its_flows():
    assert "never closed" in only_problem("format: [1")
