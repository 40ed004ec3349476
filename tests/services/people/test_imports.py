"""What a file says of somebody counts from their first record on, and shows to nobody but staff."""

from collections.abc import Callable
from io import StringIO

import pytest
from sqlalchemy import func, select

from tests.fixtures.applications import FRIDAY
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo, somebody_listens
from webapp.config import ROOT
from webapp.services.flows import releases
from webapp.services.operations import verification
from webapp.services.people import imports
from webapp.services.prospects import conversations
from webapp.services.sales import live
from webapp.store import leads
from webapp.store.conversations import ConversationRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow


def taken_on(*lines: str) -> None:
    imports.import_leads(StringIO("\n".join(lines)), now=FRIDAY)


def shown(email: str) -> tuple[str | None, ...]:
    db.session.expire_all()
    row = leads.by_email_key(email)
    assert row is not None
    return row.name, row.title, row.phone, row.company, row.country


def industry(row: HandoffRow) -> tuple[str, str, str] | None:
    found = [e for e in row.record.record["evidence"].values() if e["property"] == "industry"]
    return (found[0]["value"], found[0]["certainty"], found[0]["from"]) if found else None


def test_what_a_file_says_counts_in_the_first_record_and_only_for_whom_it_is_about(
    another_prospect: Callable[[], Prospect],
) -> None:
    taken_on("email,industry", "ana@nordwind.example,technology")
    theirs = asks_for_a_demo(another_prospect(), "", "Ana@nordwind.example")
    colleagues = asks_for_a_demo(another_prospect(), "", "bo@nordwind.example")
    assert industry(theirs) == ("technology", "enriched", "import")
    assert industry(colleagues) is None
    assert theirs.total > colleagues.total
    conversation = db.session.get_one(ConversationRow, theirs.conversation_id)
    assert conversation.total == theirs.total
    assert verification.verify().problems == []


def test_who_is_taken_on_shows_with_all_that_the_file_says_and_a_newer_file_puts_it_right(
    prospect: Prospect,
) -> None:
    head = "email,name,job_title,phone,company,country"
    taken_on(head, "ana@nordwind.example,Anna Berg,CFO,+49 30 901820,Nordwind,DE")
    assert shown("ana@nordwind.example") == ("Anna Berg", "CFO", "+49 30 901820", "Nordwind", "DE")
    taken_on(
        "email,name,company",
        "ana@nordwind.example,Ana Borg,",
        "ana@nordwind.example,Ana Berg,",
    )
    found = shown("ana@nordwind.example")
    assert found == ("Ana Berg", "CFO", "+49 30 901820", "Nordwind", "DE")


def test_what_they_say_themselves_stands_instead_of_what_a_file_says_and_stays(
    another_prospect: Callable[[], Prospect],
) -> None:
    email = "ana@nordwind.example"

    def titles() -> tuple[str | None, ...]:
        return shown(email)[:2]

    def asks_as(title: str) -> None:
        prospect = another_prospect()
        prospect.begins("demo-request")
        prospect.finishes(
            goal="grow", company_size="50-199", timeline="now", job_title=title, email=email
        )

    taken_on("email,name,job_title", f"{email},Ana Berg,Assistant")
    asks_as("CFO")
    assert titles() == ("Ana Berg", "CFO")
    taken_on("email,job_title", f"{email},Head of Finance")
    taken_on("email,job_title", f"{email},CFO")
    asks_as("CEO")
    assert titles() == ("Ana Berg", "CFO")


def test_who_answers_while_a_long_file_is_taken_on_waits_for_no_more_than_a_part_of_it(
    prospect: Prospect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two parts anybody gets in; what was taken on is kept should the rest be cut short."""
    monkeypatch.setattr(imports, "AT_A_TIME", 2)
    prospect.begins("demo-request")
    heard: list[tuple[int, int]] = []

    def tell(taken: int, of: int) -> None:
        heard.append((taken, of))
        if taken == 2:
            prospect.says("goal", "grow")
        if taken == 4:
            raise KeyboardInterrupt

    file = "\n".join(["email", *(f"p{n}@nordwind.example" for n in range(5))])
    with pytest.raises(KeyboardInterrupt):
        imports.import_leads(StringIO(file), now=FRIDAY, tell=tell)
    assert heard == [(0, 5), (2, 5), (4, 5)]
    assert len(prospect.state.transcript) == 1
    assert db.session.scalar(select(func.count()).select_from(LeadRow)) == 4

    imports.import_leads(StringIO(file), now=FRIDAY)
    assert db.session.scalar(select(func.count()).select_from(LeadRow)) == 5


def test_an_open_case_is_brought_up_to_date_by_a_file_and_its_owner_not_rung_again(
    prospect: Prospect,
) -> None:
    row = asks_for_a_demo(prospect, "nordwind")
    first, before = row.record_id, row.total
    somebody_listens("lead.updated", "handoff.updated")
    taken_on("email,industry", "nordwind@nordwind.example,technology")
    db.session.expire_all()
    assert (industry(row), row.record.supersedes_id) == (
        ("technology", "enriched", "import"),
        first,
    )
    assert row.total > before
    stands = row.record_id
    taken_on("email,industry", "nordwind@nordwind.example,technology")
    db.session.expire_all()
    assert row.record_id == stands, "the same file again changes nothing"
    assert verification.verify().problems == []


def test_a_file_keeps_nobody_away_who_is_told_of_a_call(prospect: Prospect) -> None:
    taken_on("email,industry", "ana@nordwind.example,gambling")
    row = asks_for_a_demo(prospect, "", "ana@nordwind.example")
    assert (row.status, prospect.state.ending and prospect.state.ending.kind) == (
        "assigned", "sales"
    )  # fmt: skip
    assert row.record.kind == "decline"
    [gate] = [e for e in row.record.record["disqualifiers"] if e["result"] == "tripped"]
    assert gate["id"] == "excluded_sector"
    assert verification.verify().problems == []


def test_who_types_an_address_sees_by_nothing_what_is_known_of_it(
    another_prospect: Callable[[], Prospect],
) -> None:
    """Of two who say the same, a file says of one that they are ready to buy: a rep gets them."""
    texts = releases.texts_in(ROOT / "question_flows")
    texts["playbook.yaml"] = texts["playbook.yaml"].replace("from: 80", "from: 70")
    releases.publish(texts, by="mia", why="Call sooner", now=FRIDAY)
    known = "ana@nordwind.example,over-100k,now,board;it"
    taken_on("email,budget_range,timeline,committee", known)
    shown = []
    for email in ("ana@nordwind.example", "bo@nordwind.example"):
        prospect = another_prospect()
        prospect.begins("content-download")
        prospect.finishes(
            email=email, role_level="c_level", company_size="200-500", industry="technology"
        )
        again = conversations.show(prospect.token, now=prospect.now)
        shown.append([(each.ending, len(each.transcript)) for each in (prospect.state, again)])
    [row] = db.session.scalars(select(HandoffRow))
    assert row.record.record["lead"]["email"]["value"] == "ana@nordwind.example"
    assert shown[0] == shown[1]
    assert shown[0][0] == shown[0][1], "nor who opens the page again"


def test_who_types_an_address_learns_by_nobodys_name_or_hours_where_its_owner_is(
    another_prospect: Callable[[], Prospect],
) -> None:
    """Of two who do not say where they are, a file says that one is in Asia, where it is night."""
    taken_on("email,region", "ana@nordwind.example,asia_pacific")
    seen = []
    for email in ("ana@nordwind.example", "bo@other.example"):
        prospect = another_prospect()
        row = asks_for_a_demo(prospect, "", email)
        talk = live.talk(prospect.token, now=prospect.now)
        db.session.rollback()  # as at the end of a request
        seen.append((row.team, row.respond_by, talk.back_at))
    assert seen[0] == seen[1]
