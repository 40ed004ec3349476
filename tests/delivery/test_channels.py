"""What each channel puts on the wire, and what it makes of the answers."""

import json
import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.hostile import HOSTILE
from tests.delivery.receivers import HttpReceiver, RawReceiver
from tests.fixtures.mailbox import Mailbox
from webapp.delivery import mail, slack, webhook
from webapp.delivery.errors import DeliveryDelayed, DeliveryFailed, DeliveryRefused
from webapp.delivery.guard import Guard, Response
from webapp.delivery.mail import Mail, Server
from webapp.delivery.slack import Slack
from webapp.delivery.transport import LONGEST_WAIT, Parcel, check, wait_asked_for
from webapp.delivery.vault import Vault
from webapp.delivery.webhook import Webhook

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = webhook.new_key()


def parcel(**payload: object) -> Parcel:
    return Parcel("d1", "handoff.created", payload or {"type": "handoff.created"}, NOON)


def test_webhooks_are_signed_as_the_standard_says() -> None:
    # The example of the Standard Webhooks reference implementations.
    signed = webhook.signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_key_is_replaced_both_sign() -> None:
    old, new = webhook.new_key(), webhook.new_key()
    with HttpReceiver() as receiver:
        Webhook(Guard(receiver.listed), receiver.url, [new, old]).send(parcel())

    [request] = receiver.received
    at = int(request.headers["webhook-timestamp"])
    signatures = request.headers["webhook-signature"].split()
    assert signatures == [webhook.signature([k], "d1", at, request.body) for k in (new, old)]


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_dG9vIHNob3J0", "whsec_###"])
def test_a_key_that_is_too_short_or_none_is_not_used(key: str) -> None:
    with pytest.raises(ValueError, match=r"base64|shorter"):
        webhook.key_bytes(key)


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_hostile_receiver_counts_as_having_it(kind: str) -> None:
    with RawReceiver(HOSTILE[kind]) as receiver:
        hook = Webhook(Guard(receiver.listed, deadline_s=0.3), receiver.url, [KEY])
        with pytest.raises(DeliveryFailed) as problem:
            hook.send(parcel())

    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, None), (204, None), (301, DeliveryRefused), (302, DeliveryRefused),
     (400, DeliveryRefused), (401, DeliveryRefused), (404, DeliveryRefused),
     (408, DeliveryDelayed), (410, DeliveryRefused), (425, DeliveryDelayed),
     (429, DeliveryDelayed), (500, DeliveryDelayed), (503, DeliveryDelayed)],
)  # fmt: skip
def test_every_status_says_yes_later_or_no(status: int, error: type[Exception] | None) -> None:
    response = Response(status, {}, b"reason")
    if error is None:
        check(response, "It", NOON)
    else:
        with pytest.raises(error):
            check(response, "It", NOON)


@pytest.mark.parametrize(
    ("header", "wait"),
    [(None, None), ("", None), ("0", None), ("-60", None), ("soon", None), ("1.5", None),
     ("30", timedelta(seconds=30)), ("31536000", LONGEST_WAIT), ("9" * 4000, LONGEST_WAIT),
     ("Fri, 20 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
     ("Fri, 20 Nov 2026 11:00:00 GMT", None), ("Sat, 20 Nov 2027 12:00:00 GMT", LONGEST_WAIT),
     ("Fri, 99 Nov 2026 12:00:00 GMT", None)],
)  # fmt: skip
def test_receivers_may_ask_for_a_sensible_wait(header: str | None, wait: timedelta | None) -> None:
    assert wait_asked_for(header, NOON) == wait


def test_what_the_receiver_says_is_passed_on_in_one_line() -> None:
    with pytest.raises(DeliveryRefused) as problem:
        check(Response(400, {}, b'{"error":\n "no\x00 such \x1b[31mfield"}'), "It", NOON)

    assert str(problem.value) == 'It answered 400: {"error": "no such [31mfield"}'


def test_slack_gets_a_message_it_takes() -> None:
    with HttpReceiver() as receiver:
        payload = slack.message("Hello", ["One"], [("A", "b")], link=("Open", "https://x.example"))
        Slack(Guard(receiver.listed), receiver.url).send(parcel(**payload))

    assert json.loads(receiver.received[0].body) == payload


@pytest.mark.parametrize(
    "name", ["@all", "Ann, (@channel)", "[Open the case](https://evil.example)"]
)
def test_no_name_rings_everybody_or_forges_a_link_where_markdown_is_read(name: str) -> None:
    """As in Mattermost, which takes what Slack takes and reads the words its own way."""
    made = slack.message(f"New lead: {name}", [name], [])
    for text in (made["text"], made["blocks"][1]["text"]["text"]):
        assert not re.search(r"(?<!\w)@(all|channel)|\]\(", text)
    kept = slack.message("New lead: ana@nordwind.example", [], [])
    assert kept["text"] == "New lead: ana@nordwind.example"


@given(st.text(max_size=5_000), st.lists(st.text(max_size=4_000), max_size=4))
def test_no_words_of_others_break_slacks_limits_or_ring_everybody(
    headline: str, lines: list[str]
) -> None:
    fields = [("Label", line) for line in lines] * 4
    made = slack.message(headline + "<!channel>", [*lines, "<!here> & <@U1>"], fields)

    for block in made["blocks"]:
        texts = [block["text"]] if "text" in block else block.get("fields", [])
        limit = {"header": 150, "section": 3000 if "text" in block else 2000}[block["type"]]
        assert all(len(each["text"]) <= limit for each in texts)
        assert len(block.get("fields", [])) <= 10
        for each in texts:
            if each["type"] == "mrkdwn":
                assert "<" not in each["text"]
    assert "<" not in made["text"]


@pytest.fixture
def server(mailbox: Mailbox) -> Server:
    return Server.of(f"{mailbox.url}?from=baton@q.example")


def letter(**changes: str) -> dict[str, object]:
    given = {"to": "carla@example.com", "subject": "Hi", "text": "t\n", "html": "<p>t</p>"}
    return mail.letter(**{**given, **changes}, at=NOON)


def sent(server: Server, mailbox: Mailbox, **changes: str) -> EmailMessage:
    Mail(server).send(parcel(**letter(**changes)))
    return mailbox.wait_for(1)[0]


def test_a_mail_says_who_wrote_it_and_stays_the_same_mail_when_repeated(
    server: Server, mailbox: Mailbox
) -> None:
    for _ in range(2):
        Mail(server).send(parcel(**letter(reply_to="ana@nordwind.example")))

    first, second = mailbox.wait_for(2)
    assert first["Message-ID"] == second["Message-ID"] == "<d1@q.example>"
    assert first["Date"] == second["Date"]
    assert first["From"] == "Baton <baton@q.example>"
    assert first["Auto-Submitted"] == "auto-generated"


def test_one_click_ends_a_digest(server: Server, mailbox: Mailbox) -> None:
    message = sent(server, mailbox, unsubscribe="https://q.example/unsubscribe/x")

    assert message["List-Unsubscribe"] == "<https://q.example/unsubscribe/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "subject",
    ["x\r\nBcc: evil@x.example", "x\nBcc: evil@x.example", "x\rBcc: a", "x\x0bBcc: a", "x\x85y",
     "x\u2028Bcc: a", "\x00", "\u202egnp.exe", "=?utf-8?q?x=0D=0ABcc:_a?=",
     "=?utf-8?b?eA0KQmNjOiBh?=", "=?utf-8?q?x?= =?utf-8?q?=0D=0ABcc:_a?=", "😀" * 300, "Ž" * 500],
)  # fmt: skip
def test_no_subject_injects_a_header_or_stops_the_mail(
    server: Server, mailbox: Mailbox, subject: str
) -> None:
    message = sent(server, mailbox, subject=subject)

    assert message["Bcc"] is None
    assert set(message.keys()) >= {"From", "To", "Subject", "Date", "Message-ID"}
    assert message["X-Received-For"] == "carla@example.com"
    assert "\u202e" not in message["Subject"]


@pytest.mark.parametrize(
    ("reply_to", "kept"),
    [("ana@nordwind.example", "ana@nordwind.example"), ("ana@münchen.example",
     "ana@xn--mnchen-3ya.example"), ("a@b@c.example", None), ("a@x.example\r\nBcc: b@x.example",
     None), ("a@x.example, b@x.example", None), ("ü@x.example", None), ("", None),
     ("Ana <ana@x.example>", None)],
)  # fmt: skip
def test_replies_go_to_one_real_address_or_nowhere_in_particular(
    server: Server, mailbox: Mailbox, reply_to: str, kept: str | None
) -> None:
    assert sent(server, mailbox, reply_to=reply_to)["Reply-To"] == kept


def test_a_mail_to_no_address_is_refused_in_words(server: Server) -> None:
    with pytest.raises(DeliveryRefused, match="not a mail address"):
        Mail(server).send(parcel(**letter(to="carla")))


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 5.1.1 No such user", DeliveryRefused), ("451 4.3.0 Try later", DeliveryDelayed),
     ("554 5.7.1 Spam", DeliveryRefused), ("421 4.3.2 Shutting down", DeliveryDelayed)],
)  # fmt: skip
def test_a_mail_servers_no_is_told_from_its_later(
    server: Server, mailbox: Mailbox, answer: str, error: type[Exception]
) -> None:
    mailbox.refuses = answer

    with pytest.raises(error, match=answer[:3]):
        Mail(server).send(parcel(**letter()))


@pytest.fixture
def dripping() -> Iterator[Server]:
    with RawReceiver(HOSTILE["hangs before reading"]) as receiver:
        yield Server.of(f"smtp://127.0.0.1:{receiver.port}")


def test_a_mail_server_that_hangs_is_left(dripping: Server) -> None:
    with pytest.raises(DeliveryDelayed, match="could not be used"):
        Mail(dripping, deadline_s=0.3).send(parcel(**letter()))


def test_no_password_is_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    def greet(connection: object) -> None:
        connection.sendall(b"220 hi\r\n")  # type: ignore[attr-defined]
        connection.recv(1000)  # type: ignore[attr-defined]
        connection.sendall(b"250 plain only\r\n")  # type: ignore[attr-defined]
        connection.recv(1000)  # type: ignore[attr-defined]

    monkeypatch.setattr(Server, "on_this_machine", property(lambda _: False))
    monkeypatch.setattr(smtplib.SMTP, "login", lambda *_: pytest.fail("logged in"))
    with RawReceiver(greet) as receiver:
        server = Server.of(f"smtp://me:secret@127.0.0.1:{receiver.port}")
        with pytest.raises(DeliveryRefused, match="no encryption"):
            Mail(server).send(parcel(**letter()))


def test_a_locked_secret_opens_with_its_key_only() -> None:
    vault = Vault("k" * 40)
    locked = vault.lock({"token": "t0p"})

    assert "t0p" not in locked
    assert vault.unlock(locked) == {"token": "t0p"}
    with pytest.raises(DeliveryRefused, match="Enter it again"):
        Vault("j" * 40).unlock(locked)
