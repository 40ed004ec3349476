"""Digests come once, in the morning of their reader, with numbers and no names."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import THREE, asks_for_a_demo, colleague, with_teams
from webapp.services.figures import digests
from webapp.services.operations import tidying
from webapp.services.receivers import subscriptions
from webapp.services.sales import assignment, handoffs, reminders
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow

SATURDAY_8 = datetime(2026, 11, 21, 8, 0, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
MONDAY_8 = SATURDAY_8 + timedelta(days=2)


def sent(kind: str) -> list[DeliveryRow]:
    rows = db.session.scalars(select(DeliveryRow).where(DeliveryRow.event == f"digest.{kind}"))
    return sorted(rows, key=lambda row: row.recipient or "")


@pytest.fixture
def lead(prospect: Prospect) -> HandoffRow:
    with_teams(THREE)
    return asks_for_a_demo(prospect, "nordwind")


def test_marketing_reads_in_the_morning_what_happened_yesterday(lead: HandoffRow) -> None:
    colleague("mia@example.com", role="marketer", timezone="Europe/Berlin")
    assert digests.send_due(now=SATURDAY_8 - timedelta(minutes=1)) == 0

    for minutes in (0, 1, 60):
        digests.send_due(now=SATURDAY_8 + timedelta(minutes=minutes))

    [mail] = sent("daily")
    assert mail.recipient == "mia@example.com"
    assert "demo-request  |  1  |  1" in mail.payload["text"]
    assert "Sales  |  1" in mail.payload["text"]
    assert "nordwind" not in f"{mail.payload}"


def test_each_reader_has_a_morning_of_their_own(lead: HandoffRow) -> None:
    colleague("mia@example.com", role="marketer", timezone="Europe/Berlin")
    colleague("kenji@example.com", role="marketer", timezone="Asia/Tokyo")
    colleague("bob@example.com", role="marketer", timezone="America/Los_Angeles")

    digests.send_due(now=SATURDAY_8)

    assert [mail.recipient for mail in sent("daily")] == ["kenji@example.com", "mia@example.com"]


def test_a_day_on_which_nothing_happened_brings_no_mail(lead: HandoffRow) -> None:
    colleague("mia@example.com", role="marketer")

    digests.send_due(now=SATURDAY_8 + timedelta(days=3))

    assert sent("daily") == []


def test_operations_reads_on_monday_who_got_what_and_what_became_of_it(
    lead: HandoffRow, another_prospect: Callable[[], Prospect]
) -> None:
    colleague("olga@example.com", role="manager", timezone="Europe/Berlin")
    ana = colleague("ana@example.com")
    second = another_prospect()
    second.now += timedelta(minutes=5)
    other = asks_for_a_demo(second, "other")
    assignment.reassign(other.id, to="ana@example.com", by="mia", now=FRIDAY)
    db.session.commit()
    handoffs.reject(other.id, ana, reason="spam", now=FRIDAY + timedelta(hours=1))

    digests.send_due(now=MONDAY_8)

    [mail] = sent("weekly")
    text = mail.payload["text"]
    assert mail.recipient == "olga@example.com"
    assert "trio  |  ana@example.com  |  2" in text
    assert "Spam  |  1" in text


def test_reps_and_people_who_left_get_none(lead: HandoffRow) -> None:
    colleague("rita@example.com")
    colleague("gone@example.com", role="marketer", disabled_at=FRIDAY)

    assert digests.send_due(now=SATURDAY_8) == 0


def test_who_wants_no_more_gets_no_more(lead: HandoffRow) -> None:
    colleague("mia@example.com", role="marketer")
    subscriptions.end(subscriptions.token("mia@example.com", "daily"), now=FRIDAY)

    assert digests.send_due(now=SATURDAY_8) == 0


def test_the_words_of_what_was_delivered_go_after_a_month_and_the_fact_stays(
    lead: HandoffRow,
) -> None:
    delivered = db.session.scalars(select(DeliveryRow)).one()
    delivered.state, delivered.delivered_at = "delivered", FRIDAY
    db.session.commit()

    assert tidying.sweep(now=FRIDAY + timedelta(days=29)) == 0
    assert tidying.sweep(now=FRIDAY + timedelta(days=31)) == 1
    assert tidying.sweep(now=FRIDAY + timedelta(days=31)) == 0

    db.session.expire_all()
    assert (delivered.payload, delivered.state) == ({}, "delivered")


def test_a_dead_letter_is_kept_for_ever(lead: HandoffRow) -> None:
    [row] = db.session.scalars(select(DeliveryRow))
    row.state = "dead"
    db.session.commit()

    assert tidying.sweep(now=FRIDAY + timedelta(days=3_650)) == 0


def test_mails_speak_the_language_of_who_reads_them(lead: HandoffRow) -> None:
    colleague("maja@example.com", role="marketer", locale="de", timezone="Europe/Berlin")
    colleague("olga@example.com", role="manager", locale="de", timezone="Europe/Berlin")
    colleague("kenji@example.com", role="marketer", timezone="Europe/Berlin")

    digests.send_due(now=MONDAY_8 - timedelta(days=2))
    digests.send_due(now=MONDAY_8)

    english, german, _ = sent("daily")
    assert "Freitag, 20. November 2026, nach der Uhr von Europe/Berlin." in german.payload["text"]
    assert "GESPRÄCHE" in german.payload["text"]
    assert "CONVERSATIONS" in english.payload["text"]
    [weekly] = sent("weekly")
    assert weekly.payload["subject"] == "Verteilung der letzten Woche"


def test_a_rep_is_alerted_reminded_and_warned_in_their_language_and_zone(
    prospect: Prospect,
) -> None:
    with_teams(THREE)
    for email in ("ana@example.com", "ben@example.com", "cy@example.com", "lena@example.com"):
        colleague(email, locale="de", timezone="Asia/Tokyo")
    row = asks_for_a_demo(prospect, "nordwind")

    reminders.remind(now=prospect.now + timedelta(days=4))
    reminders.escalate(now=prospect.now + timedelta(days=4))

    mails = {
        each.event: each.payload["text"]
        for each in db.session.scalars(select(DeliveryRow).where(DeliveryRow.handoff_id == row.id))
    }
    assert "WAS WIR WISSEN" in mails["handoff.created"]
    assert "(Asia/Tokyo)" in mails["handoff.created"]
    assert "die Hälfte der vereinbarten Zeit ist vorbei" in mails["handoff.reminder"]
    assert "Die Frist ist abgelaufen" in mails["handoff.missed"]
