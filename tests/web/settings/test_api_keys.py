"""An administrator gives a program a key, sees when it was used last, and takes it back."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.fixtures.people import Colleague
from tests.web.api.programs import Program
from webapp.services.flows import sites
from webapp.store.access import ApiKeyRow
from webapp.store.audit import AuditRow

PAGE = "/settings/keys"
Rows = Callable[..., list]


def made(admin: Colleague, **given: object) -> str:
    """The key that the page shows."""
    admin.get(PAGE)
    typed = {"name": "CRM sync", "acts_for": admin.email, "scopes": ["handoffs:read"], **given}
    shown = admin.post(PAGE, typed)
    assert shown.status_code == 200, shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    found = re.search(r'<code class="once">(baton_[\w-]+)</code>', shown.text)
    assert found
    return found[1]


def test_an_administrator_makes_a_key_that_opens_what_was_chosen_until_it_is_revoked(
    admin: Colleague, rows: Rows
) -> None:
    assert "No program may call yet." in admin.get(PAGE).text
    key = made(admin)
    crm = Program(admin.app.test_client(), key)
    assert "never" in admin.get(PAGE).text
    assert crm.call("GET", "/handoffs").status_code == 200
    assert crm.call("GET", "/leads").status_code == 403

    page = admin.get(PAGE).text
    assert "never" not in page
    assert "CRM sync" in page
    assert key not in page
    [row] = rows(ApiKeyRow)
    assert key not in repr(vars(row))
    assert admin.post(f"{PAGE}/{row.id}/revocation").status_code == 303
    assert crm.call("GET", "/handoffs").status_code == 401
    assert "revoked" in admin.get(PAGE).text


def test_who_made_and_revoked_a_key_is_in_the_audit_log(admin: Colleague, rows: Rows) -> None:
    key = made(admin)
    [row] = rows(ApiKeyRow)
    admin.post(f"{PAGE}/{row.id}/revocation")
    about = [line for line in rows(AuditRow) if line.subject == row.id]
    assert [line.action for line in about] == ["api_key.created", "api_key.revoked"]
    assert {line.actor for line in about} == {about[0].detail["for"]}
    assert not {key, admin.email} & {*repr([vars(line) for line in about]).split("'")}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": " "}, "Enter a name"),
        ({"scopes": []}, "Choose at least one thing"),
        ({"scopes": ["leads:delete"]}, "There is no scope"),
        ({"acts_for": "nobody@acme.example"}, "Nobody on the staff"),
        ({"site": "made up"}, "There is no such site."),
    ],
)
def test_a_key_that_cannot_be_made_is_refused_with_the_reason_and_what_was_typed(
    admin: Colleague, rows: Rows, given: dict[str, object], why: str
) -> None:
    admin.get(PAGE)
    typed = {"name": "CRM sync", "acts_for": admin.email, "scopes": ["handoffs:read"]}
    refused = admin.post(PAGE, {**typed, **given})
    assert refused.status_code == 422
    assert why in refused.text
    assert "CRM sync" in refused.text or "name" in given
    assert rows(ApiKeyRow) == []


def test_a_key_for_one_site_may_not_have_what_concerns_all(admin: Colleague, rows: Rows) -> None:
    with admin.app.app_context():
        site = sites.seed(now=None).key
    admin.get(PAGE)
    typed = {"name": "Shop", "acts_for": admin.email, "site": site}
    refused = admin.post(PAGE, {**typed, "scopes": ["handoffs:read", "leads:erase"]})
    assert refused.status_code == 422
    assert "leads:erase concerns all sites." in refused.text
    made(admin, **typed)
    assert "Only Our website" in admin.get(PAGE).text


def test_a_key_that_is_not_there_cannot_be_revoked(admin: Colleague) -> None:
    admin.get(PAGE)
    assert admin.post(f"{PAGE}/nothing/revocation").status_code == 404


def test_who_signed_in_a_while_ago_does_so_again_before_typing_anything(admin: Colleague) -> None:
    admin.signed_in_a_while_ago()
    page = admin.get(PAGE).text
    assert "Make the key" not in page
    [way] = re.findall(r'href="(/sign-in[^"]+)"', page)
    admin.get(unescape(way))
    assert admin.signs_in(next=PAGE).headers["Location"] == PAGE
    assert "Make the key" in admin.get(PAGE).text
