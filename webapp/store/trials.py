"""A/B tests of a flow: what is live beside a challenger, for some of those who are new."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.conversations import ConversationRow
from webapp.store.database import Model, db
from webapp.store.handoffs import ACCEPTED, HandoffRow

_RUNS = text("ended_at IS NULL")


class TrialRow(Model):
    """``base_id`` is the release that was live when it began: A; ``challenger_id`` the one that
    ``percent`` of a hundred new visitors get: B. ``goal``, ``difference``, ``planned_a`` and
    ``planned_b`` are its plan, fixed at the start. ``result`` is what it had come to when it ended.
    """

    __tablename__ = "trials"
    __table_args__ = (
        Index(
            "uq_trials_running",
            "flow",
            unique=True,
            sqlite_where=_RUNS,
            postgresql_where=_RUNS,
        ),
        CheckConstraint("percent BETWEEN 1 AND 99", name="percent_leaves_both"),
        CheckConstraint("goal IN ('finished', 'sales')", name="goal_exists"),
        CheckConstraint(
            "outcome IN ('kept', 'published', 'overtaken')",
            name="outcome_exists",
        ),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_means_outcome"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    flow: Mapped[str]
    base_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    challenger_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    percent: Mapped[int]
    goal: Mapped[str]
    difference: Mapped[int]
    planned_a: Mapped[int]
    planned_b: Mapped[int]
    why: Mapped[str]
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_why: Mapped[str | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]


_SHOWN = 50
_newest = select(TrialRow).order_by(TrialRow.started_at.desc(), TrialRow.id.desc())
_running = _newest.where(TrialRow.ended_at.is_(None))
_running_of = _running.where(TrialRow.flow == bindparam("flow"))
_of_variant = select(ConversationRow.variant).order_by(ConversationRow.started_at).limit(1)


def get(id: str) -> TrialRow | None:
    return db.session.get(TrialRow, id)


def running() -> list[TrialRow]:
    return list(db.session.scalars(_running))


def running_of(flow: str) -> TrialRow | None:
    return db.session.scalar(_running_of, {"flow": flow})


def of_flow(flow: str) -> list[TrialRow]:
    """Newest first."""
    return list(db.session.scalars(_newest.where(TrialRow.flow == flow).limit(_SHOWN)))


def newest() -> list[TrialRow]:
    return list(db.session.scalars(_newest.limit(_SHOWN)))


def variant_of(trial_id: str, visitor_id: str) -> str | None:
    """What a visitor saw in a trial before; None for who was not in it."""
    theirs = ConversationRow.trial_id == trial_id, ConversationRow.visitor_id == visitor_id
    return db.session.scalar(_of_variant.where(*theirs))


def end(trial: TrialRow, outcome: str, *, why: str, by: str, now: datetime) -> None:
    """Keep what was counted, for the day when those who were counted are forgotten."""
    trial.result = dict(counted(trial))
    trial.outcome, trial.ended_why, trial.ended_by, trial.ended_at = outcome, why, by, now


def counted(trial: TrialRow) -> dict[str, Mapping[str, int]]:
    """For each variant: how many began, and of the first as many as were planned, how many that
    were and what became of them. Test conversations and what looks like spam are not counted."""
    ranked = (
        select(
            ConversationRow.variant,
            ConversationRow.finished_at.is_not(None).label("finished"),
            HandoffRow.id.is_not(None).label("sales"),
            HandoffRow.status.in_(ACCEPTED).label("accepted"),
            func.row_number()
            .over(
                partition_by=ConversationRow.variant,
                order_by=(ConversationRow.started_at, ConversationRow.id),
            )
            .label("n"),
        )
        .outerjoin(HandoffRow, HandoffRow.conversation_id == ConversationRow.id)
        .where(ConversationRow.trial_id == trial.id, ~ConversationRow.test, ~ConversationRow.spam)
        .subquery()
    )
    of = ranked.c
    planned = case((of.variant == "A", trial.planned_a), else_=trial.planned_b)
    read = of.n <= planned
    query = select(
        of.variant,
        func.count().label("began"),
        func.count().filter(read).label("read"),
        *(
            func.count().filter(and_(read, column)).label(column.name)
            for column in (of.finished, of.sales, of.accepted)
        ),
    ).group_by(of.variant)
    return {
        row["variant"]: {name: n for name, n in row.items() if name != "variant"}
        for row in db.session.execute(query).mappings()
    }


def sent_to_sales(flow: str, since: datetime) -> int:
    """How many of those who began a flow since an instant went to sales."""
    query = (
        select(func.count())
        .select_from(HandoffRow)
        .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
        .where(ConversationRow.flow == flow, ConversationRow.started_at >= since)
        .where(~or_(ConversationRow.test, ConversationRow.spam))
    )
    return db.session.scalar(query) or 0
