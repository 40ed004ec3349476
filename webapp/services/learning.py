"""What a provider answered becomes facts about a lead, inferred ones; where they change what is
known of a case that is still open, its record is superseded. Nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import values, wording
from webapp.core.enrichment import Learnt, learn, read_mapping
from webapp.core.facts import Certainty, Fact
from webapp.core.inputs import write_fact
from webapp.core.situation import Situation
from webapp.services import completion, enrichment, outbox, releases
from webapp.services.standing import SINCE, Standing, columns, standing_of
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
        _add(case, learnt, connection.name, delivery.payload, now)
    said = [f"{_in_words(each, playbook.locale)}, from “{each.said}”." for each in learnt]
    return {"notes": [*said, *left_out, *progress["notes"]]}


def _case(record_id: str) -> _Case:
    record = db.session.get_one(RecordRow, record_id)
    said_in = record.conversation_id
    handoff = calls.handoff_of(said_in) or handoffs.of_conversation(said_in)
    # After a call it is the call that says what is known.
    id = handoff.record.conversation_id if handoff else said_in
    # The conversation first, as whoever answers in it does: they must not wait for us in a circle.
    conversation = conversations.plain(id, lock=True)
    assert conversation is not None, "a record has its conversation"
    handoff = handoffs.get_for_update(handoff.id) if handoff else None
    return _Case(handoff, standing_of(conversation))


def _add(
    case: _Case, learnt: Sequence[Learnt], source: str, asked: Mapping[str, Any], now: datetime
) -> None:
    """Add what was learnt to the lead, and to the case if it makes a difference to it."""
    row = case.standing.row
    found = [_fact(each, source, row.revision + 1, now) for each in learnt]
    others = [each for each in row.heard.get(SINCE, ()) if not _is_of(each, source)]
    heard = {**row.heard, SINCE: [*others, *map(write_fact, found)]}
    decision = case.standing.decide(now, heard=heard, ended_at=case.standing.last_heard_at)
    if not enrichment.is_about(decision, asked):  # they gave another address meanwhile
        return
    if row.lead_id:
        facts.append(_news(row.lead_id, found))
    news = [each for each in learnt if _counts(each, decision.situation)]
    if _said_before(row.heard, source) == _values(found) or not news:
        return
    changes = columns(decision) | {"heard": heard, "revision": row.revision + 1}
    if row.finished_at or row.left_at:
        if case.handoff is not None and case.handoff.status not in WORKING:
            return
        changes |= completion.write_down(case.standing, decision, quietly=True, now=now)
    conversations.update(row, changes)
    if case.handoff is not None:
        _tell(case.handoff, [_in_words(e, decision.playbook.locale) for e in news], source, now)


def _fact(learnt: Learnt, source: str, order: int, now: datetime) -> Fact:
    as_it_is = learnt.said == str(learnt.value)
    return Fact(
        property=learnt.property.id,
        value=learnt.value,
        certainty=Certainty.enriched,
        source=source,
        at=now,
        order=order,
        quote=None if as_it_is else learnt.said,
    )


def _news(lead_id: str, found: Iterable[Fact]) -> list[Json]:
    """Rows for what was not known from this source, or otherwise."""
    known = facts.newest_enriched(lead_id)
    return [
        {
            "lead_id": lead_id,
            "property": each.property,
            "value": values.write(each.value),
            "certainty": each.certainty.name,
            "source": each.source,
            "at": each.at,
            "quote": each.quote,
        }
        for each in found
        if known.get((each.property, each.source)) != values.write(each.value)
    ]


def _counts(learnt: Learnt, situation: Situation) -> bool:
    """Whether nobody has said it, or otherwise, with more weight."""
    fact = situation.profile.fact(learnt.property.id)
    return fact is not None and fact.certainty is Certainty.enriched


def _is_of(fact: Json, source: str) -> bool:
    return bool(fact["certainty"] == Certainty.enriched.name and fact["source"] == source)


def _said_before(heard: Mapping[str, Sequence[Json]], source: str) -> dict[str, object]:
    return {f["property"]: f["value"] for f in heard.get(SINCE, ()) if _is_of(f, source)}


def _values(found: Iterable[Fact]) -> dict[str, object]:
    return {each.property: values.write(each.value) for each in found}


def _in_words(learnt: Learnt, locale: str) -> str:
    shown = wording.label(learnt.property, learnt.value, locale)
    return f"{learnt.property.label}: {shown}"


def _tell(handoff: HandoffRow, what: Sequence[str], source: str, now: datetime) -> None:
    """Write it into the history, and let programs know that wanted to; nobody is rung."""
    handoff.updated_at = now
    handoffs.add_event(handoff, "learnt", at=now, note=f"{'; '.join(what)}, says {source}")
    detail = {"provider": source, "learnt": list(what)}
    outbox.announce("lead.updated", handoff, handoff.record, detail=detail, now=now)
