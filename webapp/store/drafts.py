"""Drafts: texts being edited in the studio, not live until published."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model


class DraftRow(Model):
    """``revision`` rises with every save, so that of two editors the later learns of the other.
    ``based_on`` is the release the draft was started from."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        CheckConstraint("kind IN ('playbook', 'flow', 'case')", name="kind_exists"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    text: Mapped[str]
    revision: Mapped[int]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    by: Mapped[str]
    updated_at: Mapped[datetime]
