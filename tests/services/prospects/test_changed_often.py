"""Whoever changes answers to and fro all day fills neither our disk nor a rep's inbox."""

from itertools import cycle, islice

import pytest
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from webapp.core.errors import AnswerRefused
from webapp.services.prospects import answering, conversations
from webapp.store.database import db
from webapp.store.records import RecordRow

MANY_WORDS = "word " * 1_999


def test_answers_are_changed_as_often_as_a_person_would_and_no_more(prospect: Prospect) -> None:
    prospect.begins()
    prospect.answers(goal="grow")
    for goal in islice(cycle(["save_time", "grow"]), answering.MOST_CHANGES):
        prospect.says("goal", goal)
    with pytest.raises(AnswerRefused, match="changed too often"):
        prospect.says("goal", "save_time")
    prospect.says("goal", "grow")  # what stands may be sent again, and the rest be answered
    prospect.finishes(**DEMO)
    stands = conversations.show(prospect.token, now=prospect.now).answer_to("goal")
    assert stands is not None
    assert stands.value == "grow"


def test_long_answers_are_replaced_less_often(prospect: Prospect) -> None:
    """Each change after the end makes a record of all that was said before."""
    prospect.begins()
    prospect.answers(**DEMO)
    for number in range(1, 5):
        prospect.says("challenge", f"{number} {MANY_WORDS}")
    with pytest.raises(AnswerRefused, match="changed too often"):
        prospect.says("challenge", f"5 {MANY_WORDS}")
    assert db.session.scalar(select(func.count()).select_from(RecordRow)) == 5
