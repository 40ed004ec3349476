"""Leads, who are people, and accounts, which are their companies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    """A person. ``email_key`` is the address in the one spelling that tells people apart; a lead
    merged into another keeps its id and points at the survivor."""

    __tablename__ = "leads"
    __table_args__ = (
        Index(None, "account_id"),
        Index(None, "merged_into_id"),
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

    account: Mapped[AccountRow | None] = relationship()


_by_email_key = select(LeadRow).where(LeadRow.email_key == bindparam("email_key"))
_by_domain = select(AccountRow).where(AccountRow.domain == bindparam("domain"))


def get(id: str) -> LeadRow | None:
    return db.session.get(LeadRow, id)


def by_email_key(email_key: str) -> LeadRow | None:
    """The lead with this address, or the one it was merged into."""
    found = db.session.scalar(_by_email_key, {"email_key": email_key})
    while found is not None and found.merged_into_id is not None:
        found = db.session.get(LeadRow, found.merged_into_id)
    return found


def account_by_domain(domain: str) -> AccountRow | None:
    return db.session.scalar(_by_domain, {"domain": domain})


def colleagues(lead: LeadRow) -> list[LeadRow]:
    """Others of the same company: perhaps a buying committee, never a duplicate."""
    if lead.account_id is None:
        return []
    return list(
        db.session.scalars(
            select(LeadRow)
            .where(LeadRow.account_id == lead.account_id, LeadRow.id != lead.id)
            .where(LeadRow.merged_into_id.is_(None))
            .order_by(LeadRow.created_at)
        )
    )


def without_conversations(before: datetime) -> list[LeadRow]:
    """People about whom nothing has been said since an instant and nothing is kept any more."""
    talks = exists().where(ConversationRow.lead_id == LeadRow.id)
    recorded = exists().where(RecordRow.lead_id == LeadRow.id)
    return list(
        db.session.scalars(
            select(LeadRow).where(LeadRow.updated_at < before, ~talks, ~recorded).limit(500)
        )
    )


def page(*, before: tuple[datetime, str] | None, limit: int) -> list[LeadRow]:
    """Leads newest first, from a place on."""
    query = select(LeadRow).where(LeadRow.merged_into_id.is_(None))
    if before:
        at, id = before
        same = and_(LeadRow.created_at == at, LeadRow.id < id)
        query = query.where(or_(LeadRow.created_at < at, same))
    return list(
        db.session.scalars(
            query.order_by(LeadRow.created_at.desc(), LeadRow.id.desc()).limit(limit)
        )
    )
