"""``baton db verify`` finds nothing where nothing is wrong, and each wrong where one is."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from webapp.core import tally
from webapp.services import audit
from webapp.services.accounts import staff
from webapp.services.figures import counting
from webapp.services.operations.verification import verify
from webapp.store.audit import AuditRow
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db
from webapp.store.days import DayRow
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow


@pytest.fixture
def finished(prospect: Prospect) -> Prospect:
    prospect.begins(visitor_key="a browser")
    prospect.answers(**DEMO)
    prospect.says("company_size", "1-9")
    return prospect


@pytest.mark.promise(10)
def test_what_was_kept_comes_out_again(finished: Prospect) -> None:
    found = verify()
    assert found.problems == []
    assert found.checked == {
        "answer": 8,
        "conversation": 1,
        "handoff": 1,
        "record": 2,
        "counted day": 0,
    }


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (delete(AnswerRow).where(AnswerRow.n == 3), "answers are missing"),
        (
            update(AnswerRow).where(AnswerRow.n == 1).values(value="comply"),
            "is not what was",
        ),
        (delete(DeliveryRow), "nobody was told"),
        (delete(HandoffRow), "handed to nobody"),
        (update(RecordRow).values(total=99), "score column comes out otherwise"),
        (update(RecordRow).values(rule="rest"), "rule column comes out otherwise"),
        (text("UPDATE records SET inputs = replace(inputs, 'CFO', 'CEO')"), "its inputs are not"),
        (
            text("""UPDATE records SET record = replace(record, '"fit": ', '"fit": 1')"""),
            "its score comes out otherwise",
        ),
        (
            text("UPDATE audit SET subject = 'x' WHERE id = (SELECT min(id) FROM audit)"),
            "audit line",
        ),
    ],
)
def test_each_kind_of_damage_is_found(finished: Prospect, damage: object, told: str) -> None:
    staff.add("ana@example.com", role="rep", by="the tests", now=finished.now)
    db.session.execute(damage)
    db.session.commit()
    assert any(told in problem for problem in verify().problems), verify().problems


@pytest.mark.parametrize("how", ["its end is gone", "all is gone", "all is sealed anew"])
def test_who_kept_where_the_audit_log_ended_sees_that_its_end_is_gone(
    finished: Prospect, how: str
) -> None:
    """The log itself does not show it: what is left is whole."""
    for name in ("ana", "ben", "cleo"):
        staff.add(f"{name}@example.com", role="rep", by="the tests", now=finished.now)
    end = verify().audit_end
    staff.add("dora@example.com", role="rep", by="the tests", now=finished.now)
    assert verify(end).problems == []

    lines = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    if how == "all is sealed anew":
        lines[1].actor, last = "somebody else", lines[0].hash
        for each in lines[1:]:
            each.previous = last
            each.hash = last = audit.seal(each)
    else:
        kept = 0 if how == "all is gone" else lines[-3].id
        db.session.execute(delete(AuditRow).where(AuditRow.id > kept))
    db.session.commit()
    assert verify().problems == []
    [told] = verify(end).problems
    assert told == f"audit line {end.partition(':')[0]}: it is gone, or not the one it was"


def test_days_told_wrongly_are_found_and_counted_anew(finished: Prospect) -> None:
    next_week = finished.now + timedelta(days=7)
    counting.count_days(now=next_week)
    assert verify().problems == []
    untrue = tally.write(Counter({("became", "hot", "won"): 1}))
    db.session.execute(update(DayRow).where(DayRow.of == "handoffs").values(tally=untrue))
    db.session.commit()
    found = verify()
    assert found.checked["counted day"] > 0
    assert {problem.partition(":")[0] for problem in found.problems} == {
        str(day) for day in db.session.scalars(select(DayRow.day))
    }
    assert {of for of, _ in counting.recount()} == {"handoffs"}
    assert verify().problems == []
    assert counting.recount() == []


def test_an_end_without_record_is_found(finished: Prospect) -> None:
    db.session.execute(delete(HandoffRow))
    db.session.execute(update(RecordRow).values(supersedes_id=None))
    db.session.execute(delete(RecordRow))
    db.session.commit()
    [problem] = verify().problems
    assert "has no record" in problem
    assert db.session.get(ConversationRow, finished.id).id in problem
