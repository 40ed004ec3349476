"""The daily summary for marketing and the weekly routing report for operations.

Each comes in the morning of its reader's own zone, once, and holds numbers only: no lead's name
or answer travels in it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import func, select

from webapp import catalogs
from webapp.core.clocks import zone
from webapp.core.errors import sentence
from webapp.core.wording import fill, locale_of
from webapp.delivery import letters
from webapp.services.flows import releases
from webapp.services.receivers import outbox, subscriptions
from webapp.services.sales.handoffs import REASONS
from webapp.store import staff
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, one_commit, reading
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.locks import exclusive
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow
from webapp.store.subscriptions import without

MORNING = 8
MONDAY = 0
Table = dict[str, object]
Say = Callable[[str], str]


@dataclass(frozen=True)
class Digest:
    """``weekday`` is the one it comes on, None for every day; ``days`` is what it looks back on.
    ``tables`` says nothing by being empty: then no mail is sent."""

    list: str
    roles: frozenset[str]
    weekday: int | None
    days: int
    subject: str
    tables: Callable[[datetime, datetime, Say], Sequence[Table]]


def send_due(*, now: datetime) -> int:
    """Put every digest that is due, and not made yet, into the outbox. One commit."""
    with reading():
        due = list(_due(now))
    if not due:
        return 0
    made = 0
    with one_commit("digests.send_due"):
        exclusive("digests")
        for id, digest, person, last_day in due:
            if db.session.get(DeliveryRow, id) is None:
                made += _send(id, digest, person, last_day, now)
    return made


def _due(now: datetime) -> Iterable[tuple[str, Digest, StaffRow, date]]:
    people = [person for person in staff.everyone() if person.disabled_at is None]
    for digest in DIGESTS:
        wanted = {each.email: each for each in people if each.role in digest.roles}
        for email in without(wanted, digest.list):
            person = wanted[email]
            here = now.astimezone(_zone(person))
            if here.hour < MORNING or digest.weekday not in (None, here.weekday()):
                continue
            id = f"{digest.list}-{here.date():%Y%m%d}-{person.id}"
            if db.session.get(DeliveryRow, id) is None:
                yield id, digest, person, here.date() - timedelta(days=1)


def _send(id: str, digest: Digest, person: StaffRow, last_day: date, now: datetime) -> bool:
    clock = _zone(person)
    first_day = last_day - timedelta(days=digest.days - 1)
    begins = datetime.combine(first_day, time(), clock).astimezone(UTC)
    ends = datetime.combine(last_day + timedelta(days=1), time(), clock).astimezone(UTC)
    say = catalogs.of(person.locale).gettext
    tables = digest.tables(begins, ends, say)
    if not tables:
        return False
    until = say("to")
    days = f" {until} ".join(
        format_date(each, "full", locale=locale_of(person.locale))
        for each in dict.fromkeys((first_day, last_day))
    )
    payload = letters.written(
        "notice",
        say(digest.subject),
        to=person.email,
        at=now,
        locale=person.locale,
        unsubscribe=subscriptions.link(person.email, digest.list) or None,
        headline=say(digest.subject),
        paragraphs=[
            fill(say("{days}, by the clock of {zone}."), {"days": days, "zone": clock.key})
        ],
        tables=tables,
        link=outbox.link("/insights"),
        button=say("See more"),
    )
    outbox.deliver(payload, f"digest.{digest.list}", now=now, id=id, recipient=person.email)
    return True


def _summary(begins: datetime, ends: datetime, say: Say) -> Sequence[Table]:
    """How many talked to us, and where that led."""
    counted = (ConversationRow.test.is_(False), ConversationRow.demo.is_(False))
    began = db.session.execute(
        select(ConversationRow.flow, func.count(), func.count(ConversationRow.finished_at))
        .where(ConversationRow.started_at >= begins, ConversationRow.started_at < ends, *counted)
        .group_by(ConversationRow.flow)
        .order_by(func.count().desc())
    ).all()
    led = db.session.execute(
        select(RecordRow.destination, func.count())
        .join(ConversationRow, ConversationRow.id == RecordRow.conversation_id)
        .where(RecordRow.created_at >= begins, RecordRow.created_at < ends)
        # Asked for none, SQLite would look for them among all that ever were.
        .where(func.coalesce(RecordRow.supersedes_id, "") == "", *counted)
        .group_by(RecordRow.destination)
        .order_by(func.count().desc())
    ).all()
    tables: list[Table] = []
    if began:
        rows = [(flow, number, finished) for flow, number, finished in began]
        tables.append(
            _table(say("Conversations"), [say("flow"), say("begun"), say("finished")], rows)
        )
    if led:
        named = [(_destination(id), number) for id, number in led]
        tables.append(_table(say("Where they led"), [say("destination"), say("leads")], named))
    return tables


def _routing(begins: datetime, ends: datetime, say: Say) -> Sequence[Table]:
    """Who got how many leads, how fast they answered, and what they sent back for what reason."""
    rows = db.session.scalars(
        select(HandoffRow)
        .where(HandoffRow.created_at >= begins, HandoffRow.created_at < ends)
        .where(HandoffRow.test.is_(False), HandoffRow.demo.is_(False))
    ).all()
    if not rows:
        return []
    by_owner: dict[tuple[str, str], list[HandoffRow]] = {}
    for row in rows:
        by_owner.setdefault((row.team, row.owner_email or say("nobody yet")), []).append(row)
    people = [
        (
            team,
            owner,
            len(theirs),
            _share(theirs, "accepted_at", say),
            _speed(theirs, say),
            _missed(theirs),
        )
        for (team, owner), theirs in sorted(by_owner.items())
    ]
    came = Counter(row.assigned_because.get("by", "?") for row in rows)
    reasons = db.session.execute(
        select(HandoffEventRow.reason, func.count())
        .where(HandoffEventRow.what == "rejected")
        .where(HandoffEventRow.handoff_id.in_([row.id for row in rows]))
        .group_by(HandoffEventRow.reason)
        .order_by(func.count().desc())
    ).all()
    head = [
        say("team"), say("rep"), say("leads"), say("accepted"),
        say("median to first contact"), say("deadline missed"),
    ]  # fmt: skip
    tables = [
        _table(say("Who got them"), head, people),
        _table(
            say("How they were given"),
            [say("way"), say("leads")],
            [(say(_WAYS.get(way, way)), number) for way, number in came.most_common()],
        ),
    ]
    if reasons:
        sent_back = [
            (say(REASONS.get(reason or "", reason or "?")), number) for reason, number in reasons
        ]
        tables.append(_table(say("Sent back"), [say("reason"), say("leads")], sent_back))
    return tables


_WAYS = {
    "owner": sentence("to the owner of the contact or company"),
    "turn": sentence("in turn"),
    "queue": sentence("waited, or still waits"),
    "person": sentence("by a person"),
}


def _share(rows: Sequence[HandoffRow], column: str, say: Say) -> str:
    some = sum(getattr(row, column) is not None for row in rows)
    return fill(say("{some} of {all}"), {"some": str(some), "all": str(len(rows))})


def _speed(rows: Sequence[HandoffRow], say: Say) -> str:
    """Median, with those nobody has called yet counted as slower than all others."""
    waits = sorted(
        (row.contacted_at - row.created_at).total_seconds() / 60 if row.contacted_at else 1e9
        for row in rows
    )
    middle = median(waits)
    return say("more than half not yet") if middle >= 1e8 else f"{middle:.0f} min"


def _missed(rows: Sequence[HandoffRow]) -> int:
    return sum(row.escalated_at is not None for row in rows)


def _destination(id: str) -> str:
    known = releases.live()[1].playbook.destinations.get(id)
    return str(known.label or id) if known else id


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    return {"title": title, "head": head, "rows": [[str(cell) for cell in row] for row in rows]}


def _zone(person: StaffRow) -> ZoneInfo:
    return zone(person.timezone, releases.live()[1].playbook.timezone)


DIGESTS = (
    Digest(
        "daily",
        frozenset({"marketer", "manager"}),
        None,
        1,
        sentence("Yesterday in short"),
        _summary,
    ),
    Digest(
        "weekly",
        frozenset({"manager", "admin"}),
        MONDAY,
        7,
        sentence("Routing last week"),
        _routing,
    ),
)
