"""A time that was agreed on comes first of what to do, and the wait it replaces is gone."""

from datetime import UTC, datetime

import pytest

from webapp.core.agreed_call import AgreedCall

CALL = AgreedCall(
    datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 10, tzinfo=UTC),
    timezone="Europe/Berlin",
    wait="15 minutes",
)


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        (
            "Call within 15 minutes. Goal to show: grow.",
            "Call on Tuesday 24 Nov, 10:30 (Berlin). Goal to show: grow.",
        ),
        (
            "Lead with value, then price.",
            "Call on Tuesday 24 Nov, 10:30 (Berlin). Lead with value, then price.",
        ),
        ("", "Call on Tuesday 24 Nov, 10:30 (Berlin)."),
    ],
)
def test_the_time_comes_first_and_what_does_not_speak_of_the_wait_stays(
    advice: str, said: str
) -> None:
    assert CALL.instead_of(advice) == said


def test_it_is_told_on_the_readers_clock_and_in_their_language() -> None:
    german = {"Call on {when}.": "Am {when}."}
    theirs = CALL.for_reader("America/New_York", "de", german.__getitem__)
    assert theirs.instead_of("") == "Am Dienstag 24 Nov., 04:30 (New York)."
