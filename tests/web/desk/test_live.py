"""Whoever asks for a person reaches one: the team hears of it, steps in, writes and hands back."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fixtures.people import Colleague
from webapp.config import ROOT
from webapp.services.flows import releases
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.prospects.standing import standing_of
from webapp.services.sales import live
from webapp.store import conversations as conversations_store
from webapp.store.access import IdempotencyRow
from webapp.store.conversations import ConversationRow, plain
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.messages import MessageRow
from webapp.store.sites import SiteRow


@pytest.fixture
def talk(app: Flask) -> str:
    """The token of somebody who has answered one question."""
    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        now = datetime.now(UTC)
        begun = conversations.start("demo-request", Arrival(site=site, skin="chat"), now=now)
        conversations.answer(begun.token, "goal", value="grow", now=now)
        return begun.token


@pytest.fixture
def with_goal_in_its_questions(app: Flask) -> None:
    with app.app_context():
        texts = releases.texts_in(ROOT / "question_flows")
        flow = texts["demo-request.yaml"]
        said = flow.replace("What is in the way today?", "What is in the way of “{goal}”?")
        assert said != flow
        texts["demo-request.yaml"] = said
        releases.publish(texts, by="ana@example.com", why="Say it back", now=datetime.now(UTC))


@pytest.fixture
def rep(colleague: Callable[..., Colleague]) -> Colleague:
    """Somebody of the team that covers whoever has not said where they are."""
    somebody = colleague("rep", "desk@example.com")
    somebody.signs_in()
    return somebody


def asked(app: Flask, token: str) -> str:
    with app.app_context():
        return conversations.ask_for_person(token, now=datetime.now(UTC)).id


def test_the_team_hears_once_of_somebody_who_asks_for_a_person(app: Flask, talk: str) -> None:
    asked(app, talk)
    asked(app, talk)

    with app.app_context():
        mails = db.session.scalars(select(DeliveryRow).where(DeliveryRow.event == "person.asked"))
        recipients = [mail.recipient for mail in mails]
    assert recipients
    assert len(recipients) == len(set(recipients))


def test_a_rep_sees_who_waits_steps_in_and_both_can_write(
    app: Flask, rep: Colleague, talk: str
) -> None:
    id = asked(app, talk)
    listed = rep.get("/desk/live").text
    assert "asked for a person" in listed
    assert "Request a demo" in listed
    page = rep.get(f"/desk/live/{id}")
    assert "being asked now" in page.text

    rep.post(f"/desk/live/{id}/messages", {"text": "Hello <b>there</b>"})
    prospect = app.test_client()
    seen = prospect.get(f"/c/demo-request/{talk}/person").text
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in seen
    assert "is here" in seen
    prospect.post(f"/c/demo-request/{talk}/person/messages", data={"text": "Is there a trial?"})

    assert "Is there a trial?" in rep.get(f"/desk/live/{id}").text
    rep.post(f"/desk/live/{id}/absence")
    assert "is here" not in prospect.get(f"/c/demo-request/{talk}/person").text


def test_a_second_rep_is_told_who_is_there(
    app: Flask, rep: Colleague, manager: Colleague, talk: str
) -> None:
    id = asked(app, talk)
    rep.get(f"/desk/live/{id}")
    manager.get(f"/desk/live/{id}")
    rep.post(f"/desk/live/{id}/presence")

    answer = manager.post(f"/desk/live/{id}/presence", follow_redirects=True)

    assert "is talking with them already" in answer.text


def test_what_a_visitor_sees_of_the_talk_holds_no_score(app: Flask, talk: str) -> None:
    asked(app, talk)

    seen = app.test_client().get(f"/c/demo-request/{talk}/person").text

    for word in ("score", "points", "tier", "Warm", "Cold", "Hot"):
        assert word not in seen


def test_talk_opens_only_with_the_token(app: Flask, colleague: Callable[..., Colleague]) -> None:
    assert app.test_client().get("/c/demo-request/guessed/person").status_code in (404, 410)


def test_what_a_visitor_wrote_is_kept_once_however_often_it_arrives(
    app: Flask, talk: str, rows: Callable[[type], list[MessageRow]]
) -> None:
    at = f"/c/demo-request/{talk}/person/messages"
    for turn, text in (("a", "Hello"), ("a", "Hello"), ("a", "Hello!"), ("b", "Hello!")):
        sent = app.test_client().post(at, data={"turn": turn, "text": text})
        assert sent.status_code == 303
    assert [row.text for row in rows(MessageRow)] == ["Hello", "Hello!", "Hello!"]


def test_who_has_written_all_there_is_room_for_is_told_and_fills_nothing_else(
    app: Flask,
    rep: Colleague,
    talk: str,
    rows: Callable[[type], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "MOST_MESSAGES", 2)
    at = f"/c/demo-request/{talk}/person/messages"
    shown = [
        app.test_client().post(at, data={"turn": turn, "text": f"Hello {turn}"}).text
        for turn in "abcd"
    ]
    assert (len(rows(MessageRow)), len(rows(IdempotencyRow))) == (2, 2)
    for turn, page in zip("cd", shown[2:], strict=True):
        assert "This talk is full" in page
        assert f"Not sent: <bdi>Hello {turn}</bdi>" in page
        assert 'name="text"' not in page

    id = asked(app, talk)
    rep.get(f"/desk/live/{id}")
    told = rep.post(f"/desk/live/{id}/messages", {"text": "Hello"}, follow_redirects=True)
    assert "takes no more: yours was not sent" in told.text
    repeated = app.test_client().post(at, data={"turn": "b", "text": "Hello b"})
    assert repeated.status_code == 303
    assert len(rows(MessageRow)) == 2


def test_asking_for_a_person_counts_for_the_route_as_the_playbook_says(
    app: Flask, talk: str
) -> None:
    id = asked(app, talk)

    with app.app_context():
        row = db.session.get(ConversationRow, id)
        assert row is not None
        assert (row.rule, row.destination) == ("demo", "sales")
        standing = standing_of(plain(id))
        counted = standing.decide(datetime.now(UTC)).situation.sightings
    assert counted.count("asked_for_person") == 1


def test_the_inbox_tells_of_a_conversation_that_turned_hot_until_somebody_is_there(
    app: Flask, rep: Colleague, talk: str
) -> None:
    id = asked(app, talk)
    assert "hot now" not in rep.get("/desk/inbox").text
    with app.app_context():
        conversations_store.update(plain(id), {"tier": "hot"})
        db.session.commit()
    assert "1 hot now" in rep.get("/desk/inbox").text
    rep.get(f"/desk/live/{id}")
    rep.post(f"/desk/live/{id}/presence")
    assert "hot now" not in rep.get("/desk/inbox").text


def test_what_a_conversation_is_worth_moves_while_it_is_watched(
    app: Flask, rep: Colleague, talk: str
) -> None:
    id = asked(app, talk)
    rep.get(f"/desk/live/{id}")
    asked_again = {"headers": {"HX-Request": "true"}}
    before = rep.get(f"/desk/live/{id}", **asked_again).text
    with app.app_context():
        now = datetime.now(UTC)
        conversations.answer(talk, "challenge", value="The close takes nine days", now=now)
        conversations.answer(talk, "job_title", value="CFO", now=now)
    after = rep.get(f"/desk/live/{id}", **asked_again).text
    assert "<html" not in after
    assert 'id="worth" hx-swap-oob="true"' in after
    assert "Seniority is Top management" in after
    assert "Seniority is Top management" not in before


def test_a_rep_who_watches_reads_the_questions_with_what_was_said(
    app: Flask, rep: Colleague, with_goal_in_its_questions: None, talk: str
) -> None:
    id = asked(app, talk)

    page = rep.get(f"/desk/live/{id}").text

    assert "What is in the way of “Serve more customers with the same team”?" in page
    assert "{goal}" not in page
