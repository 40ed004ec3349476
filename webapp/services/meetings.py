"""Meetings: a prospect chooses a time of the rep who has their case, moves it, or calls it off.

A signed address is the whole authority. Each function that writes is one commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.config import Config
from webapp.core.errors import BatonError
from webapp.core.playbook import Hours, Playbook, Team
from webapp.core.slots import LENGTH, Span, free_slots
from webapp.delivery import letters
from webapp.delivery.calendar import Invitation, ics
from webapp.services import deadlines, outbox, releases
from webapp.store import conversations, handoffs, sites, staff
from webapp.store import meetings as rows
from webapp.store.database import db, exclusive, new_id, one_commit
from webapp.store.handoffs import BEFORE_CONTACT, HandoffEventRow, HandoffRow
from webapp.store.meetings import MeetingRow
from webapp.store.staff import StaffRow

MOST_CHANGES = 8
"""Each change writes to an address that somebody typed: it must not become a way to pester them,
neither by one case nor by one case after the other."""

A_DAY = timedelta(days=1)

PROSPECT = "the prospect"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Call with {rep}",
        "booked": "Your call with {rep}: {when}",
        "cancelled": "Your call with {rep} on {when} is called off",
        "how": "We call you at the number you gave, or write to you before if there is none.",
        "instead": "We will be in touch as soon as we can instead.",
        "button": "Move or call off",
        "again": "Choose another time",
    },
    "de": {
        "title": "Gespräch mit {rep}",
        "booked": "Ihr Gespräch mit {rep}: {when}",
        "cancelled": "Ihr Gespräch mit {rep} am {when} ist abgesagt",
        "how": "Wir rufen Sie unter Ihrer Nummer an oder schreiben Ihnen vorher, falls sie fehlt.",
        "instead": "Wir melden uns stattdessen, sobald wir können.",
        "button": "Verlegen oder absagen",
        "again": "Eine andere Zeit wählen",
    },
}


class NoSuchMeeting(BatonError):
    def __init__(self) -> None:
        super().__init__("This address leads to no case that is open.")


class SlotTaken(BatonError):
    def __init__(self) -> None:
        super().__init__("Somebody has just taken that time. Choose another one.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a prospect may choose from; ``meeting`` is what they chose before."""

    handoff: HandoffRow
    rep: StaffRow
    slots: tuple[datetime, ...]
    timezone: str
    meeting: MeetingRow | None
    locale: str | None
    site_id: str


def token(handoff_id: str) -> str:
    """What opens a handoff's meeting, for whoever is given it."""
    return str(_signer().dumps(handoff_id))


def may_be_offered(status: str, owner_email: str | None, site_id: str) -> bool:
    """Whether a prospect is offered times: somebody has their case, nobody was in touch yet, and
    the site did not switch it off."""
    site = sites.get(site_id)
    wanted = site is not None and not site.settings.get("no_meetings")
    return wanted and owner_email is not None and status in BEFORE_CONTACT


def offer(token: str, *, now: datetime) -> Offer:
    """The times there are. Raises: NoSuchMeeting."""
    handoff = handoffs.get(_handoff_id(token))
    return _offer(handoff, now)


def book(token: str, starts_at: datetime, timezone: str, *, now: datetime) -> Offer:
    """Take a time, or move the meeting there is. The deadline becomes the meeting's end.

    Raises: NoSuchMeeting, SlotTaken.
    """
    with one_commit("meetings.book"):
        handoff = handoffs.get_for_update(_handoff_id(token))
        exclusive(f"meetings of {handoff.owner_email if handoff else None}")
        found = _offer(handoff, now)
        row, handoff = found.meeting, found.handoff
        if row is not None and row.cancelled_at is None and row.starts_at == starts_at:
            return found
        if starts_at not in found.slots or _pesters(handoff, row, now):
            raise SlotTaken
        if row is None:
            row = MeetingRow(id=new_id(now), handoff_id=handoff.id, sequence=-1, created_at=now)
            db.session.add(row)
        what = "meeting_booked" if row.sequence < 0 or row.cancelled_at else "meeting_moved"
        row.rep_email, row.timezone = found.rep.email, _zone(timezone, found.timezone)
        row.starts_at, row.ends_at = starts_at, starts_at + LENGTH
        row.cancelled_at, row.sequence = None, row.sequence + 1
        handoff.respond_by, handoff.remind_at = row.ends_at, None
        db.session.flush()
        _note(handoff, what, row, now)
        _write(found, row, now)
    return offer(token, now=now)


def cancel(token: str, *, now: datetime) -> Offer:
    """Call the meeting off; the prospect is called as soon as possible instead. Twice is once.

    Raises: NoSuchMeeting.
    """
    with one_commit("meetings.cancel"):
        handoff = handoffs.get_for_update(_handoff_id(token))
        found = _offer(handoff, now)
        row, handoff = found.meeting, found.handoff
        if row is None or row.cancelled_at is not None:
            return found
        row.cancelled_at, row.sequence = now, row.sequence + 1
        playbook = releases.live()[1].playbook
        destination = playbook.destinations.get(handoff.record.destination)
        within = destination.respond_within if destination else None
        team = _team(playbook, handoff)
        handoff.respond_by, handoff.remind_at = deadlines.of(playbook, team, within, now)
        _note(handoff, "meeting_cancelled", row, now)
        _write(found, row, now)
    return offer(token, now=now)


def _offer(handoff: HandoffRow | None, now: datetime) -> Offer:
    conversation = conversations.get(handoff.conversation_id) if handoff else None
    if handoff is None or conversation is None:
        raise NoSuchMeeting
    rep = staff.by_email(handoff.owner_email) if handoff.owner_email else None
    site = conversation.site_id
    if rep is None or not may_be_offered(handoff.status, handoff.owner_email, site):
        raise NoSuchMeeting
    playbook = releases.live()[1].playbook
    team = _team(playbook, handoff)
    hours: Hours | None = team.hours if team else None
    zone = hours.timezone if hours else playbook.timezone
    meeting = rows.of_handoff(handoff.id)
    return Offer(
        handoff=handoff,
        rep=rep,
        slots=free_slots(now, hours, team.holidays if team else (), zone, _taken(rep, now)),
        timezone=meeting.timezone if meeting else zone,
        meeting=meeting,
        locale=conversation.locale,
        site_id=site,
    )


def _pesters(handoff: HandoffRow, row: MeetingRow | None, now: datetime) -> bool:
    often = row is not None and row.sequence >= MOST_CHANGES
    return often or handoffs.meetings_chosen_beside(handoff, now - A_DAY) >= MOST_CHANGES


def _taken(rep: StaffRow, now: datetime) -> list[Span]:
    taken = [(each.starts_at, each.ends_at) for each in rows.of_rep(rep.email, now)]
    if rep.away_until is not None:
        taken.append((now, rep.away_until))
    return taken


def _team(playbook: Playbook, handoff: HandoffRow) -> Team | None:
    return next((each for each in playbook.teams if each.id == handoff.team), None)


def _zone(wanted: str, otherwise: str) -> str:
    try:
        return ZoneInfo(wanted).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def _note(handoff: HandoffRow, what: str, row: MeetingRow, now: datetime) -> None:
    handoff.updated_at = now
    detail: dict[str, Any] = {"at": row.starts_at.isoformat()}
    db.session.add(
        HandoffEventRow(handoff_id=handoff.id, at=now, by=PROSPECT, what=what, detail=detail)
    )


def _write(found: Offer, row: MeetingRow, now: datetime) -> None:
    """Both get the meeting for their calendar."""
    handoff, rep = found.handoff, found.rep
    if handoff.test:
        return
    lead = handoff.record.record["lead"]
    email = lead["email"]["value"] if lead.get("email") else None
    who = next((str(lead[n]["value"]) for n in ("name", "email") if lead.get(n)), "a prospect")
    words = _WORDS.get((found.locale or "en").split("-")[0].split("_")[0], _WORDS["en"])
    cancelled = row.cancelled_at is not None
    link = outbox.link(f"/meeting/{token(handoff.id)}")
    ours = outbox.link(f"/desk/handoffs/{handoff.id}")
    when = letters.when(row.starts_at, rep.timezone, rep.locale)
    state = "called off" if cancelled else "agreed"
    _mail(
        rep.email,
        f"Call with {who} {state}: {when}",
        [f"{who} chose the time themselves." if not cancelled else "Call them when you can."],
        (ours, "Open the case"),
        _invitation(row, f"Call with {who}", ours, rep.email, email, now),
        handoff,
        reply_to=email,
        now=now,
    )
    if email:
        named = {"rep": rep.name, "when": letters.when(row.starts_at, row.timezone, found.locale)}
        _mail(
            email,
            words["cancelled" if cancelled else "booked"].format(**named),
            [words["instead" if cancelled else "how"]],
            (link, words["again" if cancelled else "button"]),
            _invitation(row, words["title"].format(**named), link, rep.email, email, now),
            handoff,
            reply_to=rep.email,
            now=now,
        )


def _invitation(
    row: MeetingRow, title: str, text: str, organizer: str, attendee: str | None, now: datetime
) -> Invitation:
    return Invitation(
        uid=row.id,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=title,
        text=text,
        organizer=organizer,
        attendee=attendee,
        cancelled=row.cancelled_at is not None,
        at=now,
    )


def _mail(
    to: str,
    subject: str,
    paragraphs: list[str],
    link: tuple[str, str],
    invitation: Invitation,
    handoff: HandoffRow,
    *,
    reply_to: str | None,
    now: datetime,
) -> None:
    address, button = link
    letter = letters.written(
        "notice",
        subject,
        to=to,
        at=now,
        reply_to=reply_to,
        headline=subject,
        paragraphs=paragraphs,
        tables=[],
        link=address,
        button=button,
    )
    letter["calendar"] = {"method": invitation.method, "text": ics(invitation)}
    outbox.deliver(letter, "meeting", now=now, handoff=handoff, recipient=to)


def _handoff_id(token: str) -> str:
    try:
        return str(_signer().loads(token))
    except (BadSignature, ValueError):
        raise NoSuchMeeting from None


def _signer() -> URLSafeSerializer:
    config: Config = current_app.extensions["baton"]
    return URLSafeSerializer(config.secret_key, salt="meeting")
