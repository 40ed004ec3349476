"""What people get for their calendars of a meeting: agreed, moved, handed on, called off.

Nothing here commits.
"""

from dataclasses import dataclass
from datetime import datetime

from webapp import catalogs
from webapp.core.wording import fill
from webapp.delivery import letters
from webapp.delivery.calendar import Invitation, ics
from webapp.services.receivers import outbox
from webapp.store.handoffs import HandoffRow
from webapp.store.meetings import MeetingRow
from webapp.store.staff import StaffRow


def send(
    handoff: HandoffRow,
    rep: StaffRow,
    locale: str | None,
    row: MeetingRow,
    *,
    at: str,
    instead_of: StaffRow | None = None,
    now: datetime,
) -> None:
    """Rep and prospect get the meeting for their calendar, each in their language; ``locale`` is
    the prospect's. ``at`` is the address at which they change it, ``instead_of`` who had it before.
    """
    if handoff.test:
        return
    who, email = _whose(handoff, rep.locale)
    _mail(_to_rep(handoff, rep, row, who, instead_of), row, handoff, rep.email, email, now=now)
    if email:
        mail = _to_prospect(row, rep, email, locale, at, instead_of)
        _mail(mail, row, handoff, rep.email, email, now=now)


def take_back(
    handoff: HandoffRow, rep: StaffRow, before: StaffRow | None, row: MeetingRow, *, now: datetime
) -> None:
    """Take the meeting out of the calendar of whoever had it ``before``."""
    if before is None or handoff.test:
        return
    say = catalogs.of(before.locale).gettext
    who, email = _whose(handoff, before.locale)
    when = letters.when(row.starts_at, outbox.clock_of(before, handoff.team), before.locale)
    if row.cancelled_at:
        subject = say("Call with {who} is called off: {when}")
    else:
        subject = say("Call with {who} is with {rep} now: {when}")
    named = {"who": who, "when": when, "rep": rep.name}
    mail = _Mail(
        to=before.email,
        locale=before.locale,
        subject=fill(subject, named),
        paragraphs=[say("You need not call. Your calendar takes it out.")],
        link=_case(handoff),
        button=say("Open the case"),
        title=fill(say("Call with {who}"), named),
        reply_to=rep.email,
    )
    _mail(mail, row, handoff, before.email, email, taken_out=True, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """A mail in its reader's language; ``title`` is what their calendar calls the meeting."""

    to: str
    locale: str | None
    subject: str
    paragraphs: list[str]
    link: str
    button: str
    title: str
    reply_to: str | None


def _to_rep(
    handoff: HandoffRow, rep: StaffRow, row: MeetingRow, who: str, instead_of: StaffRow | None
) -> _Mail:
    say = catalogs.of(rep.locale).gettext
    named = {
        "who": who,
        "when": letters.when(row.starts_at, outbox.clock_of(rep, handoff.team), rep.locale),
    }
    if row.cancelled_at is not None:
        subject = say("Call with {who} is called off: {when}")
        told = [say("Call them when you can.")]
    else:
        subject = say("Call with {who} is agreed: {when}")
        told = [fill(say("{who} chose the time themselves."), named)]
    if instead_of is not None:
        before = {"before": instead_of.name}
        told.append(fill(say("It was agreed with {before}, whose lead this was."), before))
    return _Mail(
        to=rep.email,
        locale=rep.locale,
        subject=fill(subject, named),
        paragraphs=told,
        link=_case(handoff),
        button=say("Open the case"),
        title=fill(say("Call with {who}"), named),
        reply_to=_whose(handoff, None)[1],
    )


def _to_prospect(
    row: MeetingRow,
    rep: StaffRow,
    email: str,
    locale: str | None,
    at: str,
    instead_of: StaffRow | None,
) -> _Mail:
    say = catalogs.of(locale).gettext
    named = {"rep": rep.name, "when": letters.when(row.starts_at, row.timezone, locale)}
    if row.cancelled_at is not None:
        subject = say("Your call with {rep} on {when} is called off")
        told = [say("We will be in touch as soon as we can instead.")]
        button = say("Choose another time")
    else:
        subject = say("Your call with {rep}: {when}")
        told = [say("We call you at the number you gave, or write to you before if there is none.")]
        button = say("Move or call off")
    if instead_of is not None:
        named["before"] = instead_of.name
        told.append(fill(say("{rep} will call you instead of {before}; the time stays."), named))
    return _Mail(
        to=email,
        locale=locale,
        subject=fill(subject, named),
        paragraphs=told,
        link=at,
        button=button,
        title=fill(say("Call with {who}"), {"who": rep.name}),
        reply_to=rep.email,
    )


def _case(handoff: HandoffRow) -> str:
    return outbox.link(f"/desk/handoffs/{handoff.id}")


def _whose(handoff: HandoffRow, locale: str | None) -> tuple[str, str | None]:
    """What a rep calls the prospect, and their address."""
    lead = handoff.record.record["lead"]
    known = (str(lead[name]["value"]) for name in ("name", "email") if lead.get(name))
    who = next(known, None) or catalogs.of(locale).gettext("a prospect")
    return who, lead["email"]["value"] if lead.get("email") else None


def _mail(
    mail: _Mail,
    row: MeetingRow,
    handoff: HandoffRow,
    organizer: str,
    attendee: str | None,
    *,
    taken_out: bool = False,
    now: datetime,
) -> None:
    letter = letters.written(
        "notice",
        mail.subject,
        to=mail.to,
        at=now,
        locale=mail.locale,
        reply_to=mail.reply_to,
        headline=mail.subject,
        paragraphs=mail.paragraphs,
        tables=[],
        link=mail.link,
        button=mail.button,
    )
    invitation = Invitation(
        uid=row.id,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=mail.title,
        text=mail.link,
        organizer=organizer,
        attendee=attendee,
        cancelled=taken_out or row.cancelled_at is not None,
        at=now,
    )
    letter["calendar"] = {"method": invitation.method, "text": ics(invitation)}
    outbox.deliver(letter, "meeting", now=now, handoff=handoff, recipient=mail.to)
