"""The museum: published holes of forms, chats, surveys and CRMs, each tried on us the same way.

A test names the hole whose kind it is; what stands in brackets is how it was got in there. Numbers
are as the public list of vulnerabilities has them; "no number" is a kind without a certain one.
"""

import base64
import pickle
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer
from markupsafe import escape
from sqlalchemy import select

from tests.fixtures.people import Colleague
from tests.web.security.conftest import ANA, SOMEBODY, WANTS_TO_TALK, Key, Says
from webapp import create_app
from webapp.delivery import addresses, guard, mail
from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.services.people import exports
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.receivers import connections
from webapp.services.receivers.connection_settings import NotSetUp
from webapp.services.sales import live
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow
from webapp.web.prospect import stamps
from webapp.web.prospect.stamps import BadStamp

HOVER = '"><img src=x onmouseover=alert(1)>'
SCRIPT = "<script>alert(1)</script>"
FIRST_ANSWER = {"question": "goal", "answer": "grow"}


def hole(*names: str) -> pytest.MarkDecorator:
    """Run once for each published hole of this kind."""
    return pytest.mark.parametrize("published", names)


def now() -> datetime:
    return datetime.now(UTC)


def the_handoff(app: Flask) -> HandoffRow:
    with app.app_context():
        return db.session.scalars(select(HandoffRow)).unique().one()


@pytest.fixture
def desk(colleague: Callable[..., Colleague]) -> Colleague:
    """The rep who gets whoever has not said where they are."""
    somebody = colleague("rep", "desk@example.com")
    somebody.signs_in()
    return somebody


@pytest.fixture
def begun(app: Flask) -> conversations.Started:
    """A conversation in which one question was answered."""
    with app.app_context():
        site = db.session.scalars(select(SiteRow)).first()
        assert site is not None
        started = conversations.start("demo-request", Arrival(site=site), now=now())
        conversations.answer(started.token, "goal", value="grow", now=now())
        return started


# ------------------------------------------------------------------- words that run as script


@hole("CVE-2021-27911 Mautic (a contact's name)", "CVE-2026-86799 Forms (an answer)")
@pytest.mark.parametrize("words", [HOVER, SCRIPT])
def test_what_was_answered_never_runs_for_staff(
    app: Flask, says: Says, desk: Colleague, published: str, words: str
) -> None:
    about = "name" if "name" in published else "challenge"
    says(WANTS_TO_TALK | {about: words}, flow="contact")
    handoff = the_handoff(app)
    pages = [desk.get("/desk").text, desk.get(f"/desk/handoffs/{handoff.id}").text]
    with app.app_context():
        mails = [m.payload["html"] for m in db.session.scalars(select(DeliveryRow)) if m.recipient]
    assert mails
    for page in pages:
        assert str(escape(words)) in page
    for page in pages + mails:
        assert words not in page
        assert "<img src=x" not in page


@hole("CVE-2020-35124 Mautic (the Referer)", "CVE-2020-35125 Mautic (the Referer)")
def test_where_somebody_came_from_never_runs_for_staff(
    app: Flask, says: Says, desk: Colleague, manager: Colleague, published: str
) -> None:
    came = {"referrer": f"https://x.example/{SCRIPT}", "utm_source": SCRIPT, "page": HOVER}
    says(ANA, source=came)
    handoff = the_handoff(app)
    assert SCRIPT in desk.get(f"/desk/handoffs/{handoff.id}.json").json["source"]["utm_source"]
    sources = manager.get("/insights").text
    assert str(escape(SCRIPT)) in sources
    for page in (sources, desk.get(f"/desk/handoffs/{handoff.id}").text):
        assert SCRIPT not in page
        assert HOVER not in page


@hole("CVE-2026-24399 ChatterMate (a chat message)")
def test_a_chat_message_never_runs_for_staff(
    app: Flask, desk: Colleague, begun: conversations.Started, published: str
) -> None:
    with app.app_context():
        live.write(begun.token, text=HOVER + SCRIPT, now=now())
    page = desk.get(f"/desk/live/{begun.id}").text
    assert str(escape(HOVER + SCRIPT)) in page
    assert SCRIPT not in page


@hole("CVE-2017-18358 LimeSurvey (the e-mail to continue later)")
def test_a_script_is_no_mail_address(
    client: FlaskClient, begun: conversations.Started, published: str
) -> None:
    for address in (f"{SCRIPT}@x.example", f'"{SCRIPT}"@x.example', f"a@x.example{HOVER}"):
        page = client.post(
            f"/f/demo-request/{begun.token}", data={"question": "email", "answer": address}
        )
        assert SCRIPT not in page.text
        assert "<img src=x" not in page.text
        assert addresses_in(address) is None


def addresses_in(text: str) -> object:
    return mail.address(text)


@hole("CVE-2021-24276 Supsystic Contact Form (a parameter shown again)")
def test_no_parameter_comes_back_as_markup(
    client: FlaskClient, desk: Colleague, published: str
) -> None:
    for page in (
        desk.get("/desk", query_string={"q": HOVER, "view": HOVER, "open": HOVER}),
        desk.get("/insights", query_string={"flow": HOVER, "days": HOVER}),
        client.get("/sign-in", query_string={"next": f"/desk?{HOVER}"}),
        client.get("/f/demo-request", query_string={"theme": HOVER, "lang": HOVER, "page": HOVER}),
        client.get(f"/f/{HOVER}"),
    ):
        assert "<img src=x" not in page.text


@hole(
    "CVE-2026-52889 Formie (a template in what a browser says of itself)",
    "CVE-2026-73858 Freeform (a template in an answer)",
    "CVE-2026-77136 powermail (a template in an answer)",
)
def test_an_answer_is_no_template(app: Flask, says: Says, desk: Colleague, published: str) -> None:
    words = {
        "Formie": "{{ 191 * 7 }}",
        "Freeform": "{{ config.SECRET_KEY }} {% print(191 * 7) %}",
        "powermail": "{email} {challenge} ${191 * 7} <%= 191 * 7 %>",
    }[published.split()[1]]
    says(ANA | {"challenge": words}, source={"utm_source": words, "referrer": words})
    page = desk.get(f"/desk/handoffs/{the_handoff(app).id}").text
    assert str(escape(words)) in page
    assert "1337" not in page
    assert app.config["SECRET_KEY"] not in page


# -------------------------------------------------------------------- other people's things


@hole(
    "CVE-2026-1947 NEX-Forms (a foreign entry overwritten by its number)",
    "CVE-2026-110620 Formbricks (a foreign object by its id)",
)
def test_ones_own_token_opens_nobody_elses_conversation(
    client: FlaskClient, app: Flask, says: Says, begun: conversations.Started, published: str
) -> None:
    says(ANA)
    theirs = the_handoff(app).conversation_id
    mine = {"Authorization": f"Bearer {begun.token}"}
    path = f"/api/v1/conversations/{theirs}"
    assert client.get(f"/api/v1/conversations/{begun.id}", headers=mine).status_code == 200
    answers = [
        client.get(path, headers=mine),
        client.post(f"{path}/answers", json={"question": "challenge", "value": "x"}, headers=mine),
        client.post(f"{path}/human", headers=mine),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    with app.app_context():
        kept = db.session.scalars(select(AnswerRow).where(AnswerRow.conversation_id == begun.id))
        assert len(list(kept)) == 1


@hole(
    "CVE-2026-76089 Formie (what was sent about a foreign submission, by its number)",
    "CVE-2026-115725 Chatwoot (a foreign object by its id)",
)
def test_a_colleague_of_another_team_reads_and_writes_in_no_talk(
    colleague: Callable[..., Colleague], begun: conversations.Started, published: str
) -> None:
    other = colleague("rep", "ana@example.com")
    other.signs_in()
    assert other.get(f"/desk/live/{begun.id}").status_code == 404
    assert other.post(f"/desk/live/{begun.id}/messages", {"text": "Hi"}).status_code == 404


@hole(
    "CVE-2022-0140 Visual Form Builder (an export for everybody)",
    "CVE-2021-34647 Ninja Forms (an export for everybody who is signed in)",
)
def test_strangers_export_nothing(
    app: Flask, client: FlaskClient, says: Says, published: str
) -> None:
    says(ANA)
    id = the_handoff(app).id
    for path in (
        "/api/v1/leads",
        "/api/v1/handoffs",
        f"/api/v1/handoffs/{id}.md",
        "/insights/sources.csv",
        f"/desk/handoffs/{id}.json",
        "/demo/outbox",
    ):
        answer = client.get(path)
        assert ANA["email"] not in answer.text
        assert answer.status_code in (303, 401) or path == "/demo/outbox"


@hole("CVE-2022-1442 MetForm (keys of other services told)")
def test_the_secret_of_a_connection_is_told_to_nobody(
    app: Flask, admin: Colleague, rep: Colleague, published: str
) -> None:
    given = {"name": "CRM", "token": "pat-na1-secret"}
    with app.app_context():
        row, _ = connections.create("hubspot", given, ["handoff.created"], by="x", now=now())
        assert "pat-na1-secret" not in str(row.secret)
        id = row.id
    for path in (f"/settings/connections/{id}", f"/settings/connections/{id}/edit"):
        page = admin.get(path)
        assert page.status_code == 200
        assert "pat-na1-secret" not in page.text
        assert rep.get(path).status_code == 403


@hole(
    "CVE-2024-11205 WPForms (an action for administrators)",
    "CVE-2021-24914 Tawk.to (settings without a right)",
)
def test_what_administrators_do_nobody_else_can(
    rep: Colleague, marketer: Colleague, published: str
) -> None:
    for person in (rep, marketer):
        person.get("/account")
        for path in (
            "/settings/deliveries/replay",
            "/settings/connections/new/webhook",
            "/settings/connections/x/keys",
            "/settings/connections/x/switch",
        ):
            assert person.post(path, {"name": "x"}).status_code == 403


# ------------------------------------------------------------------------ coming back to it


@hole(
    "CVE-2026-76087 Formie (a draft by its id)",
    "CVE-2026-47266 Formie (a draft by its id)",
    "no number: Chatwoot's issue 15775 (a token in an address, good for 180 days)",
)
def test_a_conversation_opens_by_its_secret_and_by_nothing_else(
    app: Flask, client: FlaskClient, begun: conversations.Started, published: str
) -> None:
    with app.app_context():
        row = db.session.get_one(ConversationRow, begun.id)
        hashed = row.token_hash
        assert row.expires_at - row.started_at == timedelta(days=30)
    page = client.get(f"/f/demo-request/{begun.token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    for guess in (begun.id, hashed, "1", "0", begun.token[:-1], begun.token.lower()):
        answer = client.get(f"/f/demo-request/{guess}")
        assert answer.status_code == 404
        assert "Serve more customers" not in answer.text


@hole(
    "CVE-2026-75106 OpnForm (an id that anybody can encode)",
    "CVE-2026-0633 MetForm (a cookie that anybody can make)",
)
@pytest.mark.parametrize("secret", ["", "secret", "None", "first"])
def test_a_stamp_made_with_a_guessed_secret_is_none(
    app: Flask, secret: str, published: str
) -> None:
    forged = stamps.make(secret, "demo-request", "a token", "a version", now=now())
    with pytest.raises(BadStamp):
        stamps.read(str(app.secret_key), forged, "demo-request", now=now())
    plain = URLSafeSerializer(secret, salt="demo visitor").dumps("somebody")
    assert app.test_client().get(f"/demo/seen/{plain}").status_code == 404


@hole("CVE-2025-68113 ALTCHA (parts of a signed text moved)")
def test_what_is_signed_for_one_flow_and_time_is_good_for_no_other(
    app: Flask, published: str
) -> None:
    key, made = str(app.secret_key), now()
    stamp = stamps.make(key, "contact", "a token", "a version", now=made)
    assert stamps.read(key, stamp, "contact", now=made).token == "a token"
    payload, dot, signature = stamp.rpartition(".")
    moved = [
        (stamp, "contac", made),
        (stamp, "demo-request", made),
        (f"{payload}AA{dot}{signature}", "contact", made),
        (f"{payload}{dot}AA{signature}", "contact", made),
        (stamp, "contact", made + timedelta(days=3)),
        (stamp, "contact", made - timedelta(minutes=2)),
    ]
    for text, flow, at in moved:
        with pytest.raises(BadStamp):
            stamps.read(key, text, flow, now=at)


@hole("GHSA-rfh4-6ghv-m2rr ChatterMate (a typed address taken for the person)")
def test_a_typed_address_shows_nothing_of_its_owner(
    app: Flask, client: FlaskClient, says: Says, published: str
) -> None:
    says(ANA)
    token = says(SOMEBODY | {"email": ANA["email"]})
    page = client.get(f"/c/demo-request/{token}").text
    assert ANA["email"] in page
    assert ANA["challenge"] not in page
    assert ANA["name"] not in page


# --------------------------------------------------------------- fields that were not asked


@hole(
    "CVE-2026-63428 HeyForm (hidden fields)",
    "CVE-2025-64515 Open Forms (fields that were prefilled)",
    "CVE-2018-7600 Drupal (properties of the form itself)",
)
def test_only_what_was_asked_is_taken(
    app: Flask, client: FlaskClient, begun: conversations.Started, published: str
) -> None:
    with app.app_context():
        before = db.session.get_one(ConversationRow, begun.id)
        was = (before.total, before.tier, before.destination, before.spam, before.lead_id)
    extra = {
        "HeyForm": {"score": "100", "total": "100", "tier": "hot", "destination": "sales_team"},
        "Open": {"email": "ceo@x.example", "lead_id": "1", "spam": "false", "test": "true"},
        "Drupal": {"challenge[#post_render][]": "exec", "__proto__": "x", "answer[#type]": "y"},
    }[published.split()[1]]
    client.post(f"/f/demo-request/{begun.token}", data={**extra, "question": "goal", "edit": "y"})
    programs = client.post(
        f"/api/v1/conversations/{begun.id}/answers",
        json={**extra, "question": "challenge", "value": "x"},
        headers={"Authorization": f"Bearer {begun.token}"},
    )
    assert programs.status_code == 422
    with app.app_context():
        row = db.session.get_one(ConversationRow, begun.id)
        assert (row.total, row.tier, row.destination, row.spam, row.lead_id) == was
        kept = db.session.scalars(select(AnswerRow).where(AnswerRow.conversation_id == begun.id))
        assert {answer.property for answer in kept} == {"goal"}


@hole(
    "CVE-2023-3460 Ultimate Member (a role in one's profile)",
    "CVE-2021-34621 ProfilePress (a role when registering)",
)
def test_nobody_gives_themselves_a_role(app: Flask, rep: Colleague, published: str) -> None:
    rep.get("/account")
    more = {"role": "admin", "wp_capabilities[administrator]": "1", "email": "root@acme.example"}
    rep.post("/account/profile", {"timezone": "Europe/Berlin", **more})
    rep.post("/account/password", {"old": "x", "new": "y", **more})
    with app.app_context():
        row = db.session.scalars(select(StaffRow).where(StaffRow.email == rep.email)).one()
        assert row.role == "rep"
        assert db.session.scalars(select(StaffRow.role).where(StaffRow.role == "admin")).all() == []
    assert rep.get("/settings").status_code == 403


# -------------------------------------------------------------------- requests of our server


@hole(
    "CVE-2026-33712 Typebot (a webhook to ourselves)",
    "CVE-2025-64709 Typebot (the cloud's metadata)",
)
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.0.0.1:8443/",
        "https://user@10.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
    ],
)
def test_a_receiver_inside_is_refused_when_it_is_typed(
    app: Flask, url: str, published: str
) -> None:
    given = {"name": "Inside", "url": url}
    with app.app_context(), pytest.raises(NotSetUp) as refused:
        connections.create("webhook", given, ["handoff.created"], by="x", now=now())
    assert "url" in refused.value.problems


@hole("CVE-2026-104973 Plane (a name that changes its mind)")
def test_a_name_is_looked_up_once_and_that_very_address_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch, published: str
) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    connected: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    rebinding = guard.Guard(resolver=lambda *_: next(answers))
    with pytest.raises(DeliveryDelayed):
        rebinding.request("POST", "https://hook.example/")
    with pytest.raises(DeliveryRefused):
        rebinding.request("POST", "https://hook.example/")
    assert connected == [("93.184.215.14", 443)]
    assert not addresses.is_public("127.0.0.1")


# ----------------------------------------------------------------- what leaves in files, mails


@hole(
    "CVE-2022-3463 Fluent Forms (a formula)",
    "CVE-2022-3574 WPForms (a formula)",
    "CVE-2022-0142 Visual Form Builder (a formula)",
)
@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1+1"])
def test_no_cell_is_a_formula(
    app: Flask, says: Says, manager: Colleague, formula: str, published: str
) -> None:
    assert exports.inert(formula) == f"'{formula}"
    says(ANA, source={"utm_source": formula.strip()})
    lines = manager.get("/insights/sources.csv").text.splitlines()[1:]
    assert lines
    for line in lines:
        assert not line.lstrip('"').startswith(tuple("=+-@＝"))


@pytest.mark.parametrize("typed", ["Acme;=1+1", 'Acme; "@SUM(1)', "Acme\n=1+1;", "Acme;＝1"])
def test_no_cell_goes_on_with_a_formula_where_semicolons_part_them(typed: str) -> None:
    """As where the comma is a decimal point: there a spreadsheet opens our file like this."""
    for cell in re.split(r"[;\n]", exports.inert(typed)):
        assert not cell.strip(' "').startswith(tuple("=+-@＝"))
    assert exports.inert("Sales; Service -5 & more") == "Sales; Service -5 & more"


def test_a_cell_of_very_many_lines_is_looked_through_only_once() -> None:
    """Where each line was looked through from again, this one took hours."""
    lines = "\n" * 500_000
    assert exports.inert(f'Acme{lines} "=1+1') == f"Acme{lines} \"'=1+1"


@hole("CVE-2021-34648 Ninja Forms (mails to whomever the sender names)")
def test_a_name_adds_no_line_to_a_mail(app: Flask, says: Says, published: str) -> None:
    says(WANTS_TO_TALK | {"name": "Ana\r\nBcc: everybody@evil.example"}, flow="contact")
    with app.app_context():
        payloads = [d.payload for d in db.session.scalars(select(DeliveryRow)) if d.recipient]
    assert payloads
    sender = mail.address("baton@acme.example")
    assert sender is not None
    for payload in payloads:
        message = mail.compose(payload, id="x", sender=sender)
        assert "Ana" in message["Subject"]
        assert message["Bcc"] is None
        assert "\nBcc:" not in message.as_string().partition("\n\n")[0]


# ---------------------------------------------------------------------- files and other paths


@hole(
    "CVE-2024-27292 docassemble (?i=/etc/passwd)",
    "CVE-2019-9960 LimeSurvey (a path in a download)",
    "CVE-2020-11455 LimeSurvey (a path in a download)",
)
def test_no_address_reads_a_file_of_the_machine(
    client: FlaskClient, marketer: Colleague, key: Key, published: str
) -> None:
    up = ("../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd")
    by_key = key("admin")
    for path in up:
        for answer in (
            client.get(f"/static/{path}"),
            client.get(f"/f/{path}"),
            client.get(f"/f/demo-request?i={path}&site={path}"),
            client.get(f"/api/v1/flows/{path}.yaml", headers=by_key),
            marketer.get(f"/studio/files/{path}"),
        ):
            assert "root:" not in answer.text
            assert answer.status_code in (200, 303, 308, 404)


@hole("CVE-2020-35489 Contact Form 7 (a file with a program's name)")
def test_a_file_sent_as_an_answer_is_kept_nowhere(
    app: Flask, client: FlaskClient, begun: conversations.Started, published: str
) -> None:
    folder: Path = app.extensions["baton"].data_dir
    before = sorted(folder.rglob("*"))
    sent = {"question": "challenge", "answer": (BytesIO(b"<?php evil();"), "shell.php\t.png")}
    answer = client.post(
        f"/f/demo-request/{begun.token}", data=sent, content_type="multipart/form-data"
    )
    assert answer.status_code in (303, 422)
    assert sorted(folder.rglob("*")) == before
    with app.app_context():
        kept = db.session.scalars(select(AnswerRow).where(AnswerRow.conversation_id == begun.id))
        assert "php" not in str([(row.value, row.said) for row in kept])


class Exploit:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (eval, ("exec('import builtins; builtins.baton_was_here = True')",))


@hole("CVE-2023-28782 Gravity Forms (an object)", "CVE-2024-5932 GiveWP (an object in a title)")
def test_nothing_sent_becomes_an_object(
    app: Flask, client: FlaskClient, begun: conversations.Started, key: Key, published: str
) -> None:
    import builtins

    pickled = base64.urlsafe_b64encode(pickle.dumps(Exploit())).decode()
    client.post(f"/f/demo-request/{begun.token}", data={"question": "challenge", "answer": pickled})
    browser = app.test_client()
    browser.set_cookie("baton", pickled)
    assert browser.get("/desk").status_code == 303
    assert client.get(f"/demo/seen/{pickled}").status_code == 404
    answer = client.get(f"/api/v1/handoffs?cursor={pickled[:200]}", headers=key("admin"))
    assert answer.status_code == 422
    assert not hasattr(builtins, "baton_was_here")


# ----------------------------------------------------------------------------- signing in


@hole("CVE-2026-62862 Typebot (a code of six digits)")
def test_a_guesser_of_passwords_is_stopped(
    colleague: Callable[..., Colleague], published: str
) -> None:
    victim = colleague("admin")
    assert len(victim.password.replace("-", "")) >= 16
    codes = [victim.signs_in(password=f"{n:06}").status_code for n in range(12)]
    assert codes[0] == 422
    assert codes[-1] == 429


@hole("CVE-2024-30264 Typebot (javascript: as the page to go to)")
@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/x.y"],
)
def test_after_signing_in_one_stays_here(
    colleague: Callable[..., Colleague], target: str, published: str
) -> None:
    answer = colleague("rep").signs_in(next=target)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk"


@hole("CVE-2021-3740 Chatwoot (sessions outlive the password)")
def test_a_new_password_ends_every_other_session(rep: Colleague, published: str) -> None:
    thief = rep.at_another_browser()
    assert thief.get("/desk").status_code == 200
    rep.get("/account")
    changed = rep.post(
        "/account/password", {"old": rep.password, "new": "a long one that nobody knows"}
    )
    assert changed.status_code == 303
    assert thief.get("/desk").status_code == 303


@hole("CVE-2021-22911 Rocket.Chat (an operator instead of a text)")
def test_an_operator_is_no_text(
    app: Flask, client: FlaskClient, stranger: Colleague, begun: conversations.Started,
    published: str,
) -> None:  # fmt: skip
    own = {"Authorization": f"Bearer {begun.token}"}
    for odd in ({"$ne": None}, {"$regex": ".*"}, [], {"$gt": ""}):
        answer = client.post(
            f"/api/v1/conversations/{begun.id}/answers",
            json={"question": odd, "value": odd},
            headers=own,
        )
        assert answer.status_code == 422
    stranger.get("/sign-in")
    for typed in ({"email[$ne]": "", "password[$ne]": ""}, {"email": "' OR 1=1 --"}):
        assert stranger.post("/sign-in", typed).status_code == 422


@hole("CVE-2017-8295 WordPress (somebody else's Host)")
def test_a_forged_host_is_in_no_link(app: Flask, published: str) -> None:
    config = replace(app.extensions["baton"], base_url="https://q.example.com")
    ours = create_app(config).test_client()
    for path in ("/sign-in", "/desk", "/f/demo-request", "/api/openapi.json"):
        fine = ours.get(path, base_url="https://q.example.com")
        forged = ours.get(path, base_url="https://evil.example")
        assert fine.status_code in (200, 303, 404)
        assert forged.status_code == 400
        assert "evil.example" not in forged.text + str(forged.headers)


# ------------------------------------------------------------------- the ground it stands on


@hole("CVE-2023-25577 Werkzeug (parts without end)")
def test_a_form_has_no_more_parts_than_a_form_has(
    client: FlaskClient, begun: conversations.Started, published: str
) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    for path in (f"/f/demo-request/{begun.token}", "/sign-in"):
        answer = client.post(
            path,
            data=part * 900 + b"--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code == 413


@hole("CVE-2023-30861 Flask (a session kept by a cache)")
def test_no_cache_hands_a_session_to_somebody_else(
    colleague: Callable[..., Colleague], published: str
) -> None:
    somebody = colleague("rep")
    signed_in = somebody.signs_in()
    for answer in (signed_in, somebody.get("/desk"), somebody.get("/sign-in")):
        assert "Cookie" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"


@hole("CVE-2026-26861 CleverTap (an origin that only contains ours)")
def test_the_loader_listens_to_our_origin_alone(published: str) -> None:
    """Read, not run: the browser tests run it."""
    static = Path(__file__).parents[3] / "static"
    loader = (static / "embed" / "embed.js").read_text(encoding="utf-8")
    framed = (static / "js" / "framed.js").read_text(encoding="utf-8")
    heard = re.findall(r'addEventListener\("message", \(\{(.+?)\n\s*\}\)', loader, re.DOTALL)
    assert heard
    assert all("origin !== server.origin" in each and "source" in each for each in heard)
    assert "source !== parent || !allowed.includes(origin)" in framed
    assert re.search(r"allowed = document\.currentScript\.dataset\.origins\.split", framed)
    for script in (loader, framed):
        assert not re.search(r"postMessage\([^;]*[\"']\*[\"']\s*\)", script)
        assert not re.search(r"\borigin\.(includes|indexOf|startsWith|endsWith|match)\(", script)


def test_the_museum_is_as_large_as_promised() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert len(set(re.findall(r'"((?:CVE|GHSA)-[\w-]+)', source))) >= 50
