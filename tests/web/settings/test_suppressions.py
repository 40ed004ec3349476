"""Managers say who must be left alone, with a reason, and take them off the list again."""

from tests.fixtures.people import Colleague

PAGE = "/settings/do-not-contact"


def test_a_manager_adds_a_domain_and_takes_it_off(manager: Colleague) -> None:
    assert "Nobody is on it." in manager.get(PAGE).text
    added = manager.post(
        PAGE, {"entry": "@Nordwind.example", "reason": "legal", "note": "<b>Case 7</b>"}
    )
    assert added.status_code == 303
    page = manager.get(PAGE).text
    assert "nordwind.example</span>" in page
    assert "A legal dispute or order" in page
    assert "&lt;b&gt;Case 7&lt;/b&gt;" in page

    removal = page.split(f'action="{PAGE}/')[1].split('"')[0]
    assert manager.post(f"{PAGE}/{removal}").status_code == 303
    assert "Nobody is on it." in manager.get(PAGE).text


def test_a_refused_entry_says_why_and_keeps_what_was_typed(manager: Colleague) -> None:
    manager.get(PAGE)
    refused = manager.post(PAGE, {"entry": "gmail.com", "reason": "asked", "note": "Rang twice"})
    assert refused.status_code == 422
    assert "Half the world has a mailbox there." in refused.text
    assert 'value="Rang twice"' in refused.text
    assert manager.post(PAGE, {"entry": "x" * 9_000}).status_code == 422
