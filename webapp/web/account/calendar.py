"""One's own calendar: giving its address, trying it, taking it away."""

from datetime import UTC, datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.delivery.busy import NoCalendar
from webapp.services.sales import calendars
from webapp.services.throttle import Throttled
from webapp.web.account import account_page, bp
from webapp.web.shared import auth


@bp.post("/account/calendar")
@auth.allowed()
def update_calendar() -> ResponseReturnValue:
    """Keep the address of one's calendar, and read it at once."""
    now = datetime.now(UTC)
    try:
        calendars.keep(current_user.id, request.form.get("address", ""), now=now)
    except NoCalendar as refusal:
        return account_page(calendar_problem=str(refusal)), 422
    return _tried(now)


@bp.post("/account/calendar/reading")
@auth.allowed()
def create_calendar_reading() -> ResponseReturnValue:
    """Read one's calendar now, to see whether it works."""
    return _tried(datetime.now(UTC))


@bp.post("/account/calendar/removal")
@auth.allowed()
def destroy_calendar() -> ResponseReturnValue:
    """Forget one's calendar."""
    calendars.remove(current_user.id, now=datetime.now(UTC))
    flash("Your calendar is forgotten. Times are offered from working hours alone.", "good")
    return redirect(url_for(".show", _anchor="calendar"), 303)


def _tried(now: datetime) -> ResponseReturnValue:
    try:
        calendars.read(current_user.id, now=now)
    except Throttled as refusal:
        return account_page(calendar_problem=str(refusal)), 429
    return redirect(url_for(".show", _anchor="calendar"), 303)
