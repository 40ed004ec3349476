"""Leads, who are people, and accounts, which are their companies."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    and_,
    bindparam,
    event,
    exists,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from webapp.core.likeness import mailbox_key, name_key, phone_key
from webapp.core.search import entries
from webapp.store import lead_words
from webapp.store.conversations import ConversationRow
from webapp.store.database import Model, db
from webapp.store.records import RecordRow


class AccountRow(Model):
    """A company, told apart by its business domain; a free-mail domain is never one."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    owner_email: Mapped[str | None]
    created_at: Mapped[datetime]


class LeadRow(Model):
    """A person, as one address or phone number makes them known. ``email_key`` is the address in
    the one spelling that tells people apart.

    A lead merged into another keeps its id and everything said under it, and points at the other:
    the two are one person for as long as it does (see ``family``). The other keys follow name,
    phone and address; by them leads are found that may be the same person.
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index(None, "account_id"),
        Index(None, "created_at", "id"),
        # Only of those that were merged: SQLite would take it to find all that were not.
        Index(
            None,
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(None, "name_key"),
        Index(None, "phone_key"),
        Index(None, "mailbox_key"),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    email_key: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    title: Mapped[str | None]
    company: Mapped[str | None]
    country: Mapped[str | None]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    owner_email: Mapped[str | None]
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("leads.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    name_key: Mapped[str | None]
    phone_key: Mapped[str | None]
    mailbox_key: Mapped[str | None]

    account: Mapped[AccountRow | None] = relationship()

    @validates("name", "phone", "email")
    def _keyed(self, column: str, value: str | None) -> str | None:
        match column:
            case "name":
                self.name_key = name_key(value)
            case "phone":
                self.phone_key = phone_key(value)
            case "email":
                self.mailbox_key = mailbox_key(value)
        return value


class ToldApartRow(Model):
    """Two leads that look like one person, and are not: somebody said so. The lower id is first."""

    __tablename__ = "told_apart"

    lead_id: Mapped[str] = mapped_column(
        ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[str] = mapped_column(
        ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    by: Mapped[str]
    at: Mapped[datetime]


def _find_by_words(_: object, connection: Connection, lead: LeadRow) -> None:
    """Keep the search in step with what is known of a lead, whoever writes it."""
    about = inspect(lead).attrs
    new = not inspect(lead).has_identity
    if new or any(about[each].history.has_changes() for each in ("name", "company", "email")):
        words = entries(lead.email, lead.name, lead.company)
        lead_words.rewrite(connection, lead.id, words, new=new)


event.listen(LeadRow, "after_insert", _find_by_words)
event.listen(LeadRow, "after_update", _find_by_words)

_by_email_key = select(LeadRow).where(LeadRow.email_key == bindparam("email_key"))
_merged_into = (
    select(LeadRow)
    .where(LeadRow.merged_into_id == bindparam("id"))
    .order_by(LeadRow.created_at, LeadRow.id)
)
_by_domain = select(AccountRow).where(AccountRow.domain == bindparam("domain"))


def get(id: str) -> LeadRow | None:
    return db.session.get(LeadRow, id)


def with_address(email_key: str) -> LeadRow | None:
    """The lead with exactly this address, merged or not."""
    return db.session.scalar(_by_email_key, {"email_key": email_key})


def ids_of(email_keys: Iterable[str]) -> Sequence[str]:
    """The ids of the leads with exactly these addresses, merged or not."""
    found = select(LeadRow.id).where(LeadRow.email_key.in_(list(email_keys)))
    return db.session.scalars(found).all()


def by_email_key(email_key: str) -> LeadRow | None:
    """The lead with this address, or the one it was merged into."""
    found = with_address(email_key)
    return surviving(found) if found is not None else None


def surviving(lead: LeadRow) -> LeadRow:
    """The lead that stands for the person: this one, or whom it was merged into."""
    while lead.merged_into_id is not None:
        lead = db.session.get_one(LeadRow, lead.merged_into_id)
    return lead


def family(lead: LeadRow) -> list[LeadRow]:
    """Every lead that is the same person, the one that stands for them first."""
    if lead in db.session.new:
        return [lead]  # not written yet, so merged with nobody
    found = [surviving(lead)]
    for each in found:
        found += db.session.scalars(_merged_into, {"id": each.id})
    return found


def of_same_person(lead_id: str) -> list[str]:
    """The ids of ``family``; none for a lead that is gone."""
    lead = get(lead_id)
    return [each.id for each in family(lead)] if lead is not None else []


def for_merging(ids: list[str]) -> list[LeadRow]:
    """These leads as they are now, locked until this transaction ends."""
    return list(
        db.session.scalars(
            select(LeadRow)
            .where(LeadRow.id.in_(ids))
            .order_by(LeadRow.created_at, LeadRow.id)
            .with_for_update(of=LeadRow)
            .execution_options(populate_existing=True)
        )
    )


def perhaps_the_same(lead: LeadRow, limit: int = 20) -> list[LeadRow]:
    """Leads that share a name, phone or mailbox with this one, and that nobody told apart."""
    shared = [
        column == key
        for column, key in (
            (LeadRow.name_key, lead.name_key),
            (LeadRow.phone_key, lead.phone_key),
            (LeadRow.mailbox_key, lead.mailbox_key),
        )
        if key is not None
    ]
    if not shared:
        return []
    apart = exists().where(
        or_(
            and_(ToldApartRow.lead_id == lead.id, ToldApartRow.other_id == LeadRow.id),
            and_(ToldApartRow.other_id == lead.id, ToldApartRow.lead_id == LeadRow.id),
        )
    )
    query = select(LeadRow).where(or_(*shared), LeadRow.id != lead.id, ~apart)
    return list(db.session.scalars(query.order_by(LeadRow.updated_at.desc()).limit(limit)))


def account_by_domain(domain: str) -> AccountRow | None:
    return db.session.scalar(_by_domain, {"domain": domain})


def colleagues(lead: LeadRow) -> list[LeadRow]:
    """Others of the same company: perhaps a buying committee, never a duplicate."""
    person = family(lead)
    companies = {each.account_id for each in person if each.account_id is not None}
    if not companies:
        return []
    return list(
        db.session.scalars(
            select(LeadRow)
            .where(LeadRow.account_id.in_(companies), LeadRow.id.not_in([e.id for e in person]))
            .where(LeadRow.merged_into_id.is_(None))
            .order_by(LeadRow.created_at)
        )
    )


def without_conversations(before: datetime) -> list[LeadRow]:
    """People about whom nothing has been said since an instant and nothing is kept any more, by no
    name they have here."""
    found = db.session.scalars(
        select(LeadRow).where(LeadRow.merged_into_id.is_(None), _idle(before)).limit(500)
    )
    return [lead for lead in found if not in_touch(family(lead), before)]


def in_touch(person: Sequence[LeadRow], before: datetime) -> bool:
    """Whether anything has been said about somebody since an instant, or is kept, by any of their
    names."""
    theirs = LeadRow.id.in_([each.id for each in person])
    return bool(db.session.scalar(select(exists().where(theirs, ~_idle(before)))))


def _idle(before: datetime) -> ColumnElement[bool]:
    talks = exists().where(ConversationRow.lead_id == LeadRow.id)
    recorded = exists().where(RecordRow.lead_id == LeadRow.id)
    return and_(LeadRow.updated_at < before, ~talks, ~recorded)


def page(*, before: tuple[datetime, str] | None, limit: int) -> list[LeadRow]:
    """Leads newest first, from a place on."""
    query = select(LeadRow).where(LeadRow.merged_into_id.is_(None))
    if before:
        at, id = before
        # The bound that both cases share comes first: an index leads straight to it.
        query = query.where(LeadRow.created_at <= at)
        query = query.where(or_(LeadRow.created_at < at, LeadRow.id < id))
    return list(
        db.session.scalars(
            query.order_by(LeadRow.created_at.desc(), LeadRow.id.desc()).limit(limit)
        )
    )
