"""What a provider or a file says becomes facts about a lead, inferred ones; where they change what
is known of a case that is still open, its record is superseded. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import values, wording
from webapp.core.decision import Decision
from webapp.core.enrichment import Learnt, learn, read_mapping
from webapp.core.facts import Certainty
from webapp.core.situation import Situation
from webapp.services.flows import releases
from webapp.services.people import enrichment
from webapp.services.prospects import completion
from webapp.services.prospects.standing import Standing, columns, standing_of
from webapp.services.receivers import outbox
from webapp.services.sales.handoff_access import hold_case
from webapp.store import calls, conversations, facts, handoffs
from webapp.store.database import db
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.handoffs import WORKING, HandoffRow
from webapp.store.records import RecordRow

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """What an answer is about, locked as it is now."""

    handoff: HandoffRow | None
    standing: Standing


def take_in(delivery_id: str, progress: Mapping[str, Any], *, now: datetime) -> Json:
    """Take in what came of asking a provider; returns what people read of it afterwards. The same
    answer changes nothing the second time."""
    delivery = db.session.get(DeliveryRow, delivery_id)
    connection = db.session.get(ConnectionRow, delivery.connection_id) if delivery else None
    if delivery is None or connection is None:  # erased, or taken away, while it was asked
        return {}
    mapping, answer = read_mapping(connection.config["mapping"]), progress["answer"]
    if delivery.record_id is None:
        playbook = releases.live()[1].playbook
        learnt, left_out = learn(mapping, answer, playbook)
    else:
        days = int(connection.config["days"])
        enrichment.keep(connection.id, delivery.payload, answer, days, now)
        case = _case(delivery.record_id)
        playbook = case.standing.release.playbook
        learnt, left_out = learn(mapping, answer, playbook)
        lead_id = case.standing.row.lead_id
        about = enrichment.is_about(_decision(case.standing, now), delivery.payload)
        # Otherwise they gave another address meanwhile.
        if lead_id and about and keep(lead_id, learnt, connection.name, now):
            bring_up_to_date(delivery.record_id, learnt, connection.name, now)
    said = [f"{_in_words(each, playbook.locale)}, from “{each.said}”." for each in learnt]
    return {"notes": [*said, *left_out, *progress["notes"]]}


def _case(record_id: str) -> _Case:
    record = db.session.get_one(RecordRow, record_id)
    said_in = record.conversation_id
    handoff = calls.handoff_of(said_in) or handoffs.of_conversation(said_in)
    if handoff is not None:
        hold_case(handoff)
        handoff = handoffs.get_for_update(handoff.id)
    # After a call it is the call that says what is known.
    id = handoff.record.conversation_id if handoff else said_in
    conversation = conversations.plain(id, lock=True)
    assert conversation is not None, "a record has its conversation"
    return _Case(handoff, standing_of(conversation))


def keep(lead_id: str, learnt: Sequence[Learnt], source: str, now: datetime) -> bool:
    """Keep with a lead what is known of it from elsewhere; returns whether any of it is new."""
    known = facts.newest_enriched(lead_id)
    news = [
        {
            "lead_id": lead_id,
            "property": each.property.id,
            "value": values.write(each.value),
            "certainty": Certainty.enriched.name,
            "source": source,
            "at": now,
            "quote": None if each.said == str(each.value) else each.said,
        }
        for each in learnt
        if known.get((each.property.id, source)) != values.write(each.value)
    ]
    facts.append(news)
    return bool(news)


def bring_up_to_date(record_id: str, learnt: Sequence[Learnt], source: str, now: datetime) -> None:
    """Decide a case again after something was learnt of its lead."""
    case = _case(record_id)
    row, decision = case.standing.row, _decision(case.standing, now)
    news = [each for each in learnt if _counts(each, decision.situation)]
    closed = case.handoff is not None and case.handoff.status not in WORKING
    if not news or closed:
        return
    changes = columns(decision)
    if row.finished_at or row.left_at:
        changes |= completion.write_down(case.standing, decision, quietly=True, now=now)
    conversations.update(row, changes)
    if case.handoff is not None:
        _tell(case.handoff, [_in_words(e, decision.playbook.locale) for e in news], source, now)


def _decision(standing: Standing, now: datetime) -> Decision:
    return standing.decide(now, ended_at=standing.last_heard_at)


def _counts(learnt: Learnt, situation: Situation) -> bool:
    """Whether nobody has said it, or otherwise, with more weight."""
    fact = situation.profile.fact(learnt.property.id)
    return fact is not None and fact.certainty is Certainty.enriched


def _in_words(learnt: Learnt, locale: str) -> str:
    shown = wording.label(learnt.property, learnt.value, locale)
    return f"{learnt.property.label}: {shown}"


def _tell(handoff: HandoffRow, what: Sequence[str], source: str, now: datetime) -> None:
    """Write it into the history, and let programs know that wanted to; nobody is rung."""
    handoff.updated_at = now
    handoffs.add_event(handoff, "learnt", at=now, note=f"{'; '.join(what)}, says {source}")
    detail = {"provider": source, "learnt": list(what)}
    outbox.announce("lead.updated", handoff, handoff.record, detail=detail, now=now)
