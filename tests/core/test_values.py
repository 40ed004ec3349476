"""Values that people and programs send, however odd."""

from decimal import Decimal

import pytest

from tests.core.made_of import property_
from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.values import Type


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


@pytest.mark.parametrize("sent", ["2027-02-30", "2027-13-01", "0000-01-01", "30.02.2027"])
def test_a_day_that_no_calendar_has_is_refused_by_name(sent):
    """B58"""
    with pytest.raises(AnswerRefused, match=r"a real date, like 2027-03-31") as refused:
        values.read(property_("start", Type.DATE), sent)
    assert refused.value.property == "start"
