"""What a newcomer finds: people to sign in as, and the leads of an invented last few days.

The visitors are the starter flows' own personas. All of it is marked as demo, and none of it is
sent anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import exists, select

from webapp.core import values
from webapp.core.call import CALL_SCRIPT
from webapp.core.case import Case
from webapp.core.facts import Fact
from webapp.core.flow import Release
from webapp.flow_files import read_case
from webapp.services.accounts import staff
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.services.flows import releases
from webapp.services.operations import demo
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.sales import handoffs
from webapp.store import days
from webapp.store import staff as staff_rows
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, one_commit
from webapp.store.deliveries import ConnectionRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffRow
from webapp.store.sites import SiteRow

PEOPLE = (
    (demo.REP, "Rita Sommer", "rep"),
    ("mara@example.com", "Mara Lind", "marketer"),
    ("adam@example.com", "Adam Okoro", "admin"),
)
RECEIVER = "demo-receiver"
APART = timedelta(hours=2, minutes=17)
"""Between one invented visitor and the next, going back from now."""


@dataclass(frozen=True, slots=True)
class Account:
    """``password`` is None once somebody has chosen their own."""

    email: str
    role: str
    password: str | None


def people(*, now: datetime) -> list[Account]:
    """The demo's accounts, each with a fresh one-time password until its owner chose another."""
    found = []
    for email, name, role in PEOPLE:
        row = staff_rows.by_email(email)
        password = None
        if row is None:
            row, password = staff.add(email, role=role, name=name, by="the demo", now=now)
        elif row.one_time:
            password = staff.reset_password(email, by="the demo", now=now)
        found.append(Account(email, row.role, password))
    return found


def receiver(*, now: datetime) -> None:
    """A receiver that only keeps what it gets, so that a newcomer sees what a program would."""
    with one_commit("demo_data.receiver"):
        if db.session.get(ConnectionRow, RECEIVER) is None:
            db.session.add(
                ConnectionRow(
                    id=RECEIVER,
                    kind="demo",
                    name="Demo receiver",
                    config={},
                    secret=None,
                    events=["handoff.created", "handoff.updated", "nurture.entered"],
                    created_at=now,
                )
            )


def visitors(folder: Path, *, now: datetime) -> int:
    """Let the personas of a folder have been here, if nobody was yet; says how many came."""
    if db.session.scalar(select(exists().where(ConversationRow.demo.is_(True)))):
        return 0
    _, release = releases.live()
    site = demo.site(now=now)
    came = 0
    for number, case in enumerate(_cases(folder, release)):
        _visit(site, release, case, now - (number + 1) * APART)
        came += 1
    _handle()
    with one_commit("demo_data.visitors"):
        for of in days.KINDS:
            days.forget(of, [now - number * APART for number in range(came + 1)])
    return came


def _cases(folder: Path, release: Release) -> Iterator[Case]:
    """The personas that fill in a form themselves, those of one flow spread among the others."""
    cases = [read_case(path, release) for path in sorted(folder.glob("*.yaml"))]
    cases = [case for case in cases if release.flows[case.flow].intent != CALL_SCRIPT]
    of_flow: dict[str, list[Case]] = {}
    for case in cases:
        of_flow.setdefault(case.flow, []).append(case)
    for one_of_each in zip_longest(*of_flow.values()):
        yield from (case for case in one_of_each if case is not None)


def _visit(site: SiteRow, release: Release, case: Case, at: datetime) -> None:
    """Have one persona come by at ``at`` instead of when the case says, and do as it says."""
    moved = at - case.at
    name = Path(case.file).stem
    key = f"demo-{name}"
    for number, event in enumerate(case.events):
        happened = Happened(
            id=f"{name}-{number}",
            event=event.event,
            page=event.page,
            title=event.title,
            utm_source=event.utm_source,
            utm_medium=event.utm_medium,
            utm_campaign=event.utm_campaign,
            referrer_host=event.referrer_host,
        )
        visits.record(site, key, [happened], now=event.at + moved)
    _know(site, key, case.facts, moved, at)
    arrival = Arrival(
        site=site,
        visitor_key=key,
        source=case.source,
        spam_because=["Filled in a field that people do not see"] if case.spam else [],
        locale=case.locale,
        demo=True,
    )
    started = conversations.start(case.flow, arrival, now=at)
    state = started.state
    while state.question is not None:
        at += timedelta(seconds=20)
        given = case.answers.get(state.question.property)
        if given is None and state.question.required:
            return
        value = None if given is None else values.write(given)
        state = conversations.answer(
            started.token, state.question.id, value=value, skip=given is None, now=at
        )


def _know(site: SiteRow, key: str, facts: tuple[Fact, ...], moved: timedelta, at: datetime) -> None:
    with one_commit("demo_data.know"):
        visitor = visits.visitor(site, key, now=at)
        db.session.add_all(
            FactRow(
                visitor_id=visitor.id,
                property=fact.property,
                value=values.write(fact.value),
                certainty=fact.certainty.name,
                source=fact.source,
                at=min(fact.at + moved, at),
            )
            for fact in facts
        )


def _handle() -> None:
    """Have the demo's rep take care of what came in, so that a newcomer's own lead is on top."""
    rep = staff_rows.by_email(demo.REP)
    assert rep is not None, "the people come before the visitors"
    theirs = select(HandoffRow).where(HandoffRow.owner_email == demo.REP)
    for number, row in enumerate(db.session.scalars(theirs.order_by(HandoffRow.created_at)).all()):
        at = row.created_at + timedelta(minutes=6 + 3 * number % 7)
        if number % 6 == 2:
            note = "They wanted our old product."
            handoffs.reject(row.id, rep, reason="outside_criteria", note=note, now=at)
            continue
        handoffs.accept(row.id, rep, now=at)
        at += timedelta(minutes=2)
        result = "meeting" if number % 2 else "reached"
        handoffs.log_contact(row.id, rep, result=result, now=at)
        at += timedelta(minutes=25)
        match number % 6:
            case 0:
                handoffs.record_outcome(row.id, rep, stage="opportunity", now=at)
            case 1:
                amount = Decimal(18_000)
                handoffs.record_outcome(
                    row.id, rep, stage="won", amount=amount, currency="EUR", now=at
                )
            case 4:
                reason = "Chose a competitor"
                handoffs.record_outcome(row.id, rep, stage="lost", reason=reason, now=at)
            case 5:
                handoffs.disqualify(row.id, rep, reason="timing", now=at)
