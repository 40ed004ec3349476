"""A rep sees who else there is: the same person elsewhere, and the colleagues who decide too."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.fixtures.people import Colleague
from tests.web.desk.test_desk import asks_for_a_demo
from webapp.store.handoffs import HandoffRow


@pytest.fixture
def lead(app: Flask) -> HandoffRow:
    asks_for_a_demo(app, timedelta(hours=3), email="ana+web@nordwind.example")
    asks_for_a_demo(
        app, timedelta(hours=2), email="ben@nordwind.example", name="Ben Ott", job_title="CTO"
    )
    return asks_for_a_demo(app, timedelta(hours=1))


@pytest.fixture
def owner(lead: HandoffRow, colleague: Callable[..., Colleague]) -> Colleague:
    somebody = colleague("rep", lead.owner_email)
    somebody.signs_in()
    return somebody


def other_of(page: str) -> str:
    return page.split('name="other" value="')[1].split('"')[0]


def test_colleagues_are_shown_together_as_the_buying_committee(
    owner: Colleague, lead: HandoffRow
) -> None:
    page = owner.get(f"/desk/handoffs/{lead.id}").text
    committee = page.split("Buying committee")[1].split("</details>")[0]
    assert ": 1 more" in committee
    assert "<strong>ben@nordwind.example</strong>, CTO" in committee
    assert "New, with" in committee
    assert "/desk/handoffs/" in committee


def test_the_same_person_is_merged_and_separated_on_their_page(
    owner: Colleague, lead: HandoffRow
) -> None:
    address = f"/desk/handoffs/{lead.id}"
    page = owner.get(address).text
    assert "Perhaps the same person" in page
    assert "the same mailbox" in page

    other = other_of(page)
    assert owner.post(f"{address}/merger", {"other": other}).status_code == 303
    page = owner.get(address).text
    assert "Also known as" in page
    assert "Perhaps the same person" not in page
    assert "said that this is one person under two addresses" in page

    assert owner.post(f"{address}/separation", {"other": other}).status_code == 303
    assert "Perhaps the same person" in owner.get(address).text


def test_who_is_not_the_same_is_not_suggested_again(owner: Colleague, lead: HandoffRow) -> None:
    address = f"/desk/handoffs/{lead.id}"
    other = other_of(owner.get(address).text)
    assert owner.post(f"{address}/distinction", {"other": other}).status_code == 303
    page = owner.get(address).text
    assert "Perhaps the same person" not in page
    assert ": 2 more" in page, "another person of the same company"
    late = owner.post(f"{address}/merger", {"other": other})
    assert late.status_code == 409
    assert "no longer look like one person" in late.text
