"""Values that people and programs send, however odd."""

from decimal import Decimal

import pytest

from webapp.core import values


@pytest.mark.parametrize(
    "sent", ["1e-400000000", "1e-61", "1e15", "1e309", "NaN", "-Infinity", "9" * 61, "1_000", "ten"]
)
def test_a_number_too_big_too_small_or_none_is_refused(sent):
    assert values.number(sent) is None


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("0e999999999", 0),
        ("0e-999999999", 0),
        ("-0", 0),
        ("1,000", 1000),
        ("１２", 12),
        ("0.00000001", Decimal("0.00000001")),
    ],
)
def test_a_number_is_short_once_written_whatever_was_sent(sent, number):
    found = values.number(sent)
    assert found == number
    assert len(values.plain(found)) < 60
