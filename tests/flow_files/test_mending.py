"""A problem is mended by a button: the word it is about changes or goes, and no other byte does."""

import pytest

from tests.flow_files.small import check, flow, only_problem, playbook, problems
from webapp.flow_files.mending import mended, possible

REMARK = "  # the remark stays\r\n"
AT_WORK = "[{property: role, ask: Your role?, when: {size: [m, %s]}}, {property: email, ask: E?}]"


def mends(book: str, demo: str) -> list[tuple[str, str]]:
    """Each button of the one problem, with the text it makes of the file."""
    [problem] = check(book, demo)[1]
    text = demo if problem.where.file == "demo.yaml" else book
    return [(mend.text, mended(text, problem, mend)) for mend in possible(text, problem)]


@pytest.mark.parametrize(
    ("wrong", "right"), [("gaol", "goal"), ("'gaol'", "goal"), ('"gaol"', "goal")]
)
def test_a_mistyped_word_becomes_the_one_that_was_meant(wrong: str, right: str) -> None:
    book = playbook().replace("  role:", "  goal: {label: Goal, type: text}\n  role:")
    text = flow().replace("{property: role,", "{property: %s,").replace("\n", REMARK)

    [(word, now)] = mends(book, text % wrong)

    assert (word, now) == (right, text % right)
    assert problems(book, now) == []


def test_a_mistyped_key_becomes_the_one_that_was_meant_or_goes() -> None:
    text = flow(greting="Hello")

    assert mends(playbook(), text) == [("greeting", flow(greeting="Hello")), ("", flow())]


def test_a_choice_that_is_gone_leaves_its_list() -> None:
    text = flow(questions=AT_WORK % "xl")

    [(word, now)] = mends(playbook(), text)

    assert (word, now) == ("", flow(questions=AT_WORK.replace(", %s", "")))


def test_what_a_condition_stands_on_alone_is_never_taken_out() -> None:
    text = flow(questions=AT_WORK.replace("[m, %s]", "xl, role: chief"))

    assert "`size` has no choice `xl`" in only_problem(demo=text)
    assert mends(playbook(), text) == []


def test_a_name_given_twice_becomes_one_that_is_free() -> None:
    twice = "[{id: hot, when: {tier: hot}, to: sales}, {id: %s, to: later}]"

    assert mends(playbook(routing=twice % "hot"), flow()) == [
        ("hot_2", playbook(routing=twice % "hot_2"))
    ]


def test_a_key_without_effect_goes() -> None:
    there = "{sales: {kind: sales, respond_within: 15m%s}, later: {kind: nurture, track: a}}"

    assert mends(playbook(destinations=there % ", track: x"), flow()) == [
        ("", playbook(destinations=there % ""))
    ]
