"""Choosing a time for the call: the free ones by day, the one chosen, another zone, calling off."""

from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clocks, wording
from webapp.services.sales import meetings
from webapp.services.sales.meetings import Offer, SlotTaken
from webapp.web.prospect import showing
from webapp.web.prospect.pages import bp
from webapp.web.shared import language

ZONES = (
    "Pacific/Honolulu America/Los_Angeles America/Denver America/Chicago America/New_York "
    "America/Sao_Paulo Europe/London Europe/Berlin Europe/Athens Africa/Johannesburg "
    "Europe/Istanbul Asia/Dubai Asia/Karachi Asia/Kolkata Asia/Bangkok "
    "Asia/Singapore Asia/Tokyo Australia/Sydney Pacific/Auckland"
).split()
"""One for most clocks, from west to east; the rep's own and the chosen one come beside them."""


@bp.get("/meeting/<token>")
def meeting(token: str) -> ResponseReturnValue:
    """The times there are, on the visitor's clock once they said which that is."""
    return _page(token, meetings.offer(token, now=datetime.now(UTC)))


@bp.post("/meeting/<token>")
def create_meeting(token: str) -> ResponseReturnValue:
    """Take a time, or another one."""
    now, zone = datetime.now(UTC), request.form.get("zone", "")[:100]
    try:
        starts_at = datetime.fromisoformat(request.form.get("at", "")[:40])
        if starts_at.tzinfo is None:
            raise SlotTaken
        meetings.book(token, starts_at.astimezone(UTC), zone, now=now)
    except (ValueError, OverflowError, SlotTaken):
        return _page(token, meetings.offer(token, now=now), taken=True), 409
    return redirect(url_for(".meeting", token=token), 303)


@bp.post("/meeting/<token>/cancellation")
def destroy_meeting(token: str) -> ResponseReturnValue:
    """Call it off: we call as soon as we can."""
    meetings.cancel(token, now=datetime.now(UTC))
    return redirect(url_for(".meeting", token=token), 303)


def _page(token: str, found: Offer, *, taken: bool = False) -> Response:
    zone = clocks.zone(request.values.get("zone", "")[:100], found.timezone)
    locale = found.locale or "en"
    language.speak(locale)
    named = wording.locale_of(locale)
    chosen = found.meeting if found.meeting and found.meeting.cancelled_at is None else None

    def day(at: datetime) -> str:
        return wording.day(at, zone, locale)

    def time(at: datetime) -> str:
        return wording.time_of_day(at, zone, locale)

    days = [
        list(of_a_day)
        for _, of_a_day in groupby(found.slots, lambda at: at.astimezone(zone).date())
    ]
    response = make_response(
        render_template(
            "prospect/meeting.html",
            token=token,
            rep=found.rep.name,
            caller=(found.caller or found.rep).name,
            chosen=(day(chosen.starts_at), time(chosen.starts_at)) if chosen else None,
            called_off=bool(found.meeting and found.meeting.cancelled_at),
            days=[(day(times[0]), [(at.isoformat(), time(at)) for at in times]) for times in days],
            zone=zone.key,
            zones=[
                (each, f"{get_timezone_name(ZoneInfo(each), 'long', locale=named)} ({each})")
                for each in dict.fromkeys([zone.key, found.timezone, *ZONES])
            ],
            taken=taken,
            **showing.clothes(found.site_id),
        )
    )
    return showing.private(response)
