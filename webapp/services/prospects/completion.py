"""The end of a conversation: its record and, for sales, lead, owner, deadline and deliveries.

Nothing here commits: it is part of the commit that takes the last answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from webapp.core.call import deepened, unanswered
from webapp.core.decision import Decision, by_what_was_said, decide
from webapp.core.handoff import in_words
from webapp.core.handoff import record as write_record
from webapp.core.inputs import read_fact, write_inputs
from webapp.services.people import enrichment, leads, suppression
from webapp.services.prospects.standing import Standing, columns, knowing
from webapp.services.prospects.states import Promise
from webapp.services.receivers import outbox
from webapp.services.sales import assignment, meetings
from webapp.services.sales.assignment import Assigned
from webapp.services.sales.history import history_of
from webapp.store import calls, facts, handoffs, records, sites, staff
from webapp.store import leads as people
from webapp.store.database import db, new_id
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.records import RecordRow
from webapp.store.suppressions import SuppressionRow
from webapp.store.visitors import VisitorRow

Json = dict[str, Any]


def complete(
    standing: Standing,
    decision: Decision,
    *,
    by: str | None = None,
    words: Json | None = None,
    now: datetime,
) -> Json:
    """Write down what a finished conversation came to; returns what its row must say of it.

    A conversation that ended before and was changed, or had been left off, gets a new record that
    supersedes the old one. Its owner stays. ``by`` is the rep who changed it, who knows. ``words``
    are those of its record, where the decision was put into words (``core.handoff.in_words``)
    before others had to wait.
    """
    return {"finished_at": now, **_written_down(standing, decision, now, by=by, words=words)}


def write_down(
    standing: Standing,
    decision: Decision,
    *,
    by: str | None = None,
    quietly: bool = False,
    now: datetime,
) -> Json:
    """The same for one that ended before, of which more is known now; or for one that its visitor
    left in the middle, which may yet go on. With ``quietly`` nobody hears of it who has heard of
    the case; saying so is left to whoever learnt it."""
    depth = None if standing.row.finished_at else "partial"
    return _written_down(standing, decision, now, by=by, depth=depth, quietly=quietly)


def _written_down(
    standing: Standing,
    decision: Decision,
    now: datetime,
    *,
    by: str | None = None,
    depth: str | None = None,
    quietly: bool = False,
    words: Json | None = None,
) -> Json:
    row = standing.row
    handoff = (calls.handoff_of if row.skin == "call" else handoffs.of_conversation)(row.id)
    earlier = records.newest_of(row.id)
    # What is new of a lead is written once their team is held: others, held before it, are given
    # to somebody while it is.
    with db.session.no_autoflush:
        if row.skin == "call" and handoff is not None:
            earlier = earlier or handoff.record
            lead = leads.of_call(decision.situation, handoff.lead_id, now=now)
        else:
            lead = leads.of_conversation(decision.situation, _known_lead(standing), now=now)
        person = people.family(lead) if lead else []
        turned_out = lead is not None and lead.id != row.lead_id and row.skin != "call"
        if lead and turned_out and (row.lead_id or lead.created_at < now):
            found = _knowing(standing, decision, [each.id for each in person], lead)
            decision, words = found, words if found is decision else None
        left_alone = None if row.demo else suppression.of_person(person)
        handoff = handoffs.get_for_update(handoff.id) if handoff else None
        assigned = None
        respond_by = handoff.respond_by if handoff else None
        to_sales = _to_sales(decision)
        # Of a test that was none nobody has heard yet.
        unheard = handoff is None or (handoff.test and not row.test)
        if unheard and to_sales is not None:
            assigned = assignment.to_the_demo(to_sales, now=now) if row.demo else None
            no_turn = row.test or left_alone is not None
            assigned = assigned or assignment.assign(to_sales, person, test=no_turn, now=now)
            respond_by = None if left_alone else assigned.respond_by
    met_before = [each for each in person if each not in db.session.new]
    db.session.flush()  # the lead, before a record that names it
    record = _record(standing, decision, earlier, lead, met_before, respond_by, now, depth, words)
    moved = earlier is None or earlier.destination != record.destination
    db.session.add(record)
    db.session.flush()
    if assigned is not None:
        _hand_over(standing, handoff, record, lead, assigned, left_alone, now)
    elif handoff is not None:
        _put_in_place(handoff, record, now)
        if not quietly:
            _tell_of_change(handoff, earlier, record, by=by, now=now)
    elif record.kind == "nurture" and left_alone is None and (moved or not quietly):
        track = decision.playbook.destinations[record.destination].track
        outbox.entered_nurture(record, track, demo=row.demo, now=now)
    if lead is not None:
        _join(standing, lead)
    if left_alone is None and not row.demo:
        enrichment.ask(record, decision, now=now)
    return columns(decision) | {"lead_id": lead.id if lead else row.lead_id}


def _knowing(
    standing: Standing, decision: Decision, person: Sequence[str], lead: LeadRow
) -> Decision:
    """Decided with what is known from elsewhere of the lead that this turns out to be."""
    visit, playbook = decision.visit, decision.playbook
    before = [read_fact(each, playbook) for each in standing.learnt]
    standing = knowing(standing, lead.id, person)
    learnt = (read_fact(each, playbook) for each in standing.learnt)
    kept = (fact for fact in visit.since if fact not in before)
    visit = replace(visit, since=(*learnt, *kept), seen_since=standing.seen_since)
    if visit == decision.visit:
        return decision
    return decide(decision.release, decision.flow.id, visit, decision.answers)


def promise(conversation_id: str, site_id: str) -> Promise:
    """What may be promised at the end of a conversation."""
    found = handoffs.with_owner(conversation_id)
    if found is None:
        return Promise()
    if found.status == "suppressed":
        return Promise(kept=False)
    owned = found.email is not None
    meets = owned and meetings.may_be_offered(found.status, found.email, site_id)
    return Promise(
        rep_name=found.name if owned else None,
        meeting=meetings.token(found.id) if meets else None,
        call_at=found.starts_at,
        timezone=found.timezone,
        caller=found.caller,
        at_any_hour=found.demo,
    )


def _to_sales(decision: Decision) -> Decision | None:
    """Why this goes to sales, if it does. What was learnt elsewhere may bring somebody there, or
    sooner, and keeps nobody away or waiting: they are told that they will be called, and within
    which time, by what they said."""
    both = decision, by_what_was_said(decision)
    found = [each for each in both if each.destination.kind == "sales"]
    return min(
        found, key=lambda each: each.destination.respond_within or timedelta.max, default=None
    )


def _known_lead(standing: Standing) -> str | None:
    """Who this is known to be without their saying so: the lead a rep is calling, or the last one
    that finished a conversation in this browser."""
    if standing.row.lead_id or not standing.row.visitor_id:
        found: str | None = standing.row.lead_id
        return found
    visitor = db.session.get(VisitorRow, standing.row.visitor_id)
    return visitor.lead_id if visitor else None


def _record(
    standing: Standing,
    decision: Decision,
    earlier: RecordRow | None,
    lead: LeadRow | None,
    met_before: Sequence[LeadRow],
    respond_by: datetime | None,
    now: datetime,
    depth: str | None,
    words: Json | None,
) -> RecordRow:
    row = standing.row
    id = new_id(now)
    history = history_of(met_before, before=row.id, demo=row.demo) if met_before else []
    depth = depth or _depth(row.skin, history)
    call = calls.of_conversation(row.id) if row.skin == "call" else None
    if call is not None and earlier is not None:
        words = in_words(decision, unanswered(earlier.record))
    document = write_record(
        decision,
        id=id,
        created_at=now,
        supersedes=earlier.id if earlier else None,
        depth=depth,
        test=row.test,
        lead_id=lead.id if lead else None,
        source=_source(standing),
        history=history,
        respond_by=respond_by,
        words=words,
    )
    if call is not None and earlier is not None:
        document = deepened(
            document,
            earlier.record,
            notes=call.notes,
            by=staff.by_id(row.staff_id).email,
            started_at=row.started_at,
            ended_at=row.finished_at or now,
        )
    return RecordRow(
        id=id,
        conversation_id=row.id,
        lead_id=lead.id if lead else None,
        release_id=row.release_id,
        supersedes_id=earlier.id if earlier else None,
        created_at=now,
        depth=depth,
        flow=row.flow,
        scenario=decision.flow.intent,
        rule=decision.route.rule,
        destination=decision.route.to,
        kind=decision.destination.kind,
        tier=decision.tier.id,
        total=decision.score.total,
        test=row.test,
        record=document,
        inputs=write_inputs(row.flow, decision.visit, decision.answers),
    )


def _depth(skin: str, history: list[Json]) -> str:
    if skin == "call":
        return "call_qualified"
    return "warmed" if history else "qualified"


def _source(standing: Standing) -> Json:
    row = standing.row
    source = {
        "site": sites.name_of(row.site_id),
        "page": None,
        "referrer": None,
        **row.source,
        "first_touch": {},
        "last_touch": {},
        "captured_at": row.started_at.isoformat(),
    }
    if row.variant is not None:
        source["variant"] = row.variant
    visitor = db.session.get(VisitorRow, row.visitor_id) if row.visitor_id else None
    if visitor is not None:
        source |= {"first_touch": visitor.first_touch, "last_touch": visitor.last_touch}
    return source


def _hand_over(
    standing: Standing,
    handoff: HandoffRow | None,
    record: RecordRow,
    lead: LeadRow | None,
    to: Assigned,
    left_alone: SuppressionRow | None,
    now: datetime,
) -> None:
    row = standing.row
    if handoff is None:
        handoff = HandoffRow(id=new_id(now), conversation_id=row.id, demo=row.demo, created_at=now)
        db.session.add(handoff)
    given = {
        "record_id": record.id,
        "lead_id": lead.id if lead else None,
        "status": "assigned" if to.owner_email else "waiting",
        "team": to.team,
        "owner_email": to.owner_email,
        "assigned_because": to.because,
        "respond_by": to.respond_by,
        "remind_at": to.remind_at,
        "tier": record.tier,
        "total": record.total,
        "test": row.test,
        "updated_at": now,
        "assigned_at": now if to.owner_email else None,
        "accepted_at": None,
        "closed_at": None,
        "snoozed_until": None,
    }
    for name, value in given.items():
        setattr(handoff, name, value)
    db.session.flush()
    if left_alone is not None:
        suppression.put_aside(handoff, left_alone, by="baton", now=now)
        return
    theirs = lead is not None and row.demo and lead.owner_email is not None
    if not row.test and not theirs:
        assignment.belongs(lead, to.owner_email)
    what = to.because["by"] if to.owner_email else "queued"
    handoffs.add_event(handoff, what, at=now, detail=to.because)
    outbox.announce("handoff.created", handoff, record, recipient=to.owner_email, now=now)
    if to.owner_email is None:
        outbox.nobody_free(handoff, record, now=now)


def _put_in_place(handoff: HandoffRow, record: RecordRow, now: datetime) -> None:
    """The same person has the case, as it is now. What a call brought stays on the desk, for it
    goes deeper."""
    if record.depth == "call_qualified" or handoff.record.depth != "call_qualified":
        handoff.record_id, handoff.record = record.id, record
        handoff.lead_id = handoff.lead_id or record.lead_id
        handoff.tier, handoff.total, handoff.updated_at = record.tier, record.total, now


def _tell_of_change(
    handoff: HandoffRow,
    earlier: RecordRow | None,
    record: RecordRow,
    *,
    by: str | None,
    now: datetime,
) -> None:
    """An answer was changed after the end, or the visitor came back and went on."""
    if by is None:
        detail = {"record": record.id, "destination": record.destination}
        came_back = earlier is not None and earlier.depth == "partial"
        what = "continued" if came_back else "superseded"
        handoffs.add_event(handoff, what, at=now, detail=detail)
    recipient = handoff.owner_email if handoff.owner_email != by else None
    depth = {"depth": record.depth}
    outbox.announce("handoff.updated", handoff, record, recipient=recipient, detail=depth, now=now)


def _join(standing: Standing, lead: LeadRow) -> None:
    """From here on, what was said belongs to this person."""
    row = standing.row
    facts.give(row.id, lead.id)
    if row.visitor_id:
        db.session.execute(
            update(VisitorRow).where(VisitorRow.id == row.visitor_id).values(lead_id=lead.id)
        )
