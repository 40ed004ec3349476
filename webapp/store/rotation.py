"""Whose turn it is: what each rep has had in each team."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.store.database import Model


class RotationRow(Model):
    """``core.assignment.Turns`` of one rep in one team, both in small letters."""

    __tablename__ = "rotation"
    __table_args__ = (CheckConstraint("weight > 0", name="weight_is_positive"),)

    team: Mapped[str] = mapped_column(primary_key=True)
    rep: Mapped[str] = mapped_column(primary_key=True)
    assigned: Mapped[int]
    credited: Mapped[int]
    calibration: Mapped[int]
    weight: Mapped[int]
    last_at: Mapped[datetime | None]
    aside: Mapped[bool]
