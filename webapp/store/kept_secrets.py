"""What lies encrypted in the database: it is worth nothing without the key it was locked with."""

from sqlalchemy import select, union_all

from webapp.store.calendars import CalendarRow
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow
from webapp.store.staff import StaffRow


def everything() -> list[str]:
    """Connections' secrets, addresses of reps' calendars, keys of their authenticator apps."""
    locked = (ConnectionRow.secret, CalendarRow.address, StaffRow.totp_secret)
    return list(
        db.session.scalars(union_all(*(select(each).where(each.is_not(None)) for each in locked)))
    )
