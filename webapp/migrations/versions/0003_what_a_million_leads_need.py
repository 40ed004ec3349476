"""Ways to find, among a million leads, what goes with one that is forgotten, conversations that can
still go on, the newest spam, and what was delivered and is still to be emptied. And the figures of
each day are kept coarser, so that a year of busy days is added up in a moment: the worker counts
them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_deliveries_record_id"), "deliveries", ["record_id"])
    emptied = sa.text("payload <> '{}'")
    op.create_index(
        op.f("ix_deliveries_delivered_at"),
        "deliveries",
        ["delivered_at"],
        sqlite_where=emptied,
        postgresql_where=emptied,
    )
    going_on = sa.text("finished_at IS NULL")
    op.create_index(
        op.f("ix_conversations_expires_at"),
        "conversations",
        ["expires_at"],
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
    _find_spam_by("last_at", "id")
    _have_the_days_counted_anew()


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_record_id"), "deliveries")
    op.drop_index(op.f("ix_deliveries_delivered_at"), "deliveries")
    op.drop_index(op.f("ix_conversations_expires_at"), "conversations")
    _find_spam_by("spam")
    _have_the_days_counted_anew()


def _find_spam_by(*columns: str) -> None:
    op.drop_index(op.f("ix_conversations_spam"), "conversations")
    op.create_index(
        op.f("ix_conversations_spam"),
        "conversations",
        list(columns),
        sqlite_where=sa.text("spam = 1"),
        postgresql_where=sa.text("spam"),
    )


def _have_the_days_counted_anew() -> None:
    op.execute("DELETE FROM days")
