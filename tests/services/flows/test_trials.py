"""Some of those who are new get a challenger of what is live; what came of it is told honestly."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.fixtures.answers import DEMO
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo
from webapp.core import trials as core
from webapp.core.errors import FlowError
from webapp.core.trials import Plan
from webapp.services.flows import drafts, releases, trials
from webapp.services.flows.drafts import Moved
from webapp.services.flows.trials import Ended, NothingToTry, Shown
from webapp.services.people import erasure
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.sales import handoffs
from webapp.store import releases as release_rows
from webapp.store.audit import AuditRow
from webapp.store.conversations import ConversationRow
from webapp.store.database import db, one_commit
from webapp.store.records import RecordRow
from webapp.store.staff import StaffRow
from webapp.store.trials import TrialRow

FLOW, FILE = "demo-request", "demo-request.yaml"
OLD, NEW = "What would you most like to achieve?", "What for?"
PLAN = Plan("finished", difference=10, a=390, b=390)
People = Callable[[], Prospect]


def drafted(prospect: Prospect, *changes: tuple[str, str]) -> int:
    """Put other words into the draft of the flow; the draft's revision."""
    text = drafts.now_drafted().texts[FILE]
    for old, new in changes or ((OLD, NEW),):
        assert old in text
        text = text.replace(old, new)
    return drafts.put({FILE: text}, what="Other words", by="mo", now=prospect.now)


def begun(prospect: Prospect, *, percent: int = 50, plan: Plan = PLAN) -> TrialRow:
    seen = drafted(prospect)
    return trials.start(
        FLOW, plan, percent=percent, why="Is it shorter?", by="mo", seen=seen, now=prospect.now
    )


@pytest.fixture
def trial(prospect: Prospect) -> TrialRow:
    row = begun(prospect)
    prospect.now += timedelta(minutes=1)
    return row


def key_for(trial: TrialRow, variant: str) -> str:
    """The key of a browser that draws this variant."""
    keys = (f"browser {n}" for n in range(1_000))
    return next(key for key in keys if core.draw(trial.id, key, trial.percent) == variant)


def row_of(prospect: Prospect) -> ConversationRow:
    db.session.expire_all()
    return db.session.get_one(ConversationRow, prospect.id)


def asked(prospect: Prospect) -> str:
    assert prospect.state.question is not None
    return prospect.state.say(prospect.state.question.ask)


@pytest.mark.parametrize(("variant", "words"), [("A", OLD), ("B", NEW)])
def test_a_new_visitor_sees_one_version_and_the_same_on_return(
    trial: TrialRow, prospect: Prospect, another_prospect: People, variant: str, words: str
) -> None:
    key = key_for(trial, variant)
    prospect.begins(visitor_key=key)
    assert (asked(prospect), prospect.state.variant) == (words, variant)
    row = row_of(prospect)
    assert (row.variant, row.trial_id) == (variant, trial.id)

    back = another_prospect()
    back.now = prospect.now + timedelta(days=3)
    back.begins(visitor_key=key)
    assert (asked(back), back.state.variant) == (words, variant)
    assert row_of(back).trial_id is None, "nobody is counted twice"


def test_two_tabs_of_one_browser_show_the_same_and_are_one_person(
    trial: TrialRow, prospect: Prospect, another_prospect: People
) -> None:
    arrival = Arrival(site=prospect.site, visitor_key=key_for(trial, "B"))
    tabs = [prospect, another_prospect()]
    seen = [
        conversations.opening(FLOW, arrival, token=token, now=prospect.now) for token in ("1", "2")
    ]
    assert [state.variant for state in seen] == ["B", "B"]
    for tab, state in zip(tabs, seen, strict=True):
        tab.now = prospect.now
        tab.begins(visitor_key=arrival.visitor_key, shown=Shown(state.version, prospect.now))
        assert asked(tab) == NEW
    assert trials.result(trial).b.began == 1


def test_who_gave_no_consent_goes_on_with_the_version_of_the_page_they_answer(
    trial: TrialRow, prospect: Prospect
) -> None:
    arrival, seen = Arrival(site=prospect.site), set()
    for n in range(20):
        token = f"{n:043d}"
        state = conversations.opening(FLOW, arrival, token=token, now=prospect.now)
        again = conversations.opening(FLOW, arrival, token=token, now=prospect.now)
        assert again.variant == state.variant
        # Consent came after the page was there, with a key that may draw otherwise.
        late = replace(
            arrival,
            visitor_key=f"a browser {n}",
            shown=Shown(state.version, prospect.now),
        )
        started = conversations.start(FLOW, late, token=token, now=prospect.now)
        assert started.state.variant == state.variant
        assert started.state.version == state.version
        seen.add(state.variant)
    assert seen == {"A", "B"}


def test_a_page_that_was_open_before_the_trial_has_no_part_in_it(
    trial: TrialRow, prospect: Prospect
) -> None:
    version = releases.live()[1].version(FLOW)
    prospect.begins(shown=Shown(version, trial.started_at - timedelta(minutes=1)))
    assert asked(prospect) == OLD
    assert (row_of(prospect).variant, row_of(prospect).trial_id) == (None, None)


def test_who_talked_to_us_before_and_tests_of_the_pages_get_what_is_live(
    prospect: Prospect, another_prospect: People
) -> None:
    prospect.begins(visitor_key="an old friend")
    prospect.finishes(**DEMO)
    trial = begun(prospect, percent=90)

    friend = another_prospect()
    friend.now = prospect.now + timedelta(days=1)
    friend.begins(visitor_key="an old friend")
    tester = another_prospect()
    tester.begins(visitor_key=key_for(trial, "B"), test=True)

    for each in (friend, tester):
        assert row_of(each).release_id == trial.base_id
        assert (row_of(each).variant, row_of(each).trial_id) == (None, None)


def test_other_flows_are_as_they_were(trial: TrialRow, prospect: Prospect) -> None:
    prospect.begins("contact", visitor_key=key_for(trial, "B"))
    assert row_of(prospect).trial_id is None


def test_publishing_anything_ends_it_and_who_has_begun_finishes_where_they_began(
    trial: TrialRow, prospect: Prospect, another_prospect: People
) -> None:
    prospect.begins(visitor_key=key_for(trial, "B"))
    live = release_rows.live()
    assert live is not None
    texts = releases.texts_of(live.manifest)
    texts["contact.yaml"] += "# a remark\n"
    releases.publish(texts, by="mo", why="Something else", now=prospect.now)

    db.session.expire_all()
    assert (trial.outcome, trial.ended_why) == ("overtaken", "Something else")
    late = another_prospect()
    late.begins(visitor_key=key_for(trial, "B"))
    assert asked(late) == OLD
    prospect.finishes(**DEMO)
    row = row_of(prospect)
    assert (row.release_id, row.variant) == (trial.challenger_id, "B")
    [record] = db.session.query(RecordRow)
    assert record.record["source"]["variant"] == "B"


def test_the_challenger_is_made_live_with_a_reason_that_stays_in_the_log(
    trial: TrialRow, prospect: Prospect
) -> None:
    assert releases.live()[0] == trial.base_id
    row = trials.publish_challenger(trial, why="It asks less", by="mo", now=prospect.now)

    db.session.expire_all()
    assert (trial.outcome, trial.ended_why) == ("published", "It asks less")
    assert releases.live()[0] == row.id
    assert (row.replaces_id, row.challenges_id) == (trial.challenger_id, None)
    prospect.begins()
    assert asked(prospect) == NEW
    actions = [line.action for line in db.session.query(AuditRow).order_by("id")]
    assert actions[-3:] == ["trials.started", "trials.ended", "flows.published"]
    assert drafts.now_drafted().changed == ()
    assert drafts.now_drafted().stale == (), "what was published is the draft's own text"
    with pytest.raises(Ended):
        trials.keep_live(trial, why="No, wait a moment", by="mo", now=prospect.now)


def test_what_is_live_stays_and_another_trial_can_begin(
    trial: TrialRow, prospect: Prospect
) -> None:
    trials.keep_live(trial, why="It was no better", by="mo", now=prospect.now)
    with pytest.raises(Ended):
        trials.publish_challenger(trial, why="Or was it?", by="mo", now=prospect.now)
    prospect.begins(visitor_key=key_for(trial, "B"))
    assert asked(prospect) == OLD
    seen = drafted(prospect, (NEW, "Why?"))
    again = trials.start(
        FLOW, PLAN, percent=25, why="Shorter yet", by="mo", seen=seen, now=prospect.now
    )
    assert [each.id for each in db.session.query(TrialRow).order_by("id")] == [trial.id, again.id]


def test_of_two_who_decide_at_once_the_second_is_told_that_it_is_decided(
    trial: TrialRow, prospect: Prospect
) -> None:
    """The second has read the test before the first ended it."""
    ends = update(TrialRow.__table__).values(outcome="kept", ended_at=prospect.now)
    db.session.connection().execute(ends)
    db.session.commit()
    assert trial.ended_at is None
    with pytest.raises(Ended):
        trials.publish_challenger(trial, why="It asks less", by="mo", now=prospect.now)
    assert releases.live()[0] == trial.base_id


def test_nothing_begins_that_has_errors_or_nothing_to_compare(prospect: Prospect) -> None:
    def start(flow: str = FLOW, seen: int | None = None) -> TrialRow:
        revision = drafts.now_drafted().revision if seen is None else seen
        return trials.start(
            flow, PLAN, percent=50, why="Why not?", by="mo", seen=revision, now=prospect.now
        )

    with pytest.raises(NothingToTry, match="is what is live"):
        start()
    with pytest.raises(NothingToTry, match="Only a flow"):
        start("playbook")
    drafted(prospect, ("property: goal", "property: gaol"))
    with pytest.raises(FlowError):
        start()
    drafted(prospect, ("property: gaol", "property: goal"), (OLD, NEW))
    with pytest.raises(Moved):
        start(seen=0)
    with pytest.raises(NothingToTry, match="Only a flow that is live"):
        start("never-published")
    with pytest.raises(NothingToTry, match="on the phone"):
        start("discovery-call")
    start()
    with pytest.raises(NothingToTry, match="is running"):
        start()
    assert releases.live()[0] == 1, "nothing was published"


def test_a_drafted_playbook_is_no_part_of_it(prospect: Prospect) -> None:
    playbook = drafts.now_drafted().texts["playbook.yaml"]
    drafts.put(
        {"playbook.yaml": playbook + "# a remark\n"}, what="A remark", by="mo", now=prospect.now
    )
    trial = begun(prospect)
    live, challenger = (
        db.session.get_one(release_rows.ReleaseRow, id).manifest
        for id in (trial.base_id, trial.challenger_id)
    )
    assert live["playbook"] == challenger["playbook"]
    differing = {flow for flow in live["flows"] if live["flows"][flow] != challenger["flows"][flow]}
    assert differing == {FLOW}


def test_what_came_of_each_is_counted_without_spam_and_stays_when_people_are_forgotten(
    trial: TrialRow, another_prospect: People
) -> None:
    keys = [f"somebody {n}" for n in range(12)]
    drawn = [core.draw(trial.id, key, 50) for key in keys]
    for n, key in enumerate(keys):
        person = another_prospect()
        person.now = trial.started_at + timedelta(hours=1)
        if n < 4:
            handoff = asks_for_a_demo(person, f"person{n}", visitor_key=key)
        else:
            person.begins(visitor_key=key)
    handoffs.accept(handoff.id, _owner(handoff.owner_email), now=person.now)
    with one_commit("tests"):
        spam = ConversationRow.id == person.id
        db.session.execute(update(ConversationRow).where(spam).values(spam=True))
    found = trials.result(trial)
    sides = {"A": found.a, "B": found.b}
    for variant, side in sides.items():
        assert side.began == side.read == drawn[:-1].count(variant)
        assert side.finished == side.sales == drawn[:4].count(variant)
    assert found.a.accepted + found.b.accepted == 1
    assert found.finding.startswith(f"Too early to tell: {found.a.began} and {found.b.began} began")

    trials.keep_live(trial, why="Enough of it", by="mo", now=person.now)
    erasure.erase("person0@person0.example", by="mo", now=person.now)
    assert trials.result(trial) == found


def test_only_as_many_as_were_planned_are_read(
    prospect: Prospect, another_prospect: People
) -> None:
    trial = begun(prospect, plan=Plan("finished", difference=10, a=3, b=2))
    for n in range(40):
        person = another_prospect()
        person.now = trial.started_at + timedelta(minutes=n)
        person.begins(visitor_key=f"visitor {n}")
    found = trials.result(trial)
    assert found.a.began + found.b.began == 40
    assert (found.a.read, found.b.read) == (3, 2)
    assert found.is_read


def test_what_to_expect_is_told_from_the_last_months(
    prospect: Prospect, another_prospect: People
) -> None:
    nobody = trials.outlook(FLOW, now=prospect.now)
    assert nobody.days(nobody.plan("sales", difference=5, percent=50)) is None
    asks_for_a_demo(prospect, "ana")
    another_prospect().begins()
    found = trials.outlook(FLOW, now=prospect.now)
    assert found.began == 2
    assert (found.before["finished"].count, found.before["sales"].count) == (1, 1)
    plan = found.plan("finished", difference=10, percent=50)
    assert found.days(plan) == (plan.a + plan.b) * 45


def _owner(email: str | None) -> StaffRow:
    assert email
    return StaffRow(id="someone", email=email, name="Somebody", role="manager")
