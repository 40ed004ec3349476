"""What came since the first release: calendars, look-ups, counted days, and the words by which a
search finds people; keys for one site; wishes for every question; accounts at a company's provider; A/B
tests.

0001 is as it was published: it is never written anew.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# An index must be as the code that reads it makes it; whoever changes that writes a migration.
from webapp.core.search import entries

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_A_TIME = 500


def upgrade() -> None:
    op.create_table(
        "days",
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tally", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("of", "day", name=op.f("pk_days")),
    )
    op.create_table(
        "calendars",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("busy", _JSON, nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_calendars_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_calendars")),
    )
    op.create_index(op.f("ix_calendars_tried_at"), "calendars", ["tried_at"])
    op.create_table(
        "look_ups",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_look_ups_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "about", name=op.f("pk_look_ups")),
    )
    op.create_index(op.f("ix_look_ups_until"), "look_ups", ["until"])
    op.create_table(
        "lead_words",
        sa.Column(
            "word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_lead_words_lead_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "lead_id", name=op.f("pk_lead_words")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lead_words_lead_id"), "lead_words", ["lead_id"])
    _find_those_who_are_there()
    # Only of what is spam: SQLite would take it to find all that is not.
    op.drop_index(op.f("ix_conversations_spam"), "conversations")
    op.create_index(
        op.f("ix_conversations_spam"),
        "conversations",
        ["spam"],
        sqlite_where=sa.text("spam = 1"),
        postgresql_where=sa.text("spam"),
    )

    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("site_id", sa.Text(), nullable=True))
        table.alter_column("created_by", new_column_name="acts_for")
        table.create_foreign_key(op.f("fk_api_keys_site_id"), "sites", ["site_id"], ["id"])
    op.add_column("staff", sa.Column("company_account", sa.Text(), nullable=True))
    op.create_index(op.f("ix_staff_company_account"), "staff", ["company_account"], unique=True)
    op.add_column("conversations", sa.Column("prefill", _JSON, nullable=False, server_default="{}"))
    _kinds_of_connections(
        "'email', 'slack', 'webhook', 'hubspot', 'salesforce', 'pipedrive', 'enrichment', 'demo'"
    )
    _begin_trials()


def downgrade() -> None:
    op.drop_index(op.f("ix_conversations_spam"), "conversations")
    op.create_index(op.f("ix_conversations_spam"), "conversations", ["spam"])
    _end_trials()
    op.execute(
        "DELETE FROM deliveries WHERE connection_id IN (SELECT id FROM connections WHERE kind = 'enrichment')"
    )
    op.execute("DELETE FROM connections WHERE kind = 'enrichment'")
    _kinds_of_connections(
        "'email', 'slack', 'webhook', 'hubspot', 'salesforce', 'pipedrive', 'demo'"
    )
    op.drop_column("conversations", "prefill")
    op.drop_index(op.f("ix_staff_company_account"), "staff")
    op.drop_column("staff", "company_account")
    # A key for one site must not become one for all.
    op.execute("DELETE FROM api_keys WHERE site_id IS NOT NULL")
    with op.batch_alter_table("api_keys") as table:
        table.drop_constraint(op.f("fk_api_keys_site_id"), type_="foreignkey")
        table.alter_column("acts_for", new_column_name="created_by")
        table.drop_column("site_id")
    for name in ("lead_words", "look_ups", "calendars", "days"):
        op.drop_table(name)


def _begin_trials() -> None:
    with op.batch_alter_table("releases") as table:
        table.add_column(sa.Column("challenges_id", _SERIAL, nullable=True))
        table.create_foreign_key(
            op.f("fk_releases_challenges_id"), "releases", ["challenges_id"], ["id"]
        )
    op.create_table(
        "trials",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("base_id", _SERIAL, nullable=False),
        sa.Column("challenger_id", _SERIAL, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("difference", sa.Integer(), nullable=False),
        sa.Column("planned_a", sa.Integer(), nullable=False),
        sa.Column("planned_b", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("result", _JSON, nullable=True),
        sa.CheckConstraint("percent BETWEEN 1 AND 99", name=op.f("ck_trials_percent_leaves_both")),
        sa.CheckConstraint("goal IN ('finished', 'sales')", name=op.f("ck_trials_goal_exists")),
        sa.CheckConstraint(
            "outcome IN ('kept', 'published', 'overtaken')", name=op.f("ck_trials_outcome_exists")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_trials_ended_means_outcome")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["releases.id"], name=op.f("fk_trials_base_id")),
        sa.ForeignKeyConstraint(
            ["challenger_id"], ["releases.id"], name=op.f("fk_trials_challenger_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_trials_running",
        "trials",
        ["flow"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.add_column("conversations", sa.Column("trial_id", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("variant", sa.Text(), nullable=True))
    op.create_index(op.f("ix_conversations_trial_id"), "conversations", ["trial_id"])


def _end_trials() -> None:
    # To what comes now the highest number is live: that must not become a challenger.
    op.execute(
        """
        INSERT INTO releases (hash, manifest, published_at, "by", why, replaces_id)
        SELECT hash, manifest, published_at, "by", why, id FROM releases
        WHERE id = (SELECT max(id) FROM releases WHERE challenges_id IS NULL)
        AND id < (SELECT max(id) FROM releases)
        """
    )
    op.drop_index(op.f("ix_conversations_trial_id"), "conversations")
    op.drop_column("conversations", "variant")
    op.drop_column("conversations", "trial_id")
    op.drop_table("trials")
    with op.batch_alter_table("releases") as table:
        table.drop_constraint(op.f("fk_releases_challenges_id"), type_="foreignkey")
        table.drop_column("challenges_id")


def _kinds_of_connections(kinds: str) -> None:
    """SQLite copies the table, and Alembic takes no check along: the old one goes by itself."""
    name = op.f("ck_connections_kind_exists")
    with op.batch_alter_table("connections") as table:
        if op.get_bind().dialect.name == "postgresql":
            table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, sa.text(f"kind IN ({kinds})"))


def _find_those_who_are_there() -> None:
    connection = op.get_bind()
    leads = sa.table("leads", *map(sa.column, ("id", "email", "name", "company")))
    words = sa.table("lead_words", sa.column("word"), sa.column("lead_id"))
    last = ""
    while True:
        query = sa.select(leads).where(leads.c.id > last).order_by(leads.c.id).limit(_AT_A_TIME)
        found = connection.execute(query).all()
        if not found:
            return
        last = found[-1].id
        rows = [
            {"lead_id": lead.id, "word": word}
            for lead in found
            for word in sorted(entries(lead.email, lead.name, lead.company))
        ]
        if rows:
            connection.execute(words.insert(), rows)
