"""Conversations: one run of a flow by one visitor, and every answer given in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store import days
from webapp.store.counts import count_some
from webapp.store.database import Json, Model, Serial, db
from webapp.store.releases import ReleaseRow
from webapp.store.statements import Statement


class ConversationRow(Model):
    """``answers`` is what stands now, one entry a property as ``core.inputs`` writes them: the fold
    of the ledger of ``AnswerRow``, kept so that an answer needs to read one row. ``put`` says when
    each question was first put, ``heard`` holds the facts found in typed words by the property that
    was being answered.

    ``known_before`` is what was known at the start, as it was then, so that a replay is stable.
    ``prefill`` is what whoever began it would choose beforehand, by question: nobody's answer.
    ``moves_to_id`` is the release it goes on with from the next answer, where a publisher chose so.
    The score columns follow every answer; they are of ``last_at``. ``cleared_at`` is when a person
    said that it is no spam, which no check says again from then on. ``left_at`` is when somebody
    looked at it because it had gone quiet, and nobody has said anything in it since.
    Whoever has it open sees nothing from before ``resumed_at``: it was opened by a mailed link.
    ``variant`` is which side of an A/B test its visitor sees, and ``trial_id`` the test it counts
    in: nobody counts twice. No key to ``trials``: SQLite would copy the whole table for it.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "last_at", "id"),
        Index(None, "lead_id"),
        Index(None, "visitor_id"),
        Index(None, "site_id", "started_at"),
        Index(None, "started_at"),
        Index(None, "release_id"),
        # Only of what is spam: SQLite would take it to find all that is not.
        Index(
            "ix_conversations_spam",
            "last_at",
            "id",
            sqlite_where=text("spam = 1"),
            postgresql_where=text("spam"),
        ),
        Index(
            None,
            "expires_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(None, "trial_id"),
        Index(None, "left_at", "finished_at"),
        CheckConstraint("skin IN ('form', 'chat', 'call', 'api')", name="skin_exists"),
        CheckConstraint(
            "ended IN ('complete', 'finished', 'settled', 'waiting')", name="ended_exists"
        ),
        CheckConstraint("(finished_at IS NULL) = (ended = 'waiting')", name="finished_means_ended"),
        CheckConstraint("low <= total AND total <= high", name="total_within_bounds"),
        CheckConstraint("total = fit + intent", name="total_is_its_parts"),
        CheckConstraint("total = known + inferred", name="total_is_known_and_inferred"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    flow: Mapped[str]
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    moves_to_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    trial_id: Mapped[str | None]
    variant: Mapped[str | None]
    skin: Mapped[str]
    locale: Mapped[str | None]
    visitor_id: Mapped[str | None] = mapped_column(ForeignKey("visitors.id", ondelete="SET NULL"))
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    test: Mapped[bool]
    demo: Mapped[bool]
    came_back: Mapped[bool]
    spam: Mapped[bool]
    spam_because: Mapped[list[str]]
    cleared_at: Mapped[datetime | None]
    source: Mapped[dict[str, Any]]
    known_before: Mapped[list[Any]]
    prefill: Mapped[dict[str, Any]]

    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    human_asked_at: Mapped[datetime | None]
    taken_by_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    ended: Mapped[str]

    revision: Mapped[int]
    answers: Mapped[list[Any]]
    put: Mapped[dict[str, Any]]
    heard: Mapped[dict[str, Any]]
    set_aside: Mapped[list[str]]
    waiting_for: Mapped[str | None]

    total: Mapped[int]
    fit: Mapped[int]
    intent: Mapped[int]
    known: Mapped[int]
    inferred: Mapped[int]
    low: Mapped[int]
    high: Mapped[int]
    tier: Mapped[str]
    tier_settled: Mapped[bool]
    icp: Mapped[str]
    rule: Mapped[str]
    destination: Mapped[str]


class AnswerRow(Model):
    """One answer, as it came. Never changed: a correction is another answer.

    ``turn`` names the turn being answered and tells a retry from a second answer; ``body_hash`` is
    what was sent with it. ``value`` null is a skip. ``flags`` note what was odd about the arrival
    (an expired form, a strange origin) and cost nobody their answer.
    """

    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("conversation_id", "turn"),
        UniqueConstraint("conversation_id", "n"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    n: Mapped[int]
    turn: Mapped[str]
    body_hash: Mapped[str]
    question: Mapped[str]
    property: Mapped[str]
    value: Mapped[Any | None] = mapped_column(Json)
    said: Mapped[str | None]
    asked_as: Mapped[str | None]
    certainty: Mapped[str]
    put_at: Mapped[datetime]
    at: Mapped[datetime]
    edited: Mapped[bool]
    heard: Mapped[list[Any]]
    flags: Mapped[list[str]]


COUNTED = {"put", "answers", "waiting_for", "finished_at", "tier", "spam", "test"}
"""What the tally of a day is made of, of all that ever changes."""

UNREAD = set("ended waiting_for total fit intent known inferred low high tier".split())
UNREAD |= {"tier_settled", "icp", "rule", "destination"}
UNREAD |= {"token_hash", "trial_id", "taken_at"}
"""What was decided last, which is decided anew for whoever holds the token, and what nobody asks
for who does: each column more is dear with PostgreSQL's driver."""

_conversations = cast(Table, ConversationRow.__table__)
_answers = cast(Table, AnswerRow.__table__)

RECEIPTED = tuple(
    _answers.c[name]
    for name in ("conversation_id", "n", "question", "property", "value", "said", "at")
)
"""What a receipt is for of an answer, in the order of ``receipts.sign``."""


def _with_release_of(columns: Iterable[Column[Any]]) -> Select[*tuple[Any, ...]]:
    query = select(*columns, ReleaseRow.hash.label("release_hash"))
    return query.join(ReleaseRow, ReleaseRow.id == _conversations.c.release_id)


_with_release = _with_release_of(_conversations.c)
_held_by_token = _with_release_of(
    each for each in _conversations.c if each.name not in UNREAD
).where(_conversations.c.token_hash == bindparam("token_hash"))
_has_id = _with_release.where(_conversations.c.id == bindparam("id"))
_by_token = Statement(_held_by_token)
_by_token_locked = Statement(_held_by_token.with_for_update(of=_conversations))
_by_id = Statement(_has_id)
_by_id_locked = Statement(_has_id.with_for_update(of=_conversations))
_add = Statement(_conversations.insert())
# Inline: nobody asks which id it got.
_append = Statement(_answers.insert().inline())
_update = Statement(_conversations.update().where(_conversations.c.id == bindparam("this")))


def get(id: str) -> ConversationRow | None:
    return db.session.get(ConversationRow, id)


def ledger(conversation_id: str) -> list[AnswerRow]:
    """Every answer ever given, in order, those that no longer stand included."""
    return list(
        db.session.scalars(
            select(AnswerRow)
            .where(AnswerRow.conversation_id == conversation_id)
            .order_by(AnswerRow.n)
        )
    )


def answer(conversation_id: str, n: int) -> Row[*tuple[Any, ...]] | None:
    """What the receipt for the n-th answer of a conversation is for."""
    mine = _answers.c.conversation_id == conversation_id, _answers.c.n == n
    return db.session.execute(select(*RECEIPTED).where(*mine)).one_or_none()


def answered_again(conversation_id: str, property: str, n: int) -> bool:
    """Whether something else was said of a property after the n-th answer."""
    of = _answers.c
    later = of.conversation_id == conversation_id, of.property == property, of.n > n
    return bool(db.session.scalar(select(exists().where(*later))))


def by_token(token_hash: str, *, lock: bool = False) -> SimpleNamespace | None:
    """A conversation's columns but those ``UNREAD``, with its release's ``release_hash``; for
    every answer, so plain.

    ``lock`` keeps others from answering it until the transaction ends.
    """
    query = _by_token_locked if lock else _by_token
    return _one(query, {"token_hash": token_hash}, lock=lock)


def newest_of_visitor(visitor_id: str) -> Row[*tuple[Any, ...]] | None:
    """The visitor's conversation that something was last said in, as ``by_token`` gives it."""
    newest = _conversations.c.last_at.desc(), _conversations.c.id.desc()
    mine = _with_release.where(_conversations.c.visitor_id == visitor_id)
    return db.session.execute(mine.order_by(*newest).limit(1)).one_or_none()


def hold(which: ColumnElement[bool]) -> None:
    """Let nobody else change these conversations until this transaction ends.

    Whoever changes what hangs on a conversation holds it first, as whoever answers in it does, and
    the rest in the order of ``locks.ORDER``.
    """
    held = select(ConversationRow.id).where(which).order_by(ConversationRow.id)
    db.session.execute(held.with_for_update(of=ConversationRow))


def plain(id: str, *, lock: bool = False) -> SimpleNamespace | None:
    """A conversation by its id, in the form of ``by_token``, with all its columns."""
    return _one(_by_id_locked if lock else _by_id, {"id": id}, lock=lock)


def _one(query: Statement, given: dict[str, str], *, lock: bool) -> SimpleNamespace | None:
    """The row, or None. PostgreSQL finds none where it waited for the lock while the conversation
    went on with another release: it joins that to the release of before. Then it holds the lock and
    is asked again."""
    found = query.one_or_none(given)
    return query.one_or_none(given) if found is None and lock else found


def add(row: dict[str, Any]) -> None:
    _add.run(row)


def append(answer: dict[str, Any]) -> None:
    """Add an answer to the ledger. For every answer, so without an object of its own."""
    _append.run(answer)


def update(row: Any, changes: dict[str, Any]) -> None:
    """Change a conversation, given in any form that has its ``id`` and ``started_at``."""
    _update.run({"this": row.id, **changes})
    said = changes.get("last_at")
    # A day that is still going on has not been counted yet.
    if changes.keys() & COUNTED and (said is None or said.date() != row.started_at.date()):
        days.forget(days.CONVERSATIONS, [row.started_at])


def count_open(now: datetime) -> int:
    """How many can still go on."""
    count = select(func.count()).select_from(ConversationRow).where(*_open(now))
    return db.session.scalar(count) or 0


def move_on(release_id: int, *, now: datetime) -> int:
    """Let all that can still go on do so with this release from their next answer. How many."""
    moving = _conversations.update().where(*_open(now)).values(moves_to_id=release_id)
    return db.session.connection().execute(moving).rowcount


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _conversations.c.finished_at.is_(None), _conversations.c.expires_at > now


def gone_quiet(before: datetime, limit: int) -> list[str]:
    """Visitors' unfinished conversations, none of them spam, in which nothing has been said since
    an instant and that nobody has looked at for it; longest quiet first."""
    return list(
        db.session.scalars(
            select(ConversationRow.id)
            .where(
                ConversationRow.left_at.is_(None),
                ConversationRow.finished_at.is_(None),
                ConversationRow.last_at <= before,
                ~ConversationRow.spam,
                ConversationRow.skin != "call",
            )
            .order_by(ConversationRow.last_at)
            .limit(limit)
        )
    )


def of_leads(lead_ids: Sequence[str]) -> list[ConversationRow]:
    return list(
        db.session.scalars(
            select(ConversationRow)
            .where(ConversationRow.lead_id.in_(lead_ids))
            .order_by(ConversationRow.started_at.desc())
        )
    )


def open_since(since: datetime, limit: int = 100) -> list[Row[*tuple[Any, ...]]]:
    """Visitors' unfinished conversations in which something was said since an instant, in the form
    of ``by_token``: those who ask for a person first, longest waiting first; then the rest, newest
    first."""
    columns = _conversations.c
    order = columns.human_asked_at.is_(None), columns.human_asked_at, columns.last_at.desc()
    query = _open_since(since).order_by(*order).limit(limit)
    return list(db.session.connection().execute(query))


def unattended_since(since: datetime, tier: str, limit: int = 100) -> list[Row[*tuple[Any, ...]]]:
    """Of those, the ones in a tier with nobody of ours in them and no suspicion of spam."""
    columns = _conversations.c
    query = _open_since(since).where(columns.tier == tier, columns.taken_by_id.is_(None))
    return list(db.session.connection().execute(query.where(~columns.spam).limit(limit)))


def _open_since(since: datetime) -> Select[*tuple[Any, ...]]:
    columns = _conversations.c
    return _with_release.where(
        columns.last_at >= since, columns.finished_at.is_(None), columns.skin != "call"
    )


def spam(limit: int) -> list[Row[*tuple[Any, ...]]]:
    """Conversations kept aside as spam, newest first, in the form of ``by_token``."""
    newest = _conversations.c.last_at.desc(), _conversations.c.id.desc()
    query = _with_release.where(_conversations.c.spam).order_by(*newest).limit(limit)
    return list(db.session.connection().execute(query))


def spam_count() -> int:
    """How many conversations are kept aside as spam, as ``count_some`` counts."""
    [found] = count_some(select(_conversations.c.id).where(_conversations.c.spam))
    return found


def latest(limit: int = 50) -> list[ConversationRow]:
    """Live conversations first: by last activity, newest first."""
    return list(
        db.session.scalars(
            select(ConversationRow)
            .order_by(ConversationRow.last_at.desc(), ConversationRow.id.desc())
            .limit(limit)
        )
    )
