"""Proves of a database what we promise: nothing acknowledged is missing, nobody's lead is nobody's,
and every score and route comes out again from the inputs kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import undefer

from webapp.core import handoff
from webapp.core.decision import decide
from webapp.core.errors import AnswerRefused, FlowError
from webapp.core.inputs import inputs_hash, read_inputs, write_inputs
from webapp.services import audit
from webapp.services.figures import counting
from webapp.services.flows import releases
from webapp.store.calls import CallRow
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db, reading
from webapp.store.days import DayRow
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow
from webapp.store.releases import ReleaseRow

AT_A_TIME = 200


@dataclass
class Verified:
    """How many of each kind were looked at, and what is wrong with any."""

    checked: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    audit_end: str = ""


def verify(audit_end: str = "") -> Verified:
    """Look at everything. Reads only, in one view of the database. ``audit_end`` is where the audit
    log ended when somebody looked before."""
    found = Verified()
    with reading():
        if db.engine.dialect.name == "postgresql":
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for what, count, problems in (
            ("answer", AnswerRow, _answers_that_do_not_stand()),
            ("conversation", ConversationRow, _ends_without_record()),
            ("handoff", HandoffRow, _handoffs_of_nobody()),
            ("record", RecordRow, _records_that_come_out_otherwise()),
            ("counted day", DayRow, _days_that_come_out_otherwise()),
        ):
            found.problems += problems
            found.checked[what] = db.session.scalar(select(func.count()).select_from(count)) or 0
        if (line := audit.broken_at()) is not None:
            found.problems.append(f"audit line {line}: it, or the one before, was changed")
        if audit_end and not audit.holds(audit_end):
            number = audit_end.partition(":")[0]
            found.problems.append(f"audit line {number}: it is gone, or not the one it was")
        found.audit_end = audit.end()
    return found


def _answers_that_do_not_stand() -> Iterator[str]:
    """What a conversation says stands, against the ledger of what was said."""
    for conversation in _each(select(ConversationRow).order_by(ConversationRow.id)):
        said = db.session.execute(
            select(AnswerRow.property, AnswerRow.value, AnswerRow.n)
            .where(AnswerRow.conversation_id == conversation.id)
            .order_by(AnswerRow.n)
        ).all()
        stands = {each["property"]: each["value"] for each in conversation.answers}
        if stands != {row.property: row.value for row in said}:
            yield f"conversation {conversation.id}: what stands is not what was last said"
        given = [entry for each in conversation.answers for entry in (each, *each["earlier"])]
        if [row.n for row in said] != sorted(entry["order"] for entry in given):
            yield f"conversation {conversation.id}: answers are missing from the ledger"


def _ends_without_record() -> Iterator[str]:
    without = select(ConversationRow.id).where(
        ConversationRow.finished_at.is_not(None),
        ~exists().where(RecordRow.conversation_id == ConversationRow.id),
    )
    for id in db.session.scalars(without):
        yield f"conversation {id}: it ended and has no record"
    to_sales = (
        select(RecordRow.id)
        .where(RecordRow.kind == "sales")
        .where(~exists().where(HandoffRow.conversation_id == RecordRow.conversation_id))
        .where(~exists().where(CallRow.conversation_id == RecordRow.conversation_id))
    )
    for id in db.session.scalars(to_sales):
        yield f"record {id}: it went to sales and was handed to nobody"


def _handoffs_of_nobody() -> Iterator[str]:
    nobodys = select(HandoffRow.id).where(
        or_(
            and_(HandoffRow.status == "waiting", HandoffRow.team == ""),
            and_(
                HandoffRow.status.not_in(("waiting", "suppressed")),
                HandoffRow.owner_email.is_(None),
            ),
        )
    )
    for id in db.session.scalars(nobodys):
        yield f"handoff {id}: it has neither an owner nor a queue"
    untold = select(HandoffRow.id).where(
        HandoffRow.test.is_(False),
        HandoffRow.status != "suppressed",
        ~exists().where(DeliveryRow.handoff_id == HandoffRow.id),
    )
    for id in db.session.scalars(untold):
        yield f"handoff {id}: nobody was told of it"


def _records_that_come_out_otherwise() -> Iterator[str]:
    query = (
        select(RecordRow, ReleaseRow.hash)
        .join(ReleaseRow, ReleaseRow.id == RecordRow.release_id)
        .options(undefer(RecordRow.inputs))
        .order_by(RecordRow.id)
    )
    for row, release_hash in db.session.execute(query.execution_options(yield_per=AT_A_TIME)):
        try:
            differs = _differences(row, release_hash)
        except (AnswerRefused, FlowError, KeyError) as problem:
            differs = [f"cannot be derived again ({problem})"]
        for what in differs:
            yield f"record {row.id}: {what}"


def _days_that_come_out_otherwise() -> Iterator[str]:
    for of, day in counting.wrong():
        yield f"{day}: the reports tell other figures of its {of} than are kept (baton db recount)"


def _differences(row: RecordRow, release_hash: str) -> list[str]:
    """Where the record is not what its inputs and release lead to today."""
    release = releases.of_hash(release_hash)
    kept = row.record
    visit, answers = read_inputs(row.inputs, release.playbook)
    if inputs_hash(write_inputs(row.flow, visit, answers)) != kept["provenance"]["facts_hash"]:
        return ["its inputs are not those it was made from"]
    decision = decide(release, row.flow, visit, answers)
    again = handoff.record(decision, id=row.id, created_at=row.created_at)
    differing = [
        part
        for part, then, now in (
            ("score", kept["verdict"]["score"], again["verdict"]["score"]),
            ("score lines", _points(kept), _points(again)),
            ("route", kept["verdict"]["rule"], again["verdict"]["rule"]),
            ("destination", kept["verdict"]["destination"], again["verdict"]["destination"]),
            ("tier", kept["verdict"]["tier"], again["verdict"]["tier"]),
            ("trace", kept["provenance"]["trace"], again["provenance"]["trace"]),
            ("score column", row.total, again["verdict"]["score"]["total"]),
            ("rule column", row.rule, again["verdict"]["rule"]),
        )
        if then != now
    ]
    return [f"its {part} comes out otherwise" for part in differing]


def _points(record: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(each["rule"], each["points"], each["status"]) for each in record["score_lines"]]


def _each(query: Any) -> Iterator[Any]:
    yield from db.session.scalars(query.execution_options(yield_per=AT_A_TIME))
