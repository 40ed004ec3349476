"""A case is filed in a CRM once, under the right company and contact, whatever goes wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.crms import CRMS, Crm, FakeHubSpot, FakeSalesforce
from tests.delivery.receivers import LOST, Answer
from webapp.config import Config
from webapp.delivery import payloads
from webapp.delivery.channels import Channels
from webapp.delivery.errors import DeliveryDelayed, DeliveryFailed, DeliveryRefused
from webapp.delivery.guard import Guard
from webapp.delivery.transport import Parcel

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA = {
    "lead.name": "Ana Ruiz", "lead.first_name": "Ana", "lead.last_name": "Ruiz",
    "lead.email": "ana@nordwind.example", "lead.phone": "+49 30 1234567", "lead.title": "CFO",
    "lead.company": "Nordwind GmbH", "company.domain": "nordwind.example", "score.total": 82,
}  # fmt: skip


def parcel(owner: str | None = "carla@example.com", record: str = "r1", **values: Any) -> Parcel:
    payload = {
        "marker": f"Baton {record}",
        "owner": owner,
        "values": {name: value for name, value in {**ANA, **values}.items() if value is not None},
        "note": f"Ana Ruiz, CFO\n<b>82 points</b> & more\nBaton {record}",
    }
    return Parcel("d1", "handoff.created", payload, NOON)


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    with CRMS[request.param]() as one:
        yield one


def send(crm: Crm, parcel: Parcel, token: str | None = None, **settings: Any) -> None:
    key = token or crm.token
    channels = Channels(
        Config(secret_key="k" * 40, database_url="", data_dir=Path()),
        Guard(crm.receiver.listed),
    )
    locked = channels.vault.lock({"token": key, "client_id": "app", "client_secret": key})
    kind = crm.kind
    channels.transport(kind, {"url": crm.receiver.url, **settings}, locked).send(parcel)


def first(rows: list[Any], *names: str) -> Any:
    """A field of the only row, wherever this CRM keeps it."""
    [row] = rows
    for name in names:
        if name in row:
            return row[name]
        if name in row.get("properties", {}):
            return row["properties"][name]
    raise AssertionError(f"{names} not in {row}")


def filed(crm: Crm) -> None:
    """One company, one contact in it with its owner, one note."""
    assert len(crm.companies) == len(crm.contacts) == len(crm.notes) == 1
    assert first(crm.companies, "name", "Name") == "Nordwind GmbH"
    company = str(first(crm.companies, "id", "Id"))
    assert str(first(crm.contacts, "company", "AccountId", "org_id")) == company
    assert str(first(crm.contacts, "hubspot_owner_id", "OwnerId", "owner_id")) == "71"
    assert "Baton r1" in str(crm.notes[0])


def test_a_new_lead_is_filed_with_company_note_and_owner(crm: Crm) -> None:
    send(crm, parcel())

    filed(crm)


def test_a_repeat_changes_nothing(crm: Crm) -> None:
    for _ in range(3):
        send(crm, parcel())

    filed(crm)


def test_whatever_call_fails_or_loses_its_answer_a_repeat_completes_the_case(crm: Crm) -> None:
    send(crm, parcel())
    calls = crm.calls
    assert calls >= 6, "there must be steps for this to mean anything"
    for at in range(calls):
        for fault in (Answer(500), Answer(503), crm.too_many, LOST):
            with CRMS[crm.kind]() as other:
                other.faults = {at: fault}
                with pytest.raises(DeliveryDelayed):
                    send(other, parcel())
                send(other, parcel())
                filed(other)


@pytest.mark.parametrize("odd", [b"{}", b"[]", b"null", b'"Welcome"', b'{"data": null}', b"[{}]"])
def test_an_answer_in_another_form_is_told_of_whoever_gave_it(crm: Crm, odd: bytes) -> None:
    """The address is another system's, or a page stands before it: nothing of ours broke."""
    crm.faults = dict.fromkeys(range(20), Answer(200, odd))
    with pytest.raises(DeliveryFailed, match=f"(?i){crm.kind} "):
        send(crm, parcel())
    crm.faults = {}
    send(crm, parcel())
    filed(crm)


def test_what_was_done_is_not_done_again_after_a_failure(crm: Crm) -> None:
    one = parcel()
    send(crm, one)
    calls = crm.calls

    send(crm, one)

    assert crm.calls <= calls + 1, "at most the sign-in is made anew"


def test_a_contact_who_is_there_is_updated_and_gets_a_second_note(crm: Crm) -> None:
    send(crm, parcel())
    send(crm, parcel(record="r2", owner="deniz@example.com"))

    assert len(crm.contacts) == len(crm.companies) == 1
    assert len(crm.notes) == 2
    assert str(first(crm.contacts, "hubspot_owner_id", "OwnerId", "owner_id")) == "72"


def test_the_crms_own_owner_stays_where_it_is_set_so(crm: Crm) -> None:
    send(crm, parcel())
    send(crm, parcel(record="r2", owner="deniz@example.com"), assign_owner="new")
    send(crm, parcel(record="r3", owner="deniz@example.com"), assign_owner="never")

    assert str(first(crm.contacts, "hubspot_owner_id", "OwnerId", "owner_id")) == "71"


def test_an_owner_the_crm_does_not_know_keeps_no_lead_out(crm: Crm) -> None:
    send(crm, parcel(owner="new.rep@example.com"))

    assert len(crm.contacts) == len(crm.notes) == 1


def test_a_private_address_makes_no_company(crm: Crm) -> None:
    values: dict[str, Any] = {
        "lead.email": "ana@gmail.com", "company.domain": None, "lead.company": None
    }  # fmt: skip
    send(crm, parcel(**values))

    assert crm.companies == []
    assert len(crm.contacts) == 1


def test_a_lead_with_a_number_only_is_filed_by_it(crm: Crm) -> None:
    values: dict[str, Any] = {"lead.email": None, "company.domain": None}
    send(crm, parcel(**values))
    send(crm, parcel(record="r2", **values))

    assert len(crm.contacts) == 1


def test_a_lead_nobody_can_reach_is_refused_in_words(crm: Crm) -> None:
    values: dict[str, Any] = {"lead.email": None, "lead.phone": None}
    with pytest.raises(DeliveryRefused, match="neither address nor number"):
        send(crm, parcel(**values))


def test_a_wrong_token_is_said_to_be_wrong(crm: Crm) -> None:
    with pytest.raises(DeliveryRefused, match=r"(?i)does not accept"):
        send(crm, parcel(), token="old")


@pytest.mark.parametrize("name", ["O'Brien \\ Söhne", 'a" OR Name != "', "<script>", "%_", "😀"])
def test_odd_names_are_data(crm: Crm, name: str) -> None:
    for record in ("r1", "r2"):
        send(crm, parcel(record=record, **{"lead.company": name, "company.domain": None}))

    assert [first([row], "name", "Name") for row in crm.companies] == [name]


def test_markup_in_a_note_stays_text(crm: Crm) -> None:
    send(crm, parcel())

    note = str(crm.notes[0])
    if crm.kind != "salesforce":
        assert "<b>" not in note
        assert "&lt;b&gt;82 points&lt;/b&gt; &amp; more" in note


def test_the_mapping_can_be_edited(crm: Crm) -> None:
    fields = {
        "hubspot": {"email": "lead.email", "lastname": "score.total", "jobtitle": "=From Baton"},
        "salesforce": {"Email": "lead.email", "LastName": "score.total", "Title": "=From Baton"},
        "pipedrive": {"email": "lead.email", "name": "score.total", "abc123": "=From Baton"},
    }[crm.kind]
    send(crm, parcel(), mapping={"company": _only(crm), "contact": fields})

    text = str(crm.contacts)
    assert "82" in text
    assert "From Baton" in text


def _only(crm: Crm) -> dict[str, str]:
    name = "Name" if crm.kind == "salesforce" else "name"
    return {name: "lead.company"}


def test_a_field_hubspot_does_not_have_is_named() -> None:
    with FakeHubSpot() as crm:
        contact = {"email": "lead.email", "favourite_colour": "lead.title"}
        with pytest.raises(DeliveryRefused, match="favourite_colour"):
            send(crm, parcel(), mapping={"company": {"name": "lead.company"}, "contact": contact})


def test_a_field_salesforce_does_not_have_is_named() -> None:
    with FakeSalesforce() as crm:
        contact = {"Email": "lead.email", "LastName": "lead.last_name", "Odd__c": "lead.title"}
        with pytest.raises(DeliveryRefused, match="Odd__c"):
            send(crm, parcel(), mapping={"company": {"Name": "lead.company"}, "contact": contact})


def test_the_record_salesforces_duplicate_rule_points_at_is_taken() -> None:
    with FakeSalesforce() as crm:
        send(crm, parcel())
        crm.duplicate_rule = True
        send(crm, parcel(record="r2", **{"lead.email": "ana.ruiz@nordwind.example"}))

        assert len(crm.contacts) == 1
        assert len(crm.notes) == 2


@pytest.mark.parametrize(
    "website", ["notnordwind.example", "http://nordwind.example.evil.example", None]
)
def test_a_company_of_a_similar_domain_is_another(website: str | None) -> None:
    with FakeSalesforce() as crm:
        crm.companies.append({"Id": "001", "Name": "Other", "Website": website})
        send(crm, parcel())

        assert len(crm.companies) == 2


def test_a_company_is_known_by_its_site_however_it_is_written() -> None:
    with FakeSalesforce() as crm:
        crm.companies.append(
            {"Id": "001", "Name": "N", "Website": "https://www.Nordwind.example/de"}
        )
        send(crm, parcel())

        assert len(crm.companies) == 1


def test_a_slow_crm_does_not_outlive_the_lease(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.delivery.crm.api.LONGEST_FILING_S", 0.0)

    with pytest.raises(DeliveryFailed, match="slow today"):
        send(crm, parcel())


def test_progress_is_the_deliverys_own() -> None:
    one, two = parcel(), parcel()
    one.progress["contact"] = "1"

    assert two.progress == {}
    assert replace(one).progress is one.progress


def test_whoever_works_in_the_crm_is_told_once_to_forget_somebody(crm: Crm) -> None:
    one = parcel()
    send(crm, one)
    payload = payloads.for_erasure(crm.kind, "lead1", [one.progress["contact"]], to="", at=NOON)
    for _ in range(2):
        send(crm, Parcel("d2", "lead.erased", payload, NOON))

    assert len(crm.notes) == 2
    assert "asked to be forgotten" in str(crm.notes[-1])


def test_a_test_changes_nothing_in_a_crm(crm: Crm) -> None:
    look = Parcel("d1", "connection.test", {"only_look_up": "carla@example.com"}, NOON)
    send(crm, look)

    assert crm.companies == crm.contacts == crm.notes == []
    with pytest.raises(DeliveryRefused):
        send(crm, look, token="old")
