"""What receivers did not take: seen by people, and sent again as often as they like."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.delivery.kinds import WORDS
from webapp.services.receivers import sending
from webapp.services.receivers.sending import NoSuchDelivery, NothingToSend
from webapp.store import deliveries as rows
from webapp.web.settings import bp
from webapp.web.shared import auth


@bp.get("/deliveries")
@auth.allowed("admin")
def deliveries() -> ResponseReturnValue:
    """How much is under way, and what was refused or given up."""
    names = {each.id: each.name for each in rows.all_connections()}
    return render_template(
        "settings/deliveries.html",
        troubled=rows.in_trouble(),
        counts=rows.counts(),
        names=names,
        words=WORDS,
    )


@bp.post("/deliveries/<id>/replay")
@auth.allowed("admin")
def create_replay(id: str) -> ResponseReturnValue:
    """Send one again."""
    try:
        sending.replay(id, by=current_user.id, now=datetime.now(UTC))
    except (NoSuchDelivery, NothingToSend):
        abort(404)
    flash("It is being sent again.", "good")
    return redirect(url_for(".deliveries"), 303)


@bp.post("/deliveries/replay")
@auth.allowed("admin")
def create_replays() -> ResponseReturnValue:
    """Send everything again that one receiver did not take (none named: mail)."""
    connection = request.form.get("connection") or None
    number = sending.replay_all(connection, by=current_user.id, now=datetime.now(UTC))
    flash(f"{number} {'is' if number == 1 else 'are'} being sent again.", "good")
    return redirect(url_for(".deliveries"), 303)
