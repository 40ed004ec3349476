"""Who takes a lead: owners first, then turns that stay fair whatever happens to the team."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.injuries import often
from webapp.core.assignment import (
    Assignment,
    Desk,
    Owner,
    Standing,
    Turns,
    assign,
    enrolled,
    in_turn,
)
from webapp.core.conditions import Compare, Is, Subject
from webapp.core.playbook import Rep, Team
from webapp.core.values import Type

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA, BEN, CY = Rep("ana@x.example"), Rep("ben@x.example"), Rep("cy@x.example")


class Lead:
    """A situation where the region alone is known, or nothing is."""

    def __init__(self, region: str | None = None) -> None:
        self.values = {"region": region}

    def read(self, subject: Subject) -> None:
        return None


EUROPE = Compare(Subject("property", "region", Type.CHOICE), (Is(("europe",)),))
EUROPEANS = Team("europeans", (ANA,), covers=EUROPE)
EVERYONE = Team("everyone", (BEN, CY))


def assign_now(desk: Desk, lead: Lead, owners: Sequence[Owner] = ()) -> Assignment:
    return assign(desk, lead, owners, now=NOON)


def give(desk: Desk, team: Team, times: int) -> tuple[Desk, list[str]]:
    """Assign that many leads in turn, remembering the turns as the store would."""
    given_to = []
    start = max((t.last_at for t in desk.turns.values() if t.last_at), default=NOON)
    for n in range(times):
        found = in_turn(desk, team, now=start + timedelta(minutes=n + 1))
        assert found.rep is not None
        given_to.append(found.rep)
        desk = replace(
            desk,
            turns={**desk.turns, **{(team.id, rep): t for rep, t in found.turns.items()}},
        )
    return desk, given_to


def test_the_first_team_that_covers_the_lead_takes_it():
    assert assign_now(Desk([EUROPEANS, EVERYONE]), Lead("europe")).team == "europeans"
    assert assign_now(Desk([EUROPEANS, EVERYONE]), Lead("elsewhere")).team == "everyone"


def test_a_team_is_passed_when_nobody_knows_whether_it_covers_the_lead():
    found = assign_now(Desk([EUROPEANS, EVERYONE]), Lead(None))

    assert found.team == "everyone"
    assert ("europeans", "not known whether it covers it") in [
        (each.who, each.why_not) for each in found.considered
    ]


def test_where_no_team_covers_the_lead_the_last_one_takes_it():
    assert assign_now(Desk([EUROPEANS]), Lead("elsewhere")).rep == ANA.email


def test_a_lead_goes_to_the_rep_who_has_the_contact_already():
    found = assign_now(Desk([EUROPEANS, EVERYONE]), Lead("europe"), [Owner(CY.email, "contact")])

    assert (found.team, found.rep, found.by) == ("everyone", CY.email, "owner")
    assert "already has this contact" in found.because


def test_an_owner_takes_the_lead_however_full_they_are():
    team = Team("t", (Rep(ANA.email, capacity=1), BEN))
    desk = Desk([team], standing={ANA.email: Standing(open=5)})

    assert assign_now(desk, Lead(), [Owner(ANA.email, "contact")]).rep == ANA.email


def test_an_owner_who_is_away_is_passed_for_the_companys_owner():
    desk = Desk([EVERYONE], standing={BEN.email: Standing(away="away until 3 May")})

    found = assign_now(desk, Lead(), [Owner(BEN.email, "contact"), Owner(CY.email, "company")])

    assert found.rep == CY.email
    assert [(each.who, each.why_not) for each in found.considered] == [
        (BEN.email, "owns it, but is away until 3 May")
    ]


def test_an_owner_who_has_left_the_teams_is_passed():
    found = assign_now(Desk([EVERYONE]), Lead(), [Owner("gone@x.example", "contact")])

    assert found.by == "turn"
    assert found.considered[0].who == "gone@x.example"


def test_an_owner_is_found_whatever_case_the_address_is_written_in():
    assert (
        assign_now(Desk([EVERYONE]), Lead(), [Owner("BEN@X.example", "contact")]).rep == BEN.email
    )


def test_reps_take_turns_and_the_longest_idle_goes_first_among_equals():
    _, given_to = give(Desk([EVERYONE]), EVERYONE, 6)

    assert given_to == [BEN.email, CY.email] * 3


def test_a_rep_of_weight_two_gets_twice_as_many():
    team = Team("t", (Rep(ANA.email, weight=2), BEN))

    _, given_to = give(Desk([team]), team, 30)

    assert Counter(given_to) == {ANA.email: 20, BEN.email: 10}


def test_a_full_rep_is_passed_and_the_reason_is_kept():
    team = Team("t", (Rep(ANA.email, capacity=2), BEN))
    desk = Desk([team], standing={ANA.email: Standing(open=2)})

    found = in_turn(desk, team, now=NOON)

    assert found.rep == BEN.email
    assert (found.considered[0].who, found.considered[0].why_not) == (
        ANA.email, "full: 2 of 2 leads open"
    )  # fmt: skip


def test_with_nobody_free_the_lead_waits_in_the_teams_queue():
    desk = Desk([EVERYONE], standing=dict.fromkeys((BEN.email, CY.email), Standing(away="away")))

    found = assign_now(desk, Lead())

    assert (found.team, found.rep, found.by, found.queued) == ("everyone", None, "queue", True)
    assert {each.who for each in found.considered} == {BEN.email, CY.email}


def test_without_any_team_the_lead_still_waits_somewhere_visible():
    found = assign_now(Desk([]), Lead())

    assert (found.team, found.queued) == (None, True)


def test_a_turn_given_back_is_taken_again_first():
    desk, _ = give(Desk([EVERYONE]), EVERYONE, 4)
    had = desk.turns["everyone", CY.email]
    desk = replace(desk, turns={**desk.turns, ("everyone", CY.email): replace(had, credited=1)})

    _, given_to = give(desk, EVERYONE, 3)

    assert given_to == [CY.email, BEN.email, CY.email]


def test_a_new_rep_starts_level_with_the_busiest():
    desk, _ = give(Desk([EVERYONE]), EVERYONE, 21)
    grown = Team("everyone", (ANA, BEN, CY))

    _, given_to = give(desk, grown, 31)

    counts = Counter(given_to)
    assert max(counts.values()) - min(counts.values()) <= 2
    assert given_to[0] == CY.email, "the one who is behind, not the newcomer"


def test_a_rep_back_from_leave_does_not_catch_up_in_a_burst():
    desk, _ = give(Desk([EVERYONE]), EVERYONE, 2)
    desk, given_to = give(
        replace(desk, standing={BEN.email: Standing(away="away until Monday")}), EVERYONE, 40
    )
    assert set(given_to) == {CY.email}, "someone must have missed turns for this to mean anything"

    _, given_to = give(replace(desk, standing={}), EVERYONE, 10)

    assert Counter(given_to) == {BEN.email: 5, CY.email: 5}


def test_a_rep_back_in_the_team_does_not_catch_up_in_a_burst():
    desk, _ = give(Desk([EVERYONE]), EVERYONE, 2)
    desk, given_to = give(desk, Team("everyone", (CY,)), 40)
    assert set(given_to) == {CY.email}, "someone must have missed turns for this to mean anything"

    _, given_to = give(desk, EVERYONE, 10)

    assert Counter(given_to) == {BEN.email: 5, CY.email: 5}


def test_a_changed_weight_counts_from_now_on():
    desk, _ = give(Desk([EVERYONE]), EVERYONE, 40)
    heavier = Team("everyone", (Rep(BEN.email, weight=3), CY))

    _, given_to = give(desk, heavier, 20)

    assert Counter(given_to) == {BEN.email: 15, CY.email: 5}


MANY = often(100, 10_000)
weights = st.lists(st.integers(1, 5), min_size=1, max_size=6)


def levels(desk: Desk, team: Team) -> list[Fraction]:
    turns = enrolled(desk, team)
    return [turns[rep.email].level for rep in team.reps]


@pytest.mark.promise(17, MANY, "teams that are given leads")
@settings(max_examples=MANY)
@given(weights, st.integers(1, 120))
def test_counts_differ_by_at_most_one_for_each_weight(weights, leads):
    team = Team("t", tuple(Rep(f"r{n}@x.example", weight=w) for n, w in enumerate(weights)))

    desk, given_to = give(Desk([team]), team, leads)

    counts = Counter(given_to)
    shares = [Fraction(counts[rep.email], rep.weight) for rep in team.reps]
    assert max(shares) - min(shares) <= 1
    assert levels(desk, team) == shares


@pytest.mark.promise(17, MANY, "teams that are given leads")
@settings(max_examples=MANY)
@given(weights, st.lists(st.tuples(st.integers(1, 15), st.integers(1, 5)), max_size=5))
def test_reps_who_join_and_leave_upset_nobodys_share(weights, changes):
    reps = [Rep(f"r{n}@x.example", weight=w) for n, w in enumerate(weights)]
    team = Team("t", tuple(reps))
    desk, _ = give(Desk([team]), team, 10)
    for n, (leads, weight) in enumerate(changes):
        reps = [*reps, Rep(f"new{n}@x.example", weight=weight)]
        reps = reps[1:] if n % 2 and len(reps) > 1 else reps
        team = Team("t", tuple(reps))
        desk, _ = give(replace(desk, teams=[team]), team, leads)

    found = levels(desk, team)

    assert max(found) - min(found) <= 1


@pytest.mark.parametrize("turns", [Turns(), Turns(assigned=3, credited=5)])
def test_more_credits_than_turns_do_no_harm(turns):
    desk = Desk([EVERYONE], turns={("everyone", BEN.email): turns})

    assert assign_now(desk, Lead()).rep == BEN.email


people = st.lists(st.integers(0, 7), min_size=1, max_size=5, unique=True)
teams = st.lists(
    st.tuples(people, st.sampled_from([None, EUROPE]), st.sampled_from([None, 0, 1, 3])),
    min_size=1,
    max_size=4,
)
standings = st.dictionaries(
    st.integers(0, 7),
    st.builds(Standing, st.integers(0, 5), st.sampled_from([None, "account disabled", "away"])),
)


def address(number: int) -> str:
    return f"r{number}@x.example"


@pytest.mark.promise(8, MANY, "teams, people and leads")
@settings(max_examples=MANY)
@given(
    teams, standings, st.sampled_from([None, "europe", "elsewhere"]), st.lists(st.integers(0, 9))
)
def test_a_lead_is_never_nobodys(made, standing, region, owners):
    desk = Desk(
        [
            Team(f"t{n}", tuple(Rep(address(r), capacity=c) for r in reps), covers=covers)
            for n, (reps, covers, c) in enumerate(made)
        ],
        standing={address(r): s for r, s in standing.items()},
    )

    found = assign_now(desk, Lead(region), [Owner(address(r), "contact") for r in owners])

    [team] = [each for each in desk.teams if each.id == found.team]
    reps = {rep.email: rep for rep in team.reps}
    looked_at = {each.who for each in found.considered}
    assert found.because.endswith(".")
    if found.rep is None:
        assert reps.keys() <= looked_at, "for each it is said why it is not theirs"
        for rep in reps.values():
            now = desk.of(rep.email)
            assert now.away or (rep.capacity is not None and now.open >= rep.capacity)
    else:
        assert not desk.of(found.rep).away
        capacity = reps[found.rep].capacity
        assert found.by == "owner" or capacity is None or desk.of(found.rep).open < capacity
