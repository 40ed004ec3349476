"""Managers look at what was kept aside as spam, and let go what is none."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.fixtures.people import Colleague
from tests.services.conftest import Prospect
from tests.services.selling import answer_the_rest
from webapp.store import sites
from webapp.store.handoffs import HandoffRow


@pytest.fixture
def kept_aside(app: Flask) -> str:
    """A finished demo request that filled in the field nobody sees."""
    with app.app_context():
        site = sites.first()
        assert site is not None
        prospect = Prospect(site, datetime.now(UTC))
        prospect.begins("demo-request", spam_because=["trap"])
        answer_the_rest(prospect, "ada@engines.example")
        return prospect.id


def test_a_manager_sees_why_and_releases_with_one_click(
    manager: Colleague, kept_aside: str, rows: Callable[[type], list[HandoffRow]]
) -> None:
    assert 'href="/desk/spam"' in manager.get("/desk").text
    page = manager.get("/desk/spam").text
    assert "ada@engines.example" in page
    assert "Filled in a field that people do not see" in page
    assert "Kept aside as spam" in manager.get(f"/desk/live/{kept_aside}").text

    manager.get("/desk/spam")
    answers = [manager.post(f"/desk/spam/{kept_aside}/release") for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    page = manager.get("/desk/spam").text
    assert "has the lead" in page or "nobody is free" in page
    assert "Nothing is kept aside." in page
    assert [each.conversation_id for each in rows(HandoffRow)] == [kept_aside]


def test_a_rep_is_not_shown_what_was_kept_aside(rep: Colleague, kept_aside: str) -> None:
    assert "/desk/spam" not in rep.get("/desk").text
    assert rep.get("/desk/spam").status_code == 403
    assert rep.post(f"/desk/spam/{kept_aside}/release").status_code == 403
