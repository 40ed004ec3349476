"""Whoever answers gets a receipt; held against what is kept, it tells what became of the answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import delete, select, update

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from webapp.services.people import erasure, retention
from webapp.services.prospects import receipts
from webapp.services.prospects.receipts import Verdict
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db


def became(*given: str | None) -> list[Verdict]:
    return [each.verdict for each in receipts.check(map(str, given))]


def test_every_answer_has_a_receipt_of_its_own_that_tells_nothing_said(prospect: Prospect) -> None:
    prospect.begins()
    given = [prospect.says(each, value).receipt for each, value in DEMO.items()]
    assert became(*given) == ["stored"] * len(DEMO)
    for n, receipt in enumerate(given, start=1):
        assert str(receipt).startswith(f"{prospect.id}.{n}.")
        assert not any(str(value) in str(receipt) for value in DEMO.values())


def test_the_same_answer_sent_again_has_the_same_receipt(prospect: Prospect) -> None:
    prospect.begins()
    first = prospect.says("goal", "grow", turn="one").receipt
    assert prospect.says("goal", "grow", turn="one").receipt == first
    assert prospect.says("goal", "grow", turn="two").receipt == first
    prospect.says("goal", "comply", turn="three")
    assert prospect.says("goal", "grow", turn="one").receipt == first


def test_who_thinks_again_has_two_receipts_and_both_answers_are_kept(prospect: Prospect) -> None:
    prospect.begins()
    before = prospect.says("goal", "grow").receipt
    after = prospect.says("goal", "comply").receipt
    assert became(before, after) == ["answered anew", "stored"]


def test_what_was_acknowledged_and_is_not_there_is_missed(prospect: Prospect) -> None:
    prospect.begins()
    kept, changed, lost = (
        prospect.says(question, value).receipt for question, value in list(DEMO.items())[:3]
    )
    db.session.execute(update(AnswerRow).where(AnswerRow.n == 2).values(said="Something else"))
    db.session.execute(delete(AnswerRow).where(AnswerRow.n == 3))
    db.session.commit()
    assert became(kept, changed, lost) == ["stored", "changed", "missing"]


def test_nobody_makes_a_receipt_without_our_secret(
    prospect: Prospect,
    another_prospect: Callable[[], Prospect],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prospect.begins()
    real = str(prospect.says("goal", "grow").receipt)
    another = another_prospect()
    another.begins()
    conversation, n, mac = real.split(".")
    made_up = [
        f"{another.id}.{n}.{mac}",
        f"{conversation}.2.{mac}",
        f"{conversation}.{n}.{mac[:-1]}{'0' if mac[-1] != '0' else '1'}",
        f"{conversation}.{n}.{'0' * 32}{mac[32:]}",
        mac,
        f"{real}.",
        "ü" * len(real),
        "\x00",
    ]
    assert became(*made_up) == ["not ours"] * len(made_up)
    monkeypatch.setitem(current_app.config, "SECRET_KEY", "that of a machine which is not ours")
    assert became(real) == ["not ours"]


def test_half_a_receipt_signs_no_words_that_read_like_another(prospect: Prospect) -> None:
    prospect.begins()
    prospect.says("goal", "grow")
    receipt = str(prospect.says("challenge", "A.5.").receipt)
    kept = db.session.scalars(select(AnswerRow).where(AnswerRow.n == 2)).one()
    words = ascii([kept.question, kept.property, kept.value, kept.said, kept.at.isoformat()])
    assert became(words + receipt.rpartition(".")[2][:32]) == ["not ours"]


def test_who_was_erased_was_not_lost(prospect: Prospect) -> None:
    prospect.begins()
    given = [prospect.says(each, value).receipt for each, value in DEMO.items()]
    erasure.erase("ana@nordwind.example", by="ana herself", now=prospect.now)
    assert became(*given) == ["erased"] * len(DEMO)


def test_what_a_site_keeps_no_longer_was_not_lost(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.site.retention_days = 30
    db.session.commit()
    lost = another_prospect()
    for person in (prospect, lost):
        person.begins()
        person.says("goal", "grow")
    db.session.execute(delete(ConversationRow).where(ConversationRow.id == lost.id))
    db.session.commit()
    retention.forget_the_old(now=prospect.now + timedelta(days=31))
    assert became(prospect.state.receipt, lost.state.receipt) == ["erased", "missing"]
