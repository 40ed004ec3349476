"""A hundred people are in the middle of a flow when another version of it is published."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from tests.services.conftest import Prospect
from webapp.core.errors import BatonError
from webapp.services.flows import releases
from webapp.services.prospects import conversations
from webapp.store import releases as release_rows
from webapp.store.audit import AuditRow
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db
from webapp.store.records import RecordRow

FILE = "demo-request.yaml"


def publish(prospect: Prospect, *changes: tuple[str, str], move_on: bool = False) -> int:
    """Make the live flow live with some words of it replaced."""
    live = release_rows.live()
    assert live is not None
    texts = releases.texts_of(live.manifest)
    for old, new in changes:
        assert old in texts[FILE]
        texts[FILE] = texts[FILE].replace(old, new)
    row = releases.publish(
        texts, by="the tests", why="A new question", now=prospect.now, move_on=move_on
    )
    return row.id


TITLE = "  - property: job_title\n"
ASKS_SECTOR = (TITLE, "  - {property: industry, ask: Which sector?}\n" + TITLE)
ASKS_ROLE = (
    "  - {property: industry",
    "  - {property: role_level, ask: Senior?}\n  - {property: industry",
)


def pinned() -> list[int]:
    db.session.expire_all()
    return [row.release_id for row in db.session.query(ConversationRow).order_by("id")]


def test_publishing_while_a_hundred_answer_disturbs_none_of_them_and_loses_nothing(
    another_prospect: Callable[[], Prospect],
) -> None:
    people = [another_prospect() for _ in range(100)]
    for person in people:
        person.begins()
        person.says("goal", "grow")
    [first] = set(pinned())

    publish(people[0], ASKS_SECTOR)
    for person in people[:50]:  # they finish on the version they began with
        assert person.says("challenge", "Nine days").question.id == "job_title"
    assert set(pinned()) == {first}

    third = publish(people[0], ASKS_ROLE, move_on=True)
    for person in people[:50]:
        assert person.says("job_title", "CFO").question.id == "role_level"
    for person in people[50:]:  # what they look at while it is published is answered all the same
        assert person.says("challenge", "Nine days").question.id == "role_level"

    assert set(pinned()) == {third}
    assert db.session.query(AnswerRow).count() == 50 * 3 + 50 * 2
    for person in people:
        given = {each.question.property for each in person.state.transcript if not each.set_aside}
        assert {"goal", "challenge"} <= given
    [told] = [row.detail for row in db.session.query(AuditRow) if row.detail]
    assert told == {"moving_on": 100}


def test_who_moved_on_is_asked_only_what_is_new_and_ends_with_the_new_version(
    prospect: Prospect,
) -> None:
    prospect.begins()
    prospect.answers(goal="grow", challenge="Nine days", job_title="CFO", company_size="200-500")
    new = publish(prospect, ASKS_SECTOR, move_on=True)

    asked = []
    prospect.says("timeline", "quarter")
    while prospect.state.question:
        asked.append(prospect.state.question.id)
        prospect.says(asked[-1], {"industry": "technology", "budget_range": "25k-100k",
                                  "email": "ana@nordwind.example"}[asked[-1]])  # fmt: skip

    assert asked == ["industry", "email"]
    [record] = db.session.query(RecordRow)
    assert record.release_id == new
    told = {each["question"] for each in record.record["answers"] if not each["set_aside"]}
    assert {"goal", "challenge", "job_title", "company_size", "timeline", "industry"} <= told


@pytest.mark.parametrize("gone", ["the flow", "the choice that was answered"])
def test_who_cannot_move_on_without_losing_something_stays(prospect: Prospect, gone: str) -> None:
    prospect.begins()
    prospect.says("goal", "grow")
    live = release_rows.live()
    assert live is not None
    texts = releases.texts_of(live.manifest)
    if gone == "the flow":
        del texts[FILE]
    else:
        texts["playbook.yaml"] = texts["playbook.yaml"].replace("      grow:", "      bigger:")
    releases.publish(texts, by="the tests", why="Smaller now", now=prospect.now, move_on=True)

    state = prospect.says("challenge", "Nine days")

    assert pinned() == [live.id]
    assert [each.question.id for each in state.transcript] == ["goal", "challenge"]


def test_an_answer_sent_several_times_at_once_is_taken_while_it_moves_on(
    app: Flask, prospect: Prospect
) -> None:
    """Whoever waits for the conversation finds it with another release than it had before."""
    prospect.begins()
    token, now = prospect.token, prospect.now
    publish(prospect, ASKS_SECTOR, move_on=True)
    start, told = threading.Barrier(4), list[object]()

    def answers() -> None:
        with app.app_context():
            start.wait(30)
            try:
                state = conversations.answer(token, "goal", value="grow", turn="a", now=now)
            except BatonError as refusal:
                told.append(refusal)
            else:
                told.append(state.question and state.question.id)

    tabs = [threading.Thread(target=answers) for _ in range(4)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert told == ["challenge"] * 4
