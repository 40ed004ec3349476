"""Prospects, reps, a marketer and a manager of one installation, who do anything in any order."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.faults import versions
from tests.fixtures.applications import FRIDAY, Prepared
from tests.services.selling import colleague
from webapp.config import ROOT
from webapp.core.errors import BatonError
from webapp.core.flow import Question
from webapp.core.playbook import Property
from webapp.core.values import Type
from webapp.services.figures import counting
from webapp.services.flows import releases
from webapp.services.operations import verification
from webapp.services.people import erasure, merging, suppression
from webapp.services.prospects import conversations, kept_aside
from webapp.services.prospects.conversations import Arrival
from webapp.services.prospects.states import State
from webapp.services.sales import calls, corrections, handoffs, in_earnest, live, meetings
from webapp.store import failpoints, sites, staff
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.suppressions import SuppressionRow
from webapp.worker.chores import CHORES

FLOWS = ("demo-request", "contact", "pricing-inquiry")
PEOPLE = ("ana@nordwind.example", "Ana@nordwind.example", "ben@gmail.com", "cy@orba.example")
BROWSERS = (None, "v" * 22, "w" * 22)
JUMPS = [
    timedelta(seconds=-90),
    timedelta(days=-1),
    timedelta(0),
    timedelta(seconds=20),
    timedelta(minutes=31),
    timedelta(hours=9),
    timedelta(days=3),
    timedelta(days=40),
    timedelta(days=200),
]
"""Between two things people do; a server's clock may be set back."""

somebody = st.integers(0, 30)
WORDS = {
    Type.NUMBER: st.sampled_from(["12", "0", "-3", "1e9", "many"]),
    Type.MONEY: st.sampled_from(["50000 EUR", "3 USD", "free"]),
    Type.DATE: st.sampled_from(["2027-01-31", "2026-02-30"]),
    Type.YES_NO: st.sampled_from(["yes", "no", "maybe"]),
    Type.CONSENT: st.sampled_from(["yes", "no"]),
    Type.EMAIL: st.sampled_from([*PEOPLE, "nobody"]),
    Type.PHONE: st.sampled_from(["+49 30 1234567", "12"]),
    Type.URL: st.sampled_from(["https://nordwind.example", "nowhere"]),
    Type.COUNTRY: st.sampled_from(["DE", "US", "XX"]),
}
SAYINGS = st.sampled_from(
    [
        "CFO",
        "student",
        "developer",
        "we are 120 people, starting this quarter",
        "=1+1",
        "\u202e<b>",
        " ",
    ]
)


def fitting(about: Property) -> st.SearchStrategy[object]:
    """What somebody may say of a property; not all of it is an answer."""
    if about.choices:
        choices = st.sampled_from([*about.choices, "something nobody offered"])
        return st.lists(choices, max_size=3) if about.type is Type.CHOICES else choices
    return WORDS.get(about.type, SAYINGS)


class Company(RuleBasedStateMachine):
    """Prospects, reps, a marketer and an admin, all at once on one installation."""

    prepared: Prepared
    failed: ClassVar[set[str]] = set()
    """The commits that failed, in any life."""

    def __init__(self) -> None:
        super().__init__()
        self.context = self.prepared.as_new().app_context()
        self.context.push()
        self.now = FRIDAY
        self.tokens: list[str] = []
        self.said: dict[str, set[str]] = {}
        """By conversation, the properties of which somebody was told that their answer is kept."""
        playbook = (ROOT / "question_flows" / releases.PLAYBOOK).read_text(encoding="utf-8")
        teams = YAML(typ="safe").load(playbook)["teams"]
        reps = sorted({rep["email"].lower() for team in teams for rep in team["reps"]})
        self.manager = colleague("mia@acme.example", "manager")
        self.staff = [*(colleague(email) for email in reps), self.manager]
        self.chores = [(each.name, each.do) for each in CHORES]
        self.set_back = False
        self.moment: str | None = None
        """Where the next commit fails."""

    def teardown(self) -> None:
        db.session.rollback()
        if self.set_back:
            # What is said on a day that was over and counted by the clock of before comes too late
            # for the reports: then an operator is told to have it counted anew.
            counting.recount()
        found = verification.verify()
        self.context.pop()
        assert found.problems == []

    def tried(self, do: Callable[[], Any]) -> Any:
        """What came of it, or None where a sentence said why not. Anything else is a fault."""
        try:
            with self.as_it_goes():
                return do()
        except OperationalError:
            db.session.rollback()
            return self.tried(do)  # as whoever was asked to try again does
        except BatonError as refused:
            if not str(refused):
                raise
            return None
        finally:
            db.session.rollback()

    @contextmanager
    def as_it_goes(self) -> Iterator[None]:
        """Let the first commit inside fail, if it is to, as on a disk that cannot be written. Where
        there is none, the next one that comes fails."""

        def reached(place: str) -> None:
            if self.moment and place.endswith(self.moment):
                self.moment = None
                self.failed.add(place)
                raise OperationalError("COMMIT", {}, Exception("a fault of the test"))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(failpoints, "reached", reached)
            yield

    def one_of(self, kind: Any, which: int) -> Any:
        rows = db.session.scalars(select(kind).order_by(kind.id)).unique().all()
        return rows[which % len(rows)] if rows else None

    @initialize(data=st.data())
    def a_few_have_been_here(self, data: st.DataObject) -> None:
        for flow, email in zip(("demo-request", "demo-request", "contact"), PEOPLE, strict=False):
            self.somebody_comes(flow, data.draw(st.sampled_from(BROWSERS)), spam=False)
            state = conversations.show(self.tokens[-1], now=self.now)
            while state.question is not None:
                about = state.playbook.properties[state.question.property]
                value = email if about.type is Type.EMAIL else data.draw(fitting(about))
                state = self._answer(self.tokens[-1], state.question, value) or state

    @rule(by=st.sampled_from(JUMPS))
    def time_passes(self, by: timedelta) -> None:
        self.set_back |= by <= -timedelta(days=1)
        self.now += by

    @rule(moment=st.sampled_from([".before_commit", ".after_commit"]))
    def the_next_commit_fails(self, moment: str) -> None:
        self.moment = moment

    @rule(
        flow=st.sampled_from(FLOWS),
        browser=st.sampled_from(BROWSERS),
        spam=st.booleans(),
        test=st.booleans(),
    )
    def somebody_comes(
        self, flow: str, browser: str | None, spam: bool, test: bool = False
    ) -> None:
        site = sites.first()
        assert site is not None
        arrival = Arrival(
            site=site,
            visitor_key=browser,
            locale="de" if browser else None,
            spam_because=("honeypot",) if spam and not browser else (),
            test=test,
        )
        begun = self.tried(lambda: conversations.start(flow, arrival, now=self.now))
        if begun is not None:
            self.tokens.append(begun.token)

    @rule(who=somebody, back=st.integers(0, 6), data=st.data(), times=st.integers(1, 6))
    def somebody_answers(self, who: int, back: int, data: st.DataObject, times: int) -> None:
        """Some answers in a row, the first perhaps to an earlier question."""
        token = self.tokens[who % len(self.tokens)]
        for n in range(times):
            state = self.tried(lambda: conversations.show(token, now=self.now))
            if state is None:
                return
            asked: list[Question] = [each.question for each in state.transcript]
            question = asked[back % len(asked)] if asked and n == 0 and back < 3 else state.question
            if question is None:
                return
            about = state.playbook.properties[question.property]
            value = data.draw(fitting(about), label=question.id)
            skip = data.draw(st.integers(0, 9), label="skips") == 9
            typed = data.draw(st.integers(0, 5), label="typed") == 5
            self._answer(token, question, value, skip=skip, typed=typed)

    def _answer(
        self,
        token: str,
        question: Question,
        value: object,
        *,
        skip: bool = False,
        typed: bool = False,
    ) -> State | None:
        """How it stands afterwards; None where it was refused."""
        self.now += timedelta(seconds=20)
        said: dict[str, Any] = {"skip": True} if skip else {"value": value}
        if typed and not skip and isinstance(value, str):
            said = {"text": value}
        after: State | None = self.tried(
            lambda: conversations.answer(token, question.id, now=self.now, **said)
        )
        if after is not None:
            given = {each.question.property for each in after.transcript}
            assert question.property in given, "what is taken is seen to be taken"
            self.said.setdefault(after.id, set()).add(question.property)
        return after

    @rule(who=somebody)
    def somebody_wants_a_person(self, who: int) -> None:
        token = self.tokens[who % len(self.tokens)]
        self.tried(lambda: conversations.ask_for_person(token, now=self.now))

    @rule(data=st.data(), move_on=st.booleans())
    def a_marketer_publishes(self, data: st.DataObject, move_on: bool) -> None:
        texts = releases.texts_of(releases.live_manifest())
        file = data.draw(st.sampled_from(sorted(texts)))
        document = YAML(typ="safe").load(texts[file])
        of_playbook = "routing" in document
        edits = versions.PLAYBOOK_EDITS if of_playbook else versions.FLOW_EDITS
        edit = data.draw(st.sampled_from(edits))
        edit(document, data)
        texts[file] = json.dumps(document, ensure_ascii=False, default=str)
        self.tried(
            lambda: releases.publish(
                texts, by="mia@acme.example", why="To see", now=self.now, move_on=move_on
            )
        )

    @rule()
    def the_worker_does_its_chores(self) -> None:
        for name, do in self.chores:
            if name != "bury":
                with suppress(OperationalError), self.as_it_goes():
                    do(self.now)
            db.session.rollback()

    @rule(which=somebody, who=somebody, data=st.data())
    def a_rep_works(self, which: int, who: int, data: st.DataObject) -> None:
        handoff = self.one_of(HandoffRow, which)
        if handoff is None:
            return
        id, now = handoff.id, self.now
        actor = staff.by_email(handoff.owner_email or "") or self.staff[who % len(self.staff)]
        if data.draw(st.integers(0, 3)) == 0:
            actor = self.staff[who % len(self.staff)]
        soon = now + timedelta(hours=3)
        properties = handoff.record.record["answers"]
        about = data.draw(st.sampled_from([each["question"] for each in properties] or ["goal"]))
        do: list[Callable[[], Any]] = [
            lambda: handoffs.accept(id, actor, now=now),
            lambda: handoffs.reject(id, actor, reason="misrouted", now=now),
            lambda: handoffs.log_contact(
                id, actor, result="reached", next_step="Call", next_step_at=soon, now=now
            ),
            lambda: handoffs.disqualify(id, actor, reason="no_need", now=now),
            lambda: handoffs.record_outcome(id, actor, stage="opportunity", now=now),
            lambda: handoffs.reassign(id, actor, to=self.staff[0].email, now=now),
            lambda: handoffs.snooze(id, actor, until=soon, now=now),
            lambda: handoffs.recycle(id, actor, now=now),
            lambda: corrections.correct(id, actor, property=about, value="grow", now=now),
            lambda: corrections.correct(id, actor, property="timeline", value="later", now=now),
            lambda: corrections.correct(id, actor, property="industry", value="gambling", now=now),
            lambda: calls.start(id, actor, now=now),
            lambda: calls.note(id, actor, text="Speaks fast", seen=0, now=now),
            lambda: self._asks_on_the_phone(id, actor, data),
            lambda: calls.finish(id, actor, next_step="Call", next_step_at=soon, now=now),
            lambda: calls.finish(id, actor, reason="no_budget", now=now),
        ]
        self.tried(data.draw(st.sampled_from(do)))

    def _asks_on_the_phone(self, id: str, actor: Any, data: st.DataObject) -> None:
        call = calls.opened(id, actor, now=self.now)
        put = data.draw(st.sampled_from(call.decision.flow.questions))
        value = data.draw(fitting(call.standing.release.playbook.properties[put.property]))
        calls.answer(id, actor, question=put.id, value=value, seen=0, now=self.now)

    @rule(which=somebody, who=somebody, what=st.integers(0, 3))
    def a_rep_steps_in(self, which: int, who: int, what: int) -> None:
        conversation = self.one_of(ConversationRow, which)
        if conversation is None:
            return
        id, actor, now = conversation.id, self.staff[who % len(self.staff)], self.now
        do: list[Callable[[], Any]] = [
            lambda: live.step_in(id, actor, now=now),
            lambda: live.say(id, actor, text="Hello", now=now),
            lambda: live.hand_back(id, actor, now=now),
            lambda: live.watch(id, actor, now=now),
        ]
        self.tried(do[what])

    @rule(which=somebody, other=somebody, what=st.integers(0, 2))
    def a_manager_merges(self, which: int, other: int, what: int) -> None:
        handoff, lead = self.one_of(HandoffRow, which), self.one_of(LeadRow, other)
        if handoff is None or lead is None:
            return
        do = (merging.merge, merging.unmerge, merging.tell_apart)[what]
        id, to = handoff.id, lead.id
        self.tried(lambda: do(id, self.manager, other=to, now=self.now))

    @rule(which=somebody, slot=st.integers(0, 20), off=st.booleans())
    def a_prospect_takes_a_time(self, which: int, slot: int, off: bool) -> None:
        handoff = self.one_of(HandoffRow, which)
        if handoff is None:
            return
        token = meetings.token(handoff.id)

        def take() -> None:
            slots = meetings.offer(token, now=self.now).slots
            if off or not slots:
                meetings.cancel(token, now=self.now)
            else:
                meetings.book(token, slots[slot % len(slots)], "Europe/Berlin", now=self.now)

        self.tried(take)

    @rule(which=somebody)
    def a_manager_says_it_is_no_spam(self, which: int) -> None:
        conversation = self.one_of(ConversationRow, which)
        if conversation is not None:
            id = conversation.id
            self.tried(lambda: kept_aside.release(id, self.manager, now=self.now))

    @rule(which=somebody)
    def a_manager_says_it_is_no_test(self, which: int) -> None:
        handoff = self.one_of(HandoffRow, which)
        if handoff is not None:
            id = handoff.id
            self.tried(lambda: in_earnest.take(id, self.manager, now=self.now))

    @rule(who=st.sampled_from([*PEOPLE, "nordwind.example"]), again=st.booleans(), which=somebody)
    def somebody_is_left_alone(self, who: str, again: bool, which: int) -> None:
        if again and (entry := self.one_of(SuppressionRow, which)) is not None:
            id = entry.id
            self.tried(lambda: suppression.remove(id, self.manager, now=self.now))
        else:
            reason = next(iter(suppression.REASONS))
            self.tried(lambda: suppression.add(who, self.manager, reason=reason, now=self.now))

    @rule(who=st.sampled_from(PEOPLE), sure=st.integers(0, 4))
    def somebody_is_erased(self, who: str, sure: int) -> None:
        if sure == 4 and self.tried(
            lambda: erasure.erase(who, by="admin@acme.example", now=self.now)
        ):
            left = set(db.session.scalars(select(ConversationRow.id)))
            self.said = {id: said for id, said in self.said.items() if id in left}

    @invariant()
    def nothing_said_is_lost(self) -> None:
        db.session.rollback()
        there = set(db.session.scalars(select(ConversationRow.id)))
        gone = self.said.keys() - there
        for id in gone:  # retention may forget who was silent for long; nothing else may
            del self.said[id]
        kept: dict[str, set[str]] = {}
        for conversation, about in db.session.execute(
            select(AnswerRow.conversation_id, AnswerRow.property)
        ):
            kept.setdefault(conversation, set()).add(about)
        for id, said in self.said.items():
            assert said <= kept.get(id, set())
