"""A/B tests: a challenger beside what is live, for some of those who are new, until somebody says
which of the two stays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

from webapp.core import trials
from webapp.core.call import CALL_SCRIPT
from webapp.core.errors import BatonError
from webapp.core.flow import Release
from webapp.core.proportions import Share, share
from webapp.core.trials import Goal, Plan, Side
from webapp.services import audit
from webapp.services.figures import counting, insights
from webapp.services.flows import drafts, releases
from webapp.services.flows.drafts import Draft, Moved
from webapp.services.flows.releases import AnotherIsLive
from webapp.services.prospects import known
from webapp.store import releases as release_rows
from webapp.store import trials as rows
from webapp.store.database import db, new_id, one_commit
from webapp.store.locks import exclusive
from webapp.store.releases import ReleaseRow
from webapp.store.trials import TrialRow
from webapp.store.visitors import Visitor

LOOKED_BACK = 90
"""Days whose visitors say what to expect."""


class NothingToTry(BatonError):
    """This flow cannot be tried against what is live, or not now."""


class Ended(BatonError):
    def __init__(self) -> None:
        super().__init__("This test has ended in the meantime. Look at what came of it.")


@dataclass(frozen=True, slots=True)
class Shown:
    """The page that a first answer comes from: which version of the flow it showed, and when."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody begins. ``trial_id`` is the test they count in."""

    release_id: int
    release: Release
    variant: str | None = None
    trial_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known before a test: how many ``began`` the flow lately, and the share of them that
    reached each goal."""

    began: int
    before: Mapping[Goal, Share]

    def plan(self, goal: Goal, *, difference: int, percent: int) -> Plan:
        return trials.planned(
            goal, difference=difference, percent=percent, before=self.before[goal]
        )

    def days(self, plan: Plan) -> int | None:
        """How long it takes until so many have begun; None where nobody does."""
        return ceil((plan.a + plan.b) * LOOKED_BACK / self.began) if self.began else None


@dataclass(frozen=True)
class Result:
    """What a test has come to, or had when it ended."""

    row: TrialRow
    a: Side
    b: Side

    @property
    def plan(self) -> Plan:
        row = self.row
        goal: Goal = "finished" if row.goal == "finished" else "sales"
        return Plan(goal, row.difference, row.planned_a, row.planned_b)

    @cached_property
    def finding(self) -> str:
        return trials.finding(self.plan, self.a, self.b)

    @property
    def is_read(self) -> bool:
        return trials.is_read(self.plan, self.a, self.b)


def place(
    flow: str, visitor: Visitor | None, *, who: str, shown: Shown | None, test: bool
) -> Place:
    """Where a new conversation begins: with what is live, or with a challenger to it.

    ``who`` draws, the same every time: the visitor's key or, without consent, the token of the
    conversation. Who answers a page goes on with the version it ``shown``; who took part before
    sees the same again, and is not counted again. Whoever talked to us before the test began, and
    what is only a test of the pages, has no part in it.
    """
    number, release = releases.live()
    trial = rows.running_of(flow)
    if trial is None or trial.base_id != number or test:
        return Place(number, release)
    challenger = releases.get(trial.challenger_id)
    before = rows.variant_of(trial.id, visitor.id) if visitor else None
    new = visitor is None or not known.has_talked(visitor)
    variant = before or (trials.draw(trial.id, who, trial.percent) if new else None)
    if shown is not None:
        versions = {release.version(flow): "A", challenger.version(flow): "B"}
        variant = versions.get(shown.version) if shown.at >= trial.started_at else None
    at = Place(number, release)
    if variant == "B":
        at = Place(trial.challenger_id, challenger)
    if variant is None or not (new or before):
        return at
    return replace(at, variant=variant, trial_id=trial.id if new else None)


def challenger(draft: Draft, flow: str) -> Draft:
    """What is live, but for this one flow as it is drafted.

    Raises: NothingToTry.
    """
    file = f"{flow}.yaml"
    if file == releases.PLAYBOOK or file not in draft.live or file not in draft.texts:
        raise NothingToTry("Only a flow that is live can be tried against a draft of it.")
    live = releases.live()[1].flows[flow]
    if live.intent == CALL_SCRIPT:
        raise NothingToTry("Reps ask this on the phone, so there are no visitors to share out.")
    if rows.running_of(flow) is not None:
        raise NothingToTry("A test of this flow is running. Decide it before the next one.")
    if draft.texts[file] == draft.live[file]:
        raise NothingToTry(
            "The draft of this flow is what is live. Change what you want to try, then come back."
        )
    return draft.alone(file)


def outlook(flow: str, *, now: datetime) -> Outlook:
    """What the last months let expect of a test of this flow."""
    since = (now - timedelta(days=LOOKED_BACK)).replace(hour=0, minute=0, second=0, microsecond=0)
    began, finished = insights.starts(counting.past(since=since, now=now)).get(flow, (0, 0))
    sales = min(began, rows.sent_to_sales(flow, since))
    return Outlook(began, {"finished": share(finished, began), "sales": share(sales, began)})


def start(
    flow: str, plan: Plan, *, percent: int, why: str, by: str, seen: int, now: datetime
) -> TrialRow:
    """Give the drafted flow to ``percent`` of a hundred new visitors from now on.

    Raises: NothingToTry; FlowError, with every problem; Moved, if the draft is not that of
    ``seen``.
    """
    with one_commit("trials.start"):
        exclusive("releases.publish")
        draft = drafts.now_drafted()
        if draft.revision != seen:
            raise Moved
        texts = challenger(draft, flow).texts
        base = release_rows.live()
        assert base is not None
        row = TrialRow(
            id=new_id(now),
            flow=flow,
            base_id=base.id,
            challenger_id=releases.challenge(base, texts, by=by, why=why, now=now).id,
            percent=percent,
            goal=plan.goal,
            difference=plan.difference,
            planned_a=plan.a,
            planned_b=plan.b,
            why=why,
            started_by=by,
            started_at=now,
        )
        db.session.add(row)
        detail = {"flow": flow, "release": row.challenger_id}
        audit.append("trials.started", row.id, actor=by, now=now, detail=detail)
    return row


def keep_live(row: TrialRow, *, why: str, by: str, now: datetime) -> None:
    """End a test: everybody who is new gets what is live. Conversations under way finish as they
    began.

    Raises: Ended.
    """
    with one_commit("trials.keep_live"):
        exclusive("releases.publish")
        db.session.refresh(row)
        if row.ended_at is not None:
            raise Ended
        rows.end(row, "kept", why=why, by=by, now=now)
        audit.append("trials.ended", row.id, actor=by, now=now, detail={"outcome": "kept"})


def publish_challenger(row: TrialRow, *, why: str, by: str, now: datetime) -> ReleaseRow:
    """End a test by making its challenger live for everybody who is new.

    Raises: Ended.
    """
    texts = releases.texts_of(db.session.get_one(ReleaseRow, row.challenger_id).manifest)
    exclusive("releases.publish")
    db.session.refresh(row)
    if row.ended_at is not None:
        raise Ended
    try:
        return releases.publish(
            texts, by=by, why=why, now=now, replaces=row.challenger_id, onto=row.base_id
        )
    except AnotherIsLive:
        raise Ended from None


def result(row: TrialRow) -> Result:
    """What came of each variant until now, or until it ended."""
    counted = row.result if row.result is not None else rows.counted(row)
    return Result(row, *(Side(**counted.get(variant, {})) for variant in ("A", "B")))
