"""Whoever must not be contacted is kept and left alone; whoever was erased, by a hash."""

import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from tests.services.selling import colleague, somebody_listens
from tests.waiting import eventually, somebody_waits
from webapp.services.operations.verification import verify
from webapp.services.people import erasure, suppression
from webapp.services.people.suppression import CannotSuppress
from webapp.services.prospects import completion, conversations
from webapp.services.receivers import outbox, sending
from webapp.services.receivers.sending import NothingToSend
from webapp.services.sales import handoffs
from webapp.services.sales.handoff_access import TooLate
from webapp.store import deliveries, failpoints, staff
from webapp.store import handoffs as handoff_rows
from webapp.store import suppressions as rows
from webapp.store.assignments import TurnsRow
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow
from webapp.store.suppressions import SuppressionRow


@pytest.fixture
def manager(prospect: Prospect) -> StaffRow:
    """Somebody with rights, while a CRM and a marketing tool listen to everything."""
    somebody_listens("handoff.created", "handoff.updated", "nurture.entered")
    return colleague("mo@example.com", "manager")


def told() -> int:
    return db.session.scalar(select(func.count()).select_from(DeliveryRow)) or 0


@pytest.mark.parametrize("entry", ["Ana@Nordwind.example", "nordwind.example", "@nordwind.example"])
def test_who_is_on_the_list_is_kept_and_nobody_is_told(
    prospect: Prospect, manager: StaffRow, entry: str
) -> None:
    suppression.add(entry, manager, reason="asked", now=prospect.now)
    prospect.begins()
    prospect.answers(**DEMO | {"email": "ana+again@nordwind.example"})

    row = handoff_rows.of_conversation(prospect.id)
    assert row is not None
    assert (row.status, row.respond_by, row.remind_at) == ("suppressed", None, None)
    assert row.record.record["lead"]["email"]["value"] == "ana+again@nordwind.example"
    assert told() == 0
    assert db.session.scalar(select(func.count()).select_from(TurnsRow)) == 0, "nobody's turn"
    assert prospect.state.ending is not None
    assert prospect.state.ending.kind == "review", "no call is promised"
    assert conversations.show(prospect.token, now=prospect.now).ending == prospect.state.ending
    assert verify().problems == []


@pytest.mark.parametrize("entry", ["ana+here@gmail.com", "nordwind.example"])
def test_who_is_on_the_list_is_left_alone_under_another_secret_key_too(
    app: Flask,
    prospect: Prospect,
    manager: StaffRow,
    monkeypatch: pytest.MonkeyPatch,
    entry: str,
) -> None:
    """Whoever lost the key is given a new one without a word."""
    for each in (entry, "once@rival.example"):
        suppression.add(each, manager, reason="asked", now=prospect.now)
    [once] = [each for each in rows.everything() if each.entry == "once@rival.example"]
    suppression.remove(once.id, manager, now=prospect.now)
    monkeypatch.setattr(app, "secret_key", "another secret key, made when the first was lost")
    assert suppression.under_this_key() == (2, 0)
    assert suppression.under_this_key() == (0, 0)

    prospect.begins()
    address = "a.na@gmail.com" if "gmail" in entry else "ana@nordwind.example"
    prospect.answers(**DEMO | {"email": address})
    row = handoff_rows.of_conversation(prospect.id)
    assert row is not None
    assert row.status == "suppressed"
    assert told() == 0
    erasure.erase(address, by="the tests", now=prospect.now)
    assert "ana+here@gmail.com" not in [each.entry for each in rows.everything()]


def test_it_is_told_how_many_who_were_erased_cannot_be_recognised_under_another_secret_key(
    app: Flask, prospect: Prospect, manager: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    suppression.add("rival.example", manager, reason="competitor", now=prospect.now)
    prospect.begins()
    prospect.answers(**DEMO | {"email": "ana@nordwind.example"})
    erasure.erase("ana@nordwind.example", by="the tests", suppress=True, now=prospect.now)
    monkeypatch.setattr(app, "secret_key", "another secret key, made when the first was lost")
    assert suppression.under_this_key() == (1, 1)
    monkeypatch.undo()
    suppression.under_this_key()
    assert suppression.of_addresses(["ana@nordwind.example"]) is not None


def test_a_change_after_the_end_tells_nobody_either(prospect: Prospect, manager: StaffRow) -> None:
    suppression.add("nordwind.example", manager, reason="legal", now=prospect.now)
    prospect.begins()
    prospect.answers(**DEMO)
    prospect.says("budget_range", "over-100k", turn="again")
    assert told() == 0
    assert completion.promise(prospect.id, prospect.site.id).kept is False


def test_a_suppressed_lead_enters_no_nurture_track(prospect: Prospect, manager: StaffRow) -> None:
    for entry in ("nordwind.example", None):
        prospect.begins("content-download")
        if entry:
            suppression.add(entry, manager, reason="asked", now=prospect.now)
        email = "ana@nordwind.example" if entry else "ben@tindal.example"
        prospect.finishes(
            purpose="buying", role_level="specialist", company_size="50-199", email=email
        )
        kinds = db.session.scalars(select(RecordRow.kind).order_by(RecordRow.id)).all()
        assert kinds[-1] == "nurture"
        assert told() == (0 if entry else 1)


def test_leads_nobody_was_in_touch_with_are_put_aside_when_somebody_comes_onto_the_list(
    prospect: Prospect, manager: StaffRow, another_prospect: Callable[[], Prospect]
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    other = another_prospect()
    other.begins()
    other.answers(**DEMO | {"email": "ben@tindal.example"})
    assert suppression.add("nordwind.example", manager, reason="asked", now=prospect.now) == 1

    db.session.expire_all()
    row, theirs = (handoff_rows.of_conversation(each.id) for each in (prospect, other))
    assert row is not None
    assert theirs is not None
    assert (row.status, theirs.status) == ("suppressed", "assigned")
    last = handoff_rows.events(row.id)[-1]
    assert (last.what, last.reason, last.by) == ("suppressed", "asked", manager.email)
    with pytest.raises(TooLate):
        handoffs.log_contact(row.id, manager, result="reached", now=prospect.now)


def test_who_is_taken_off_the_list_is_called_again(prospect: Prospect, manager: StaffRow) -> None:
    suppression.add("ana@nordwind.example", manager, reason="other", now=prospect.now)
    [entry] = rows.everything()
    for _ in range(2):
        assert suppression.remove(entry.id, manager, now=prospect.now)
    assert rows.everything() == []
    prospect.begins()
    prospect.answers(**DEMO)
    row = handoff_rows.of_conversation(prospect.id)
    assert row is not None
    assert row.status == "assigned"
    lines = db.session.scalars(
        select(AuditRow).where(AuditRow.action.like("suppression.%")).order_by(AuditRow.id)
    ).all()
    assert [each.action for each in lines] == ["suppression.added", "suppression.removed"]
    assert "nordwind" not in json.dumps([each.detail for each in lines])


@pytest.mark.parametrize(
    ("entry", "reason", "field"),
    [
        ("", "asked", "entry"),
        ("nobody", "asked", "entry"),
        ("a b@example.com", "asked", "entry"),
        ("gmail.com", "asked", "entry"),
        ("nordwind.example", "", "reason"),
        ("nordwind.example", "whatever", "reason"),
    ],
)
def test_what_cannot_be_on_the_list_is_refused(
    manager: StaffRow, prospect: Prospect, entry: str, reason: str, field: str
) -> None:
    with pytest.raises(CannotSuppress) as refusal:
        suppression.add(entry, manager, reason=reason, now=prospect.now)
    assert refusal.value.field == field
    assert rows.everything() == []


def test_the_same_entry_twice_is_one(manager: StaffRow, prospect: Prospect) -> None:
    suppression.add("Nordwind.example", manager, reason="asked", now=prospect.now)
    with pytest.raises(CannotSuppress):
        suppression.add("nordwind.EXAMPLE", manager, reason="asked", now=prospect.now)
    assert len(rows.everything()) == 1


@pytest.mark.parametrize("listed_before", [True, False])
def test_somebody_erased_is_left_alone_without_being_remembered(
    prospect: Prospect,
    manager: StaffRow,
    another_prospect: Callable[[], Prospect],
    listed_before: bool,
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    if listed_before:
        suppression.add(
            "ana@nordwind.example", manager, reason="asked", note="Ana wrote", now=prospect.now
        )
    erasure.erase(
        "ana@nordwind.example", by="the desk", suppress=not listed_before, now=prospect.now
    )

    [entry] = rows.everything()
    assert (entry.entry, entry.note, entry.reason) == (None, None, "asked")
    assert "nordwind" not in repr(vars(entry))
    again = another_prospect()
    again.begins()
    again.answers(**DEMO)
    assert db.session.scalars(select(HandoffRow.status)).one() == "suppressed"


def test_who_asks_before_they_ever_came_is_left_alone_when_they_do(prospect: Prospect) -> None:
    suppression.leave_alone("Ana+shop@Nordwind.example ", by="the desk", now=prospect.now)

    [entry] = rows.everything()
    assert (entry.entry, entry.reason) == (None, "asked")
    prospect.begins()
    prospect.answers(**DEMO)
    assert db.session.scalars(select(HandoffRow.status)).one() == "suppressed"


def test_who_was_once_on_the_list_may_come_onto_it_again_and_is_erased_from_it(
    prospect: Prospect, manager: StaffRow
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    for _ in range(2):
        suppression.add("ana@nordwind.example", manager, reason="asked", now=prospect.now)
        [entry] = rows.everything()
        suppression.remove(entry.id, manager, now=prospect.now)
    erasure.erase("ana@nordwind.example", by="the desk", now=prospect.now)
    assert db.session.scalars(select(SuppressionRow)).all() == []


def test_an_erasure_that_asks_for_nothing_more_leaves_nobody_on_the_list(
    prospect: Prospect, manager: StaffRow
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    erasure.erase("ana@nordwind.example", by="the desk", now=prospect.now)
    assert rows.everything() == []


def test_what_was_not_sent_yet_when_somebody_comes_onto_the_list_never_is(
    prospect: Prospect, manager: StaffRow, another_prospect: Callable[[], Prospect]
) -> None:
    emails = ("ana@nordwind.example", "ben@tindal.example")
    for who, email in zip((prospect, another_prospect()), emails, strict=True):
        who.begins()
        who.answers(**DEMO | {"email": email})
    link = outbox.deliver(
        {"to": "ana@nordwind.example"},
        "conversation.link",
        now=prospect.now,
        recipient="ana@nordwind.example",
    )
    forget = outbox.deliver(
        {"type": "lead.erased"},
        "lead.erased",
        now=prospect.now,
        id="forget",
        connection=db.session.scalars(select(ConnectionRow)).one(),
    )
    db.session.commit()

    suppression.add("nordwind.example", manager, reason="asked", now=prospect.now)

    db.session.expire_all()
    theirs = handoff_rows.of_conversation(prospect.id)
    assert theirs is not None
    withdrawn = [*deliveries.of_handoff(theirs.id), link]
    assert len(withdrawn) >= 3
    assert {(each.state, each.last_error) for each in withdrawn} == {
        ("withdrawn", suppression.WITHDRAWN)
    }
    assert all(each.payload == {} for each in withdrawn)
    others = db.session.scalars(
        select(DeliveryRow.state).where(DeliveryRow.id.not_in([each.id for each in withdrawn]))
    ).all()
    assert forget.state == "pending", "who is told to forget somebody must hear of it"
    assert set(others) == {"pending"}
    assert link.id not in {
        each.id for each in sending.claim(by="w", free={}, otherwise=99, most=99)
    }
    with pytest.raises(NothingToSend):
        sending.replay(link.id, by="mo", now=prospect.now)


@pytest.mark.parametrize("arrives", [True, False])
def test_what_was_under_way_when_it_was_withdrawn_is_not_tried_again(
    prospect: Prospect, manager: StaffRow, arrives: bool
) -> None:
    prospect.begins()
    prospect.answers(**DEMO)
    claims = list(sending.claim(by="w", free={}, otherwise=99, most=99))
    suppression.add("nordwind.example", manager, reason="asked", now=prospect.now)

    for each in claims:
        if arrives:
            values = {"state": "delivered", "delivered_at": prospect.now}
        else:
            values = {"state": "pending"}
        assert deliveries.settle(each.id, each.fence, values) is arrives
    db.session.commit()

    found = set(db.session.scalars(select(DeliveryRow.state)))
    assert found == {"delivered" if arrives else "withdrawn"}


@pytest.mark.parametrize(
    ("entry", "writes"),
    [
        ("ana@nordwind.example", "Ana+webinar@NORDWIND.example"),
        ("ana+webinar@nordwind.example", "ana@nordwind.example"),
        ("a.na.ruiz@gmail.com", "anaruiz+x@googlemail.com"),
        ("anaruiz@googlemail.com", "Ana.Ruiz@gmail.com"),
        ("Nordwind.EXAMPLE", "ana@mail.nordwind.example"),
        ("xn--bcher-kva.example", "ana@bücher.example"),
    ],
)
def test_an_entry_stands_for_every_spelling(
    prospect: Prospect, manager: StaffRow, entry: str, writes: str
) -> None:
    suppression.add(entry, manager, reason="asked", now=prospect.now)
    assert suppression.of_addresses([writes]) is not None
    assert suppression.of_addresses(["a.na@nordwind-other.example"]) is None
    with pytest.raises(CannotSuppress, match="on the list already"):
        suppression.add(f" {entry.upper()}", manager, reason="asked", now=prospect.now)


def test_dots_tell_people_apart_where_their_mail_server_does(
    prospect: Prospect, manager: StaffRow
) -> None:
    suppression.add("ana.ruiz@nordwind.example", manager, reason="asked", now=prospect.now)
    assert suppression.of_addresses(["anaruiz@nordwind.example"]) is None


@pytest.mark.parametrize("stopped", ["conversations.answer", "suppression.add"])
def test_nobody_slips_past_the_list_who_finishes_the_instant_they_come_onto_it(
    app: Flask, prospect: Prospect, manager: StaffRow, stopped: str
) -> None:
    """Either is stopped just before its commit until the other waits for it, or is done."""
    prospect.begins()
    last = "email"
    prospect.answers(**{each: DEMO[each] for each in DEMO if each != last})
    token, now, manager_id = prospect.token, prospect.now, manager.id
    assert prospect.state.question is not None
    assert prospect.state.question.id == last, "the answer that ends it"
    db.session.rollback()

    def finishes() -> None:
        conversations.answer(token, last, value=DEMO[last], now=now)

    def comes_onto_the_list() -> None:
        actor = staff.by_id(manager_id)
        suppression.add("ana@nordwind.example", actor, reason="asked", now=now)

    first, second = finishes, comes_onto_the_list
    if stopped == "suppression.add":
        first, second = second, first
    beside = threading.Thread(target=lambda: in_its_own(app, second))

    def meanwhile() -> None:
        if beside.ident is None:
            beside.start()
            eventually(lambda: not beside.is_alive() or somebody_waits(app))

    with failpoints.armed(f"{stopped}.before_commit", meanwhile):
        in_its_own(app, first)
    beside.join()

    row = db.session.scalars(select(HandoffRow)).unique().one()
    assert row.status == "suppressed"
    assert set(db.session.scalars(select(DeliveryRow.state))) <= {"withdrawn"}


def in_its_own(app: Flask, act: Callable[[], None]) -> None:
    with app.app_context():
        act()
