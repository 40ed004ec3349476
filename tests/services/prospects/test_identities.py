"""A website says what it knows of its own visitor, signed by its server; nobody else can."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwk, jwt

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from webapp.services.flows import sites
from webapp.services.operations import verification
from webapp.services.prospects import identities
from webapp.store.database import db
from webapp.store.records import RecordRow
from webapp.store.sites import SiteRow

KNOWN = {"company_size": "200-500", "timeline": "now", "job_title": "CFO"}


def token(site: SiteRow, known: object = KNOWN, *, secret: str = "", **claims: Any) -> str:
    key = jwk.OctKey.import_key(secret or identities.secret(site))
    soon = int((FRIDAY + timedelta(minutes=5)).timestamp())
    content = {"aud": site.key, "exp": soon, "known": known, **claims}
    return jwt.encode({"alg": "HS256"}, {k: v for k, v in content.items() if v is not None}, key)


def asked(prospect: Prospect) -> list[str]:
    """Which questions are put to somebody who answers them all."""
    questions = []
    answers = {"goal": "grow", "email": "ana@nordwind.example", **KNOWN}
    while prospect.state.question is not None:
        id = prospect.state.question.id
        questions.append(id)
        prospect.says(id, answers.get(id), skip=id not in answers)
    return questions


def test_who_is_known_to_the_site_is_not_asked_and_it_counts(prospect: Prospect) -> None:
    prospect.begins(identity=token(prospect.site))
    assert not {"company_size", "timeline", "job_title"} & set(asked(prospect))
    record = db.session.query(RecordRow).one().record
    told = [each for each in record["evidence"].values() if each["from"] == "site"]
    assert {each["property"] for each in told} >= {"company_size", "timeline"}
    assert {"size", "role"} <= {line["rule"] for line in record["score_lines"] if line["points"]}
    assert verification.verify().problems == []


def test_the_question_on_the_screen_and_an_address_that_is_always_asked_stay(
    prospect: Prospect,
) -> None:
    known = {"goal": "comply", "email": "cy@orba.example", "marketing_consent": "yes"}
    prospect.begins(identity=token(prospect.site, known))
    assert {"goal", "email"} <= set(asked(prospect))
    record = db.session.query(RecordRow).one().record
    assert record["lead"]["email"]["value"] == "ana@nordwind.example"
    assert "marketing_consent" not in {each["property"] for each in record["evidence"].values()}


def test_what_the_visitor_says_weighs_more(prospect: Prospect) -> None:
    prospect.begins(identity=token(prospect.site, {"timeline": "later"}), visitor_key="v" * 22)
    asked(prospect)
    prospect.begins(identity=token(prospect.site, {"goal": "comply"}), visitor_key="v" * 22)
    asked(prospect)
    newest = db.session.query(RecordRow).order_by(RecordRow.id.desc()).first()
    assert newest is not None
    goals = [e for e in newest.record["evidence"].values() if e["property"] == "goal"]
    assert [each["value"] for each in goals] == ["grow"]


@pytest.mark.parametrize(
    "odd",
    [
        {"aud": "another site"},
        {"aud": None},
        {"exp": int((FRIDAY - timedelta(hours=1)).timestamp())},
        {"exp": int((FRIDAY + timedelta(hours=1)).timestamp())},
        {"exp": None},
        {"secret": "guessed, but long enough for a key"},
        {"known": "everything"},
        {"known": KNOWN | {f"p{n}": "x" for n in range(40)}},
        {"known": KNOWN | {"challenge": "x" * 5_000}},
        {"known": {"company_size": {"a": 1}, "email_domain": "x.example", "nothing": 1}},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_a_token_that_does_not_hold_changes_nothing(
    prospect: Prospect, odd: dict[str, Any]
) -> None:
    prospect.begins(identity=token(prospect.site, **odd))
    assert {"company_size", "job_title"} <= set(asked(prospect))


def test_no_unsigned_token_is_believed(prospect: Prospect) -> None:
    head, content, _ = token(prospect.site).split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    for forged in (f"{none}.{content}.", f"{head}.{content}.", f"{head}.{content}", "\ud800", "."):
        assert identities.vouched(forged, prospect.site, _playbook(prospect), now=FRIDAY) == []


def test_another_secret_makes_the_old_one_worthless(prospect: Prospect) -> None:
    old = token(prospect.site)
    sites.change_identity_secret(prospect.site, by="the tests", now=FRIDAY)
    playbook = _playbook(prospect)
    assert identities.vouched(old, prospect.site, playbook, now=FRIDAY) == []
    assert identities.vouched(token(prospect.site), prospect.site, playbook, now=FRIDAY)


def _playbook(prospect: Prospect) -> Any:
    return prospect.begins().playbook
