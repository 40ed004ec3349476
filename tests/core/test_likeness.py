"""Who may be one person under two addresses: suggested where it is likely, never for colleagues."""

import pytest

from webapp.core.likeness import Known, likeness, mailbox_key, name_key, phone_key

ANA = Known("Ana Ruiz", "ana@nordwind.example", "+49 30 123 4567", "Nordwind", "nordwind")


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (Known(email="Ana+news@nordwind.example"), "the same mailbox"),
        (Known("Ana M. Ruiz", "ana+x@nordwind.example"), "the same mailbox"),
        (Known("Ana Ruiz", "a@home.example", "030 1234567"), "the same phone number"),
        (Known(None, "a@home.example", "0049-30-1234567"), "the same phone number"),
        (
            Known("RUIZ, Ána", "a.ruiz@nordwind.example", account="nordwind"),
            "the same name at the same company",
        ),
        (
            Known("Ana Ruiz", "anar@gmail.com", company=" nordwind"),
            "the same name at the same company",
        ),
    ],
)
def test_somebody_who_is_probably_the_same(other: Known, because: str) -> None:
    assert likeness(ANA, other) == likeness(other, ANA) == (because,)


@pytest.mark.parametrize(
    "other",
    [
        Known("Ben Ott", "ben@nordwind.example", "+49 30 123 4567", "Nordwind", "nordwind"),
        Known("Ana Ruiz", "ana@elsewhere.example", company="Elsewhere", account="elsewhere"),
        Known("Ana", "a@nordwind.example", company="Nordwind", account="nordwind"),
        Known("Ana Ruiz", "ana@home.example", "+43 30 123 4567"),
        Known(),
    ],
    ids=[
        "a colleague at the same phone",
        "a namesake",
        "a first name",
        "another country",
        "nobody",
    ],
)
def test_somebody_who_is_probably_another(other: Known) -> None:
    assert likeness(ANA, other) == ()


def test_two_of_whom_nothing_is_known_are_not_alike() -> None:
    assert likeness(Known(), Known()) == ()


def test_what_keys_leave_out() -> None:
    assert name_key("  Ruiz-Gómez,  Ana ") == name_key("ana gomez ruiz") == "ana gomez ruiz"
    assert name_key("Ana") is None
    assert name_key(f"Ana {'x' * 200}") is None
    assert mailbox_key("A.Na+x@GoogleMail.com") == "ana@gmail.com"
    assert mailbox_key("a.na@nordwind.example") == "a.na@nordwind.example"
    assert mailbox_key("+x@nordwind.example") is None
    assert phone_key("0049 (30) 123-4567") == phone_key("+49301234567") == phone_key("030 1234567")
    assert phone_key("123 456") is None
