"""Teams, colleagues and leads for tests of what sales gets."""

import re

from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from webapp.config import ROOT
from webapp.services.flows import releases
from webapp.store.database import db, new_id
from webapp.store.deliveries import ConnectionRow
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow

THREE = """
teams:
  - id: trio
    lead: lena@example.com
    hours: {timezone: Europe/Berlin, mon-fri: ["09:00-17:00"]}
    reps: [{email: ana@example.com, weight: 2}, {email: ben@example.com}, {email: Cy@example.com}]
"""
ONE_AT_A_TIME = """
teams:
  - id: solo
    lead: lena@example.com
    reps: [{email: ana@example.com, capacity: 1}]
"""


def with_teams(block: str) -> None:
    """Publish the starter flows with other teams."""
    texts = releases.texts_in(ROOT / "question_flows")
    playbook = texts["playbook.yaml"]
    texts["playbook.yaml"] = re.sub(r"(?ms)^teams:\n.*?(?=^\S)", block.lstrip() + "\n", playbook)
    assert texts["playbook.yaml"] != playbook
    releases.publish(texts, by="ana@example.com", why="Other teams", now=FRIDAY)


def answer_the_rest(prospect: Prospect, email: str) -> None:
    prospect.finishes(
        goal="grow", company_size="50-199", timeline="now", job_title="CFO", email=email
    )


def asks_for_a_demo(
    prospect: Prospect, name: str, email: str = "", **arrival: object
) -> HandoffRow:
    prospect.begins("demo-request", **arrival)
    answer_the_rest(prospect, email or f"{name}@{name}.example")
    row = db.session.scalar(select(HandoffRow).where(HandoffRow.conversation_id == prospect.id))
    assert row is not None, "a demo request reaches sales"
    return row


def colleague(email: str, role: str = "rep", **columns: object) -> StaffRow:
    row = StaffRow(
        id=new_id(FRIDAY), email=email, name=email.split("@")[0].title(), role=role,
        one_time=False, epoch=0, created_at=FRIDAY, **columns,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def somebody_listens(*events: str) -> str:
    """A program that is told of these events; returns the id of its connection."""
    row = ConnectionRow(
        id=new_id(FRIDAY), kind="webhook", name="CRM", config={"url": "https://crm.example/hook"},
        events=list(events), created_at=FRIDAY,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.id
