"""Whoever asks to be forgotten is: in every table, in the files, and in an old backup."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.fixtures.answers import DEMO
from tests.fixtures.injuries import Tell, often
from tests.services.conftest import Prospect
from tests.services.selling import somebody_listens
from webapp.services.people import erasure
from webapp.services.prospects import resuming
from webapp.services.prospects.resuming import Letter
from webapp.store.audit import AuditRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.erasures import ErasureRow
from webapp.store.facts import FactRow
from webapp.store.leads import LeadRow
from webapp.store.tables import metadata
from webapp.store.visitors import EventRow

CANARIES = ("ana@nordwind", "nine days", "nordwind.example/thanks", "Nordwind")


@pytest.fixture
def ana(prospect: Prospect) -> Prospect:
    """Somebody who left traces everywhere, while a webhook listened."""
    from webapp.services.figures import visits
    from webapp.services.figures.visits import Happened

    somebody_listens("handoff.created", "lead.erased")
    seen = [Happened(id="e1", page="https://nordwind.example/thanks", title="Nordwind")]
    visits.record(prospect.site, "her browser", seen, now=prospect.now)
    prospect.begins(visitor_key="her browser")
    prospect.answers(**DEMO)
    prospect.says("challenge", "Still nine days", turn="again")
    prospect.begins("contact", visitor_key="her browser")
    return prospect


def everything() -> str:
    found = {
        table.name: [list(map(str, row)) for row in db.session.execute(select(table))]
        for table in metadata.sorted_tables
        if table.name not in ("versions", "releases")
    }
    return json.dumps(found)


def in_the_files() -> str:
    """All that SQLite's files hold; PostgreSQL reuses deleted room in its own time."""
    if db.engine.dialect.name != "sqlite":
        return ""
    database = Path(str(db.engine.url.database))
    files = [each.read_bytes() for each in database.parent.glob(f"{database.name}*")]
    return b"".join(files).decode("latin-1")


@pytest.mark.promise(27)
def test_nothing_of_a_person_is_left_in_any_table(ana: Prospect) -> None:
    assert all(canary in everything() for canary in CANARIES[:3])
    erasure.erase("Ana@nordwind.example", by="ana", now=ana.now)
    left = everything()
    assert [canary for canary in CANARIES[:2] if canary in left] == []
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == 0
    assert ana.token not in left


def test_who_sat_at_the_same_browser_keeps_what_they_said(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    ben = another_prospect()
    for one, email in ((ben, "ben@shared.example"), (ana, "ana@nordwind.example")):
        one.begins("contact", visitor_key="her browser")
        one.finishes(purpose="buying", next_step="prices", challenge="Too late", email=email)
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    [lead] = db.session.scalars(select(LeadRow))
    said = {row.property: row.value for row in db.session.scalars(select(FactRow))}
    assert lead.email == "ben@shared.example"
    assert said["challenge"] == "Too late"


@pytest.mark.long
@pytest.mark.promise(27)
@pytest.mark.timeout(7_200)
def test_nothing_is_left_of_many_who_ask_to_be_forgotten(
    another_prospect: Callable[[], Prospect], tell: Tell
) -> None:
    number, now = often(3, 1_000), another_prospect().now
    somebody_listens("handoff.created", "lead.erased")
    canaries = [f"canary{n}@nordwind{n}.example" for n in range(number)]
    left: list[str] = []
    for start in range(0, number, 50):
        some = canaries[start : start + 50]
        for email in some:
            one = another_prospect()
            one.begins(visitor_key=f"browser of {email}")
            one.answers(**DEMO | {"email": email, "challenge": f"I am {email}"})
        for email in some:
            erasure.erase(email, by="ana", now=now)
        found = everything() + in_the_files()
        left += [email for email in some if email in found or email.split("@")[1] in found]
    tell(number, "people erased, looked for in every table and file", lost=len(left))
    assert left == []


def test_a_mail_with_a_link_to_go_on_is_forgotten_with_its_conversation(ana: Prospect) -> None:
    letter = Letter(subject="Go on", paragraphs=(), button="Go on")
    ana.begins()
    for address in ("ana@nordwind.example", "ana.private@home.example"):
        resuming.send_link(ana.token, to=address, letter=letter, path=str, now=ana.now)
    ana.answers(**DEMO)
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    left = everything()
    assert [each for each in ("ana@nordwind", "ana.private") if each in left] == []


# PostgreSQL reuses deleted room in its own time.
@pytest.mark.promise(27)
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_nothing_of_a_person_is_left_in_the_files(ana: Prospect) -> None:
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    assert "ana@nordwind" not in in_the_files()


def test_receivers_that_were_told_are_told_again_without_a_name(ana: Prospect) -> None:
    id = erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    [told] = db.session.scalars(select(DeliveryRow))
    assert told.event == "lead.erased"
    assert told.payload["data"] == {"lead": id}


@pytest.mark.promise(27)
def test_the_tombstone_names_nobody_and_still_finds_them_in_an_old_backup(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    erasure.erase("ana@nordwind.example", by="the desk", now=ana.now)
    tombstone = db.session.scalars(select(ErasureRow)).one()
    assert "nordwind" not in repr(vars(tombstone))
    done = db.session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert done == ["flows.published", "lead.erased"]
    # Her answers are here again, as from a backup made before she asked.
    back = another_prospect()
    back.begins()
    back.answers(**DEMO)
    assert erasure.erase_again(now=ana.now) == 1
    assert "nordwind" not in everything()


@pytest.mark.promise(27)
def test_what_they_began_and_never_ended_goes_with_them(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    """On a telephone, say, that nobody knows to be hers."""
    begun = [another_prospect() for _ in ("hers", "somebody else's")]
    for one, email in zip(begun, ("ANA@nordwind.example", "ben@sued.example"), strict=True):
        one.begins("contact")
        one.answers(purpose="buying", next_step="prices", challenge=f"I am {email}", email=email)
    assert begun[0].state.question is not None
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    left = everything()
    assert "nordwind.example" not in left.lower()
    assert "I am ben@sued.example" in left

    erasure.erase("ben@sued.example", by="ana", now=ana.now)  # who is nobody's lead
    assert "sued.example" not in everything()
    assert db.session.scalar(select(func.count()).select_from(LeadRow)) == 0


def test_what_they_never_ended_is_not_back_with_an_old_backup(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    back, later = another_prospect(), another_prospect()
    later.now = ana.now + timedelta(days=1)
    for one, words in ((back, "From the backup"), (later, "Somebody new")):
        one.begins("contact")
        one.answers(
            purpose="buying", next_step="prices", challenge=words, email="ana@nordwind.example"
        )
    assert erasure.erase_again(now=later.now) == 1
    left = everything()
    assert "From the backup" not in left
    assert "Somebody new" in left
    assert erasure.erase_again(now=later.now) == 0


def test_others_of_her_company_stay(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    colleague = another_prospect()
    colleague.begins()
    colleague.answers(**DEMO | {"email": "ben@nordwind.example"})
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now)
    left = everything()
    assert "ben@nordwind.example" in left
    assert "ana@nordwind.example" not in left


def test_whom_nobody_knows_cannot_be_erased(ana: Prospect) -> None:
    with pytest.raises(erasure.NobodyToErase):
        erasure.erase("nobody@nordwind.example", by="ana", now=ana.now)


def test_who_comes_back_after_being_erased_is_somebody_new_and_stays(
    ana: Prospect, another_prospect: Callable[[], Prospect]
) -> None:
    erasure.erase("ana@nordwind.example", by="ana", now=ana.now - timedelta(days=1))
    back = another_prospect()
    back.begins()
    back.answers(**DEMO)
    assert erasure.erase_again(now=ana.now) == 0
    assert "ana@nordwind.example" in everything()
