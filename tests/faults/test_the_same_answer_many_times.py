"""A double click, an impatient thumb, a network that repeats: one answer."""

import threading
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.bench.answers import get, post
from tests.bench.load import exchange
from tests.faults.promises import broken
from tests.fixtures.browser import LiveServer
from tests.fixtures.injuries import Tell, often
from webapp.cli.drill.pages import Form, question_form
from webapp.store.conversations import AnswerRow
from webapp.store.database import db
from webapp.web.shared import pace

AT_ONCE = 32


def _all_at_once(port: int, request: bytes, times: int) -> list[tuple[int, str]]:
    """The same bytes on so many connections, let go together."""
    gate = threading.Barrier(times)
    answered: list[tuple[int, str]] = []

    def send() -> None:
        gate.wait()
        status, _, body = exchange(port, request)
        answered.append((status, body.decode()))

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answered


@pytest.mark.promise(4)
@pytest.mark.timeout(7200)
def test_the_same_answer_many_times_at_once_is_kept_once(
    app: Flask, live_server: LiveServer, tell: Tell
) -> None:
    bursts, wanted = 0, often(2, 2_000)
    asked = who = 0
    while bursts < wanted:
        pace.forget_everybody()
        _, _, body = exchange(live_server.port, get("/f/contact"))
        form: Form | None = question_form(body.decode())
        first, who = asked, who + 1
        while form is not None:
            asked += 1
            # The first begins the conversation, the e-mail address ends it. All questions like
            # this would be more answers than one conversation may give in a minute.
            times = AT_ONCE if asked == first + 1 or form.control == "email" else 1
            bursts += times == AT_ONCE
            request = post(form.action, form.body(form.something(who)))
            answered = _all_at_once(live_server.port, request, times)
            assert Counter(status for status, _ in answered) == {200: times}
            following = {_question(page) for _, page in answered}
            assert len(following) == 1
            form = question_form(answered[0][1])
        assert asked >= first + 3

    with app.app_context():
        kept = db.session.scalar(select(func.count()).select_from(AnswerRow))
        tell(bursts, f"bursts of {AT_ONCE} same answers", lost=abs(asked - (kept or 0)))
        twice = select(AnswerRow.conversation_id, AnswerRow.question).group_by(
            AnswerRow.conversation_id, AnswerRow.question
        )
        assert db.session.execute(twice.having(func.count() > 1)).all() == []
        assert kept == asked
        assert broken() == []


def _question(page: str) -> str | None:
    form = question_form(page)
    return form.question if form else None
