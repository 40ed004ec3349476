"""What looks like spam waits for a person; released, it is the lead it would have been."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import answer_the_rest, colleague
from webapp.services.operations import verification
from webapp.services.prospects import conversations, kept_aside
from webapp.services.sales.live import NoSuchConversation
from webapp.store.audit import AuditRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow

People = Callable[[], Prospect]


@pytest.fixture
def manager(in_app: None) -> StaffRow:
    return colleague("maja@example.com", "manager")


def row_of(prospect: Prospect) -> ConversationRow:
    db.session.expire_all()
    return db.session.get_one(ConversationRow, prospect.id)


def verdict_of(prospect: Prospect) -> dict[str, object]:
    record = db.session.scalars(
        select(RecordRow)
        .where(RecordRow.conversation_id == prospect.id)
        .order_by(RecordRow.created_at.desc())
    ).first()
    assert record is not None
    return {**record.record["verdict"], "lines": record.record["score_lines"]}


def asks(prospect: Prospect, email: str, **arrival: object) -> Prospect:
    prospect.begins("demo-request", **arrival)
    answer_the_rest(prospect, email)
    return prospect


def test_a_released_demo_request_is_the_lead_it_would_have_been(
    another_prospect: People, manager: StaffRow
) -> None:
    trusted = asks(another_prospect(), "ana@north.example")
    suspected = asks(another_prospect(), "bea@south.example", spam_because=["trap"])
    assert db.session.scalar(select(HandoffRow).where(HandoffRow.conversation_id == suspected.id)) \
        is None  # fmt: skip

    later = FRIDAY + timedelta(hours=2)
    released = kept_aside.release(suspected.id, manager, now=later)

    assert released.handoff is not None
    assert released.handoff.owner_email
    assert released.handoff.respond_by > later
    assert verdict_of(suspected) == verdict_of(trusted)
    told = db.session.scalars(
        select(DeliveryRow.recipient).where(DeliveryRow.handoff_id == released.handoff.id)
    )
    assert list(told) == [released.handoff.owner_email]
    assert (row_of(suspected).spam, row_of(suspected).finished_at) == (False, later)
    assert verification.verify().problems == []


def test_two_clicks_release_once(prospect: Prospect, manager: StaffRow) -> None:
    asks(prospect, "bea@south.example", spam_because=["trap"])

    first = kept_aside.release(prospect.id, manager, now=FRIDAY + timedelta(hours=1))
    second = kept_aside.release(prospect.id, manager, now=FRIDAY + timedelta(hours=2))

    assert second.handoff is first.handoff
    assert len(db.session.scalars(select(HandoffRow)).unique().all()) == 1
    assert len(db.session.scalars(select(RecordRow)).all()) == 2
    lines = db.session.scalars(select(AuditRow).where(AuditRow.action == "conversation.released"))
    assert [(line.actor, line.subject, line.detail) for line in lines] == [
        (manager.id, prospect.id, {"because": ["trap"]})
    ]


def test_what_was_released_is_not_suspected_again(prospect: Prospect, manager: StaffRow) -> None:
    prospect.begins("demo-request", spam_because=["trap"])
    prospect.says("goal", "grow")

    released = kept_aside.release(prospect.id, manager, now=prospect.now)
    assert (released.handoff, released.destination) == (None, None)
    prospect.now += timedelta(minutes=1)
    prospect.finishes(
        company_size="50-199", job_title="CFO", timeline="now", email="bea@mailinator.com"
    )

    assert not row_of(prospect).spam
    assert row_of(prospect).destination == "sales"


def test_a_throw_away_address_is_kept_aside_until_another_is_given(prospect: Prospect) -> None:
    asks(prospect, "bea@mailinator.com")
    assert row_of(prospect).spam_because == ["disposable"]
    assert row_of(prospect).destination == "set_aside"
    (listed,) = kept_aside.listed()
    assert listed.who == "bea@mailinator.com"
    assert listed.because == ("Gave a throw-away e-mail address",)

    prospect.says("email", "bea@south.example")

    assert kept_aside.listed() == []
    assert row_of(prospect).destination == "sales"


@pytest.mark.parametrize(
    "domain", ["ｍａｉｌｉｎａｔｏｒ.com", "mailinator。com", "ⓜailinator.com"]
)
def test_a_throw_away_address_is_one_in_any_letters(prospect: Prospect, domain: str) -> None:
    """They all reach the same mailbox, so they are kept as the one address that it has."""
    asks(prospect, f"bea@{domain}")
    assert row_of(prospect).spam_because == ["disposable"]
    assert kept_aside.listed()[0].who == "bea@mailinator.com"


def test_only_what_was_kept_aside_can_be_released(
    prospect: Prospect, manager: StaffRow, now: datetime
) -> None:
    prospect.begins("demo-request")
    for id in (prospect.id, "nothing"):
        with pytest.raises(NoSuchConversation):
            kept_aside.release(id, manager, now=now)


def test_somebody_who_still_waits_for_a_person_rings_the_team_when_released(
    prospect: Prospect, manager: StaffRow
) -> None:
    prospect.begins("demo-request", spam_because=["too_fast"])
    prospect.says("goal", "grow")
    conversations.ask_for_person(prospect.token, now=prospect.now)
    rung = select(DeliveryRow).where(DeliveryRow.event == "person.asked")
    assert db.session.scalars(rung).all() == []

    kept_aside.release(prospect.id, manager, now=prospect.now + timedelta(minutes=1))

    assert db.session.scalars(rung).all() != []
