"""Who sees which version, how many it takes to tell two apart, and what may be said when."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.proportions import Share, share
from webapp.core.trials import (
    DIFFERENCES,
    SHARES,
    Plan,
    Side,
    difference,
    draw,
    finding,
    is_read,
    planned,
)

PEOPLE = [f"visitor {n}" for n in range(4_000)]


@pytest.mark.parametrize("percent", SHARES)
def test_new_visitors_are_split_as_was_said(percent: int) -> None:
    for trial in ("spring", "autumn"):
        drawn = sum(draw(trial, who, percent) == "B" for who in PEOPLE)
        assert abs(drawn / len(PEOPLE) - percent / 100) < 0.03


@given(st.text(), st.text(), st.integers(1, 99), st.integers(1, 99))
def test_the_same_person_always_draws_the_same_and_a_larger_share_takes_nobody_out(
    trial: str, who: str, percent: int, other: int
) -> None:
    drawn = draw(trial, who, percent)
    assert draw(trial, who, percent) == drawn
    assert drawn == "A" or draw(trial, who, max(percent, other)) == "B"


def test_a_new_trial_draws_anew() -> None:
    again = sum(draw("spring", who, 50) == draw("autumn", who, 50) for who in PEOPLE)
    assert abs(again / len(PEOPLE) - 0.5) < 0.03


def test_the_difference_of_two_shares_is_as_newcombe_gives_it() -> None:
    """His table II: 56 of 70 and 48 of 80; 9 of 10 and 3 of 10; 0 of 20 and 0 of 10."""
    for b, a, low, high in (
        (share(56, 70), share(48, 80), 0.0524, 0.3339),
        (share(9, 10), share(3, 10), 0.1705, 0.8090),
        (share(0, 20), share(0, 10), -0.2775, 0.1611),
    ):
        found = difference(a, b)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("before", "difference", "each"),
    [(share(50, 100), 10, 390), (share(20, 100), 5, 1_100), (share(1, 100), 5, 220)],
)
def test_a_plan_says_how_many_of_each_it_takes(before: Share, difference: int, each: int) -> None:
    """By hand 388, 1,094 and 211, which are rounded up."""
    plan = planned("sales", difference=difference, percent=50, before=before)
    assert (plan.a, plan.b) == (each, each)


def test_a_smaller_share_takes_more_people_and_nothing_known_is_planned_for_the_worst() -> None:
    half = planned("sales", difference=5, percent=50, before=share(30, 100))
    tenth = planned("sales", difference=5, percent=10, before=share(30, 100))
    assert tenth.a + tenth.b > 2.5 * (half.a + half.b)
    nobody = planned("sales", difference=5, percent=50, before=share(0, 0))
    assert nobody == planned("sales", difference=5, percent=50, before=share(1, 2))


@given(st.integers(0, 50), st.sampled_from(DIFFERENCES), st.sampled_from(SHARES))
def test_there_is_a_plan_for_every_share_there_can_be(
    count: int, difference: int, percent: int
) -> None:
    plan = planned("finished", difference=difference, percent=percent, before=share(count, 50))
    assert plan.a >= plan.b > 10


def side(read: int, finished: int) -> Side:
    return Side(began=read, read=read, finished=finished)


PLAN = Plan("finished", difference=10, a=390, b=390)


def test_no_winner_is_named_before_as_many_began_as_were_planned() -> None:
    assert finding(PLAN, side(41, 0), side(38, 38)) == (
        "Too early to tell: 41 and 38 began; about 390 each would show a difference of 10 of a "
        "hundred."
    )
    assert not is_read(PLAN, side(5_000, 0), side(389, 389))
    uneven = Plan("sales", difference=5, a=5_400, b=600)
    assert "about 5,400 and 600 would show" in finding(uneven, side(1, 0), side(0, 0))


def test_once_it_is_read_it_says_which_way_and_how_far() -> None:
    better = finding(PLAN, side(390, 195), side(390, 257))
    assert better == (
        "With the challenger more people finish: between 9.0 and 22.6 more of a hundred."
    )
    worse = finding(PLAN, side(390, 257), side(390, 195))
    assert worse == (
        "With the challenger fewer people finish: between 9.0 and 22.6 fewer of a hundred."
    )
    even = finding(PLAN, side(390, 195), side(390, 201))
    assert even == (
        "No difference was shown: with the challenger between 5.5 fewer and 8.5 more of a hundred "
        "people finish."
    )


def shown_of_400(truth_of_a: float, truth_of_b: float, said: str) -> int:
    """Of 400 tests planned alike, how many say this of two versions of which so much is true."""
    chance = Random(7)
    plan = planned("finished", difference=10, percent=50, before=share(30, 100))
    findings = (
        finding(
            plan,
            side(plan.a, sum(chance.random() < truth_of_a for _ in range(plan.a))),
            side(plan.b, sum(chance.random() < truth_of_b for _ in range(plan.b))),
        )
        for _ in range(400)
    )
    return sum(said in each for each in findings)


def test_where_there_is_no_difference_about_one_test_in_twenty_shows_one() -> None:
    assert 370 <= shown_of_400(0.3, 0.3, "No difference") <= 390


def test_where_there_is_the_difference_about_four_of_five_show_it() -> None:
    assert 300 <= shown_of_400(0.3, 0.4, "more people") <= 350


def test_what_sales_accepted_is_a_share_of_what_went_there() -> None:
    one = Side(began=40, read=40, finished=30, sales=12, accepted=9)
    assert (one.reached("sales").of, one.reached("accepted").of) == (40, 12)
