"""What was kept aside as spam: why, and letting it go where it would have gone."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core.clocks import span
from webapp.services.prospects import kept_aside
from webapp.services.prospects.kept_aside import Released
from webapp.services.sales.live import NoSuchConversation
from webapp.store import staff
from webapp.web.desk import LEADERS, bp, me
from webapp.web.shared.auth import allowed


@bp.get("/spam")
@allowed(*LEADERS)
def spam_index() -> ResponseReturnValue:
    """What waits for somebody to look at it."""
    now = datetime.now(UTC)
    rows = [{"aside": each, "ago": span(now - each.row.last_at)} for each in kept_aside.listed()]
    return render_template("desk/spam.html", rows=rows, most=kept_aside.SHOWN)


@bp.post("/spam/<id>/release")
@allowed(*LEADERS)
def create_release(id: str) -> ResponseReturnValue:
    """It is no spam. Clicked twice, it is released once."""
    try:
        released = kept_aside.release(id, me(), now=datetime.now(UTC))
    except NoSuchConversation:
        abort(404)
    flash(_what_became_of(released), "good")
    return redirect(url_for(".spam_index"), 303)


def _what_became_of(released: Released) -> str:
    handoff = released.handoff
    if handoff is not None and handoff.owner_email:
        owner = staff.by_email(handoff.owner_email)
        return f"Released. {owner.name if owner else handoff.owner_email} has the lead."
    if handoff is not None:
        return f"Released. The lead waits for the team {handoff.team}: nobody is free."
    if released.destination:
        return f"Released. It went to {released.destination.replace('_', ' ')}."
    return "Released. It had not come to an end, and goes on like any other conversation."
