"""A database with a past: the demo's visitors, copied as often as wanted over the last two years.

The copies are made inside the database, table by table, or a million leads would take a day. They
have everything the originals have: company, visitor, page views, answers, facts, record, handoff
with what happened to it, deliveries. What is being worked on does not grow with the past: the
newest ``OPEN`` leads are open at every size, all others closed.

Beyond ``WHOLE`` leads, records are kept whole only where somebody reads them: half of the disk
would hold documents that nobody opens.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal,
    null,
    select,
)

from tests.bench import careless
from webapp.config import ROOT
from webapp.core.search import entries
from webapp.services.figures import counting
from webapp.services.operations import demo_data
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import Base, Document, Instant, db, new_id, upsert
from webapp.store.deliveries import DeliveryRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import CLOSED, HandoffEventRow, HandoffRow
from webapp.store.lead_words import LeadWordRow
from webapp.store.leads import AccountRow, LeadRow
from webapp.store.records import RecordRow
from webapp.store.sites import SiteRow
from webapp.store.visitors import EventRow, VisitorRow

OPEN = 200
COLLEAGUES = 4
"""Leads of one company."""
COMPANIES = 250_007
"""A prime number of them is enough for a million leads."""
SPAN = timedelta(days=730)
RESPOND_WITHIN = timedelta(hours=4)
AT_ONCE = 10_000
WHOLE = 100_000
READ_BACK = timedelta(days=100)
READ_AROUND_THE_MIDDLE = timedelta(days=2)
"""What the reports of 90 days read, and who turns the pages of a list half way down."""

_beside = MetaData()
_copies = Table(
    "bench_copies",
    _beside,
    Column("n", Integer, primary_key=True),
    Column("original", Text),
    Column("id", Text),
    Column("company", Integer),
    Column("account_id", Text),
    Column("email", Text),
    Column("token", Text),
    Column("at", Instant),
    Column("due", Instant),
    Column("contacted_at", Instant),
    Column("closed_at", Instant),
    Column("whole", Boolean),
)
_copy = _copies.c
_words = Table(
    "bench_words",
    _beside,
    Column("original", Text, index=True),
    Column("word", Text),
)
"""How somebody is found, with their number as ``0nnn`` and that of their company as ``0kkk``."""


@dataclass(frozen=True)
class Past:
    """The originals, by the id of their conversation: those being worked on and those not."""

    open: Sequence[str]
    closed: Sequence[str]
    now: datetime


def filled(leads: int, *, now: datetime) -> None:
    """Have a database filled, unless it was before, and let the worker count what was not yet."""
    if not _was_filled():
        demo_data.people(now=now)
        demo_data.receiver(now=now)
        demo_data.visitors(ROOT / "question_flows" / "cases", now=now)
        copied(leads, now=now)
    _let_the_worker_count(now)


def _was_filled() -> bool:
    """Whether somebody filled this database, to the end."""
    first = select(exists().where(LeadRow.email_key == address(0)))
    under_way = inspect(db.session.connection()).has_table(_copies.name)
    return bool(db.session.scalar(first)) and not under_way


def copied(leads: int, *, after: int = 0, now: datetime) -> None:
    """Copy whoever is there until there are so many, ``after`` some that were copied before."""
    past, wanted = _begin(now), range(after, leads)
    with careless.writing(db.engine):
        for first in wanted[::AT_ONCE]:
            some = range(first, min(first + AT_ONCE, leads))
            db.session.execute(insert(_copies), [_one(past, n, wanted) for n in some])
            for row, values, originals in _tables():
                _insert(row, values, originals)
            db.session.execute(delete(_copies))
            db.session.commit()
        _beside.drop_all(db.session.connection())
        db.session.commit()
        _let_the_worker_count(now)


def _let_the_worker_count(now: datetime) -> None:
    while counting.count_days(now=now):
        pass


def _begin(now: datetime) -> Past:
    _beside.create_all(db.session.connection())
    statuses = select(HandoffRow.conversation_id, HandoffRow.status)
    handed = {each.conversation_id: each.status for each in db.session.execute(statuses)}
    of_leads = select(ConversationRow.id).where(
        ConversationRow.lead_id.is_not(None), ConversationRow.finished_at.is_not(None)
    )
    every = db.session.scalars(of_leads.order_by(ConversationRow.id)).all()
    db.session.execute(insert(_words), list(_words_of(every)))
    db.session.commit()
    return Past(
        open=[id for id in every if id in handed],
        closed=[id for id in every if handed.get(id, "lost") in CLOSED],
        now=now,
    )


def _words_of(conversations: Sequence[str]) -> Iterator[dict[str, str]]:
    """What every lead brings along as it is written, and copies made by the database lack."""
    theirs = select(ConversationRow.id, LeadRow.name, LeadRow.company).join(
        LeadRow, LeadRow.id == ConversationRow.lead_id
    )
    for id, name, company in db.session.execute(
        theirs.where(ConversationRow.id.in_(conversations))
    ):
        for word in entries(_address("0nnn", "0kkk"), name, company):
            yield {"original": id, "word": word}


def address(n: int) -> str:
    """The e-mail address of lead number ``n``."""
    return _address(n, _company(n))


def _address(person: object, company: object) -> str:
    return f"person{person}@company{company}.example"


def _company(n: int) -> int:
    """Companies whose numbers begin alike did not come one after the other."""
    return n // COLLEAGUES * 40_503 % COMPANIES


def _one(past: Past, n: int, wanted: range) -> dict[str, Any]:
    """Copy number ``n``: who they are and when they came. The first ones come last and are open."""
    if n < OPEN:
        originals, at = past.open, past.now - timedelta(minutes=n)
        due = past.now + RESPOND_WITHIN + timedelta(minutes=n)
    else:
        share = (n - wanted.start) / len(wanted)
        originals, at = past.closed, past.now - timedelta(days=1) - SPAN * (1 - share)
        due = at + RESPOND_WITHIN
    company = _company(n)
    contacted = at + timedelta(minutes=5 + n * 37 % 600)
    worked_on = timedelta(hours=1 + n * 7_919 % 1_080)
    return {
        "n": n,
        "original": originals[n % len(originals)],
        "id": new_id(at),
        "company": company,
        "account_id": f"company{company}",
        "email": address(n),
        "token": hashlib.sha256(str(n).encode()).hexdigest(),
        "at": at,
        "due": due,
        "contacted_at": contacted,
        "closed_at": contacted + min(worked_on, (past.now - contacted) * 0.9),
        "whole": n < WHOLE or _is_read(past.now - at),
    }


def _is_read(ago: timedelta) -> bool:
    return ago < READ_BACK or abs(ago - SPAN / 2) < READ_AROUND_THE_MIDDLE


def _tables() -> Iterator[tuple[type[Base], Mapping[str, Any], Any]]:
    """For each table: what differs in a copy, and where the rest comes from."""
    about = _copies.join(ConversationRow, ConversationRow.id == _copy.original)
    of_conversation = {"conversation_id": _copy.id}
    of_lead = {"lead_id": _copy.id}
    real = {"site_id": select(SiteRow.id).order_by(SiteRow.created_at).limit(1).scalar_subquery()}

    def beside(row: Any) -> Any:
        return _copies.join(row, row.conversation_id == _copy.original)

    lead = about.join(LeadRow, LeadRow.id == ConversationRow.lead_id)
    yield (
        AccountRow,
        {"id": _copy.account_id, "domain": _copy.account_id + ".example", "created_at": _copy.at},
        lead.join(AccountRow, AccountRow.id == LeadRow.account_id),
    )
    yield (
        LeadRow,
        {
            "id": _copy.id,
            "email_key": _copy.email,
            "email": _copy.email,
            "mailbox_key": _copy.email,
            "name_key": LeadRow.name_key + _copy.id,  # nobody is like anybody else
            "phone_key": null(),
            "account_id": select(AccountRow.id)
            .where(AccountRow.id == _copy.account_id)
            .scalar_subquery(),
            "created_at": _copy.at,
            "updated_at": _copy.at,
        },
        lead,
    )
    word: ColumnElement[str] = _words.c.word
    for mark, number in (("0nnn", _copy.n), ("0kkk", _copy.company)):
        word = func.replace(word, mark, cast(number, Text))
    found = _copies.join(_words, _words.c.original == _copy.original)
    yield LeadWordRow, {"word": word, **of_lead}, found
    seen = about.join(VisitorRow, VisitorRow.id == ConversationRow.visitor_id)
    when_seen = {"first_seen": _copy.at, "last_seen": _copy.at}
    yield VisitorRow, {"id": _copy.id, "key": _copy.id, **real, **of_lead, **when_seen}, seen
    came = {"event_id": _copy.id + EventRow.event_id, "visitor_id": _copy.id, "at": _copy.at}
    yield (
        EventRow,
        {**came, **real, "received_at": _copy.at},
        seen.join(EventRow, EventRow.visitor_id == VisitorRow.id),
    )
    yield (
        ConversationRow,
        {
            "id": _copy.id,
            "token_hash": _copy.token,
            "visitor_id": _copy.id,
            "started_at": _copy.at,
            "last_at": _copy.at,
            "finished_at": _copy.at,
            "expires_at": _copy.at,
            "demo": literal(value=False),
            **real,
            **of_lead,
        },
        about,
    )
    yield AnswerRow, of_conversation, beside(AnswerRow)
    yield (
        FactRow,
        {**of_conversation, **of_lead, "visitor_id": _copy.id, "at": _copy.at},
        beside(FactRow),
    )
    recorded = {"id": _copy.id, **of_conversation, **of_lead, "created_at": _copy.at}
    short = literal({"score_lines": []}, Document)
    documents = {
        name: case((_copy.whole, getattr(RecordRow, name)), else_=short)
        for name in ("record", "inputs")
    }
    yield RecordRow, {**recorded, **documents}, beside(RecordRow)
    yield HandoffRow, {**recorded, "record_id": _copy.id, **_worked_on()}, beside(HandoffRow)
    handed = beside(HandoffRow)
    of_handoff = {"handoff_id": _copy.id, "at": _copy.at}
    yield (
        HandoffEventRow,
        of_handoff,
        handed.join(HandoffEventRow, HandoffEventRow.handoff_id == HandoffRow.id),
    )
    yield (
        DeliveryRow,
        {
            "id": _copy.id + DeliveryRow.id,
            "handoff_id": _copy.id,
            "record_id": _copy.id,
            "payload": _if_open(DeliveryRow.payload, literal({}, Document)),
            "state": literal("delivered"),
            "created_at": _copy.at,
            "due_at": _copy.at,
            "delivered_at": _copy.at,
        },
        handed.join(DeliveryRow, DeliveryRow.handoff_id == HandoffRow.id),
    )


def _worked_on() -> dict[str, Any]:
    """Open copies wait for their first contact; the others ended as their originals did, each
    after a time of its own."""
    times = dict.fromkeys(("updated_at", "assigned_at"), _copy.at)
    later = {
        name: case((and_(_copy.n >= OPEN, getattr(HandoffRow, name).is_not(None)), at))
        for name, at in (
            ("accepted_at", _copy.contacted_at),
            ("contacted_at", _copy.contacted_at),
            ("closed_at", _copy.closed_at),
        )
    }
    due = dict.fromkeys(("respond_by", "remind_at"), _copy.due)
    status = _if_open(literal("assigned"), HandoffRow.status)
    return {"status": status, "demo": literal(value=False), **times, **later, **due}


def _if_open(this: Any, otherwise: Any) -> Any:
    return case((_copy.n < OPEN, this), else_=otherwise)


def _insert(row: type[Base], values: Mapping[str, Any], originals: Any) -> None:
    columns = [
        each for each in row.__table__.columns if not each.primary_key or each.name in values
    ]
    wanted = (
        select(*(values.get(each.name, each) for each in columns))
        .select_from(originals)
        .order_by(_copy.n)
    )
    known = upsert(row).from_select([each.name for each in columns], wanted)
    # A company comes with each of its people, and is new with the first.
    db.session.execute(known.on_conflict_do_nothing() if row is AccountRow else known)
