"""What the desk's templates show: inbox rows, and one lead opened as its briefing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from webapp.core.agreed_call import AgreedCall, without
from webapp.core.briefing import Briefing, briefing, earlier, markdown, on_the_phone, plain
from webapp.services.flows import releases
from webapp.services.people import suppression
from webapp.services.sales import agreed_calls, assignment, calls, handoff_access
from webapp.services.sales import handoffs as service
from webapp.store import deliveries, handoffs, meetings, messages, staff
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.meetings import MeetingRow
from webapp.store.messages import MessageRow
from webapp.store.staff import StaffRow
from webapp.web.desk.company import Company, company_of
from webapp.web.desk.times import Due, clock_time, due, fills_in, local
from webapp.web.shared.moments import zone_of

STATUS_WORDS = {
    "waiting": "Waiting for somebody",
    "assigned": "New",
    "accepted": "Accepted",
    "contacted": "Contacted",
    "opportunity": "Opportunity",
    "won": "Won",
    "lost": "Lost",
    "rejected": "Sent back",
    "disqualified": "Disqualified",
    "recycled": "Back in nurture",
    "suppressed": "Do not contact",
}
_SENT = {
    "handoff.created": "The lead",
    "handoff.assigned": "The lead",
    "handoff.updated": "What changed",
    "handoff.accepted": "That it was accepted",
    "handoff.rejected": "That it was sent back",
    "handoff.outcome": "What came of it",
    "handoff.waiting": "That nobody is free",
    "handoff.reminder": "A reminder",
    "handoff.missed": "That the deadline has passed",
    "meeting": "The call, for the calendar",
    "nurture.entered": "The lead, for nurture",
    "lead.updated": "What changed",
}
_SAID_ABOVE = ("turn", "owner", "queued", "demo")
"""How it was assigned stands in the first line of what happened."""
_REASONS = service.REASONS | suppression.REASONS


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the inbox."""

    row: HandoffRow
    who: str
    company: str
    due: Due
    tier: str
    status: str
    owner: str
    snoozed: bool


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    who: str
    words: str
    note: str | None


@dataclass(frozen=True)
class Opened:
    """One lead with all that its page shows; ``problem`` and ``typed`` are of a refused form."""

    row: HandoffRow
    record: Mapping[str, Any]
    briefing: Briefing
    plain: str
    markdown: str
    due: Due
    tier: str
    status: str
    owner: str
    respond_by: str
    their_time: str
    timezone: str
    snoozed_until: str
    next_step_at: str
    may_act: bool
    events: Sequence[Happened]
    deliveries: Sequence[Mapping[str, Any]]
    company: Company
    meeting: MeetingRow | None
    messages: Sequence[MessageRow]
    names: Mapping[str, str]
    status_words: Mapping[str, str]
    people: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, str]]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    words: Mapping[str, Sequence[tuple[str, str]]]
    problem: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    unfolded: bool = False
    calls: bool = False
    on_the_phone: str = ""

    @property
    def earlier(self) -> Sequence[tuple[str | None, str, str | None]]:
        """When, what, and the lead it was, where there was one."""
        return [(e.get("at"), earlier(e), e.get("handoff")) for e in self.briefing.history]

    @property
    def by_mail(self) -> str:
        """The briefing as a mail that somebody is about to write."""
        said = urlencode({"subject": self.briefing.who, "body": self.plain}, quote_via=quote)
        return f"mailto:?{said}"

    @property
    def on_call(self) -> Sequence[tuple[str, str]]:
        return on_the_phone(self.briefing)

    @property
    def spoken_first(self) -> Mapping[str, int]:
        """Where in the transcript a link to a question's answer leads: the newest that stands."""
        standing = [
            (each["question"], place)
            for place, each in enumerate(self.briefing.answers)
            if not each["set_aside"]
        ]
        return dict(reversed(standing))


def dues(rows: Sequence[Any], now: datetime) -> dict[str, Due]:
    """How each of these stands with its deadline, by its id; of ``inbox.GLIMPSED`` or more."""
    agreed = meetings.standing([row.id for row in rows])
    return {row.id: due(row, agreed.get(row.id), now) for row in rows}


def asleep(row: HandoffRow, now: datetime) -> bool:
    return row.closed_at is None and row.snoozed_until is not None and row.snoozed_until > now


def items(rows: Sequence[HandoffRow], due_of: Mapping[str, Due], now: datetime) -> list[Item]:
    names = _names()
    tiers = _tier_labels()
    return [
        Item(
            row=row,
            who=found["who"],
            company=found["company"],
            due=due_of[row.id],
            tier=tiers.get(row.tier, row.tier),
            status=STATUS_WORDS[row.status],
            owner=names.get(row.owner_email or "", row.owner_email or ""),
            snoozed=asleep(row, now),
        )
        for row in rows
        for found in [_who(row)]
    ]


def opened(
    row: HandoffRow,
    actor: StaffRow,
    now: datetime,
    *,
    problem: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> Opened:
    """Read one handoff for its page."""
    timezone, call = zone_of(actor), call_of(row, actor)
    meeting = meetings.standing([row.id]).get(row.id)
    found = briefing(row.record.record, call)
    standing = due(row, meeting, now)
    late = standing.urgency == "late"
    if row.contacted_at or late:
        # Nobody waits any more, or somebody did for as long as that.
        rest = without(agreed_calls.wait_of(row), found.do)
        found = replace(found, do=f"Get in touch now. {rest}".rstrip() if late else rest)
    names = _names()
    return Opened(
        row=row,
        record=row.record.record,
        briefing=found,
        plain=plain(row.record.record, call),
        markdown=markdown(row.record.record, call),
        due=standing,
        tier=_tier_labels().get(row.tier, row.tier),
        status=STATUS_WORDS[row.status],
        owner=names.get(row.owner_email or "", row.owner_email or ""),
        respond_by=local(row.respond_by, timezone),
        their_time=clock_time(now, found.timezone) if found.timezone else "",
        timezone=timezone,
        snoozed_until=local(row.snoozed_until, timezone) if asleep(row, now) else "",
        next_step_at=fills_in(row.next_step_at, timezone),
        may_act=handoff_access.may_act(row, actor),
        events=[
            _happened(event, names, timezone)
            for event in handoffs.events(row.id)
            if event.what not in _SAID_ABOVE
        ],
        deliveries=[
            {"at": each.delivered_at or each.created_at, "words": _delivery_words(each)}
            for each in deliveries.of_handoff(row.id)
        ],
        company=company_of(row.lead_id, actor),
        meeting=meeting,
        messages=messages.of_conversation(row.conversation_id),
        names=names,
        status_words=STATUS_WORDS,
        people=_people(row, names, now),
        lines=_lines(found),
        choices=_choices(),
        words={
            "contact_results": list(service.CONTACT_RESULTS.items()),
            "rejection_reasons": list(service.REJECTION_REASONS.items()),
            "disqualification_reasons": list(service.DISQUALIFICATION_REASONS.items()),
            "outcomes": list(service.OUTCOMES.items()),
            "tracks": [
                (each.id, str(each.label or each.id.replace("_", " ").capitalize()))
                for each in service.nurture_destinations()
            ],
        },
        problem=problem,
        typed=typed or {},
        calls=calls.can_start(),
        on_the_phone=_on_the_phone(row, actor),
    )


def call_of(row: HandoffRow, reader: StaffRow) -> AgreedCall | None:
    """The call that was agreed for a lead, on the reader's clock."""
    call = agreed_calls.of(row)
    return call.for_reader(zone_of(reader)) if call else None


def _on_the_phone(row: HandoffRow, actor: StaffRow) -> str:
    caller = calls.begun_by(row.id)
    if caller is None:
        return ""
    if caller.id == actor.id:
        return "You are on a call with them."
    return f"{caller.name or caller.email} is on a call with them."


def _who(row: HandoffRow) -> dict[str, str]:
    lead = row.record.record["lead"]

    def value(name: str) -> str:
        return str(lead[name]["value"]) if lead.get(name) else ""

    who = value("name") or value("email") or value("phone") or "Name not given"
    company = value("company") or value("domain")
    return {"who": who, "company": "" if company.casefold() in who.casefold() else company}


def _names() -> dict[str, str]:
    return {each.email: each.name or each.email for each in staff.everyone()}


def _tier_labels() -> dict[str, str]:
    _, release = releases.live()
    return {t.id: str(t.label or t.id.capitalize()) for t in release.playbook.tiers}


def _people(row: HandoffRow, names: Mapping[str, str], now: datetime) -> list[tuple[str, str]]:
    """Who can be given a lead: everybody in a team, as the teams are now, and how busy they are."""
    _, release = releases.live()
    emails = {rep.email.lower() for team in release.playbook.teams for rep in team.reps}
    standing = assignment.standings(emails - {row.owner_email}, now)
    said = {
        email: f"{names.get(email, email)}: {each.away or f'{each.open} open'}"
        for email, each in standing.items()
    }
    return sorted(said.items(), key=lambda each: each[1].casefold())


def _lines(found: Briefing) -> list[tuple[str, str]]:
    return [
        (line["rule"], f"{line['points']:+d} {line['because']}")
        for line in found.why
        if line["status"] != "cap"
    ]


def _choices() -> dict[str, list[tuple[str, str]]]:
    _, release = releases.live()
    return {
        each.id: [(choice.id, str(choice.label)) for choice in each.choices.values()]
        for each in release.playbook.properties.values()
        if each.choices
    }


def _happened(event: HandoffEventRow, names: Mapping[str, str], timezone: str) -> Happened:
    words = handoff_access.EVENT_WORDS.get(event.what, event.what.replace("_", " "))
    reason = _REASONS.get(event.reason or "", event.reason)
    result = service.CONTACT_RESULTS.get(event.detail.get("result", ""))
    stage = service.OUTCOMES.get(event.detail.get("stage", ""))
    said = (reason or result or stage or "").lower()
    if event.what.startswith("meeting_"):
        said = local(datetime.fromisoformat(event.detail["at"]), timezone)
    who = "Baton" if event.by == "baton" else names.get(event.by, event.by)
    return Happened(event.at, who, f"{words} ({said})" if said else words, event.note)


def _delivery_words(row: deliveries.DeliveryRow) -> str:
    to = row.recipient or row.channel
    state = {
        "pending": "waiting to be sent",
        "sending": "being sent",
        "delivered": "delivered",
        "refused": "refused",
        "dead": "given up for now, see Settings",
        "withdrawn": "withdrawn, they are not to be contacted",
    }[row.state]
    what = _SENT.get(row.event, row.event.replace(".", " ").capitalize())
    return f"{what}, to {to}: {state}"
