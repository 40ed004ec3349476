"""Who gave an address, agreed and then went quiet becomes a lead, once; who comes back and finishes
is still the same one."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.services.conftest import Prospect
from tests.services.selling import colleague
from webapp.services.operations import verification
from webapp.services.prospects import completion, conversations, partial_leads
from webapp.services.prospects.standing import Standing
from webapp.services.sales import corrections
from webapp.store import failpoints
from webapp.store.conversations import ConversationRow
from webapp.store.database import Base, db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow

HOUR = timedelta(hours=1)


def count(row: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(row)) or 0


def records() -> list[RecordRow]:
    db.session.expire_all()
    return list(db.session.scalars(select(RecordRow).order_by(RecordRow.id)))


def leaves(prospect: Prospect, *, agrees: object = "yes", **arrival: object) -> Prospect:
    """Answers a flow up to one that is still waiting."""
    prospect.begins("content-download", **arrival)
    prospect.says("email", "ana@nordwind.example")
    prospect.says("marketing_consent", agrees, skip=agrees is None)
    assert prospect.state.question is not None
    return prospect


def test_one_that_cannot_be_kept_keeps_nobody_else_waiting(
    prospect: Prospect, another_prospect: Callable[[], Prospect], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = leaves(prospect), leaves(another_prospect())
    write_down = completion.write_down

    def fails_for_the_first(standing: Standing, *given: Any, **more: Any) -> Any:
        if standing.row.id == first.id:
            raise OperationalError("INSERT", {}, Exception("index row too large"))
        return write_down(standing, *given, **more)

    monkeypatch.setattr(completion, "write_down", fails_for_the_first)
    with pytest.raises(OperationalError, match="too large"):
        partial_leads.write_down(now=prospect.now + HOUR)
    assert [each.conversation_id for each in records()] == [second.id]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_database_that_went_away_is_not_asked_for_everybody_else_too(
    prospect: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    leaves(prospect)
    leaves(another_prospect())
    asked = []

    def hang_up() -> None:
        asked.append("the database")
        mine = db.session.scalar(select(func.pg_backend_pid()))
        with db.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(mine, 5_000)))

    armed = failpoints.armed("partial_leads.write_down.before_commit", hang_up)
    with armed, pytest.raises(OperationalError):
        partial_leads.write_down(now=prospect.now + HOUR)
    assert asked == ["the database"]


def test_who_agreed_and_left_becomes_a_record_of_its_own_kind_after_a_quiet_hour(
    prospect: Prospect,
) -> None:
    leaves(prospect)
    assert partial_leads.write_down(now=prospect.now + HOUR - timedelta(seconds=1)) == 0

    assert partial_leads.write_down(now=prospect.now + HOUR) == 1

    [record] = records()
    assert (record.depth, record.record["depth"]) == ("partial", "partial")
    assert record.record["verdict"]["destination"] == record.destination
    row = db.session.get_one(ConversationRow, prospect.id)
    assert (row.finished_at, row.destination) == (None, record.destination)
    lead = db.session.scalars(select(LeadRow)).one()
    assert (lead.email, row.lead_id) == ("ana@nordwind.example", lead.id)
    assert verification.verify().problems == []


def test_nobody_is_written_down_twice(prospect: Prospect) -> None:
    leaves(prospect)
    made = [partial_leads.write_down(now=prospect.now + HOUR * hours) for hours in (1, 2, 50)]
    assert made == [1, 0, 0]
    assert len(records()) == 1


@pytest.mark.parametrize("agrees", [None, "no"])
def test_nobody_is_written_down_who_did_not_agree(prospect: Prospect, agrees: object) -> None:
    leaves(prospect, agrees=agrees)
    assert partial_leads.write_down(now=prospect.now + HOUR) == 0
    assert count(RecordRow) == count(LeadRow) == 0


def test_nobody_is_written_down_who_cannot_be_reached_or_looks_like_spam(
    another_prospect: Callable[[], Prospect],
) -> None:
    leaves(another_prospect(), spam_because=["trap"])
    unknown = another_prospect()
    unknown.begins("demo-request")
    unknown.says("goal", "grow")
    assert partial_leads.write_down(now=unknown.now + 2 * HOUR) == 0
    assert count(RecordRow) == 0


def test_two_workers_write_somebody_down_once(app: Flask, prospect: Prospect) -> None:
    leaves(prospect)
    db.session.rollback()
    db.session.remove()
    together, made = Barrier(2), []

    def works() -> None:
        with app.app_context():
            together.wait()
            made.append(partial_leads.write_down(now=prospect.now + HOUR))

    workers = [Thread(target=works) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(made) == [0, 1]
    assert len(records()) == 1


def wants_to_talk(prospect: Prospect) -> HandoffRow:
    """Asks for a person, leaves all the same, and is handed over for it."""
    leaves(prospect)
    conversations.ask_for_person(prospect.token, now=prospect.now)
    prospect.now += 2 * HOUR
    assert partial_leads.write_down(now=prospect.now) == 1
    return db.session.scalars(select(HandoffRow)).unique().one()


def test_who_comes_back_and_finishes_is_the_same_lead_with_the_same_owner(
    prospect: Prospect,
) -> None:
    handoff = wants_to_talk(prospect)
    owner, partial = handoff.owner_email, handoff.record_id
    assert owner
    told = select(DeliveryRow).where(DeliveryRow.event == "handoff.created")
    assert "Left before the end." in db.session.scalars(told).one().payload["text"]

    prospect.finishes(role_level="manager", company_size="50-199", industry="technology")

    db.session.expire_all()
    old, new = records()
    assert (new.supersedes_id, new.depth) == (old.id, "qualified")
    assert old.id == partial
    assert (handoff.owner_email, handoff.record_id) == (owner, new.id)
    assert count(HandoffRow) == count(LeadRow) == 1
    happened = db.session.scalars(select(HandoffEventRow.what).order_by(HandoffEventRow.id)).all()
    assert happened[-1] == "continued"
    assert partial_leads.write_down(now=prospect.now + 2 * HOUR) == 0
    assert verification.verify().problems == []


def test_who_comes_back_says_more_and_leaves_again_has_the_record_superseded(
    prospect: Prospect,
) -> None:
    handoff = wants_to_talk(prospect)
    prospect.says("role_level", "manager")
    assert prospect.state.question is not None
    assert partial_leads.write_down(now=prospect.now + HOUR) == 1
    old, new = records()
    assert (old.depth, new.depth, new.supersedes_id) == ("partial", "partial", old.id)
    assert count(HandoffRow) == 1
    db.session.expire_all()
    assert handoff.record_id == new.id


def test_what_a_rep_corrects_of_somebody_who_left_stays_a_partial_record(
    prospect: Prospect,
) -> None:
    handoff = wants_to_talk(prospect)
    rep = colleague(str(handoff.owner_email))
    later = prospect.now + 2 * HOUR

    corrections.correct(handoff.id, rep, property="company_size", value="200-500", now=later)

    newest = records()[-1]
    assert (newest.depth, newest.supersedes_id) == ("partial", records()[0].id)
    assert db.session.get_one(ConversationRow, prospect.id).finished_at is None
    assert verification.verify().problems == []
    prospect.now = later
    prospect.finishes(role_level="manager", company_size="50-199", industry="technology")
    assert records()[-1].depth == "qualified"
    assert verification.verify().problems == []
