"""The reports of sales: what became of leads, how fast they were called, why they came back."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import inf

import pytest

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, colleague
from webapp.core.calibration import suggestions
from webapp.core.replay import Before, Moved
from webapp.core.tally import Tally
from webapp.services.figures import counting, insights
from webapp.services.sales import handoffs
from webapp.store.handoffs import HandoffRow
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow

SINCE = FRIDAY - timedelta(days=1)


def past(since: datetime = SINCE) -> Tally:
    return counting.past(since=since, now=FRIDAY + timedelta(days=1))


@pytest.fixture
def manager(in_app: None) -> StaffRow:
    return colleague("maja@example.com", "manager")


@pytest.fixture
def leads(site: SiteRow, manager: StaffRow) -> list[HandoffRow]:
    """One was called after twenty minutes, in vain; one after five days; one was sent back without
    a word; and one waits."""
    rows = [asks_for_a_demo(Prospect(site, FRIDAY), name) for name in ("ann", "bob", "cem", "dee")]
    called, late, sent_back, _ = rows
    soon = called.created_at + timedelta(minutes=20, seconds=10)
    handoffs.log_contact(called.id, manager, result="reached", now=soon)
    handoffs.disqualify(called.id, manager, reason="timing", now=soon)
    days = late.created_at + timedelta(days=5)
    handoffs.log_contact(late.id, manager, result="voicemail", now=days)
    line = sent_back.record.record["score_lines"][0]["rule"]
    handoffs.reject(sent_back.id, manager, reason="outside_criteria", line=line, now=soon)
    return rows


def test_waiting_counts_in_whole_minutes_and_who_waits_still_counts_as_never(
    leads: list[HandoffRow],
) -> None:
    found = insights.responses(past())
    assert found.minutes == {20: 1, 5 * 24 * 60: 1, inf: 1}
    assert (found.median, found.p90) == (5 * 24 * 60, None)
    by_then = {minutes: (heard.count, heard.of) for minutes, heard in found.within}
    assert (by_then[15], by_then[60], by_then[7 * 24 * 60]) == ((0, 3), (1, 3), (2, 3))
    in_time = [
        lead for lead in leads[:2]
        if lead.contacted_at and lead.respond_by and lead.contacted_at <= lead.respond_by
    ]  # fmt: skip
    assert (found.within_deadline.count, found.within_deadline.of) == (len(in_time), 2)


def test_each_tier_tells_how_many_were_taken_on_and_won(leads: list[HandoffRow]) -> None:
    band = next(each for each in insights.bands(past()) if each.tier == leads[0].tier)
    assert band.leads == len(leads)
    assert (band.won.count, band.won.of) == (0, 1)
    assert (band.accepted.count, band.accepted.of) == (2, 3)
    assert insights.bands(past(since=FRIDAY + timedelta(days=1)))[0].leads == 0


def test_what_was_won_counts_for_its_tier_and_its_source(site: SiteRow, manager: StaffRow) -> None:
    """Revenue by currency, as last said; days from the handoff; wins of those closed."""
    ads = {"source": {"utm_source": "ads", "referrer_host": "search.example"}}
    two = [asks_for_a_demo(Prospect(site, FRIDAY), name, **ads) for name in ("eva", "fay")]
    other = asks_for_a_demo(Prospect(site, FRIDAY), "gus", source={"referrer_host": "blog.example"})
    for row, amount, days in ((two[0], 9_000, 4), (other, 1_500, 10)):
        at = row.created_at + timedelta(days=days)
        for told in (amount, amount + 500):
            handoffs.record_outcome(
                row.id, manager, stage="won", amount=Decimal(told), currency="EUR", at=at, now=at
            )
    later = two[1].created_at + timedelta(days=2)
    handoffs.record_outcome(two[1].id, manager, stage="lost", reason="timing", now=later)

    band = next(each for each in insights.bands(past()) if each.tier == two[0].tier)
    assert band.revenue == {"EUR": Decimal(11_500)}
    assert band.days == {4: 1, 10: 1}
    found = {each.name: each.won for each in insights.sources(past())}
    assert (found["ads"].count, found["ads"].of) == (1, 2)
    assert (found["blog.example"].count, found["blog.example"].of) == (1, 1)


def test_a_lead_sent_back_says_why_and_which_line_misled(leads: list[HandoffRow]) -> None:
    line = leads[2].record.record["score_lines"][0]["rule"]
    assert sorted(insights.rejections(past())) == [
        ("outside_criteria", 1, {line: 1}),
        ("timing", 1, {}),
    ]


def test_points_are_compared_with_what_became_of_the_leads_they_were_given_to(
    leads: list[HandoffRow],
) -> None:
    [lost] = [each for each in leads if each.status == "disqualified"]
    lines = lost.record.record["score_lines"]
    earned = {
        each["rule"] for each in lines
        if each["points"] > 0 and each["status"] in ("known", "inferred")
    }  # fmt: skip
    found = suggestions(past())
    assert earned
    assert {each.rule for each in found} == earned
    assert {(each.won, each.lost) for each in found} == {(0, 1)}


def test_who_is_erased_while_the_past_is_replayed_is_named_no_more(
    prospect: Prospect,
) -> None:
    kept, gone = asks_for_a_demo(prospect, "ann").record_id, "erased"
    moved = [Moved(Before(id, 1, "cold", "sales", None), 2, "hot", "sales") for id in (kept, gone)]
    assert [each for _, each in insights.named(moved)] == moved[:1]


def test_a_question_tells_as_much_as_wins_with_its_points_differ_from_those_without(
    site: SiteRow,
) -> None:
    """The rule `role` reads the seniority that the job title tells."""
    counted = Tally()
    counted["ended", "direct", "won"] = 30
    counted["ended", "direct", "lost"] = 50
    counted["fired", "role", "25", "won"] = 15
    counted["fired", "role", "10", "won"] = 5
    counted["fired", "role", "25", "lost"] = 20
    counted["fired", "urgency", "10", "won"] = 1

    steps = {step.question: step.told for step in insights.funnel(counted, "demo-request")}

    [role] = steps["job_title"]
    assert (role.won.count, role.won.of) == (20, 40)
    assert (role.won_without.count, role.won_without.of) == (10, 40)
    assert not role.few
    [urgency] = steps["timeline"]
    assert urgency.few
    assert list(steps["challenge"]) == []
