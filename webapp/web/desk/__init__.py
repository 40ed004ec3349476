"""The reps' area: the inbox, the briefing, and what a rep does with a lead."""

from flask import Blueprint
from flask_login import current_user

from webapp.store import staff
from webapp.store.staff import StaffRow

bp = Blueprint("desk", __name__, url_prefix="/desk")

READERS = ("rep", "manager", "admin")
"""Marketers read no leads."""

LEADERS = ("manager", "admin")
"""They read every team's."""


def me() -> StaffRow:
    """Whoever is signed in."""
    return staff.by_id(current_user.id)


from webapp.web.desk import actions, calls, live, pages, spam  # noqa: E402, F401 - they add their routes to bp
