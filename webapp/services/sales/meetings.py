"""Meetings: a prospect chooses a time of the rep who has their case, moves it, or calls it off.

A signed address is the whole authority. Each function that writes is one commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.config import Config
from webapp.core.clocks import zone
from webapp.core.errors import BatonError
from webapp.core.playbook import Hours
from webapp.core.slots import LENGTH, Span, free_slots, is_free
from webapp.services.flows import releases
from webapp.services.people import suppression
from webapp.services.receivers import outbox
from webapp.services.sales import calendars, deadlines, invitations
from webapp.store import conversations, handoffs, sites, staff
from webapp.store import meetings as rows
from webapp.store.database import db, new_id, one_commit
from webapp.store.handoffs import BEFORE_CONTACT, HandoffRow
from webapp.store.locks import exclusive
from webapp.store.meetings import MeetingRow
from webapp.store.staff import StaffRow

MOST_CHANGES = 8
"""Each change writes to an address that somebody typed: it must not become a way to pester them,
neither by one case nor by one case after the other."""

A_DAY = timedelta(days=1)

PROSPECT = "the prospect"


class NoSuchMeeting(BatonError):
    def __init__(self) -> None:
        super().__init__("This address leads to no case that is open.")


class SlotTaken(BatonError):
    def __init__(self) -> None:
        super().__init__("Somebody has just taken that time. Choose another one.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a prospect may choose from: the times of ``rep``. ``meeting`` is what they chose before,
    with ``caller``, who had their case then."""

    handoff: HandoffRow
    rep: StaffRow
    caller: StaffRow | None
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


def book(token: str, starts_at: datetime, timezone: str, *, now: datetime) -> None:
    """Take a time, or move the meeting there is. The deadline becomes the meeting's end.

    Raises: NoSuchMeeting, SlotTaken.
    """
    with one_commit("meetings.book"):
        handoff = handoffs.get_for_update(_handoff_id(token))
        exclusive("meetings of", str(handoff and handoff.owner_email))
        found = _offer(handoff, now)
        row, handoff = found.meeting, found.handoff
        if row is not None and row.cancelled_at is None and row.starts_at == starts_at:
            return
        if starts_at not in found.slots or _pesters(handoff, row, now):
            raise SlotTaken
        if row is None:
            row = MeetingRow(id=new_id(now), handoff_id=handoff.id, sequence=-1, created_at=now)
            db.session.add(row)
        what = "meeting_booked" if row.sequence < 0 or row.cancelled_at else "meeting_moved"
        before = None if row.cancelled_at else _before(row, found.rep)
        row.rep_email, row.timezone = found.rep.email, zone(timezone, found.timezone).key
        row.starts_at, row.ends_at = starts_at, starts_at + LENGTH
        row.cancelled_at, row.sequence = None, row.sequence + 1
        handoff.respond_by, handoff.remind_at = row.ends_at, None
        db.session.flush()
        _note(handoff, what, row, now)
        invitations.send(handoff, found.rep, found.locale, row, at=_address(handoff), now=now)
        invitations.take_back(handoff, found.rep, before, row, now=now)


def cancel(token: str, *, now: datetime) -> None:
    """Call the meeting off; the prospect is called as soon as possible instead. Twice is once.

    Raises: NoSuchMeeting.
    """
    with one_commit("meetings.cancel"):
        handoff = handoffs.get_for_update(_handoff_id(token))
        found = _offer(handoff, now)
        row, handoff = found.meeting, found.handoff
        if row is None or row.cancelled_at is not None:
            return
        row.cancelled_at, row.sequence = now, row.sequence + 1
        deadlines.begin(handoff, now=now)
        _note(handoff, "meeting_cancelled", row, now)
        invitations.send(handoff, found.rep, found.locale, row, at=_address(handoff), now=now)
        invitations.take_back(handoff, found.rep, _before(row, found.rep), row, now=now)


def follow(handoff: HandoffRow, *, by: str, now: datetime) -> None:
    """Have the call that was agreed go along with a lead that was given to a colleague, where they
    are free then; everybody's calendar hears of it. Otherwise, and for somebody who must not be
    contacted, it stays with whoever it was agreed with. Commits nothing."""
    row = agreed(handoff, now)
    rep = staff.by_email(handoff.owner_email) if handoff.owner_email else None
    if row is None:
        return
    before = _before(row, rep) if rep is not None and rep.disabled_at is None else None
    if rep is None or before is None or suppression.of_lead(handoff.lead_id) is not None:
        return
    exclusive("meetings of", rep.email)
    if _may_take(rep, row, handoff, now):
        row.rep_email, row.sequence = rep.email, row.sequence + 1
        db.session.flush()
        _note(handoff, "meeting_followed", row, now, by=by)
        _invite(handoff, rep, row, instead_of=before, now=now)
        invitations.take_back(handoff, rep, before, row, now=now)


def agreed(handoff: HandoffRow, now: datetime) -> MeetingRow | None:
    """The call that lies ahead."""
    row = rows.of_handoff(handoff.id)
    return row if row and row.cancelled_at is None and row.starts_at > now else None


def invite(handoff: HandoffRow, *, now: datetime) -> bool:
    """Have everybody's calendar hear of the call that lies ahead, if there is one; says whether
    there is. Commits nothing."""
    row = agreed(handoff, now)
    rep = staff.by_email(row.rep_email) if row else None
    if row is not None and rep is not None:
        _invite(handoff, rep, row, now=now)
    return row is not None


def _invite(
    handoff: HandoffRow,
    rep: StaffRow,
    row: MeetingRow,
    *,
    instead_of: StaffRow | None = None,
    now: datetime,
) -> None:
    conversation = conversations.get(handoff.conversation_id)
    locale = conversation.locale if conversation else None
    at = _address(handoff)
    invitations.send(handoff, rep, locale, row, at=at, instead_of=instead_of, now=now)


def _may_take(rep: StaffRow, row: MeetingRow, handoff: HandoffRow, now: datetime) -> bool:
    playbook = releases.live()[1].playbook
    team = playbook.team(handoff.team)
    hours, holidays = (team.hours, team.holidays) if team else (None, ())
    slot = row.starts_at, row.ends_at
    return is_free(slot, hours, holidays, playbook.timezone, _taken(rep, now))


def _before(row: MeetingRow, rep: StaffRow) -> StaffRow | None:
    """Who a meeting was agreed with before the lead was given to ``rep``."""
    return staff.by_email(row.rep_email) if row.rep_email not in (None, rep.email) else None


def _offer(handoff: HandoffRow | None, now: datetime) -> Offer:
    conversation = conversations.get(handoff.conversation_id) if handoff else None
    if handoff is None or conversation is None:
        raise NoSuchMeeting
    rep = staff.by_email(handoff.owner_email) if handoff.owner_email else None
    site = conversation.site_id
    if rep is None or not may_be_offered(handoff.status, handoff.owner_email, site):
        raise NoSuchMeeting
    playbook = releases.live()[1].playbook
    team = playbook.team(handoff.team)
    hours: Hours | None = team.hours if team else None
    clock = playbook.clock_of(team)
    meeting = rows.of_handoff(handoff.id)
    return Offer(
        handoff=handoff,
        rep=rep,
        caller=staff.by_email(meeting.rep_email) if meeting else None,
        slots=free_slots(now, hours, team.holidays if team else (), clock, _taken(rep, now)),
        timezone=meeting.timezone if meeting else clock,
        meeting=meeting,
        locale=conversation.locale,
        site_id=site,
    )


def _pesters(handoff: HandoffRow, row: MeetingRow | None, now: datetime) -> bool:
    often = row is not None and row.sequence >= MOST_CHANGES
    return often or handoffs.meetings_chosen_beside(handoff, now - A_DAY) >= MOST_CHANGES


def _taken(rep: StaffRow, now: datetime) -> list[Span]:
    taken = [(each.starts_at, each.ends_at) for each in rows.of_rep(rep.email, now)]
    taken += calendars.busy_times(rep.id)
    if rep.away_until is not None:
        taken.append((now, rep.away_until))
    return taken


def _note(
    handoff: HandoffRow, what: str, row: MeetingRow, now: datetime, *, by: str = PROSPECT
) -> None:
    handoff.updated_at = now
    handoffs.add_event(handoff, what, at=now, by=by, detail={"at": row.starts_at.isoformat()})


def _address(handoff: HandoffRow) -> str:
    return outbox.link(f"/meeting/{token(handoff.id)}")


def _handoff_id(token: str) -> str:
    try:
        return str(_signer().loads(token))
    except (BadSignature, ValueError):
        raise NoSuchMeeting from None


def _signer() -> URLSafeSerializer:
    config: Config = current_app.extensions["baton"]
    return URLSafeSerializer(config.secret_key, salt="meeting")
