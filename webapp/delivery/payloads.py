"""What each channel is told of a handoff: made and checked in the commit it tells of.

A payload that cannot be built must fail there, where the lead is still in somebody's hands, and
not an hour later in the worker. What left unsaid is unsaid on purpose: answers to sensitive
questions stay in the house and reach only the rep's mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import briefing, builtins
from webapp.core.agreed_call import AgreedCall
from webapp.core.errors import sentence
from webapp.core.sensitive import without_sensitive
from webapp.core.wording import fill
from webapp.delivery import letters, slack, webhook

Json = dict[str, Any]

CRMS = frozenset({"hubspot", "salesforce", "pipedrive"})


@dataclass(frozen=True)
class Told:
    """A handoff as it stands at the moment of telling, with the ``call`` that was agreed on.
    ``link`` opens it on the desk."""

    id: str
    status: str
    team: str
    owner: str | None
    respond_by: datetime | None
    record: Mapping[str, Any]
    link: str
    at: datetime
    call: AgreedCall | None = None

    def document(self) -> Json:
        return {
            "id": self.id,
            "status": self.status,
            "team": self.team,
            "owner": self.owner,
            "respond_by": self.respond_by.isoformat() if self.respond_by else None,
            "link": self.link or None,
        }


HEADLINES = {
    "handoff.created": (sentence("New lead: {who}, {score}"), ""),
    "handoff.updated": (
        sentence("Changed: {who}, {score}"),
        sentence(
            "They said more, changed an answer, or were called. This is the case as it is now."
        ),
    ),
    "handoff.assigned": (sentence("Yours now: {who}, {score}"), ""),
    "handoff.waiting": (
        sentence("Nobody is free for {who}, {score}"),
        sentence("Nobody in the team is free, so this lead waits. Somebody should take it."),
    ),
    "nurture.entered": (sentence("To look after: {who}, {score}"), ""),
    "handoff.reminder": (
        sentence("Half the time is gone: {who}"),
        sentence("Nobody has been in touch yet, and half of the time agreed has passed."),
    ),
    "handoff.missed": (
        sentence("Deadline missed: {who}"),
        sentence("The deadline has passed and nobody has been in touch."),
    ),
}


def for_mail(
    event: str, told: Told, *, to: str, timezone: str | None, locale: str | None = None
) -> Json:
    """A mail to a rep, or to whoever must step in."""
    subject, intro = HEADLINES.get(event, ("{who}, {score}", ""))
    return letters.about_a_handoff(
        "handoff",
        subject,
        told.record,
        to=to,
        link=told.link,
        respond_by=told.respond_by,
        call=told.call,
        at=told.at,
        timezone=timezone,
        locale=locale,
        intro=intro,
    )


def for_webhook(event: str, told: Told, detail: Mapping[str, Any] | None = None) -> Json:
    body: Json = {
        "type": event,
        "timestamp": told.at.isoformat(),
        "data": {**told.document(), "record": without_sensitive(told.record)},
    }
    if detail:
        body["data"]["detail"] = dict(detail)
    webhook.body_of(body)
    return body


def for_slack(event: str, told: Told, *, timezone: str | None) -> Json:
    call = told.call.for_reader(timezone) if told.call else None
    found = briefing.briefing(without_sensitive(told.record), call)
    subject, intro = HEADLINES.get(event, ("{who}, {score}", ""))
    score = f"{found.total} points"
    by = letters.when(told.respond_by, timezone) if told.respond_by else ""
    due = ("Call agreed", call.when) if call else ("Respond by", by)
    fields = [
        ("Owner", told.owner or f"nobody yet ({told.team})"),
        due,
        ("Phone", found.phone or ""),
        ("Mail", found.email or ""),
    ]
    return slack.message(
        fill(subject, {"who": letters.named(found), "score": score}),
        [line for line in (intro, found.in_one_line, found.do) if line],
        [(label, value) for label, value in fields if value],
        link=("Open the case", told.link) if told.link else None,
        footer=f"Handoff {told.id}",
    )


def for_crm(event: str, told: Told) -> Json:
    """Flat values to map to the CRM's fields, and the briefing as a note.

    ``marker`` is how the note is found again, so that a repeat adds no second one.
    """
    record = without_sensitive(told.record)
    marker = f"Baton {record['id'] or told.id}"
    return {
        "event": event,
        "marker": marker,
        "owner": told.owner,
        "values": values(record, told),
        "note": f"{briefing.plain(record, told.call)}\n{marker}\n{told.link}".strip(),
    }


def for_erasure(kind: str, lead_id: str, contacts: list[str], *, to: str, at: datetime) -> Json:
    """What a receiver of this kind is told of somebody who was erased. It names nobody."""
    said = (
        f"Somebody you were told of (lead {lead_id}) asked to be forgotten and was erased from "
        "Baton. Delete what you hold about them."
    )
    if kind in CRMS:
        marker = f"Baton erased {lead_id}"
        return {"contacts": contacts, "marker": marker, "note": f"{said}\n{marker}"}
    if kind == "slack":
        return slack.message("Forget a lead", [said], [])
    if kind == "email":
        return letters.written(
            "notice", "Forget a lead", to=to, at=at, headline="Forget a lead", paragraphs=[said],
            tables=[], link="", button="",
        )  # fmt: skip
    return {"type": "lead.erased", "timestamp": at.isoformat(), "data": {"lead": lead_id}}


def values(record: Mapping[str, Any], told: Told) -> dict[str, str | int]:
    """What a field mapping may name: the lead, the verdict, where they came from, every answer."""
    lead, verdict, score = record["lead"], record["verdict"], record["verdict"]["score"]
    told_first = briefing.briefing(record, told.call)
    found: dict[str, str | int | None] = {
        f"lead.{name}": each["value"] for name, each in lead.items() if isinstance(each, dict)
    }
    first, _, last = str(found.get("lead.name") or "").partition(" ")
    # A free mailbox tells nothing of a company.
    kind = builtins.email_kind(str(found.get("lead.email") or ""))
    found |= {
        "lead.first_name": found.get("lead.first_name") or first,
        "company.domain": found.get("lead.domain") if kind == "business" else None,
        "lead.last_name": last or first or str(found.get("lead.email") or "").split("@")[0],
        "score.total": score["total"],
        "score.fit": score["fit"],
        "score.intent": score["intent"],
        "verdict.tier": verdict["tier"],
        "verdict.because": verdict["because"],
        "verdict.rule": verdict["rule"],
        "handoff.id": told.id,
        "handoff.link": told.link,
        "handoff.in_one_line": told_first.in_one_line,
        "handoff.next_action": told_first.do,
        "handoff.depth": record["depth"],
        "handoff.scenario": record["scenario"],
    }
    for name in ("utm_source", "utm_medium", "utm_campaign", "referrer_host", "page"):
        found[f"source.{name}"] = record["source"].get(name)
    for each in record["answers"]:
        if not each["set_aside"] and not each["skipped"]:
            found[f"answer.{each['property']}"] = each["label"]
    return {name: value for name, value in found.items() if value not in (None, "")}
