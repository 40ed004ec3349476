"""What people get for their calendars of a meeting: agreed, moved, handed on, called off.

Nothing here commits.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from webapp.delivery import letters
from webapp.delivery.calendar import Invitation, ics
from webapp.services import outbox
from webapp.store.handoffs import HandoffRow
from webapp.store.meetings import MeetingRow
from webapp.store.staff import StaffRow

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Call with {rep}",
        "booked": "Your call with {rep}: {when}",
        "cancelled": "Your call with {rep} on {when} is called off",
        "how": "We call you at the number you gave, or write to you before if there is none.",
        "instead_of": "{rep} will call you instead of {before}; the time stays.",
        "instead": "We will be in touch as soon as we can instead.",
        "button": "Move or call off",
        "again": "Choose another time",
    },
    "de": {
        "title": "Gespräch mit {rep}",
        "booked": "Ihr Gespräch mit {rep}: {when}",
        "cancelled": "Ihr Gespräch mit {rep} am {when} ist abgesagt",
        "how": "Wir rufen Sie unter Ihrer Nummer an oder schreiben Ihnen vorher, falls sie fehlt.",
        "instead_of": "{rep} ruft Sie statt {before} an; die Zeit bleibt.",
        "instead": "Wir melden uns stattdessen, sobald wir können.",
        "button": "Verlegen oder absagen",
        "again": "Eine andere Zeit wählen",
    },
}


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
    """Rep and prospect get the meeting for their calendar; ``at`` is the address at which the
    prospect changes it, ``instead_of`` who had it before."""
    if handoff.test:
        return
    who, email = _whose(handoff)
    words = _WORDS.get((locale or "en").split("-")[0].split("_")[0], _WORDS["en"])
    cancelled = row.cancelled_at is not None
    ours = outbox.link(f"/desk/handoffs/{handoff.id}")
    when = letters.when(row.starts_at, rep.timezone, rep.locale)
    state = "called off" if cancelled else "agreed"
    to_rep = [f"{who} chose the time themselves." if not cancelled else "Call them when you can."]
    to_prospect = [words["instead" if cancelled else "how"]]
    if instead_of is not None:
        to_rep.append(f"It was agreed with {instead_of.name}, whose lead this was.")
        to_prospect.append(words["instead_of"].format(rep=rep.name, before=instead_of.name))
    _mail(
        rep.email,
        f"Call with {who} {state}: {when}",
        to_rep,
        (ours, "Open the case"),
        _invitation(row, f"Call with {who}", ours, rep.email, email, now),
        handoff,
        reply_to=email,
        now=now,
    )
    if email:
        named = {"rep": rep.name, "when": letters.when(row.starts_at, row.timezone, locale)}
        _mail(
            email,
            words["cancelled" if cancelled else "booked"].format(**named),
            to_prospect,
            (at, words["again" if cancelled else "button"]),
            _invitation(row, words["title"].format(**named), at, rep.email, email, now),
            handoff,
            reply_to=rep.email,
            now=now,
        )


def take_back(
    handoff: HandoffRow, rep: StaffRow, before: StaffRow | None, row: MeetingRow, *, now: datetime
) -> None:
    """Take the meeting out of the calendar of whoever had it ``before``."""
    if before is None or handoff.test:
        return
    who, email = _whose(handoff)
    state = "called off" if row.cancelled_at else f"is with {rep.name} now"
    when = letters.when(row.starts_at, before.timezone, before.locale)
    ours = outbox.link(f"/desk/handoffs/{handoff.id}")
    gone = _invitation(row, f"Call with {who}", ours, before.email, email, now)
    _mail(
        before.email,
        f"Call with {who} {state}: {when}",
        ["You need not call. Your calendar takes it out."],
        (ours, "Open the case"),
        replace(gone, cancelled=True),
        handoff,
        reply_to=rep.email,
        now=now,
    )


def _whose(handoff: HandoffRow) -> tuple[str, str | None]:
    """What a rep calls the prospect, and their address."""
    lead = handoff.record.record["lead"]
    who = next((str(lead[n]["value"]) for n in ("name", "email") if lead.get(n)), "a prospect")
    return who, lead["email"]["value"] if lead.get("email") else None


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
