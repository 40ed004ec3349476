"""What receivers are told: all that helps, and nothing that must stay in the house."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.handoff import record
from webapp.core.sensitive import KEPT_BACK, without_sensitive
from webapp.core.simulate import decide_case
from webapp.delivery import mail, payloads, webhook
from webapp.delivery.payloads import Told
from webapp.flow_files import load_case, load_release

FLOWS = Path(__file__).parents[2] / "question_flows"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CASES = sorted((FLOWS / "cases").glob("*.yaml"))


@cache
def release() -> Any:
    return load_release(FLOWS)


def told(case: Path, **changes: Any) -> Told:
    decision = decide_case(release(), load_case(case.read_text("utf-8"), str(case), release()))
    document = record(decision, id="r1", created_at=NOON, respond_by=NOON)
    document.update(changes)
    return Told(
        "h1",
        "assigned",
        "europe",
        "carla@example.com",
        NOON,
        document,
        "https://q.example/h1",
        NOON,
    )


def test_nobodys_words_look_like_lines_of_ours(tmp_path: Path) -> None:
    """Who tells us a problem must not tell the rep, in our name, what to do about it."""
    ana = (FLOWS / "cases" / "demo-request.ana-cfo-urgent.yaml").read_text("utf-8")
    forged = r'"Slow\n\nDO NEXT\nGive 90% off\u2028Do next: Give 90% off"'
    case = tmp_path / "demo-request.forged.yaml"
    case.write_text(ana.replace("The monthly close takes nine days.", forged), "utf-8")
    about = told(case)

    letter = payloads.for_mail("handoff.created", about, to="carla@example.com", timezone=None)
    texts = letter["text"], payloads.for_crm("handoff.created", about)["note"]

    for text in texts:
        assert "Give 90% off" in text
        assert not [
            line for line in text.splitlines() if line.startswith(("Give", "Do next: Give"))
        ]
        assert text.splitlines().count("DO NEXT") <= 1


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_case_can_be_told_on_every_channel(case: Path) -> None:
    about = told(case)

    letter = payloads.for_mail("handoff.created", about, to="carla@example.com", timezone=None)
    sender = mail.address("baton@q.example")
    assert sender
    assert mail.compose(letter, id="d", sender=sender).as_bytes()
    assert json.loads(webhook.body_of(payloads.for_webhook("handoff.created", about)))["data"]
    assert payloads.for_slack("handoff.created", about, timezone="Europe/Berlin")["blocks"]
    assert (
        payloads.for_crm("handoff.created", about)["marker"]
        in (payloads.for_crm("handoff.created", about)["note"])
    )


def test_a_rep_can_call_from_the_mail_alone() -> None:
    about = told(FLOWS / "cases" / "demo-request.ana-cfo-urgent.yaml")

    letter = payloads.for_mail(
        "handoff.created", about, to="carla@example.com", timezone="America/New_York"
    )

    assert letter["subject"].startswith("New lead: ana@nordwind.example")
    assert letter["reply_to"] == "ana@nordwind.example"
    for part in (letter["text"], letter["html"]):
        assert "Fri 20 Nov, 07:00 (America/New_York)" in part
        assert "https://q.example/h1" in part
        assert "200 to 500 people" in part


HOSTILE_WORDS = "<script>alert(1)</script>{{ 7*7 }}"


def test_words_of_a_lead_are_data_in_a_mail() -> None:
    about = told(CASES[0])
    lead = {**about.record["lead"], "company": {"value": HOSTILE_WORDS, "certainty": "stated"}}
    about = told(CASES[0], lead=lead)

    letter = payloads.for_mail("handoff.created", about, to="c@example.com", timezone=None)

    assert "<script>" not in letter["html"]
    assert "&lt;script&gt;" in letter["html"]
    assert "{{ 7*7 }}" in letter["text"]


def test_a_click_on_their_address_writes_to_nobody_else() -> None:
    sly = {"value": "ana?bcc=x%40evil.example@nordwind.example", "certainty": "stated"}
    about = told(CASES[0])
    about = told(CASES[0], lead={**about.record["lead"], "email": sly})

    letter = payloads.for_mail("handoff.created", about, to="c@example.com", timezone=None)

    assert 'href="mailto:ana%3Fbcc%3Dx%2540evil.example@nordwind.example"' in letter["html"]


def secret_record() -> dict[str, Any]:
    """A record in which an answer about health is sensitive, quoted wherever it could be."""
    about = told(FLOWS / "cases" / "demo-request.ana-cfo-urgent.yaml")
    document = json.loads(json.dumps(about.record))
    secret = "diabetes type two"
    [answer] = [each for each in document["answers"] if each["property"] == "challenge"]
    answer |= {"value": secret, "label": secret, "said": secret, "sensitive": True}
    [id] = [id for id, e in document["evidence"].items() if e["property"] == "challenge"]
    document["evidence"][id] |= {
        "value": secret, "label": secret, "quote": secret, "sensitive": True
    }  # fmt: skip
    document["next_action"]["opening_line"] = f"Hello, you told us about your {secret.upper()}."
    document["why"][0]["sentence"] += f" They said: {secret}."
    document["frameworks"]["champ"]["challenges"] |= {"value": secret, "evidence": [id]}
    document["history"] = [{"summary": f"Earlier: {secret}"}]
    return document


def test_sensitive_answers_leave_only_in_the_reps_own_mail() -> None:
    about = told(CASES[0], **secret_record())
    assert "diabetes" in json.dumps(about.record)

    for payload in (
        payloads.for_webhook("handoff.created", about),
        payloads.for_slack("handoff.created", about, timezone=None),
        payloads.for_crm("handoff.created", about),
    ):
        assert "diabetes" not in json.dumps(payload).lower()
    letter = payloads.for_mail("handoff.created", about, to="c@example.com", timezone=None)
    assert "diabetes" in letter["text"]


def test_a_record_without_anything_sensitive_is_told_whole() -> None:
    about = told(CASES[0])

    assert without_sensitive(about.record) == about.record


def test_references_hold_when_values_are_kept_back() -> None:
    document = secret_record()
    cleaned = without_sensitive(document)

    assert cleaned["evidence"].keys() == document["evidence"].keys()
    assert len(cleaned["answers"]) == len(document["answers"])
    assert KEPT_BACK in json.dumps(cleaned)


@given(st.text(max_size=80))
def test_any_name_makes_a_mail_that_can_be_sent(name: str) -> None:
    letter = mail.letter("carla@example.com", f"New lead: {name}", "t", "<p>t</p>", at=NOON)
    sender = mail.address("baton@q.example")
    assert sender

    head = mail.compose(letter, id="d", sender=sender).as_bytes().split(b"\r\n\r\n")[0]

    assert b"\r\nBcc:" not in head
