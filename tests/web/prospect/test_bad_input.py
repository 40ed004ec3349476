"""Whatever arrives is kept as it was said or refused in words, and nothing kept before is lost.

The numbers are those of the corpus of bad inputs: B answers, C protocol, D tokens and headers.
"""

import gzip
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations, Kept
from webapp.web.prospect import checks, stamps

FORM = "application/x-www-form-urlencoded"


class Sender:
    """Somebody with a conversation under way who sends what no form would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        page = PlainBrowser(client).open("/f/demo-request").choose("Something else")
        self.address = page.address.rsplit("/", 1)[0]

    def send(self, question: str, *values: str, **more: str) -> TestResponse:
        data = MultiDict([("question", question), *(("answer", v) for v in values)])
        data.update(more)
        return self.client.post(self.address, data=data)

    def raw(self, body: bytes, content_type: str = FORM, **headers: str) -> TestResponse:
        return self.client.post(self.address, data=body, content_type=content_type, headers=headers)

    def reach(self, question: str) -> "Sender":
        for each, value in [
            ("challenge", ""),
            ("job_title", "CFO"),
            ("company_size", "200-500"),
            ("timeline", "quarter"),
            ("budget_range", "25k-100k"),
        ]:
            if each == question:
                break
            assert self.send(each, value, skip="yes" if not value else "").status_code == 303
        return self


@pytest.fixture
def sender(browser: FlaskClient) -> Sender:
    return Sender(browser)


# ------------------------------------------------------------------------------- B: answers

STORED_AS_SAID = [
    pytest.param("2" + "0" * 21, id="B37 a number beyond 64 bits"),
    pytest.param("NaN", id="B38"),
    pytest.param("1e309", id="B39"),
    pytest.param("-0", id="B40"),
    pytest.param("１２３", id="B41 full-width digits"),
    pytest.param("abc\u202etxt.exe", id="B42 direction override"),
    pytest.param("Z̷̧̢̛̗͓a̴l̵g̶o̷", id="B43"),
    pytest.param("<script>alert(1)</script>", id="B46"),
    pytest.param('"><img src=x onerror=alert(1)>', id="B47"),
    pytest.param("<b hx-get='/settings' hx-trigger=load>", id="B48"),
    pytest.param("{{config}} {{7*7}} {% print 1 %}", id="B49"),
    pytest.param("{email} {challenge} {first_name}", id="B50 piping into itself"),
    pytest.param('=HYPERLINK("http://evil.example")', id="B51"),
    pytest.param("+44 808 157 0192", id="B52"),
    pytest.param("a\t=1+1", id="B53"),
    pytest.param("＝1+1", id="B54"),
    pytest.param("javascript:alert(1)", id="a script as an address"),
    pytest.param("🎭👩‍👩‍👧‍👦", id="emoji"),
]


@pytest.mark.parametrize("said", STORED_AS_SAID)
def test_odd_text_is_kept_as_it_was_said_and_shown_as_text(
    sender: Sender, kept: Kept, said: str
) -> None:
    assert sender.send("challenge", said).status_code == 303
    assert kept()[-1] == ("challenge", said)

    shown = sender.client.get(f"{sender.address}/challenge").text
    assert str(escape(said)) in shown
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        pytest.param("a\x00b", "ab", id="B35 NUL"),
        pytest.param(
            "Ana\r\nBcc: everyone@example.com", "Ana\nBcc: everyone@example.com", id="B55"
        ),
    ],
)
def test_what_databases_and_mail_choke_on_is_cleaned(
    sender: Sender, kept: Kept, said: str, stored: str
) -> None:
    assert sender.send("challenge", said).status_code == 303
    assert kept()[-1] == ("challenge", stored)


def test_half_a_character_is_kept_as_something_that_can_be_read(sender: Sender, kept: Kept) -> None:
    """B36: a lone surrogate, as bytes no browser sends."""
    response = sender.raw(b"question=challenge&answer=a%ED%A0%80b")
    assert response.status_code == 303
    _, value = kept()[-1]
    assert str(value).encode("utf-8").startswith(b"a")


@pytest.mark.parametrize(
    ("question", "values", "says"),
    [
        pytest.param("job_title", [""], "Enter your answer.", id="B33 empty"),
        pytest.param("job_title", [" \u3000\t "], "Enter your answer.", id="B34 blanks"),
        pytest.param("job_title", [], "Enter your answer.", id="nothing at all"),
        pytest.param("job_title", ["x" * 10_001], "at most 10,000 characters", id="B44"),
        pytest.param("company_size", ["all of them"], "Select one of", id="B60 no such choice"),
        pytest.param("company_size", ["1-9", "10-49"], "Select one of", id="B62 two for one"),
        pytest.param("email", ["a@b@c.example"], "correct format", id="B56 two @"),
        pytest.param("email", ["no address"], "correct format", id="no address"),
        pytest.param("email", ["a@x.example", "b@x.example"], "as text", id="B61 two addresses"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(
    sender: Sender, kept: Kept, question: str, values: list[str], says: str
) -> None:
    sender.reach(question)
    before = kept()
    response = sender.send(question, *values)
    assert response.status_code == 422
    assert says in response.text
    assert 'href="#answer"' in response.text
    assert kept() == before


def test_an_address_in_any_script_is_taken(sender: Sender, kept: Kept) -> None:
    """B57"""
    assert sender.reach("email").send("email", "josé@münchen.example").status_code == 303
    assert kept()[-1] == ("email", "josé@münchen.example")


@pytest.mark.parametrize("size", [66_000, 1_000_000])
def test_a_megabyte_is_refused_and_nothing_is_lost(sender: Sender, kept: Kept, size: int) -> None:
    """B45"""
    before = kept()
    response = sender.send("challenge", "x" * size)
    assert response.status_code == 413
    assert "too long" in response.text
    assert kept() == before
    assert sender.send("challenge", "short").status_code == 303


# ------------------------------------------------------------------------------- C: protocol


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b'{"question": "challenge"}', "application/json", id="C63"),
        pytest.param(b'{"question": ', "application/json", id="C64 cut JSON"),
        pytest.param(b"question=challenge&answer=x", "text/plain", id="C63 plain text"),
        pytest.param(b"", FORM, id="empty"),
        pytest.param(b"%%%&&&===", FORM, id="noise"),
        pytest.param(b"--x\r\nbroken", "multipart/form-data; boundary=x", id="broken multipart"),
        pytest.param(b"", "multipart/form-data", id="multipart without boundary"),
    ],
)
def test_what_is_no_form_changes_nothing_and_shows_the_question(
    sender: Sender, kept: Kept, body: bytes, content_type: str
) -> None:
    before = kept()
    response = sender.raw(body, content_type)
    assert response.status_code in (303, 400, 422)
    assert kept() == before


CHUNKED = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}


class Endless(BytesIO):
    """A body that goes on for as long as anybody reads: who read all of it never came back."""

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("body", "says", "statuses"),
    [
        pytest.param(Endless(), CHUNKED, {303, 413}, id="C77 without end"),
        pytest.param(BytesIO(b"question="), {"CONTENT_LENGTH": "500"}, {400}, id="C78 cut short"),
        pytest.param(
            BytesIO(gzip.compress(b"question=challenge&answer=slow")),
            {"HTTP_CONTENT_ENCODING": "gzip", **CHUNKED},
            {303},
            id="C80 packed",
        ),
    ],
)
def test_a_body_that_is_not_what_its_headers_say_changes_nothing(
    sender: Sender, kept: Kept, body: BytesIO, says: dict[str, Any], statuses: set[int]
) -> None:
    before = kept()
    sent = sender.client.post(
        sender.address, input_stream=body, content_type=FORM, environ_overrides=says
    )
    assert sent.status_code in statuses
    assert kept() == before
    assert sender.send("challenge", "slow").status_code == 303


def test_undeclared_fields_are_not_read(
    sender: Sender, kept: Kept, conversations: Conversations
) -> None:
    """C66, C67, C68"""
    extra = {"score": "100", "__proto__": "x", "tier": "hot", "destination": "sales", "spam": "no"}
    assert sender.send("challenge", "slow", **extra).status_code == 303
    [conversation] = conversations()
    assert conversation.total != 100
    assert kept()[-1] == ("challenge", "slow")


def test_an_answer_to_a_question_not_yet_put_changes_nothing(sender: Sender, kept: Kept) -> None:
    """C69"""
    before = kept()
    response = sender.send("email", "ana@nordwind.example")
    assert response.status_code == 303
    assert response.headers["Location"].endswith("/challenge")
    assert kept() == before


@pytest.mark.parametrize("question", ["", "no_such_thing", "x" * 5_000, "goal\x00", "validate"])
def test_an_answer_to_no_question_changes_nothing(
    sender: Sender, kept: Kept, question: str
) -> None:
    """C70"""
    before = kept()
    assert sender.send(question, "x").status_code == 303
    assert kept() == before


def test_the_same_turn_twice_is_one_answer_and_another_answer_does_not_replace_it(
    sender: Sender, kept: Kept
) -> None:
    """C72, C73"""
    for _ in range(2):
        assert sender.send("challenge", "slow", turn="t1").status_code == 303
    assert kept()[1:] == [("challenge", "slow")]
    told = sender.send("challenge", "quick", turn="t1")
    assert told.status_code == 200
    assert "That stands." in told.text
    assert kept()[1:] == [("challenge", "slow")]


def test_more_fields_than_a_form_has_are_refused(sender: Sender, kept: Kept) -> None:
    """C75, C76"""
    before = kept()
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(900)
    )
    many = sender.raw(parts + b"--x--\r\n", "multipart/form-data; boundary=x")
    assert many.status_code == 413
    assert kept() == before
    fields = [("question", "challenge"), ("answer", "slow"), *((f"a{n}", "1") for n in range(199))]
    one_name = [*fields[:2], *(("a", str(n)) for n in range(199))]
    for too_many in (fields, one_name):
        assert sender.raw(urlencode(too_many).encode()).status_code == 413
    assert kept() == before
    assert sender.raw(urlencode(fields[:200]).encode()).status_code == 303
    assert len(kept()) == len(before) + 1


def test_a_page_cannot_be_read_where_it_takes_answers(sender: Sender) -> None:
    """C79"""
    assert sender.client.get(f"{sender.address}/person/x").status_code == 404
    assert sender.client.put(sender.address).status_code in (400, 405)


# ---------------------------------------------------------------- D: tokens, headers, queries


def stamp(app: Flask, flow: str = "demo-request", **age: float) -> str:
    token, shown = stamps.new_token(), datetime.now(UTC) - timedelta(**age)
    return stamps.make(str(app.secret_key), flow, token, "a version", now=shown)


def first(client: FlaskClient, turn: str | None, **headers: str) -> TestResponse:
    data = {"question": "goal", "answer": "something_else"}
    if turn is not None:
        data["turn"] = turn
    return client.post("/f/demo-request/answers", data=data, headers=headers)


def test_a_first_answer_without_a_good_stamp_is_kept_on_the_page(
    app: Flask, browser: FlaskClient, conversations: Conversations
) -> None:
    """D83 to D90: missing, cut, changed, of another flow, too old, from the future, under the key
    that the installation had before."""
    good = stamp(app)
    bad = [
        None,
        "",
        good[:-5],
        good[:20] + ("A" if good[20] != "A" else "B") + good[21:],
        "x" * 100_0,
        "é\x00☃",
        stamp(app, "contact"),
        stamp(app, days=3),
        stamp(app, days=-1),
        stamps.make("x" * 40, "demo-request", "a token", "a version", now=datetime.now(UTC)),
    ]
    for turn in bad:
        response = first(browser, turn)
        assert response.status_code == 422
        assert "Your answer is still here" in response.text
        assert 'value="something_else" checked' in response.text.replace(' id="answer"', "")
    assert conversations() == []
    assert first(browser, good).status_code == 303
    assert len(conversations()) == 1


def test_a_stamp_that_lay_about_for_a_day_is_good(app: Flask, browser: FlaskClient) -> None:
    """D88"""
    assert first(browser, stamp(app, days=1)).status_code == 303


@pytest.mark.parametrize("says", [(), ("a version", {"and": "more"})])
def test_a_first_answer_on_a_page_of_another_release_is_taken(
    app: Flask, browser: FlaskClient, says: tuple[object, ...]
) -> None:
    """While web servers are restarted one after the other, any of them is sent pages of any."""
    shown = int(datetime.now(UTC).timestamp() * 1000)
    sign = stamps._signer(str(app.secret_key))
    turn = sign.dumps(["demo-request", stamps.new_token(), shown, *says])
    assert first(browser, str(turn)).status_code == 303


def test_another_site_cannot_begin_a_conversation_for_somebody(
    app: Flask, browser: FlaskClient, conversations: Conversations
) -> None:
    """D95"""
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://[evil"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Origin": "null"},
    ):
        assert first(browser, stamp(app), **headers).status_code == 422
    assert conversations() == []
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}):
        assert first(browser, stamp(app), **headers).status_code == 303


def test_an_answer_from_a_strange_place_is_kept_and_marked(
    sender: Sender, kept: Kept, rows
) -> None:
    """D96"""
    from webapp.store.conversations import AnswerRow

    sent = sender.raw(b"question=challenge&answer=slow", Origin="null")
    assert sent.status_code == 303
    sent = sender.raw(b"question=job_title&answer=CFO", Origin="https://evil.example")
    assert sent.status_code == 303
    assert [row.flags for row in rows(AnswerRow)] == [[], ["origin_null"], ["foreign_origin"]]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "1",
        "00000000-0000-0000-0000-000000000001",
        "..",
        "%00",
        "a" * 5_000,
        "%ED%A0%80",
        "'--",
    ],
)
def test_a_made_up_token_opens_nothing(browser: FlaskClient, token: str) -> None:
    """D86, D87, D94"""
    for address in (f"/f/demo-request/{token}", f"/c/demo-request/{token}/goal"):
        assert browser.get(address).status_code in (404, 308)
    assert browser.post(f"/f/demo-request/{token}", data={"answer": "x"}).status_code == 404
    assert browser.post(f"/f/demo-request/{token}/person").status_code == 404


def test_an_answer_after_a_month_is_kept_and_shown_no_more(
    app: Flask, sender: Sender, kept: Kept
) -> None:
    """D88: the conversation's own address has run out."""
    from webapp.store.conversations import ConversationRow
    from webapp.store.database import db

    with app.app_context():
        db.session.execute(
            db.update(ConversationRow).values(expires_at=datetime.now(UTC) - timedelta(days=1))
        )
        db.session.commit()
    assert sender.client.get(sender.address).status_code == 410
    late = sender.send("challenge", "too late?")
    assert late.status_code == 303
    assert kept()[-1] == ("challenge", "too late?")
    assert sender.client.get(late.headers["Location"]).status_code == 410


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        pytest.param({"Referer": "https://x.example/" + "a" * 8_000}, "", id="D99"),
        pytest.param({"Referer": "http://[broken"}, "", id="broken referer"),
        pytest.param({}, "?utm_source=<script>alert(1)</script>", id="D100"),
        pytest.param({}, "?utm_source=%ED%A0%80%07&page=" + "p" * 3_000, id="D100 odd bytes"),
        pytest.param({}, "?next=//evil.example&theme=javascript:1", id="D101 D102"),
        pytest.param({}, "?lang=../../etc/passwd&lang=de", id="language"),
        pytest.param({}, "?page=-1&sort=;DROP TABLE conversations", id="D104"),
        pytest.param({"Accept-Language": "x" * 5_000 + ",*;q=abc"}, "", id="languages"),
        pytest.param({"X-Forwarded-For": "1.2.3.4, evil"}, "", id="D98"),
        pytest.param({"Cookie": "session=stolen"}, "", id="a cookie"),
    ],
)
def test_odd_headers_and_queries_do_no_harm(
    browser: FlaskClient,
    conversations: Conversations,
    headers: dict[str, str],
    query: str,
) -> None:
    page = PlainBrowser(browser)
    page.headers = headers
    page.open(f"/f/demo-request{query}")
    assert page.status == 200
    assert "<script>alert" not in page.response.text
    assert "evil.example" not in page.response.text.split("<form", 1)[0]
    if "Continue" in page.words:
        page.choose("Something else")
    for conversation in conversations():
        assert all(len(str(value)) <= 500 for value in conversation.source.values())


def test_only_listed_sites_may_frame_the_pages(app: Flask, browser: FlaskClient) -> None:
    """D103"""
    from webapp.store import sites
    from webapp.store.database import db

    policy = browser.get("/f/demo-request").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'none'")
    with app.app_context():
        site = sites.first()
        assert site is not None
        site.origins = ["https://shop.example"]
        db.session.commit()
    policy = browser.get("/f/demo-request").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://shop.example")


def test_pages_with_a_conversation_stay_with_the_visitor(sender: Sender) -> None:
    response = sender.client.get(sender.address)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_a_flood_from_one_address_is_asked_to_wait(
    app: Flask, browser: FlaskClient, conversations: Conversations
) -> None:
    # A documentation address would count as private, and so as a proxy of ours.
    flood = {"REMOTE_ADDR": "8.8.4.4"}
    data = {"question": "goal", "answer": "grow"}
    for _ in range(checks.BEGINNINGS_A_MINUTE):
        sent = browser.post(
            "/f/demo-request/answers", data={**data, "turn": "x"}, environ_base=flood
        )
        assert sent.status_code == 422
    sent = browser.post("/f/demo-request/answers", data=data, environ_base=flood)
    assert sent.status_code == 429
    assert 0 < int(sent.headers["Retry-After"]) <= 60
    assert first(browser, stamp(app)).status_code == 303  # somebody else is not held up
    assert len(conversations()) == 1


def test_a_conversation_answers_at_a_human_pace(sender: Sender, kept: Kept) -> None:
    for n in range(checks.ANSWERS_A_MINUTE):
        last = sender.send("challenge", f"answer {n}")
        if last.status_code == 429:
            break
    assert sender.send("challenge", "one more").status_code == 429
    assert ("challenge", "answer 0") in kept()
