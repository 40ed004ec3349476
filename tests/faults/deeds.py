"""What may be done about one person at the same moment, each in a commit of its own."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import answer_the_rest, colleague
from webapp.config import ROOT
from webapp.services.figures import counting
from webapp.services.flows import releases
from webapp.services.people import erasure, exports, imports, merging, retention, suppression
from webapp.services.prospects import conversations, kept_aside, partial_leads
from webapp.services.sales import (
    calls,
    corrections,
    handoffs,
    in_earnest,
    live,
    meetings,
    reminders,
)
from webapp.store import handoffs as handoff_rows
from webapp.store import leads, sites, staff
from webapp.store.database import db
from webapp.store.staff import StaffRow

AT_WORK, TAGGED = "ana@nordwind.example", "ana+shop@nordwind.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT_DAYS = 365

Deed = Callable[[], object]


@dataclass(frozen=True)
class World:
    """Ana finished a conversation, which her rep has, and is about to finish another. She left one
    in the middle, one was kept aside as spam, one was a test, and she is here under another
    address, too."""

    finished: str
    about_to_finish: str
    left: str
    left_id: str
    aside: str
    test: str
    handoff: str
    other_lead: str
    rep: str
    now: datetime = FRIDAY + 3 * DAY

    @property
    def answering(self) -> dict[str, str]:
        """The token with which each of the deeds that answer does."""
        return {
            "conversations.answer": self.about_to_finish,
            "conversations.answer changed": self.finished,
            "conversations.answer goes on": self.left,
        }


def make_world() -> World:
    """In the application that is current."""
    site = sites.first()
    assert site is not None
    site.retention_days = KEPT_DAYS
    db.session.commit()

    def asks(email: str, **arrival: object) -> Prospect:
        somebody = Prospect(site, FRIDAY)
        somebody.begins("demo-request", **arrival)
        answer_the_rest(somebody, email)
        return somebody

    finished, _ = asks(AT_WORK, visitor_key="v" * 22), asks(TAGGED)
    aside = asks(AT_WORK, spam_because=["trap"])
    test = handoff_rows.of_conversation(asks(AT_WORK, test=True).id)
    left = Prospect(site, FRIDAY)
    left.begins("content-download")
    left.answers(email=AT_WORK, marketing_consent="yes")
    about_to_finish = Prospect(site, FRIDAY + HOUR)
    about_to_finish.begins("demo-request")
    fits = {"goal": "grow", "company_size": "50-199", "timeline": "now", "job_title": "CFO"}
    while (question := about_to_finish.state.question) and question.id != "email":
        about_to_finish.says(question.id, fits.get(question.id), skip=question.id not in fits)
    handoff, other = handoff_rows.of_conversation(finished.id), leads.with_address(TAGGED)
    assert handoff is not None
    assert handoff.owner_email is not None
    assert test is not None
    assert other is not None
    rep = staff.by_email(handoff.owner_email) or colleague(handoff.owner_email)
    colleague("maja@example.com", "manager")
    return World(
        finished=finished.token,
        about_to_finish=about_to_finish.token,
        left=left.token,
        left_id=left.id,
        aside=aside.id,
        test=test.id,
        handoff=handoff.id,
        other_lead=other.id,
        rep=rep.email,
    )


def deeds(here: World) -> dict[str, Deed]:
    """By the name of their commit, with a word where there are several of one name."""
    now, handoff, other = here.now, here.handoff, here.other_lead
    file = f"email,industry\n{AT_WORK},technology\nnew@north.example,technology\n"
    called = {"next_step": "Call", "next_step_at": now + HOUR, "now": now}

    def rep() -> StaffRow:
        return _somebody(here.rep)

    def boss() -> StaffRow:
        return _somebody("maja@example.com")

    def publishes() -> None:
        texts = releases.texts_in(ROOT / "question_flows")
        texts["playbook.yaml"] += "\n# another\n"
        releases.publish(texts, by="maja@example.com", why="To see", now=now, move_on=True)

    def books() -> None:
        token = meetings.token(handoff)
        slots = meetings.offer(token, now=now).slots
        meetings.book(token, slots[0], "Europe/Berlin", now=now)

    def exports_ana() -> None:
        if lead := leads.with_address(AT_WORK):
            exports.of_person(lead, by="maja", now=now)

    return {
        "conversations.answer": lambda: conversations.answer(
            here.about_to_finish, "email", value=AT_WORK, now=now
        ),
        "conversations.answer changed": lambda: conversations.answer(
            here.finished, "company_size", value="200-500", now=now
        ),
        "conversations.answer goes on": lambda: conversations.answer(
            here.left, "role_level", value="c_level", now=now
        ),
        "conversations.ask_for_person": lambda: conversations.ask_for_person(here.left, now=now),
        "erasure.erase": lambda: erasure.erase(AT_WORK, by="maja", now=now),
        "erasure.erase tagged": lambda: erasure.erase(TAGGED, by="maja", now=now),
        "merging.merge": lambda: merging.merge(handoff, boss(), other=other, now=now),
        "merging.tell_apart": lambda: merging.tell_apart(handoff, boss(), other=other, now=now),
        "imports.import_leads": lambda: imports.import_leads(io.StringIO(file), now=now),
        "releases.publish": publishes,
        # What was said an hour ago is as old as may be.
        "retention.forget_the_old": lambda: retention.forget_the_old(
            now=now - HOUR + KEPT_DAYS * DAY
        ),
        "handoffs.accept": lambda: handoffs.accept(handoff, rep(), now=now),
        "handoffs.reject": lambda: handoffs.reject(handoff, rep(), reason="misrouted", now=now),
        "handoffs.disqualify": lambda: handoffs.disqualify(
            handoff, rep(), reason="no_need", now=now
        ),
        "handoffs.reassign": lambda: handoffs.reassign(handoff, boss(), to=here.rep, now=now),
        "handoffs.log_contact": lambda: handoffs.log_contact(
            handoff, rep(), result="reached", **called
        ),
        "handoffs.record_outcome": lambda: handoffs.record_outcome(
            handoff, rep(), stage="opportunity", now=now
        ),
        "corrections.correct": lambda: corrections.correct(
            handoff, rep(), property="timeline", value="later", now=now
        ),
        "calls.start": lambda: calls.start(handoff, rep(), now=now),
        "suppression.add": lambda: suppression.add(AT_WORK, boss(), reason="asked", now=now),
        "kept_aside.release": lambda: kept_aside.release(here.aside, boss(), now=now),
        "in_earnest.take": lambda: in_earnest.take(here.test, boss(), now=now),
        "partial_leads.write_down": lambda: partial_leads.write_down(now=now),
        "meetings.book": books,
        "live.step_in": lambda: live.step_in(here.left_id, boss(), now=now),
        "reminders.remind": lambda: reminders.remind(now=now + 3 * HOUR),
        "reminders.escalate": lambda: reminders.escalate(now=now + 3 * DAY),
        "counting.count_days": lambda: counting.count_days(now=now),
        "exports.of_person": exports_ana,
    }


def _somebody(email: str) -> StaffRow:
    found = staff.by_email(email)
    assert found is not None
    return found
