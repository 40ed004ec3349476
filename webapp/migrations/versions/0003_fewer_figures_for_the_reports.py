"""The figures of each day are kept coarser, so that a year of busy days is added up in a moment. The
worker counts them anew.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _have_them_counted_anew()


def downgrade() -> None:
    _have_them_counted_anew()


def _have_them_counted_anew() -> None:
    op.execute("DELETE FROM days")
