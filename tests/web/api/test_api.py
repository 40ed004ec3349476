"""A program can do what a page can: ask, answer, hand over, find, erase; and nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from flask import Flask
from sqlalchemy import text, update

from tests.fixtures.answers import DEMO
from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from tests.web.api.programs import Program, finish
from webapp.core.handoff_schema import SCHEMA
from webapp.services.accounts import api_keys
from webapp.services.flows import releases
from webapp.services.flows.releases import AnotherIsLive
from webapp.services.prospects import conversations
from webapp.store import conversations as conversations_store
from webapp.store import releases as store_releases
from webapp.store.audit import AuditRow
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db, one_commit
from webapp.store.leads import LeadRow
from webapp.store.sites import SiteRow
from webapp.store.tables import metadata


def test_a_headless_client_runs_the_demo_flow_to_its_end(program: Program, site_key: str) -> None:
    id = finish(program, site_key)

    state = program.call("GET", f"/conversations/{id}").json

    assert [g["question"] for g in state["transcript"]][:2] == ["goal", "challenge"]
    assert "score" not in str(state)


def test_a_repeated_call_gets_the_receipt_and_the_version_of_the_first(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    path, same = started(program, site_key), {"Idempotency-Key": "this-answer-is-sent-twice"}
    answer = {"question": "goal", "value": "grow"}
    first, again = (program.call("POST", f"{path}/answers", answer, **same) for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Baton-Receipt"] == again.headers["Baton-Receipt"]
    elsewhere = program.call("POST", f"{path}/answers", {"question": "email", "value": "a@b.de"})
    assert elsewhere.status_code == 409
    assert "Baton-Receipt" not in elsewhere.headers

    finish(program, site_key)
    crm = keyed()
    [listed] = crm.call("GET", "/handoffs").json["items"]
    accept = f"/handoffs/{listed['id']}/accept"
    first, again = (crm.call("POST", accept, **same) for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["ETag"] == again.headers["ETag"]


# PostgreSQL locks the one conversation.
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_while_an_answer_of_a_program_is_weighed_others_write(
    app: Flask, program: Program, site_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, wrote = conversations.hold, []

    def write() -> None:
        with app.app_context(), one_commit("tests.beside"):
            wrote.append(db.session.execute(update(SiteRow).values(name="Renamed")).rowcount)

    def hold_after_others() -> bool:
        with ThreadPoolExecutor(1) as beside:
            beside.submit(write).result()
        return hold()

    monkeypatch.setattr(conversations, "hold", hold_after_others)
    finish(program, site_key)
    assert len(wrote) > 1


def test_a_handoff_is_listed_read_and_acted_on(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()

    [listed] = crm.call("GET", "/handoffs").json["items"]
    whole = crm.call("GET", f"/handoffs/{listed['id']}")
    words = crm.call("GET", f"/handoffs/{listed['id']}.md")
    accepted = crm.call("POST", f"/handoffs/{listed['id']}/accept")
    won = crm.call(
        "POST",
        f"/handoffs/{listed['id']}/outcome",
        {"stage": "won", "amount": 9000, "currency": "EUR"},
    )

    jsonschema.validate(whole.json["record"], SCHEMA)
    source = {"site", "page", "referrer", "first_touch", "last_touch", "captured_at"}
    assert source <= whole.json["record"]["source"].keys()
    assert words.mimetype == "text/markdown"
    assert accepted.json["status"] == "accepted"
    assert won.json["status"] == "won"
    assert (
        crm.call("POST", f"/handoffs/{listed['id']}/reject", {"reason": "spam"}).status_code == 409
    )


def test_a_program_reads_again_what_came_of_a_lead(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [listed] = crm.call("GET", "/handoffs").json["items"]
    path = f"/handoffs/{listed['id']}"

    crm.call("POST", f"{path}/contact", {"result": "voicemail"})
    crm.call("POST", f"{path}/outcome", {"stage": "won", "amount": 9000.5, "currency": "EUR"})

    came, called, won = crm.call("GET", path).json["events"]
    assert called["detail"]["result"] == "voicemail"
    said = {"stage": "won", "amount": "9000.5", "currency": "EUR", "at": won["at"]}
    assert won["detail"] == said
    assert came["detail"] == {}


def test_an_answer_that_is_none_names_its_field(program: Program, site_key: str) -> None:
    started = program.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
    program.bearer = started.json["token"]
    path = f"/conversations/{started.json['conversation']}/answers"

    refused = program.call("POST", path, {"question": "goal", "value": "everything"})
    elsewhere = program.call("POST", path, {"question": "email", "value": "a@b.example"})
    nothing = program.call("POST", path, {"question": "goal"})

    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert refused.json["errors"][0]["field"] == "goal"
    assert elsewhere.status_code == 409
    assert elsewhere.json["state"]["question"]["id"] == "goal"
    assert nothing.status_code == 422


def test_a_program_that_names_a_region_reaches_who_speaks_the_language(
    app: Flask, program: Program, site_key: str
) -> None:
    """What a condition on the language says of a form's Austrians it says of a program's."""
    body = {"flow": "demo-request", "site": site_key, "locale": "DE-at"}

    begun = program.call("POST", "/conversations", body).json

    assert begun["state"]["question"]["ask"] == "Was möchten Sie vor allem erreichen?"
    with app.app_context():
        row = conversations_store.plain(begun["conversation"])
        assert row is not None
        assert row.locale == "de"


def test_the_same_call_again_is_answered_the_same_and_kept_once(
    program: Program, site_key: str
) -> None:
    body = {"flow": "demo-request", "site": site_key}
    first, second = (
        program.call("POST", "/conversations", body, **{"Idempotency-Key": "1f0e5b0a-first-start"})
        for _ in range(2)
    )
    other = program.call(
        "POST",
        "/conversations",
        {**body, "locale": "de"},
        **{"Idempotency-Key": "1f0e5b0a-first-start"},
    )

    assert first.json == second.json
    assert other.status_code == 422
    assert other.json["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/handoffs"),
        ("GET", "/handoffs/x"),
        ("POST", "/handoffs/x/accept"),
        ("GET", "/leads"),
        ("GET", "/leads/x"),
        ("DELETE", "/leads/x"),
        ("GET", "/conversations/x/score"),
        ("GET", "/flows"),
        ("POST", "/flows/publish"),
    ],
)
def test_without_a_key_and_with_another_scope_nothing_opens(
    program: Program, keyed: Callable[..., Program], method: str, path: str
) -> None:
    body = {"files": {"a.yaml": "x"}, "why": "long enough why"} if "publish" in path else None
    narrow = keyed("webhooks:write")

    assert program.call(method, path, body).status_code == 401
    assert Program(program.client, "baton_wrong").call(method, path, body).status_code == 401
    assert narrow.call(method, path, body).status_code == 403


def test_a_conversation_opens_only_to_its_own_token(program: Program, site_key: str) -> None:
    mine = finish(program, site_key)
    other = Program(program.client)
    theirs = finish(other, site_key)

    assert program.call("GET", f"/conversations/{theirs}").status_code == 404
    assert Program(program.client).call("GET", f"/conversations/{mine}").status_code == 401


def test_the_live_score_is_for_staff(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    id = finish(program, site_key)

    score = keyed("scores:read").call("GET", f"/conversations/{id}/score").json

    assert score["total"] == sum(line["points"] for line in score["lines"])


def test_an_erased_person_is_nowhere_in_the_database(
    app: Flask, program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [lead] = crm.call("GET", "/leads?email=ANA@nordwind.example").json["items"]
    assert crm.call("GET", f"/leads/{lead['id']}/export").json["records"]

    assert crm.call("DELETE", f"/leads/{lead['id']}").status_code == 200

    assert crm.call("GET", f"/leads/{lead['id']}").status_code == 404
    with app.app_context():
        for table in metadata.sorted_tables:
            held = str(db.session.execute(text(f"SELECT * FROM {table.name}")).all())
            assert "ana@nordwind" not in held, table.name
            assert "nine days" not in held, table.name


def test_flows_are_checked_and_published_by_programs(
    keyed: Callable[..., Program], rows: Callable[..., Any]
) -> None:
    crm = keyed()
    before = crm.call("GET", "/flows").json
    text_ = crm.call("GET", "/flows/contact.yaml").text

    bad = crm.call("POST", "/flows/check", {"files": {"contact.yaml": text_ + "\nwhat: x\n"}}).json
    done = crm.call(
        "POST",
        "/flows/publish",
        {"files": {"contact.yaml": text_ + "\n# a note\n"}, "why": "A note for ourselves"},
    )
    assert not rows(AuditRow)[-1].detail
    moving = {"files": {"contact.yaml": text_ + "\n# more\n"}, "why": "More of it", "move_on": True}
    crm.call("POST", "/flows/publish", moving)
    assert rows(AuditRow)[-1].detail == {"moving_on": 0}

    assert bad["valid"] is False
    assert bad["problems"][0]["file"] == "contact.yaml"
    assert done.json["release"] > before["release"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null", b'{"flow": 1}', b"[" * 5000])
def test_a_body_that_is_no_call_is_refused_in_words(program: Program, body: bytes) -> None:
    answer = program.client.post(
        "/api/v1/conversations", data=body, content_type="application/json"
    )

    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


def test_a_compressed_body_is_refused_with_what_to_do(program: Program) -> None:
    packed = {"Content-Encoding": "gzip"}
    for path in ("/conversations", "/events", "/handoffs/01/accept"):
        answer = program.call("POST", path, {"flow": "demo-request"}, **packed)
        assert (answer.status_code, answer.content_type) == (415, "application/problem+json")
        assert answer.json["detail"] == "Send the body as it is: gzip is not unpacked here."


def test_the_document_names_every_operation_and_its_scope(program: Program) -> None:
    document = program.client.get("/api/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/conversations/{id}/answers" in document["paths"]
    assert document["paths"]["/api/v1/leads/{id}"]["delete"]["x-scope"] == "leads:erase"
    assert "Scopes" in program.client.get("/api/docs").text


def started(program: Program, site_key: str) -> str:
    begun = program.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
    program.bearer = begun.json["token"]
    path = f"/conversations/{begun.json['conversation']}"
    assert begun.headers["Location"] == f"/api/v1{path}"
    return path


def test_what_somebody_says_after_a_month_is_kept_and_what_they_said_before_not_shown(
    app: Flask, program: Program, site_key: str, rows: Callable[[type], list[Any]]
) -> None:
    path = started(program, site_key)
    program.call("POST", f"{path}/answers", {"question": "goal", "value": "grow"})
    with app.app_context():
        db.session.execute(update(ConversationRow).values(expires_at=datetime.now(UTC)))
        db.session.commit()

    late = program.call("POST", f"{path}/answers", {"question": "challenge", "value": "the close"})
    changed = program.call("POST", f"{path}/answers", {"question": "goal", "value": "save_time"})
    person = program.call("POST", f"{path}/human")

    assert [each.status_code for each in (late, changed, person)] == [200, 200, 200]
    assert [(row.question, row.flags) for row in rows(AnswerRow)] == [
        ("goal", []), ("challenge", ["late"]), ("goal", ["late"])
    ]  # fmt: skip
    assert [each["question"] for each in late.json["state"]["transcript"]] == ["challenge"]
    assert program.call("GET", path).status_code == 404


def test_words_that_ask_for_a_person_ring_for_one(program: Program, site_key: str) -> None:
    path = started(program, site_key)

    asked = program.call(
        "POST", f"{path}/answers", {"question": "goal", "text": "can I talk to a human please"}
    )

    assert asked.status_code == 200
    assert asked.json["state"]["person_asked_for"] is True
    assert asked.json["understood"] == []


def test_words_that_may_mean_two_things_are_asked_back(program: Program, site_key: str) -> None:
    path = started(program, site_key)
    for question in ("goal", "challenge"):
        answer = {"question": question, "value": DEMO[question]}
        program.call("POST", f"{path}/answers", answer)
    asked = program.call("GET", path).json["question"]["id"]
    assert asked == "job_title"
    program.call("POST", f"{path}/answers", {"question": asked, "value": "CFO"})

    doubt = program.call(
        "POST", f"{path}/answers", {"question": "company_size", "text": "either 20 or 300"}
    )

    assert doubt.status_code == 422
    assert doubt.json["errors"][0]["field"] == "company_size"
    assert doubt.json["meant"][0]["quote"]
    assert program.call("GET", path).json["question"]["id"] == "company_size"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/yaml"])
def test_a_body_that_says_it_is_no_json_is_refused(program: Program, kind: str) -> None:
    answer = program.client.post("/api/v1/conversations", data="{}", content_type=kind)

    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")


def test_of_two_who_publish_neither_takes_the_others_change_back(
    keyed: Callable[..., Program],
) -> None:
    crm = keyed()
    seen = crm.call("GET", "/flows").headers["ETag"]
    contact, pricing = (
        crm.call("GET", f"/flows/{f}.yaml").text for f in ("contact", "pricing-inquiry")
    )
    mine = {"files": {"contact.yaml": contact + "# mine\n"}, "why": "A note of mine"}
    theirs = {"files": {"pricing-inquiry.yaml": pricing + "# theirs\n"}, "why": "A note of theirs"}

    first = crm.call("POST", "/flows/publish", mine, **{"If-Match": seen})
    minding = crm.call("POST", "/flows/publish", theirs, **{"If-Match": seen})
    not_minding = crm.call("POST", "/flows/publish", theirs)

    assert [each.status_code for each in (first, minding, not_minding)] == [200, 412, 200]
    assert not_minding.headers["ETag"] == crm.call("GET", "/flows").headers["ETag"]
    assert crm.call("GET", "/flows/contact.yaml").text.endswith("# mine\n")


def test_who_publishes_meanwhile_is_not_overwritten(app: Flask) -> None:
    with app.app_context():
        number, _ = releases.live()
        live = store_releases.live()
        assert live is not None
        texts = releases.texts_of(live.manifest)
        note = {"contact.yaml": texts["contact.yaml"] + "# a note\n"}
        releases.publish(texts | note, by="Ana", why="A note", now=FRIDAY, onto=number)
        with pytest.raises(AnotherIsLive):
            releases.publish(
                texts | {"pricing-inquiry.yaml": texts["pricing-inquiry.yaml"] + "# other\n"},
                by="Ben", why="Another note", now=FRIDAY, onto=number,
            )  # fmt: skip


def test_a_handoff_that_changed_meanwhile_is_not_acted_on(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [listed] = crm.call("GET", "/handoffs").json["items"]
    path = f"/handoffs/{listed['id']}"
    seen = crm.call("GET", path).headers["ETag"]

    accepted = crm.call("POST", f"{path}/accept", **{"If-Match": seen})
    late = crm.call("POST", f"{path}/reject", {"reason": "spam"}, **{"If-Match": seen})

    assert (accepted.status_code, late.status_code) == (200, 412)
    assert crm.call("GET", path).json["status"] == "accepted"


def test_who_was_merged_away_is_erased_with_who_stands(
    app: Flask, program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [lead] = crm.call("GET", "/leads").json["items"]
    with app.app_context():
        away = LeadRow(
            id="01merged", merged_into_id=lead["id"], created_at=FRIDAY, updated_at=FRIDAY
        )
        db.session.add(away)
        db.session.commit()

    erased = crm.call("DELETE", "/leads/01merged")

    assert erased.json == {"erased": lead["id"]}
    assert crm.call("GET", f"/leads/{lead['id']}").status_code == 404


def test_a_key_that_calls_too_fast_is_told_when_to_come_back(
    keyed: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.web.api.callers.CALLS_A_MINUTE", 2)
    crm = keyed()

    *_, last = [crm.call("GET", "/flows") for _ in range(3)]

    assert (last.status_code, last.content_type) == (429, "application/problem+json")
    assert int(last.headers["Retry-After"]) > 0
    assert keyed().call("GET", "/flows").status_code == 200


def test_a_manager_s_program_acts_for_no_administrator(
    app: Flask, colleague: Callable[..., Colleague]
) -> None:
    manager, boss = colleague("manager"), colleague("admin", "boss@acme.example")
    other = colleague("rep")
    with app.app_context():
        _, key = api_keys.create(
            "BI", ("handoffs:read",), acts_for=manager.email, by="tests", now=datetime.now(UTC)
        )
    program = Program(app.test_client(), key)
    assert program.call("GET", f"/handoffs?as={other.email}").status_code == 200
    assert program.call("GET", f"/handoffs?as={boss.email}").status_code == 403


def test_a_repeat_for_somebody_else_is_another_call(
    program: Program, keyed: Callable[..., Program], site_key: str
) -> None:
    finish(program, site_key)
    crm = keyed()
    [listed] = crm.call("GET", "/handoffs").json["items"]
    same = {"Idempotency-Key": "the-same-for-both"}
    path = f"/handoffs/{listed['id']}/accept"

    crm.call("POST", path, **same)
    by_another = crm.call("POST", f"{path}?as=nobody@acme.example", **same)

    assert by_another.status_code == 403
