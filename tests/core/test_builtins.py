"""What an address says about its owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.builtins import email_domain, email_kind, first_name


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ana@nordwind.example", "business"),
        ("info@nordwind.example", "role"),
        ("Info+web@Nordwind.example", "role"),
        ("info@gmail.com", "free"),
        ("ana@GMX.de", "free"),
        ("ana@gmail.nordwind.example", "business"),
        ("ana@mailinator.com", "disposable"),
        ("ana@sub.mailinator.com", "disposable"),
        ("info@mailinator.com", "disposable"),
        ("ana@notmailinator.com", "business"),
    ],
)
def test_a_mailbox_is_disposable_then_free_then_shared_then_business(address, kind):
    assert email_kind(address) == kind


def test_a_longer_list_of_throwaway_domains_takes_the_place_of_ours():
    assert email_kind("ana@a.gone.example", disposable={"gone.example"}) == "disposable"
    assert email_kind("ana@gmail.com", disposable={"gmail.com"}) == "disposable"


def test_the_domain_is_what_follows_the_last_at():
    assert email_domain(" Ana@Nordwind.Example ") == "nordwind.example"
    assert email_domain('"a@b"@c.example') == "c.example"
    assert email_domain("nobody") is None


@pytest.mark.parametrize(
    ("name", "address", "called"),
    [
        ("Ana Ruiz", "x@y.example", "Ana"),
        ("  Jean-Luc   Picard ", None, "Jean-Luc"),
        (None, "ana.ruiz@nordwind.example", "Ana"),
        ("", "ANA.RUIZ+baton@nordwind.example", "Ana"),
        (None, "jean-luc.picard@nordwind.example", "Jean-Luc"),
        (None, "a.ruiz@nordwind.example", None),
        (None, "anaruiz@nordwind.example", None),
        (None, "sales.team@nordwind.example", None),
        (None, "ana.ruiz2@nordwind.example", None),
        (None, None, None),
    ],
)
def test_a_lead_is_called_by_the_name_given_or_told_by_the_address(name, address, called):
    assert first_name(name, address) == called


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_upsets_them(name, address):
    assert email_kind(address) in {None, "disposable", "free", "role", "business"}
    assert first_name(name, address) != ""
