"""The worker delivers what is in the outbox, at least once, whatever the receivers do."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from tests.delivery.hostile import HOSTILE
from tests.delivery.receivers import Answer, HttpReceiver, RawReceiver
from tests.fixtures.mailbox import Mailbox
from tests.waiting import eventually
from tests.worker.conftest import NOW, working
from webapp.delivery import webhook
from webapp.delivery.channels import Channels
from webapp.delivery.mail import letter
from webapp.services.accounts import staff
from webapp.services.receivers import sending
from webapp.store import deliveries as rows
from webapp.store import heartbeats
from webapp.store.database import AWAY, db
from webapp.store.deliveries import DeliveryRow
from webapp.worker import loop
from webapp.worker.chores import Chore

Make = Callable[..., Channels]
Connect = Callable[..., str]
Post = Callable[..., list[str]]
States = Callable[[], dict[str, str]]

KEY = webhook.new_key()


def all_are(states: States, *wanted: str) -> Callable[[], bool]:
    return lambda: bool(found := states()) and set(found.values()) <= set(wanted)


def test_a_webhook_arrives_signed_under_the_id_of_its_delivery(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    with HttpReceiver() as receiver:
        hook = connect("webhook", {"keys": [KEY]}, url=receiver.url)
        [id] = post(hook)
        with working(app, channels(*receiver.listed)):
            eventually(all_are(states, "delivered"))

    [request] = receiver.received
    sent = request.headers
    timestamp = int(sent["webhook-timestamp"])
    assert sent["webhook-id"] == id
    assert sent["webhook-signature"] == webhook.signature([KEY], id, timestamp, request.body)
    assert json.loads(request.body)["type"] == "handoff.created"


def test_mail_arrives_and_says_who_to_answer(
    app: Flask, channels: Make, post: Post, states: States, mailbox: Mailbox
) -> None:
    mail = letter(
        "carla@example.com", "New lead: Ana\r\nBcc: x@x.example", "text", "<p>html</p>",
        at=NOW, reply_to="ana@nordwind.example",
    )  # fmt: skip
    [id] = post(None, payload=mail, recipient="carla@example.com")
    with working(app, channels()):
        [message] = mailbox.wait_for(1)
        eventually(all_are(states, "delivered"))

    assert message["To"] == "carla@example.com"
    assert message["Subject"] == "New lead: Ana Bcc: x@x.example"
    assert message["Bcc"] is None
    assert message["Reply-To"] == "ana@nordwind.example"
    assert message["Message-ID"] == f"<{id}@q.example>"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html"
    ]  # fmt: skip


def test_a_receiver_that_fails_is_tried_again_under_the_same_id(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", timedelta(milliseconds=20))
    answers = iter([Answer(500), Answer(429, headers={"Retry-After": "-3"}), Answer(503)])
    with HttpReceiver(lambda _: next(answers, Answer(204))) as receiver:
        [id] = post(connect("webhook", {"keys": [KEY]}, url=receiver.url))
        with working(app, channels(*receiver.listed)):
            eventually(all_are(states, "delivered"))

    assert [each.headers["webhook-id"] for each in receiver.received] == [id] * 4
    assert len({each.body for each in receiver.received}) == 1


@pytest.mark.promise(7)
def test_a_no_is_shown_at_once_and_tried_again_all_the_same(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(sending, "PAUSE_AFTER_NO", timedelta(milliseconds=20))
    monkeypatch.setattr(sending, "FIRST_PAUSE", timedelta(milliseconds=20))
    answer = [Answer(400, b'{"error": "unknown field"}')]
    with HttpReceiver(lambda _: answer[0]) as receiver:
        [id] = post(connect("webhook", {"keys": [KEY]}, url=receiver.url))
        with working(app, channels(*receiver.listed)):
            eventually(all_are(states, "refused"))
            with app.app_context():
                assert "unknown field" in (db.session.get(DeliveryRow, id).last_error or "")
            answer[0] = Answer()
            eventually(all_are(states, "delivered"))


@pytest.mark.promise(7)
def test_after_its_last_attempt_a_delivery_waits_for_a_person_and_can_be_sent_again_for_ever(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr(sending, "LONGEST_PAUSE", timedelta(milliseconds=1))
    answer = [Answer(500)]
    with HttpReceiver(lambda _: answer[0]) as receiver:
        [id] = post(connect("webhook", {"keys": [KEY]}, url=receiver.url))
        with working(app, channels(*receiver.listed)):
            for _ in range(2):
                eventually(all_are(states, "dead"))
                with app.app_context():
                    sending.replay(id, by="mia", now=NOW)
            eventually(all_are(states, "dead"))
            answer[0] = Answer()
            with app.app_context():
                sending.replay_all(db.session.get(DeliveryRow, id).connection_id, by="mia", now=NOW)
            eventually(all_are(states, "delivered"))

    assert len(receiver.received) == 3 * sending.MOST_ATTEMPTS + 1
    assert {each.headers["webhook-id"] for each in receiver.received} == {id}


@pytest.mark.promise(15)
def test_receivers_that_hang_keep_nobody_else_waiting(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    with HttpReceiver() as good, RawReceiver(HOSTILE["hangs after reading"]) as bad:
        for _ in range(5):
            post(connect("webhook", {"keys": [KEY]}, url=bad.url), times=20)
        fine = post(connect("webhook", {"keys": [KEY]}, url=good.url), times=20)
        with working(app, channels(*good.listed, *bad.listed, deadline_s=1.0)):
            eventually(lambda: all(states()[id] == "delivered" for id in fine))
            found = states()
            bad.close()

    waiting = Counter(state for id, state in found.items() if id not in fine)
    assert waiting["delivered"] == 0
    assert waiting["pending"] + waiting["sending"] == 100


@pytest.mark.promise(16)
def test_four_workers_deliver_everything_once(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    with HttpReceiver() as receiver:
        ids = post(connect("webhook", {"keys": [KEY]}, url=receiver.url), times=60)
        with working(app, channels(*receiver.listed), workers=4):
            eventually(all_are(states, "delivered"))

    assert Counter(each.headers["webhook-id"] for each in receiver.received) == Counter(ids)


def test_a_worker_shows_that_it_lives_and_says_goodbye(app: Flask, channels: Make) -> None:
    def beating() -> bool:
        with app.app_context():
            return heartbeats.newest("worker") is not None

    with working(app, channels()):
        eventually(beating)
    assert not beating()


def test_one_delivery_nobody_can_make_sense_of_stops_nothing(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    with HttpReceiver() as receiver:
        hook = connect("webhook", {"keys": [KEY]}, url=receiver.url)
        [odd] = post(hook, payload={"n": 1})
        with app.app_context():
            db.session.get(DeliveryRow, odd).channel = "pigeon"
            db.session.commit()
        [fine] = post(hook)
        with working(app, channels(*receiver.listed)):
            eventually(lambda: states()[fine] == "delivered" and states()[odd] == "refused")


def test_a_fault_of_our_own_is_shown_like_any_other(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    crm = connect("hubspot", {"token": "t"}, url="https://api.hubapi.com")
    [id] = post(crm, payload={"nothing": "a CRM could file"})
    with working(app, channels()):
        eventually(all_are(states, "refused"))

    with app.app_context():
        assert "broke on our side (KeyError)" in (db.session.get(DeliveryRow, id).last_error or "")


@pytest.mark.promise(11)
def test_workers_whose_clocks_are_a_day_off_agree_with_the_database(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    real = rows.clock
    with HttpReceiver() as receiver:
        ids = post(connect("webhook", {"keys": [KEY]}, url=receiver.url), times=3)
        with app.app_context():
            db.session.get(DeliveryRow, ids[0]).due_at = real() + timedelta(hours=1)
            db.session.commit()
        for days in (-1, 1):

            class Skewed(datetime):
                @classmethod
                def now(cls, tz=None, days=days):
                    return datetime.now(tz) + timedelta(days=days)

            for module in ("webapp.worker.loop", "webapp.services.receivers.sending"):
                monkeypatch.setattr(f"{module}.datetime", Skewed)
            with working(app, channels(*receiver.listed)):
                eventually(lambda: sum(s == "delivered" for s in states().values()) == 2)

    assert states()[ids[0]] == "pending", "not yet due by the clock they share"


def test_administrators_hear_at_once_of_a_rep_whose_mailbox_refuses(
    app: Flask, channels: Make, post: Post, states: States, mailbox: Mailbox
) -> None:
    with app.app_context():
        staff.add("root@example.com", role="admin", by="the tests", now=NOW)
    wrong = letter("carla", "New lead", "text", "<p>text</p>", at=NOW)
    post(None, payload=wrong, recipient="carla")
    with working(app, channels()):
        [alarm] = mailbox.wait_for(1)
        eventually(lambda: Counter(states().values()) == {"refused": 1, "delivered": 1})

    assert alarm["To"] == "root@example.com"
    assert alarm["Subject"] == "Not delivered: mail to carla"
    assert "carla is not a mail address" in alarm.get_body(("plain",)).get_content()


def test_people_hear_once_an_hour_of_a_receiver_that_refuses(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States
) -> None:
    with app.app_context():
        staff.add("root@example.com", role="admin", by="the tests", now=NOW)
    with HttpReceiver(lambda _: Answer(410)) as receiver:
        gone = post(connect("webhook", {"keys": [KEY]}, url=receiver.url), times=8)
        with working(app, channels(*receiver.listed)):
            eventually(lambda: all(states()[id] == "refused" for id in gone))

    with app.app_context():
        alarms = db.session.scalars(
            db.select(DeliveryRow).where(DeliveryRow.event == "delivery.failed")
        ).all()
    assert [alarm.recipient for alarm in alarms] == ["root@example.com"]
    assert "gone for good (410)" in alarms[0].payload["text"]


def test_a_worker_outlives_whatever_keeps_the_database_away(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    """It may be read-only for a while after a failover, or give no connection to anybody."""
    monkeypatch.setattr(loop, "AFTER_TROUBLE_S", 0)
    troubles, claim = list(AWAY), sending.claim

    def claims(**given):
        if troubles:
            kind = troubles.pop()
            raise kind("SELECT", {}, Exception()) if issubclass(kind, DBAPIError) else kind("gone")
        return claim(**given)

    monkeypatch.setattr(sending, "claim", claims)
    with HttpReceiver() as receiver:
        post(connect("webhook", {"keys": [KEY]}, url=receiver.url))
        with working(app, channels(*receiver.listed)):
            eventually(all_are(states, "delivered"))
    assert troubles == []


def test_a_chore_that_waits_for_somebody_keeps_nothing_from_being_delivered(
    app: Flask, channels: Make, connect: Connect, post: Post, states: States, monkeypatch
) -> None:
    begun, over = threading.Event(), threading.Event()

    def waits(_: datetime) -> None:
        begun.set()
        over.wait(30)

    monkeypatch.setattr(loop, "CHORES", [Chore("wait", 0, waits, aside=True)])
    with HttpReceiver() as receiver, working(app, channels(*receiver.listed)):
        try:
            assert begun.wait(30)
            post(connect("webhook", {"keys": [KEY]}, url=receiver.url))
            eventually(all_are(states, "delivered"))
        finally:
            over.set()


def test_a_chore_that_found_something_looks_again_before_its_time(
    app: Flask, channels: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3, 2, 1, 0]
    chore = Chore("count", 3600, lambda _: left.pop(0), once_more_s=0)
    monkeypatch.setattr(loop, "CHORES", [chore])
    with working(app, channels()):
        eventually(lambda: left == [])
