"""The inputs of a decision as JSON: kept beside every record, so that it can be derived again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from webapp.core import values
from webapp.core.facts import Certainty, Fact
from webapp.core.path import Answer
from webapp.core.playbook import Playbook, Property
from webapp.core.signals import Event
from webapp.core.situation import Visit

Json = dict[str, Any]

_EVENT_TEXTS = (
    "event",
    "id",
    "page",
    "title",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "referrer_host",
)


def write_inputs(flow_id: str, visit: Visit, answers: Mapping[str, Answer]) -> Json:
    """Everything ``decide`` was given, save the release; order of answers kept in a list."""
    document: Json = {
        "flow": flow_id,
        "now": visit.now.isoformat(),
        "locale": visit.locale,
        "returning": visit.returning,
        "spam": visit.spam,
        "source": dict(visit.source),
        "put_at": {question: at.isoformat() for question, at in visit.put_at.items()},
        "facts": [write_fact(fact) for fact in visit.facts],
        "since": [write_fact(fact) for fact in visit.since],
        "events": [write_event(event) for event in visit.events],
        "answers": [{"property": p, **_write_answer(answers[p])} for p in answers],
    }
    # Only where there is any: the hash of inputs kept before this was known stays what it was.
    if visit.seen_since:
        document["seen_since"] = [write_event(event) for event in visit.seen_since]
    if visit.ended_at is not None:
        document["ended_at"] = visit.ended_at.isoformat()
    return document


def read_inputs(
    document: Mapping[str, Any], playbook: Playbook, *, fitting: bool = False
) -> tuple[Visit, dict[str, Answer]]:
    """The visit and answers ``write_inputs`` wrote. With ``fitting``, what the playbook cannot hold
    is left out, as if never given, and so are the answers that others replaced."""

    def listed(name: str) -> Iterable[Mapping[str, Any]]:
        written: list[Mapping[str, Any]] = document[name]
        return [each for each in written if fits(each, playbook)] if fitting else written

    visit = Visit(
        now=datetime.fromisoformat(document["now"]),
        facts=tuple([read_fact(each, playbook) for each in listed("facts")]),
        events=tuple(read_event(each) for each in document["events"]),
        source=document["source"],
        locale=document["locale"],
        returning=document["returning"],
        spam=document["spam"],
        since=tuple([read_fact(each, playbook) for each in listed("since")]),
        put_at=read_instants(document["put_at"]),
        seen_since=tuple(read_event(each) for each in document.get("seen_since", ())),
        ended_at=datetime.fromisoformat(document["ended_at"]) if "ended_at" in document else None,
    )
    return visit, read_answers(listed("answers"), playbook, earlier=not fitting)


def read_answers(
    documents: Iterable[Mapping[str, Any]], playbook: Playbook, *, earlier: bool = True
) -> dict[str, Answer]:
    """What stands, by property; with the ``earlier`` answers that each replaced."""
    return {
        each["property"]: _read_answer(each, playbook.properties[each["property"]], earlier=earlier)
        for each in documents
    }


def read_instants(written: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in written.items()}


def inputs_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the inputs."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_fact(fact: Fact) -> Json:
    """A direct fact (derived ones follow from it again)."""
    return {
        "property": fact.property,
        "value": values.write(fact.value),
        "certainty": fact.certainty.name,
        "source": fact.source,
        "at": fact.at.isoformat(),
        "order": fact.order,
        "quote": fact.quote,
        "ref": fact.ref,
    }


def read_fact(document: Mapping[str, Any], playbook: Playbook) -> Fact:
    value = values.stored(playbook.properties[document["property"]], document["value"])
    assert value is not None, document["property"]
    return Fact(
        property=document["property"],
        value=value,
        certainty=Certainty[document["certainty"]],
        source=document["source"],
        at=datetime.fromisoformat(document["at"]),
        order=document["order"],
        quote=document["quote"],
        ref=document["ref"],
    )


def fits(document: Mapping[str, Any], playbook: Playbook) -> bool:
    """Whether the playbook can hold a fact or an answer that was given under another."""
    property = playbook.properties.get(document["property"])
    if property is None or property.built_in:
        return False
    if document["value"] is None:
        return True
    return values.fits(property, document["value"])


def write_event(event: Event) -> Json:
    document: Json = {"at": event.at.isoformat()}
    document |= {n: getattr(event, n) for n in _EVENT_TEXTS if getattr(event, n) is not None}
    if event.received:
        document["received"] = event.received.isoformat()
    return document


def read_event(document: Mapping[str, Any]) -> Event:
    received = document.get("received")
    return Event(
        at=datetime.fromisoformat(document["at"]),
        received=datetime.fromisoformat(received) if received else None,
        **{name: document[name] for name in _EVENT_TEXTS if name in document},
    )


def _write_answer(answer: Answer) -> Json:
    return {
        "value": None if answer.value is None else values.write(answer.value),
        "at": answer.at.isoformat(),
        "said": answer.said,
        "asked_as": answer.asked_as,
        "certainty": answer.certainty.name,
        "order": answer.order,
        "earlier": [_write_answer(each) for each in answer.earlier],
    }


def _read_answer(document: Mapping[str, Any], property: Property, *, earlier: bool) -> Answer:
    replaced = document["earlier"] if earlier else ()
    return Answer(
        value=values.stored(property, document["value"]),
        at=datetime.fromisoformat(document["at"]),
        said=document["said"],
        asked_as=document["asked_as"],
        certainty=Certainty[document["certainty"]],
        order=document["order"],
        earlier=tuple([_read_answer(each, property, earlier=True) for each in replaced]),
    )
