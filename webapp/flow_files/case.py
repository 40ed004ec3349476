"""Reads cases: saved visitors with the result expected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from webapp.core.case import Case
from webapp.core.facts import Certainty, Fact
from webapp.core.flow import Release
from webapp.core.playbook import Property
from webapp.core.signals import Event
from webapp.core.values import Value
from webapp.flow_files.expectations import read_expectations
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Items, Node, Scalar
from webapp.flow_files.problems import Problems
from webapp.flow_files.readers import (
    Reader,
    instant,
    keyed,
    listed,
    one_of,
    pairs,
    reference,
    string,
)
from webapp.flow_files.releases import only
from webapp.flow_files.subjects import SOURCE_FIELDS, yes_or_no
from webapp.flow_files.vocabulary import Vocabulary, answer_to
from webapp.flow_files.yaml_text import decode, parse


def load_case(text: str, file: str, release: Release) -> Case:
    """One case, checked against a release.

    Raises: FlowError, with every problem of the file.
    """
    problems = Problems(file)
    return only(problems, lambda: _case(parse(text, problems), release))


def read_case(path: Path, release: Release) -> Case:
    """The same from a file.

    Raises: FlowError, also for a file that cannot be read as text.
    """
    problems = Problems(str(path))
    return load_case(only(problems, lambda: decode(path.read_bytes, problems)), str(path), release)


def _case(node: Node, release: Release) -> Case:
    names = Vocabulary.of(release.playbook)
    with Fields(node, "the case") as given:
        flow_id = given.need("flow", reference(release.flows, "flow"))
        at = given.need("at", instant, "Say when it happens, like `at: 2026-11-20T10:00:00Z`.")
        known = given.get("known", _facts(names, at, Certainty.stated), ())
        inferred = given.get("inferred", _facts(names, at, Certainty.inferred), ())
        expect = read_expectations(names, release.flows.get(flow_id))
        return Case(
            flow=flow_id,
            at=at,
            facts=tuple(
                replace(fact, order=place) for place, fact in enumerate((*known, *inferred))
            ),
            dated_known=any(
                fact.at <= at and fact.property in _dated(given.at("known")) for fact in known
            ),
            events=given.get("events", listed(_event), ()),
            answers=given.get("answers", _answers(names), {}),
            answered_at={key.text: value.where for key, value in _entries(given.at("answers"))},
            source=given.get("source", keyed(one_of(*SOURCE_FIELDS), _source), {}),
            spam=given.get("spam", yes_or_no) == "yes",
            locale=given.get("locale", string),
            name=given.get("name", string),
            expect=given.get("expect", expect, {}),
            file=node.where.file,
            where=node.where,
        )


def _facts(names: Vocabulary, at: datetime, certainty: Certainty) -> Reader[tuple[Fact, ...]]:
    """Facts by property: a value, or a mapping that says when and how surely too (rule H19)."""

    def read(node: Node) -> tuple[Fact, ...]:
        found = []
        for key, value in pairs(node):
            property = names.property(key)
            if property:
                found.append(_fact(property, value, at, certainty))
        return tuple(found)

    return read


def _fact(property: Property, node: Node, at: datetime, certainty: Certainty) -> Fact:
    if not isinstance(node, Entries):
        return Fact(property.id, answer_to(property, node), certainty, "case", at)
    with Fields(node, "a fact") as given:
        said = given.get("certainty", one_of(*Certainty.__members__))
        return Fact(
            property=property.id,
            value=given.need("value", lambda each: answer_to(property, each)),
            certainty=Certainty[said] if said else certainty,
            source="case",
            at=given.get("at", instant, at),
        )


def _dated(node: Node) -> set[str]:
    """The properties whose facts say when they were learnt: then the lead was here before."""
    return {
        property.text
        for property, fact in _entries(node)
        if isinstance(fact, Entries) and any(key.text == "at" for key, _ in fact.entries)
    }


def _entries(node: Node) -> Sequence[tuple[Scalar, Node]]:
    return node.entries if isinstance(node, Entries) else ()


def _event(node: Node) -> Event:
    with Fields(node, "an event") as given:
        page, event = given.get("page", string), given.get("event", string)
        if isinstance(node, Entries) and not (page or event):
            node.refuse("The event says neither what nor where.", "Add `page:` or `event:`.")
        return Event(
            at=given.need("at", instant),
            event=event or "page_view",
            id=given.get("id", string),
            page=page,
            title=given.get("title", string),
            utm_source=given.get("utm_source", string),
            utm_medium=given.get("utm_medium", string),
            utm_campaign=given.get("utm_campaign", string),
            referrer_host=given.get("referrer_host", string),
        )


def _answers(names: Vocabulary) -> Reader[dict[str, Value]]:
    """Answers by property. A blank one is no answer (rule A24)."""

    def read(node: Node) -> dict[str, Value]:
        properties = [(names.property(key), value) for key, value in pairs(node)]
        return {
            property.id: answer_to(property, value)
            for property, value in properties
            if property and not _is_blank(value)
        }

    return read


def _is_blank(node: Node) -> bool:
    match node:
        case Scalar(text=text):
            return not text.strip()
        case Items(items=items):
            return not items
    return False


def _source(field: str, node: Node) -> str:
    return string(node)
