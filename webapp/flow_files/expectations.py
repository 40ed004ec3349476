"""Reads what a case expects: any part of the result, in the forms people write it."""

from collections.abc import Mapping
from typing import Any

from webapp.core.expectations import SCORE_PARTS, Range
from webapp.core.flow import Flow
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Items, Node
from webapp.flow_files.readers import (
    Reader,
    flag,
    keyed,
    listed,
    one_of,
    one_or_more,
    reference,
    whole,
)
from webapp.flow_files.vocabulary import Vocabulary


def read_expectations(names: Vocabulary, flow: Flow | None) -> Reader[Mapping[str, Any]]:
    """A reader of ``expect`` for a case of one flow."""
    properties = reference(names.properties, "property")
    questions = reference(_question_names(flow), "question of this flow") if flow else properties
    finish_rules = [rule.id for rule in flow.finish_when] if flow else []
    readers: dict[str, Reader[Any]] = {
        "route": reference(names.destinations, "destination"),
        "rule": reference([*names.rules, *finish_rules], "rule"),
        "tier": reference(names.tiers, "tier"),
        "tier_settled": flag,
        "score": _score,
        "icp": one_of("yes", "partial", "no"),
        "ended": one_of("complete", "finished", "settled", "waiting"),
        "waiting_for": properties,
        "asked": one_or_more(questions),
        "asked_exactly": _whole_list(questions),
        "skipped": _whole_list(questions),
        "set_aside": _whole_list(properties),
        "disqualifiers": keyed(reference(names.disqualifiers, "disqualifier"), _result),
    }

    def read(node: Node) -> Mapping[str, Any]:
        with Fields(node, "what is expected") as given:
            return {key: reader(given.at(key)) for key, reader in readers.items() if key in given}

    return read


def _question_names(flow: Flow) -> Mapping[str, None]:
    """A question may be called by its id or by its property."""
    return dict.fromkeys(
        [question.id for question in flow.questions]
        + [question.property for question in flow.questions]
    )


def _whole_list(reader: Reader[str]) -> Reader[tuple[str, ...]]:
    """A complete list, which may be empty: nothing is a result too."""
    return lambda node: () if isinstance(node, Items) and not node.items else listed(reader)(node)


def _score(node: Node) -> Mapping[str, Range]:
    """A number or a range is the total; a mapping may name parts of the score (rule A65)."""
    keys = {key.text for key, _ in node.entries} if isinstance(node, Entries) else set()
    if keys and (keys & set(SCORE_PARTS) or not keys & set(_BOUNDS)):
        with Fields(node, "the expected score") as given:
            if not keys & set(SCORE_PARTS):
                given.together(*SCORE_PARTS, *_BOUNDS)
            return {part: _range(given.at(part)) for part in given.together(*SCORE_PARTS)}
    return {"total": _range(node)}


_BOUNDS = ("at_least", "at_most")


def _range(node: Node) -> Range:
    if not isinstance(node, Entries):
        number = whole()(node)
        return Range(number, number)
    with Fields(node, "a range") as given:
        least, most = given.get("at_least", whole()), given.get("at_most", whole())
        if least is not None and most is not None and least > most:
            node.refuse("`at_least` is greater than `at_most`.", "Swap the two.")
        return Range(least, most)


def _result(id: str, node: Node) -> str:
    return one_of("clear", "tripped", "unknown")(node)
