"""Whoever asks for a person rings the team while it works, else asks to be called back; who must
not be contacted rings nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague, with_teams
from webapp.services.people import suppression
from webapp.services.prospects import conversations
from webapp.services.prospects.states import State
from webapp.services.sales import live
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow

SOLO = """
teams:
  - id: solo
    hours: {timezone: Europe/Berlin, mon-fri: ["09:00-17:00"]}
    reps: [{email: ana@example.com}]
"""


@pytest.fixture(autouse=True)
def team(prospect: Prospect) -> None:
    with_teams(SOLO)


def asks(prospect: Prospect) -> State:
    return conversations.ask_for_person(prospect.token, now=prospect.now)


def rung() -> list[DeliveryRow]:
    return list(db.session.scalars(select(DeliveryRow).where(DeliveryRow.event == "person.asked")))


def test_a_team_at_work_is_asked_to_step_in_now(prospect: Prospect) -> None:
    prospect.begins()
    asks(prospect)
    [mail] = rung()
    assert "now" in mail.payload["text"]
    assert "Step in" in mail.payload["text"]


def test_whoever_tries_the_demo_is_there_at_any_hour(prospect: Prospect) -> None:
    prospect.now += timedelta(hours=10)
    prospect.begins(demo=True)
    asks(prospect)
    assert live.talk(prospect.token, now=prospect.now).back_at is None
    assert "Step in" in rung()[0].payload["text"]


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en", "Call back from Mon 23 Nov, 09:00"), ("de", "Rückruf ab Mo. 23 Nov., 09:00")],
)
def test_at_night_the_mail_asks_to_call_back_when_the_team_is_back(
    prospect: Prospect, locale: str, subject: str
) -> None:
    colleague("ana@example.com", locale=locale)
    prospect.now += timedelta(hours=10)
    prospect.begins()
    asks(prospect)
    [mail] = rung()
    assert mail.payload["subject"].startswith(subject)
    assert "Europe/Berlin" in mail.payload["subject"]
    assert ("were told" if locale == "en" else "Gesagt wurde") in mail.payload["text"]
    assert "Step in" not in mail.payload["text"]
    back = live.talk(prospect.token, now=prospect.now).back_at
    assert back is not None
    assert f"{back:%d %H:%M}" == "23 08:00", "what the visitor reads is the same time"


@pytest.mark.parametrize("given", [True, False])
def test_nobody_is_rung_for_somebody_who_must_be_left_alone(
    prospect: Prospect, given: bool
) -> None:
    manager = colleague("mo@example.com", "manager")
    if given:
        asks_for_a_demo(prospect, "nora")
    else:
        prospect.begins()
    suppression.add("nora.example", manager, reason="asked", now=prospect.now)

    state = asks(prospect)

    assert rung() == [] if given else len(rung()) == 1
    assert state.team_told is not given
    assert live.talk(prospect.token, now=prospect.now).told is not given
